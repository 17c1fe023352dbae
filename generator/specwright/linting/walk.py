"""A walk through all entries of a product, each with the entries around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..spec.dialect.product import Group, Product
from ..spec.dialect.text import Suppressing
from ..spec.position import Position
from .subject import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["walk"]


def walk(product: Product) -> Iterator[Visit]:
    """The product, and every object of the dialect in it that something can be said about."""
    yield from _walk(product, ())


def _walk(thing: object, owners: tuple[Suppressing, ...]) -> Iterator[Visit]:
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, list):
        for item in thing:
            yield from _walk(item, owners)
        return
    cls = type(thing)
    if not attrs.has(cls) or isinstance(thing, Position):
        return
    inside = (*owners, thing) if isinstance(thing, Suppressing) else owners
    yield Visit(thing, inside)
    if isinstance(thing, Group):
        return  # Its text has no node of its own.
    for attribute in attrs.fields(cls):
        yield from _walk(getattr(thing, attribute.name), inside)
