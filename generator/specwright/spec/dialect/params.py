"""Parameters of operations, streams and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import Factory, define, field

from .text import Suppressing

if TYPE_CHECKING:
    from decimal import Decimal

    from ..position import Position
    from .text import Deprecation, Text
    from .types import TypeExpression
    from .values import WireValue

__all__ = ["Param"]


@define(kw_only=True)
class Param(Suppressing):
    """One parameter of an operation, a stream or an input."""

    wire: str
    name: str | None = None
    type: TypeExpression
    required: bool = False
    default: WireValue | None = None
    """What the exchange assumes when the parameter is left out. It is not sent; weights are computed with it."""
    one_of: list[WireValue] | None = None
    """The allowed values, where they are fewer than the enum's or the type is not an enum."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None
    """A regular expression that the whole value must match."""
    case: Literal["lower", "upper"] | None = None
    """The value is converted to this case before it is sent (stream names are lower case)."""
    generated: Literal["client_order_id"] | None = None
    """The client makes a value when the caller gives none."""
    unit: str | None = None
    summary: Text | None = None
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the argument; they keep working, with a warning."""
    position: Position = field(eq=False)
