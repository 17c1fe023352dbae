"""Tells consumers what they may have missed: one notice each, however many of their streams are concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .notices import Reconnected, Stalled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .subscription import Consumer, Subscription

__all__ = ["tell_gaps", "tell_stalled"]


def tell_gaps(subscriptions: Iterable[Subscription], until: float) -> bool:
    """Tells of the gaps of streams that are active again, and forgets them.

    Args:
        subscriptions: The streams.
        until: Local time in seconds since 1970.

    Returns:
        Whether there was one of a cut that nobody had been told of.
    """
    missing = [each for each in subscriptions if each.gap_since is not None]
    is_news = any(each.cut is not None and not each.cut.told for each in missing)
    for consumer, theirs in _by_consumer(missing).items():
        since = min(each.gap_since for each in theirs if each.gap_since is not None)
        names = tuple(each.name for each in theirs)
        cuts = [each.cut for each in theirs if each.cut is not None]
        is_continued = all(consumer in cut.told for cut in cuts)
        for cut in cuts:
            cut.told.add(consumer)
        consumer.tell(Reconnected(names, _ms(since), _ms(until), cuts[0].reason, is_continued))
    for each in missing:
        each.whole()
    return is_news


def tell_stalled(stalled: Iterable[tuple[Subscription, float]], until: float) -> None:
    """Tells of streams that have fallen silent; each comes with the time in seconds since 1970 of its last sign."""
    since = dict(stalled)
    for consumer, theirs in _by_consumer(since).items():
        names = tuple(each.name for each in theirs)
        consumer.tell(Stalled(names, _ms(min(since[each] for each in theirs)), _ms(until)))


def _by_consumer(subscriptions: Iterable[Subscription]) -> dict[Consumer, list[Subscription]]:
    found: dict[Consumer, list[Subscription]] = {}
    for subscription in subscriptions:
        for consumer in subscription.consumers:
            found.setdefault(consumer, []).append(subscription)
    return found


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
