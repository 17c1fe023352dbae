"""The arithmetic of one budget: what counts as used, and when there will be room.

The exchange does not say whether its windows start on the minute or roll, so a ledger assumes the worse of the two at
every moment. One rule covers both: a call's cost counts from its reservation until one interval after its reply, and
the sum of what counts never passes the limit. Take any window in which the exchange handled calls, and the last of them
to be reserved: when it was reserved, all the others still counted. So their sum fits, however windows lie and however
long requests travel.

What others on the same address use is known only from the exchange's own figure. The figure N in the reply to X holds
all that was handled before X; what of ours is not surely in it is added: everything that was not answered before X was
sent. N plus that is the second bound, kept until the figure is one interval old or a newer one replaces it.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from .charges import Observation

__all__ = ["HOLD_MARGIN", "Counter"]

HOLD_MARGIN = 1.001
"""Intervals are held a thousandth longer, for clocks that do not run equally fast."""
SHORTEST_WAIT = 0.001
POLL = 0.02
"""How soon to ask again when room depends on calls that are still on their way."""


@define
class _Bound:
    """An exchange's figure: with what has been reserved ever, it bounds what the exchange has counted."""

    base: int
    moment: int
    """How many calls had been answered in all when this one was."""
    expires: float


@define
class Counter:
    """One budget of one address or account. Every call looks at it twice, so what it asks for stands ready."""

    limit: int
    hold: float
    counting: int = 0
    """Costs of calls in flight, and of answered ones for one more interval."""
    ages: deque[tuple[float, int]] = field(factory=deque)
    """(when it stops counting, cost) of answered calls, oldest first."""
    reserved_ever: int = 0
    answered_ever: int = 0
    bounds: dict[str, _Bound] = field(factory=dict)
    """By the service whose figure it is."""
    highest_base: int | None = None
    """Of the bounds; None: there is none."""
    expires: float = inf
    """Nothing expires before this time, and maybe not at it."""
    blocked_until: float = 0.0
    banned: bool = False

    def expire(self, now: float) -> None:
        """Forgets what does not count any more; due before every look at what is used, from the time `expires` on."""
        ages = self.ages
        while ages and ages[0][0] <= now:
            self.counting -= ages.popleft()[1]
        self.bounds = {source: bound for source, bound in self.bounds.items() if bound.expires > now}
        self._bounds_changed()

    @property
    def in_flight(self) -> int:
        return self.reserved_ever - self.answered_ever

    def used(self) -> int:
        counting = self.counting
        if self.highest_base is None:
            return counting
        bound = self.highest_base + self.reserved_ever
        return counting if counting > bound else bound

    def take(self, cost: int, now: float) -> bool:
        """Reserves a cost; False: it may not be reserved now."""
        if now >= self.expires:
            self.expire(now)
        if self.blocked_until > now:
            return False
        if cost:
            room = self.limit - cost
            if self.counting > room:
                return False
            if self.highest_base is not None and self.highest_base + self.reserved_ever > room:
                return False
            self.counting += cost
            self.reserved_ever += cost
        return True

    def refuses(self, cost: int, now: float) -> bool:
        """Whether the cost may not be reserved now."""
        if not self.take(cost, now):
            return True
        self.reserved(-cost)
        return False

    def reserved(self, cost: int) -> None:
        """A call is on its way, whether it fits or not; a negative cost takes it back."""
        self.counting += cost
        self.reserved_ever += cost

    def settle(
        self,
        cost: int,
        now: float,
        figure: Observation | None = None,
        source: str = "",
        before: int = 0,
        sent: int = 0,
        answered: int = 0,
    ) -> None:
        """A call was answered: its cost counts for one more interval, and what the exchange says of the budget is kept.

        Args:
            cost: What was reserved.
            now: Monotonic seconds.
            figure: What the reply says; None: nothing.
            source: The service whose figure it is.
            before: `answered_ever` when the cost was reserved.
            sent: How many calls had been answered in all by then.
            answered: How many have been answered in all, with this one.
        """
        if now >= self.expires:
            self.expire(now)
        if cost:
            self.answered_ever += cost
            expires = now + self.hold
            self.ages.append((expires, cost))
            if expires < self.expires:
                self.expires = expires
        if figure is None:
            return
        if figure.limit is not None and figure.limit > 0:
            self.limit = figure.limit
        base = figure.used - before - cost
        old = self.bounds.get(source)
        if old is None:
            self.bounds[source] = _Bound(base, answered, now + self.hold)
            self._bounds_changed()
        # Calls that overlapped may be answered in any order; then the figure that allows less is the one to keep.
        elif sent >= old.moment or base >= old.base:
            # `expires` stays: that it is too early costs a look at most.
            old.base, old.moment, old.expires = base, answered, now + self.hold
            self.highest_base = base if len(self.bounds) == 1 else max(bound.base for bound in self.bounds.values())

    def wait_for(self, cost: int, now: float) -> float:
        """Seconds until the cost may fit, once it does not."""
        if self.blocked_until > now:
            return self.blocked_until - now
        wait = SHORTEST_WAIT
        missing = self.counting + cost - self.limit
        for expires, amount in self.ages:
            if missing <= 0:
                break
            missing -= amount
            wait = max(wait, expires - now)
        if missing > 0:
            wait = max(wait, POLL)
        for bound in self.bounds.values():
            if bound.base + self.reserved_ever + cost > self.limit:
                wait = max(wait, bound.expires - now)
        return wait

    def _bounds_changed(self) -> None:
        self.expires = self.ages[0][0] if self.ages else inf
        self.highest_base = None
        for bound in self.bounds.values():
            if bound.expires < self.expires:
                self.expires = bound.expires
            if self.highest_base is None or bound.base > self.highest_base:
                self.highest_base = bound.base
