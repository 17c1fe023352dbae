"""Wire types: what a value looks like in the exchange's JSON, said once, for decoding and for encoding.

A model is referred to by its name and looked up in the product's `models` package when a decoder first needs it, so
that describing a reply imports no model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from .model import Model

__all__ = [
    "BOOL",
    "DECIMAL",
    "INT",
    "JSON",
    "NUMBER",
    "STRING",
    "TIMESTAMP",
    "JsonValue",
    "ListOf",
    "MapOf",
    "ResultOrError",
    "Scalar",
    "Tagged",
    "WireType",
    "describe",
    "resolve",
    "resolve_model",
]

JsonValue: TypeAlias = "bool | int | float | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A JSON document in Python. What the decoder makes has `Decimal` for numbers with a fraction, never `float`."""


class Scalar(msgspec.Struct, frozen=True):
    """A single value; `name` is the dialect's word for it."""

    name: str


STRING = Scalar("string")
INT = Scalar("int")
DECIMAL = Scalar("decimal")
"""A decimal number in a string: `"0.00100000"`."""
NUMBER = Scalar("number")
"""A JSON number that may have a fraction."""
BOOL = Scalar("bool")
TIMESTAMP = Scalar("timestamp")
"""An int, milliseconds since 1970."""
JSON = Scalar("json")
"""Any JSON value."""


class ListOf(msgspec.Struct, frozen=True):
    """A JSON array of equal items."""

    item: WireType


class MapOf(msgspec.Struct, frozen=True):
    """A JSON object whose keys are data."""

    value: WireType


class ResultOrError(msgspec.Struct, frozen=True):
    """Either `result` or the exchange's `{"code": …, "msg": …}`, which becomes a `RejectedItem`."""

    result: WireType


class Tagged(msgspec.Struct, frozen=True, eq=False):
    """An object whose key `tag` says which model it is: its value → the model's name."""

    tag: str
    variants: Mapping[str, str]


WireType: TypeAlias = "Scalar | ListOf | MapOf | ResultOrError | Tagged | str"
"""A string is the name of a model or of a tagged union of the product."""


def resolve(name: str, namespace: str) -> type[Model] | Tagged:
    """Finds a model or a tagged union by its name.

    Args:
        name: The name as in the spec, such as `OrderBook`.
        namespace: Import name of the product's package. Its `models` package has every model as an attribute; where it
            has tagged unions, its `UNIONS` maps a union's name to the attribute that holds the `Tagged`.

    Raises:
        LookupError: The product has nothing of this name.
    """
    models = import_module(f"{namespace}.models")
    unions: Mapping[str, str] = getattr(models, "UNIONS", {})
    try:
        found: type[Model] | Tagged = getattr(models, unions.get(name, name))
    except AttributeError:
        raise LookupError(f"{namespace}.models has no {name}") from None
    return found


def resolve_model(name: str, namespace: str) -> type[Model]:
    """Finds a model by its name, where a union cannot stand.

    Raises:
        LookupError: The product has no model of this name.
    """
    found = resolve(name, namespace)
    if isinstance(found, Tagged):
        raise LookupError(f"{namespace}: {name} is a union, where only a model can stand")
    return found


def describe(wire_type: WireType) -> str:
    """The type as a reader would write it: `list[Order]`."""
    match wire_type:
        case str():
            return wire_type
        case Scalar(name=name):
            return name
        case ListOf(item=item):
            return f"list[{describe(item)}]"
        case MapOf(value=value):
            return f"map[{describe(value)}]"
        case ResultOrError(result=result):
            return f"{describe(result)} or error"
        case Tagged(variants=variants):
            return " | ".join(variants.values())
