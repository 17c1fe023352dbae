"""Where the candles of an interval begin and end."""

from __future__ import annotations

from datetime import UTC, datetime

from .rejections import Rejection

_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_MONDAY_MS = 4 * 86_400_000
"""The first Monday after the epoch, which was a Thursday: weeks begin on Mondays."""


def bounds(interval: str, at_ms: int) -> tuple[int, int]:
    """Start of the candle that covers `at_ms`, and start of the next one (ms, UTC).

    Args:
        interval: As the exchange writes it: `1s`, `5m`, `1h`, `3d`, `1w`, `1M`.
        at_ms: A time in ms.

    Raises:
        Rejection: -1120, the interval does not exist.
    """
    count, unit = interval[:-1], interval[-1:]
    if not count.isdigit() or int(count) == 0:
        raise Rejection(-1120)
    if unit == "M":
        return _month(at_ms), _month(_month(at_ms) + 32 * 86_400_000)
    if unit not in _UNIT_MS:
        raise Rejection(-1120)
    length_ms = int(count) * _UNIT_MS[unit]
    shift_ms = _MONDAY_MS if unit == "w" else 0
    start_ms = (at_ms - shift_ms) // length_ms * length_ms + shift_ms
    return start_ms, start_ms + length_ms


def _month(at_ms: int) -> int:
    day = datetime.fromtimestamp(at_ms / 1000, UTC)
    return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp() * 1000)


def starts(interval: str, start_ms: int | None, end_ms: int, limit: int) -> list[int]:
    """Starts of the candles in a window, ascending: the first from `start_ms` on, else the last before `end_ms`."""
    if start_ms is not None:
        first, following = bounds(interval, start_ms)
        at_ms = first if first >= start_ms else following
        found: list[int] = []
        while at_ms <= end_ms and len(found) < limit:
            found.append(at_ms)
            at_ms = bounds(interval, at_ms)[1]
        return found
    at_ms = bounds(interval, end_ms)[0]
    found = [at_ms]
    while len(found) < limit and at_ms > 0:
        at_ms = bounds(interval, at_ms - 1)[0]
        found.append(at_ms)
    return found[::-1]
