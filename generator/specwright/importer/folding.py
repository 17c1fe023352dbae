"""Values of YAML without differences of spelling, for comparisons."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .knowledge import Plain

__all__ = ["folded"]

_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def folded(value: Plain) -> object:
    """A value without differences of spelling: of numbers, durations, the order of values, `without`."""
    if isinstance(value, dict):
        members = {str(key): folded(each) for key, each in value.items()}
        without = members.get("without")
        if isinstance(without, dict) and len(without) == 1 and "with" in members:
            members["without"] = next(iter(without.values()))
        return members
    if isinstance(value, list):
        scalars = all(isinstance(each, str | int | Decimal) for each in value)
        items = [folded(each) for each in value]
        return frozenset(str(item) for item in items) if scalars and len(items) > 1 else items
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return Decimal(value)
    duration = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return Decimal(duration[1]) * _UNITS[duration[2]] if duration is not None else value
