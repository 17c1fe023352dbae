"""Which part of a history a request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from . import Call

__all__ = ["asked_for", "window"]

_WINDOW_MS = 7 * 86_400_000

T = TypeVar("T")


def window(call: Call) -> tuple[int, int]:
    """Start and end (ms) of a history request; a week where one of them is missing."""
    start_ms, end_ms = call.arguments.optional_integer("startTime"), call.arguments.optional_integer("endTime")
    if start_ms is None:
        end_ms = call.now_ms if end_ms is None else end_ms
        return end_ms - _WINDOW_MS, end_ms
    return start_ms, start_ms + _WINDOW_MS if end_ms is None else end_ms


def asked_for(
    call: Call, rows: Iterable[T], *, first: str, number: Callable[[T], int], time_ms: Callable[[T], int]
) -> list[T]:
    """Rows of a time window or from a number on: the first ones where the start is given, else the last.

    Args:
        call: The request; `limit` is 500 where it is not sent.
        rows: All rows, oldest first.
        first: The parameter with the number to begin with.
        number: A row's number.
        time_ms: A row's time.
    """
    first_number, limit = call.arguments.optional_integer(first), call.arguments.integer("limit", 500)
    if first_number is not None:
        return [row for row in rows if number(row) >= first_number][:limit]
    start_ms, end_ms = window(call)
    found = [row for row in rows if start_ms <= time_ms(row) <= end_ms]
    return found[:limit] if "startTime" in call.arguments else found[-limit:]
