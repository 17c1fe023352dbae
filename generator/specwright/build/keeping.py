"""What stayed the same from one state of a spec to the next is kept as the same object, so that `is` tells."""

from __future__ import annotations

from decimal import Decimal
from operator import is_
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..spec.dialect.exchange import Spec

__all__ = ["keep_unchanged", "same"]

_COMPARED: dict[type, tuple[str, ...]] = {}


def keep_unchanged(before: Spec, now: Spec) -> None:
    """Puts the objects of `before` into `now` wherever both say the same; their positions may be outdated.

    The spec and its products are changed, nothing that they are made of is.
    """
    for attribute in _compared(type(now)):
        if attribute != "products":
            setattr(now, attribute, _kept(getattr(before, attribute), getattr(now, attribute)))
    for name, product in now.products.items():
        former = before.products.get(name)
        if former is not None:
            for attribute in _compared(type(product)):
                setattr(product, attribute, _kept(getattr(former, attribute), getattr(product, attribute)))


def same(one: object, other: object) -> bool:
    """Whether two values of a spec say the same wherever they stand.

    Stricter than `==`: what is written differently in generated code is different, such as 1, 1.0 and true.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Decimal):
        return str(one) == str(other)
    names = _compared(type(one))
    if names:
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    return one == other


def _kept(before: object, now: object) -> object:
    """`before` where it says the same; of a mapping that says something else, what it has in common with `before`."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return before if same(before, now) else now
    kept = {name: _kept(before[name], value) if name in before else value for name, value in now.items()}
    unchanged = list(before) == list(kept) and all(map(is_, before.values(), kept.values()))
    return before if unchanged else kept


def _compared(kind: type) -> tuple[str, ...]:
    """The attributes of a class of the dialect that say something; none for other classes."""
    names = _COMPARED.get(kind)
    if names is None:
        names = tuple(field.name for field in attrs.fields(kind) if field.eq) if attrs.has(kind) else ()
        _COMPARED[kind] = names
    return names
