"""Rules between parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from ..position import Position
    from .text import Text
    from .values import WireValue

__all__ = ["Condition", "Rule", "RuleKind"]


@define(kw_only=True)
class Condition:
    """`{type: [LIMIT, STOP]}`: every named parameter has one of the values; `{type: present}` asks for presence."""

    values: dict[str, list[WireValue]]
    """Wire name of a parameter → the values that fulfil the condition. An empty list means "is sent at all"."""
    position: Position = field(eq=False)


RuleKind: TypeAlias = Literal["require", "require_any", "require_one", "exclusive", "forbid", "span"]


@define(kw_only=True)
class Rule:
    """One rule between parameters, checked before a request leaves.

    - `require: [a, b]`: all of them are sent.
    - `require_any: [a, b]`: at least one of them is.
    - `require_one: [a, b]`: exactly one of them is.
    - `exclusive: [a, [b, c]]`: members of at most one of the sets are sent.
    - `forbid: [a]`: none of them is sent.
    - `span: [startTime, endTime]` with `at_most: 7d`: the distance of two timestamps.

    `when` and `unless` limit a rule to requests that (do not) fulfil a condition.
    """

    kind: RuleKind
    params: list[list[str]]
    """Wire names, one inner list a set; for all kinds but `exclusive` every set has one member."""
    when: Condition | None = None
    unless: Condition | None = None
    in_mode: Literal["hedge", "one_way", "multi_assets", "single_asset"] | None = None
    """Holds only in this mode of the account: the client documents it, the exchange (and the simulator) checks it."""
    at_most_ms: int | None = None
    summary: Text | None = None
    position: Position = field(eq=False)
