"""Puts notices together that no event separates: however long a consumer sleeps, it finds few of them.

Nothing is lost: what they announce, taken together, is what each of them announced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from .notices import Notice, Reconnected, Resynchronized, Stalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["put_together"]


def put_together(notices: Sequence[Notice]) -> list[Notice]:
    """At most one notice of each kind up to the last `Resynchronized`, and one of each kind behind it.

    A state heals every gap before it and none behind it. Each stands where the last one of its kind stood.

    Args:
        notices: Notices without an event between them, in order.
    """
    healed = max((at for at, notice in enumerate(notices, 1) if isinstance(notice, Resynchronized)), default=0)
    return _one_of_each(notices[:healed]) + _one_of_each(notices[healed:])


def _one_of_each(notices: Iterable[Notice]) -> list[Notice]:
    found: dict[type[Notice], Notice] = {}
    for notice in notices:
        earlier = found.pop(type(notice), None)
        found[type(notice)] = notice if earlier is None else _joined(earlier, notice)
    return list(found.values())


def _joined(earlier: Notice, later: Notice) -> Notice:
    """Two of a kind as one: every stream and all of the time of both."""
    if isinstance(earlier, Reconnected) and isinstance(later, Reconnected):
        return Reconnected(
            _names(earlier, later),
            min(earlier.since, later.since),
            max(earlier.until, later.until),
            later.reason,
            earlier.is_continued and later.is_continued,
        )
    if isinstance(earlier, Stalled) and isinstance(later, Stalled):
        return Stalled(_names(earlier, later), min(earlier.since, later.since), max(earlier.until, later.until))
    if isinstance(earlier, Resynchronized) and isinstance(later, Resynchronized):
        return evolve(later, since=min(earlier.since, later.since), until=max(earlier.until, later.until))
    raise TypeError(f"{type(later).__name__} is told where its frame is read, not put between events")


def _names(earlier: Reconnected | Stalled, later: Reconnected | Stalled) -> tuple[str, ...]:
    return tuple(dict.fromkeys(earlier.streams + later.streams))
