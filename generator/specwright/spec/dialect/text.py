"""What entries say about themselves: sentences in both languages, examples, deprecations, suppressed findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Factory, define, field

if TYPE_CHECKING:
    from ..position import Position
    from .values import JsonValue

__all__ = ["Deprecation", "Example", "Suppressing", "Text"]


@define(kw_only=True)
class Text:
    """A sentence in both languages of the documentation."""

    en: str
    zh: str


@define(kw_only=True)
class Example:
    """A documented JSON text, kept as it is written (a YAML block scalar) with its decoded value."""

    text: str
    value: JsonValue
    title: str | None = None
    """What this variant shows, where there are several."""
    present: list[str] | None = None
    """For `ByPresence` responses: the parameters that were sent when this was the reply."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Deprecation:
    """`{since: 2025-12-09, use: new_algo_order, until: "2.0", summary: …}`"""

    since: str
    use: str | None = None
    until: str | None = None
    summary: Text | None = None


@define(kw_only=True)
class Suppressing:
    """An entry that can say why a finding of the linter is right about it and shall stay."""

    suppress: dict[str, str] = Factory(dict)
    """Code of a finding → the reason, for the entry and for all that stands in it."""
