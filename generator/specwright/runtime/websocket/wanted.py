"""The streams that a session wants, and what their consumers are told when a connection has them or has lost them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .gaps import tell_gaps
from .line import ignore
from .subscription import Cut, Subscription

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..clock import Clock
    from .leg import Leg

__all__ = ["Wanted"]


class Wanted(dict[str, Subscription]):
    """Streams by name.

    Args:
        clock: Local time.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.reconnects = 0
        """Cuts behind which streams were whole again."""

    def route(self, leg: Leg, names: Iterable[str]) -> None:
        """Leads what a connection brings to its consumers."""
        for name in names:
            if name in self:
                leg.route(name, self[name].deliver)

    def activate(self, leg: Leg, names: Iterable[str]) -> None:
        """The exchange has acknowledged streams: they are whole again from here on, and ready."""
        leg.active.update(dict.fromkeys(names, self._clock.time()))
        # What is not wanted any more will be unsubscribed. What another connection has been asked for meanwhile is
        # ready, and whole again, when that one answers.
        known = [name for name in names if name in self]
        known = [name for name in known if leg.routes.get(leg.key(name)) is not ignore]
        self.tell_gaps(known)
        for name in known:
            for consumer in list(self[name].consumers):
                consumer.ready(name)
        self.look_whether_whole(leg)

    def look_whether_whole(self, leg: Leg) -> None:
        """Notes the time at which a connection brings all that is wanted: more came, or less is wanted."""
        if leg.whole_at is None and all(name in leg.active for name in self):
            leg.whole_at = self._clock.monotonic()

    def go_on(self, leg: Leg) -> None:
        """The connection that was to take over from this one did not last.

        What is missing here had stalled, and nobody knows whether it goes on until something comes.
        """
        stalled = [name for name in leg.active if name in self and self[name].gap_since is not None]
        for name in stalled:
            self[name].await_sign(partial(self.tell_gaps, [name]))
        self.route(leg, stalled)
        self.activate(leg, [name for name in leg.active if name not in stalled])

    def note_gap(self, leg: Leg, reason: str) -> None:
        """What a connection brought is missing from now on."""
        cut = Cut(reason)
        for name in leg.active:
            if name in self:
                self[name].missing(leg.heard_until, cut)

    def tell_gaps(self, names: Iterable[str]) -> None:
        """Tells of what was missing, where something was."""
        self.reconnects += tell_gaps([self[name] for name in names if name in self], self._clock.time())

    def fail(self, error: BaseException) -> None:
        """Nothing more will come: nothing is wanted any more."""
        consumers = {consumer: None for each in self.values() for consumer in each.consumers}
        self.clear()
        for consumer in consumers:
            consumer.fail(error)
