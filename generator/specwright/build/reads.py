"""Notes what is looked up in a product, so that it can be told later whether any of it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from ..spec.dialect.product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Reads", "WatchedProduct", "still_hold"]

_ALL: Final = object()
"""In place of an entry's name: the attribute as a whole."""
_NOTHING: Final = object()
"""What was found where there is no entry."""

Reads: TypeAlias = "dict[tuple[str, object], object]"
"""Attribute of the product and name of the entry → what stood there."""


def still_hold(reads: Reads, product: Product) -> bool:
    """Whether `product` has the very objects that were read before."""
    for (attribute, name), found in reads.items():
        holder: object = getattr(product, attribute)
        if name is not _ALL:
            holder = holder.get(name, _NOTHING) if isinstance(holder, dict) else _NOTHING
        if holder is not found:
            return False
    return True


class WatchedProduct(Product):
    """A product that notes in `reads` whatever is looked up in it; `reads` may be exchanged at any time."""

    __slots__ = ("reads",)

    reads: Reads

    def __init__(self, product: Product) -> None:
        self.reads = {}
        for field in attrs.fields(Product):
            value = getattr(product, field.name)
            setattr(self, field.name, _WatchedMapping(value, field.name, self) if isinstance(value, dict) else value)

    def __getattribute__(self, name: str) -> object:
        value: object = super().__getattribute__(name)
        if name != "reads" and not name.startswith("_") and not isinstance(value, _WatchedMapping):
            self.reads[name, _ALL] = value
        return value


class _WatchedMapping(Mapping[str, object]):
    """A mapping of a watched product: an entry that is looked up is noted alone, any other use as the whole."""

    __slots__ = ("_attribute", "_entries", "_product")

    def __init__(self, entries: Mapping[str, object], attribute: str, product: WatchedProduct) -> None:
        self._entries = entries
        self._attribute = attribute
        self._product = product

    def __getitem__(self, name: str) -> object:
        found = self._entries.get(name, _NOTHING)
        self._product.reads[self._attribute, name] = found
        if found is _NOTHING:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        self._note_all()
        return iter(self._entries)

    def __len__(self) -> int:
        self._note_all()
        return len(self._entries)

    def _note_all(self) -> None:
        self._product.reads[self._attribute, _ALL] = self._entries
