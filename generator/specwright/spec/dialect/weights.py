"""What a call costs on a budget."""

from __future__ import annotations

from typing import TypeAlias

from attrs import Factory, define

__all__ = ["FixedWeight", "Weight", "WeightByPresence", "WeightByValue", "WeightPerItem"]


@define(kw_only=True)
class FixedWeight:
    """`weight: 5`."""

    weight: int


@define(kw_only=True)
class WeightByValue:
    """`{by: limit, up_to: {100: 1, 500: 5}, above: 10}` or `{by: type, values: {A: 1}, otherwise: 2}`.

    A parameter that is not sent counts with its default; where it has none, `otherwise` applies.
    """

    param: str
    up_to: dict[int, int] = Factory(dict)
    values: dict[str, int] = Factory(dict)
    otherwise: int | None = None
    above: int | None = None
    """The weight beyond the last `up_to` (absent: as for the last)."""


@define(kw_only=True)
class WeightByPresence:
    """`{with: {symbol: 1}, without: {symbol: 40}}`; the first parameter of `with` that is sent decides."""

    present: dict[str, int]
    absent: int


@define(kw_only=True)
class WeightPerItem:
    """`{per_item: symbols, each: 2}`: per item of a list parameter."""

    param: str
    each: int


Weight: TypeAlias = "FixedWeight | WeightByValue | WeightByPresence | WeightPerItem"
