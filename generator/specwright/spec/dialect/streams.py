"""Market streams, and the events of the account's stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, define, field

from .text import Suppressing

if TYPE_CHECKING:
    from ..position import Position
    from .params import Param
    from .text import Deprecation, Example, Text
    from .types import Named, TypeExpression

__all__ = ["Event", "Stream"]


@define(kw_only=True)
class Stream(Suppressing):
    """A market stream."""

    id: str
    group: str
    summary: Text
    description: Text | None = None
    documentation: str | None = None
    pattern: str
    """`<symbol>@depth<levels>[@<updateSpeed>]`: names in angles are parameters, a bracket is left out with its."""
    route: str
    params: list[Param] = Factory(list)
    payload: TypeExpression
    update_speed: str | None = None
    """As documented: "100ms", "real-time"."""
    silence_ms: int | None = None
    """A subscribed stream that is silent for longer is taken for stalled. None: silence is normal."""
    latest_key: str | None = None
    """Wire name of the payload field that identifies "the same thing, newer" (the symbol, mostly)."""
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the method; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Event(Suppressing):
    """A user data event."""

    wire: str
    group: str
    summary: Text
    description: Text | None = None
    documentation: str | None = None
    route: str
    payload: Named
    examples: list[Example] = Factory(list)
    since: str | None = None
    deprecated: Deprecation | None = None
    position: Position = field(eq=False)
