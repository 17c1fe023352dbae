"""Remembers what was made, together with all that it was made from: it is made again only when that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from attrs import define, field

from ..spec.dialect.product import Product
from .keeping import same
from .reads import Reads, WatchedProduct, still_hold
from .types import Types

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Memory"]

T = TypeVar("T")


@define
class _Remembered:
    given: tuple[object, ...]
    reads: Reads
    made: object


@define(eq=False)
class Memory:
    """What was made for one product, or of no product at all.

    What is looked up in the product on the way is noted, not guessed: whatever of it changes has the thing made anew.
    """

    _known: dict[Hashable, _Remembered] = field(factory=dict, init=False)
    _product: Product | None = field(default=None, init=False)
    _watched: WatchedProduct | None = field(default=None, init=False)

    def turn_to(self, product: Product) -> Product:
        """Takes up the product as it is now, and gives what has to be looked up in instead of it."""
        self._product = product
        self._watched = WatchedProduct(product)
        return self._watched

    def recall(self, key: Hashable, given: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made under this key, or what `make` makes now.

        Args:
            key: Tells things apart.
            given: What `make` works with, beside what it looks up in the product.
            make: Makes it; may recall parts of it.
        """
        facts = tuple(value for value in given if not isinstance(value, Product | Types))
        known = self._known.get(key)
        if known is None or not same(known.given, facts) or not self._holds(known.reads):
            known = self._known[key] = self._make(facts, make)
        if self._watched is not None:
            self._watched.reads.update(known.reads)
        return cast("T", known.made)

    def _holds(self, reads: Reads) -> bool:
        return self._product is None or still_hold(reads, self._product)

    def _make(self, facts: tuple[object, ...], make: Callable[[], object]) -> _Remembered:
        reads: Reads = {}
        if self._watched is None:
            return _Remembered(facts, reads, make())
        outer, self._watched.reads = self._watched.reads, reads
        try:
            return _Remembered(facts, reads, make())
        finally:
            self._watched.reads = outer
