"""The time in which a session has two connections: each stream goes over from the old one to the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .line import ignore
from .splice import Splice
from .subscription import Cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .leg import Leg
    from .subscription import Subscription

__all__ = ["Handover"]


class Handover:
    """Which streams are being handed over.

    Args:
        subscriptions: The session's streams by name, as they are at any time.
    """

    def __init__(self, subscriptions: Mapping[str, Subscription]) -> None:
        self._subscriptions = subscriptions
        self._splices: dict[str, Splice] = {}
        self._left: set[str] = set()
        """Streams that are taken from the new connection alone, because there was nothing to join on to."""
        self._behind: dict[str, Splice] = {}
        """Streams of the handovers before, of which the connection that remained has still to repeat something."""

    def __contains__(self, name: str) -> bool:
        return name in self._splices or self._still_behind(name) is not None

    def join(self, old: Leg, new: Leg, names: Iterable[str]) -> None:
        """Routes streams that the new connection is asked for: what the old one carries is spliced."""
        for name in names:
            subscription = self._subscriptions[name]
            # A stream with a gap, such as a stalled one, has nothing to join on to.
            if name in old.active and subscription.gap_since is None:
                behind = self._still_behind(name)
                if behind is None:
                    splice = Splice(subscription.hand_on)
                    old.route(name, splice.old)
                else:
                    splice = Splice(subscription.hand_on, behind.delivered)
                    behind.deliver = splice.old
                self._splices[name] = splice
                new.route(name, splice.new)
            else:
                self._left.add(name)
                old.route(name, ignore)
                new.route(name, subscription.deliver)

    def has_left(self, name: str) -> bool:
        """Whether a stream is taken from the new connection alone."""
        return name in self._left

    def has_seam(self, name: str) -> bool:
        """Whether a stream is known to go on where the old connection left it, or nothing is to be joined."""
        return name not in self._splices or self._splices[name].has_seam

    @property
    def is_joined(self) -> bool:
        """Whether every stream is known to go on where the old connection left it."""
        return all(splice.has_seam for splice in self._splices.values())

    def forget(self, name: str) -> None:
        """A stream is not wanted any more."""
        self._splices.pop(name, None)
        self._behind.pop(name, None)
        self._left.discard(name)

    def note_gaps(self, old: Leg, reason: str) -> None:
        """The old connection broke: what was not seen to be the same on both has a gap.

        That the new one was subscribed before the old one was last heard proves nothing: what is heard late may have
        been sent early, and what was sent behind it, but before the subscription, is lost with the old connection. So a
        stream of which nothing came meanwhile may be told of a gap in which nothing happened.
        """
        cut = Cut(reason)
        for name in old.active:
            subscription, splice = self._subscriptions.get(name), self._splices.get(name)
            is_over = name in self._left or (splice is not None and splice.has_seam)
            if subscription is not None and not is_over:
                subscription.missing(old.heard_until, cut)

    def finish(self, new: Leg) -> None:
        """The old connection is over: the new one's frames go straight on, but for those that repeat old ones."""
        splices = dict(self._splices)
        self.clear()
        for name, splice in splices.items():
            splice.finish()
            if splice.is_done:
                new.route(name, self._subscriptions[name].deliver)
            else:
                self._behind[name] = splice

    def abandon(self, old: Leg, new: Leg) -> None:
        """The new connection did not last: the old one goes on, but for what it would repeat.

        What the new one alone had brought has a gap.
        """
        cut = Cut("the connection that took over was lost")
        for name, splice in self._splices.items():
            subscription = self._subscriptions[name]
            splice.abandon()
            if not splice.is_done:
                self._behind[name] = splice
            elif (behind := self._still_behind(name)) is not None:
                behind.deliver = subscription.hand_on
            else:
                old.route(name, subscription.deliver)
        for name in self._left:
            subscription = self._subscriptions[name]
            if name in new.active:
                subscription.missing(new.heard_until, cut)
            old.route(name, subscription.deliver)
        self._splices.clear()
        self._left.clear()

    def _still_behind(self, name: str) -> Splice | None:
        """What a stream passes through because something is still to be repeated. When nothing is any more, the way of
        its frames may lead past it."""
        splice = self._behind.get(name)
        return None if splice is None or splice.is_done else splice

    def clear(self) -> None:
        """The connection from which streams are taken over is gone."""
        self._splices.clear()
        self._behind.clear()
        self._left.clear()
