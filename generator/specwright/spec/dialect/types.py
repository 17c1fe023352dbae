"""Type expressions: what stands behind `type`, `payload` and `response`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from ..position import Position

__all__ = [
    "ByPresence",
    "ListOf",
    "MapOf",
    "Named",
    "Response",
    "ResultOrError",
    "Scalar",
    "ScalarKind",
    "TypeExpression",
]


ScalarKind: TypeAlias = Literal["string", "int", "decimal", "number", "bool", "timestamp", "json"]
"""`decimal` is a decimal string on the wire, `number` a JSON number that may have decimals; both are `Decimal` in
Python. `timestamp` is an int of milliseconds. `json` is any JSON value, for the few fields without a stated shape."""


@define(kw_only=True)
class Scalar:
    """A type of the dialect itself: `string`, `int`, `decimal` …"""

    kind: ScalarKind
    position: Position = field(eq=False)


@define(kw_only=True)
class Named:
    """A reference by name to an enum, a model, a union, or (in parameters) an input."""

    name: str
    position: Position = field(eq=False)


@define(kw_only=True)
class ListOf:
    """`[X]`: a JSON array."""

    item: TypeExpression
    position: Position = field(eq=False)


@define(kw_only=True)
class MapOf:
    """`{string: X}`: a JSON object with keys that are data."""

    value: TypeExpression
    position: Position = field(eq=False)


@define(kw_only=True)
class ResultOrError:
    """`{result: X}`: either X or the exchange's `{code, msg}`, as the items of batch replies are."""

    result: TypeExpression
    position: Position = field(eq=False)


TypeExpression: TypeAlias = "Scalar | Named | ListOf | MapOf | ResultOrError"


@define(kw_only=True)
class ByPresence:
    """`{with: {p: X}, without: {p: Y}}`: X when parameter p is sent, Y when it is not. Used for responses."""

    param: str
    present: TypeExpression
    absent: TypeExpression
    position: Position = field(eq=False)


Response: TypeAlias = "TypeExpression | ByPresence"
