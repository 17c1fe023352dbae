"""Types of plain values: what their form shows, and what their name and comment say of it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from .fitting import is_decimal
from .naming import TODO

if TYPE_CHECKING:
    from ..spec.dialect.values import JsonValue

__all__ = ["scalar_type"]

_TIME_NAME = re.compile(r"(?:[Tt]ime|[Tt]imestamp|[Dd]ate)$")
_TIME_COMMENT = re.compile(r"\btime(?:stamp)?\b|时间", re.IGNORECASE)
_ID_NAME = re.compile(r"(?:id|ids|key|code|alias|name|symbol|asset|hash|version|msg|message|email)$", re.IGNORECASE)
_EARLIEST: Final = 10**11
"""Milliseconds since 1970 of any time that matters here; smaller numbers are no timestamps."""


def scalar_type(values: list[JsonValue], wire: str, comment: str | None) -> str:
    """The type of plain values; TODO where they differ in kind or say nothing."""
    given = [value for value in values if value is not None]
    if not given:
        return TODO
    if all(isinstance(value, bool) for value in given):
        return "bool"
    numbers = [value for value in given if isinstance(value, int | Decimal) and not isinstance(value, bool)]
    if len(numbers) == len(given):
        whole = [value for value in numbers if isinstance(value, int)]
        if len(whole) < len(numbers):
            return "number"
        return "timestamp" if _are_times(whole, wire, comment) else "int"
    texts = [value for value in given if isinstance(value, str)]
    if len(texts) < len(given):
        return TODO
    speaks_of_number = not _ID_NAME.search(wire)
    return "decimal" if speaks_of_number and all(is_decimal(text) for text in texts) else "string"


def _are_times(values: list[int], wire: str, comment: str | None) -> bool:
    plausible = all(value >= _EARLIEST or value in (0, -1) for value in values)
    if _TIME_NAME.search(wire) and plausible:
        return True
    says_time = comment is not None and _TIME_COMMENT.search(comment) is not None
    return says_time and (len(wire) <= 2 or (plausible and any(value >= _EARLIEST for value in values)))
