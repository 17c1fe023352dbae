"""The connections of a session: one, or for a short time two, of which the second takes over from the first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .backoff import Backoff
from .handover import Handover
from .line import Close, Hold, Ping, Release
from .watch import SilenceWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..clock import Clock
    from ..errors import TransportError
    from .backoff import ReconnectPolicy
    from .leg import Leg
    from .line import Effect, Line
    from .wanted import Wanted

__all__ = ["Legs"]

_OVERLAP = 10.0
"""Seconds that an old connection is kept beside the one that takes over, for frames that are still on their way."""
_LOOK_AGAIN = 1.0
"""Seconds between looks for the answer of a ping that decides about a takeover."""


class Legs:
    """Decides when to dial, which connection is the session's, and when another one takes over.

    Args:
        wanted: The streams.
        dial: Makes a connection that is being dialled.
        effects: Where effects are put.
        clock: Local time.
        lifetime: Seconds after which the exchange cuts a connection.
        policy: When to try again.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self,
        wanted: Wanted,
        dial: Callable[[], Leg],
        effects: list[Effect],
        *,
        clock: Clock,
        lifetime: float,
        policy: ReconnectPolicy,
        jitter: Callable[[], float],
    ) -> None:
        self._wanted = wanted
        self._dial = dial
        self._effects = effects
        self._clock = clock
        self._lifetime = lifetime
        self._policy = policy
        self._jitter = jitter
        self._backoff = Backoff(policy, jitter)
        self._takeover_backoff = Backoff.of_takeovers(self._policy, self._jitter)
        self._dial_at = clock.monotonic()
        self._roll_at: float | None = None
        """Monotonic time at which another connection is dialled to take over; None: there is none that stands."""
        self._look_at = -math.inf
        """Monotonic time of the next look for the answer of a ping that decides about a takeover."""
        self.current: Leg | None = None
        self.next: Leg | None = None
        """What takes over from it."""
        self.handover = Handover(wanted)
        self.watch = SilenceWatch(clock)
        self.is_held = False
        """Nothing is read: silence says nothing."""
        self.rollovers = 0
        """Connections that took over without a gap."""

    def __iter__(self) -> Iterator[Leg]:
        return iter([leg for leg in (self.current, self.next) if leg is not None])

    def find(self, line: Line) -> Leg | None:
        """The connection that is meant; None: it is none of these any more."""
        return next((leg for leg in self if leg is line), None)

    @property
    def newest(self) -> Leg | None:
        """The newest connection that stands; None: none does."""
        leg = self.next if self.next is not None and self.next.opened_at is not None else self.current
        return leg if leg is not None and leg.opened_at is not None else None

    @property
    def were_open(self) -> bool:
        """Whether there ever was a connection for the streams that are wanted now."""
        return self._backoff.ever_open

    def deadlines(self) -> list[float | None]:
        """Monotonic times of what is to be done."""
        times = [self._dial_at if self.current is None else self._roll_at if self.next is None else None]
        if not self.is_held:
            takes_over_at = self._takes_over_at()
            times += [None if takes_over_at is None else max(takes_over_at, self._look_at), self.watch.deadline()]
        return times

    # --- One ----------------------------------------------------------------------------------------------------------

    def dial_what_is_due(self, now: float) -> None:
        """Dials the connection, or another one that will take over."""
        if self.current is None:
            if now >= self._dial_at:
                self.current = self._dial()
                self._wanted.route(self.current, self.current.url_names)
        elif self.next is None and self._roll_at is not None and now >= self._roll_at:
            self.watch.clear()
            self.next = self._dial()
            self.handover.join(self.current, self.next, self.next.url_names)

    def stands(self, leg: Leg) -> None:
        """A connection that was dialled is open."""
        leg.opened_at = self._clock.monotonic()
        leg.heard_at = self._clock.time()
        if self.is_held:
            self._hold(leg)
        if leg is self.current:
            self._settle(leg)

    def acknowledged(self, leg: Leg, names: Sequence[str]) -> None:
        """The exchange brings streams over a connection from now on."""
        self._wanted.activate(leg, names)
        if leg is self.next and self.current is not None:
            # Those that the old one brings too were left and are wanted again.
            again = [name for name in names if name in self.current.active]
            leg.rejoined.update(dict.fromkeys(again, self._clock.monotonic()))

    def replace(self) -> None:
        """Another connection is to take over soon."""
        self._roll_at = -math.inf  # Due at whatever time was read before: the clock has gone on since.

    def gone(self, leg: Leg, error: TransportError) -> bool:
        """A connection has ended, or could not be made; False: there is nothing left to try."""
        now = self._clock.monotonic()
        if leg is self.next:
            self.next = None
            self._stay(leg)
            pause = self._takeover_backoff.failed(now, error)
            self._roll_at = now + (self._policy.cap if pause is None else pause)
        elif self.next is not None:
            self._promote(error)
        else:
            self._wanted.note_gap(leg, str(error))
            self.current = self._roll_at = None
            self.handover.clear()
            self.watch.clear()
            pause = self._backoff.failed(now, error)
            if pause is None:
                return False
            self._dial_at = now + pause
        return True

    def drop(self) -> None:
        """Closes all; the next one is dialled at once."""
        for leg in self:
            leg.silence()
            self._effects.append(Close(leg))
        self.current = self.next = self._roll_at = None
        self.handover.clear()
        self.watch.clear()
        self._dial_at = self._clock.monotonic()

    def forget_failures(self) -> None:
        """What is dialled next is a first connection."""
        self._backoff = Backoff(self._policy, self._jitter)

    def _settle(self, leg: Leg) -> None:
        """The leg is the session's connection now: plans its end, some minutes early and not all at the same time."""
        assert leg.opened_at is not None
        self._backoff.opened(leg.opened_at)
        life = 0.0 if leg.shuts_down else self._lifetime
        self._roll_at = leg.opened_at + life - min(600.0, life / 10) * (1 + self._jitter())

    # --- Two ----------------------------------------------------------------------------------------------------------

    def check_takeover(self, now: float) -> None:
        """Lets the second connection take over when the first one was whole until long after the second one was.

        That is known of a stream of which both brought the same; of any other a ping tells. A first connection that
        does not answer is found dead in its time, and then there is a gap.
        """
        if self.next is not None:
            self._wanted.look_whether_whole(self.next)
        at = self._takes_over_at()
        if at is None or now < at:
            return
        old = self.current
        assert old is not None
        if self.handover.is_joined or old.whole_until is None or old.whole_until >= at:
            self._promote(None)
        else:
            self._effects.append(Ping(old))
            self._look_at = now + _LOOK_AGAIN

    def _takes_over_at(self) -> float | None:
        """When the second connection may take over, if nothing happens; None: there is none, or it lacks streams."""
        old, leg = self.current, self.next
        if old is None or leg is None or leg.whole_at is None:
            return None
        lacks = any(name in self._wanted and name not in leg.active for name in old.active)
        if lacks:
            return None
        # The old connection may lag as far behind with a stream that was asked for late as with any other.
        late = [at for name, at in leg.rejoined.items() if not self.handover.has_seam(name)]
        return max([leg.whole_at, *late]) + _OVERLAP

    def _promote(self, lost: TransportError | None) -> None:
        """The second connection becomes the only one."""
        old, leg = self.current, self.next
        assert old is not None and leg is not None
        if lost is None:
            old.silence()
            self._effects.append(Close(old))
            self.rollovers += 1
        else:
            self.handover.note_gaps(old, str(lost))
            self._wanted.tell_gaps(leg.active)
        self.current, self.next, self._roll_at = leg, None, None
        self.handover.finish(leg)
        self._takeover_backoff = Backoff.of_takeovers(self._policy, self._jitter)
        if leg.opened_at is not None:
            self._settle(leg)

    def _stay(self, failed: Leg) -> None:
        """The second connection did not last: the first one goes on."""
        assert self.current is not None
        self.handover.abandon(self.current, failed)
        self._wanted.go_on(self.current)

    # --- Holding ------------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Stops reading."""
        self.is_held = True
        for leg in self:
            if leg.opened_at is not None:
                self._hold(leg)

    def release(self) -> None:
        """Goes on reading: whoever was silent gets as much time as if it had just been heard."""
        self.is_held = False
        self.watch.clear()
        now = self._clock.monotonic()
        for leg in self:
            if leg.opened_at is not None:
                leg.release(now)
                self._effects.append(Release(leg))
        if self.next is not None and self.next.whole_at is not None:
            self.next.whole_at = now

    def _hold(self, leg: Leg) -> None:
        leg.hold(self._clock.time())
        self._effects.append(Hold(leg))
