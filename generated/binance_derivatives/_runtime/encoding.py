"""Back to the wire: what the exchange sent, wire names and number formats included.

A decimal string comes back as text with all its digits and without an exponent, a JSON number as an exact `Decimal` (or
an int), absent fields stay absent, null stays null and "" stays "".
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from .model import Model, UnknownVariant
from .wire import DECIMAL, JSON, NUMBER, ListOf, MapOf

if TYPE_CHECKING:
    from .model import FieldLayout, Remainder
    from .wire import JsonValue, WireType

__all__ = ["is_same", "plain", "to_json", "to_wire", "wire_value"]

_LONGEST_PLAIN = 1000
"""Digits beyond which a number keeps its exponent, which then saves memory rather than harms."""


def to_wire(value: object) -> JsonValue:
    """A decoded object as the exchange sent it: dicts, lists, text, ints, bools, None, and `Decimal` for JSON numbers.

    Args:
        value: A model, or a list or dict of models, as calls return them.

    Raises:
        TypeError: There is something in it that no reply holds.
    """
    return wire_value(value, JSON)


def to_json(value: object) -> bytes:
    """The same as compact JSON text."""
    return msgspec.json.encode(_encodable(wire_value(value, JSON)))


def plain(number: Decimal) -> str:
    """A decimal number with all its digits and without an exponent."""
    if number.is_finite() and abs(number.adjusted()) < _LONGEST_PLAIN:
        return format(number, "f")
    return str(number)


def wire_value(value: object, wire_type: WireType) -> JsonValue:
    """One value of a stated type as it stands on the wire; values of other types are taken for what they are."""
    if isinstance(value, Model):
        return _array(value) if value.__wire__.array else _object(value)
    if isinstance(value, Decimal):
        if wire_type is DECIMAL:
            return plain(value)
        # Written without a point, a number was an int in the reply too.
        return int(value) if wire_type is NUMBER and value.as_tuple().exponent == 0 else value
    if isinstance(value, list):
        item: WireType = wire_type.item if isinstance(wire_type, ListOf) else JSON
        return [wire_value(each, item) for each in value]
    if isinstance(value, dict):
        inner: WireType = wire_type.value if isinstance(wire_type, MapOf) else JSON
        return {key: wire_value(each, inner) for key, each in value.items()}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} is nothing that a reply holds")


def _object(model: Model) -> JsonValue:
    remainder: Remainder | None = getattr(model, "_remainder", None)
    if remainder is not None and remainder.whole is not None:
        return remainder.whole[0]
    if isinstance(model, UnknownVariant):
        return wire_value(model.fields, JSON)
    found: dict[str, JsonValue] = {}
    for field in model.__wire__.fields:
        value = _field(model, field, remainder)
        if value is not msgspec.UNSET:
            found[field.wire] = value
    if remainder is not None:
        found |= remainder.unknown
    return found


def _array(model: Model) -> JsonValue:
    remainder: Remainder | None = getattr(model, "_remainder", None)
    if remainder is not None and remainder.whole is not None:
        return remainder.whole[0]
    elements = [_field(model, field, remainder) for field in model.__wire__.fields]
    while elements and elements[-1] is msgspec.UNSET:
        elements.pop()
    if remainder is not None:
        elements += remainder.unknown.values()
    return [None if each is msgspec.UNSET else each for each in elements]


def _field(model: Model, field: FieldLayout, remainder: Remainder | None) -> JsonValue | msgspec.UnsetType:
    """A field's value on the wire; UNSET: its key is absent."""
    value: object = getattr(model, field.name)
    if remainder is not None and field.name in remainder.kept:
        as_read, original = remainder.kept[field.name]
        if value is as_read:
            return original
    if value is not None:
        return wire_value(value, field.type)
    if field.optional:
        return msgspec.UNSET
    return "" if field.blank and not field.nullable else None


def is_same(value: JsonValue, other: JsonValue) -> bool:
    """Whether two JSON values are written alike: 1, true and 1.0 are three values."""
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(is_same(value[key], other[key]) for key in value)
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(is_same, value, other))
    if _is_number(value) and _is_number(other):
        return str(value) == str(other)
    return type(value) is type(other) and value == other


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _encodable(value: JsonValue) -> object:
    """The value with decimals as the bytes that JSON writes for them."""
    if isinstance(value, Decimal):
        return msgspec.Raw(plain(value).encode())
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {key: _encodable(each) for key, each in value.items()}
    return value
