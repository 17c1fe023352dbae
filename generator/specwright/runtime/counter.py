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
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .charges import Charge, Observation

__all__ = ["HOLD_MARGIN", "Counter", "Taken", "settle", "take"]

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
        self.bounds_changed()

    @property
    def in_flight(self) -> int:
        return self.reserved_ever - self.answered_ever

    def used(self) -> int:
        counting = self.counting
        if self.highest_base is None:
            return counting
        bound = self.highest_base + self.reserved_ever
        return counting if counting > bound else bound

    def refuses(self, charge: Charge, now: float) -> bool:
        """Whether the charge may not be reserved now."""
        if not take([(charge, self, 0)], now):
            return True
        self.reserved(-charge.cost)
        return False

    def reserved(self, cost: int) -> None:
        """A call is on its way, whether it fits or not; a negative cost takes it back."""
        self.counting += cost
        self.reserved_ever += cost

    def answered(self, cost: int, now: float) -> None:
        """Calls were answered: their cost counts for one more interval."""
        self.answered_ever += cost
        expires = now + self.hold
        self.ages.append((expires, cost))
        if expires < self.expires:
            self.expires = expires

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

    def bounds_changed(self) -> None:
        """Finds out anew what follows from the bounds."""
        self.expires = self.ages[0][0] if self.ages else inf
        self.highest_base = None
        for bound in self.bounds.values():
            if bound.expires < self.expires:
                self.expires = bound.expires
            if self.highest_base is None or bound.base > self.highest_base:
                self.highest_base = bound.base


Taken: TypeAlias = "tuple[Charge, Counter, int]"
"""A charge, its counter, and how much had been answered on that before."""


def take(wanted: Sequence[Taken], now: float) -> bool:
    """Reserves all charges on their counters; False: one of them may not be reserved now, and none is.

    All in one function, as in `settle`: what a call spends here it mostly spends on calling.
    """
    for position, (charge, counter, _) in enumerate(wanted):
        cost = charge.cost
        if now >= counter.expires:
            counter.expire(now)
        room = counter.limit - cost
        if counter.blocked_until > now or (
            cost
            and (
                counter.counting > room
                or (counter.highest_base is not None and counter.highest_base + counter.reserved_ever > room)
            )
        ):
            for given, other, _ in wanted[:position]:
                other.reserved(-given.cost)
            return False
        counter.counting += cost
        counter.reserved_ever += cost
    return True


def settle(
    taken: Sequence[Taken], figures: Mapping[str, Observation], now: float, *, source: str, sent: int, answered: int
) -> None:
    """A call was answered: its costs count for one more interval, and what the exchange says of budgets is kept.

    Args:
        taken: What was reserved.
        figures: Budget → what the reply says.
        now: Monotonic seconds.
        source: The service whose figures they are.
        sent: How many calls had been answered in all when it was reserved.
        answered: How many have been answered in all, with this one.
    """
    for charge, counter, before in taken:
        cost = charge.cost
        if now >= counter.expires:
            counter.expire(now)
        expires = now + counter.hold
        if cost:
            counter.answered_ever += cost
            counter.ages.append((expires, cost))
            if expires < counter.expires:
                counter.expires = expires
        figure = figures.get(charge.counter[1])
        if figure is None:
            continue
        if figure.limit is not None and figure.limit > 0:
            counter.limit = figure.limit
        base = figure.used - before - cost
        old = counter.bounds.get(source)
        if old is None:
            counter.bounds[source] = _Bound(base, answered, expires)
            counter.bounds_changed()
        # Calls that overlapped may be answered in any order; then the figure that allows less is the one to keep.
        elif sent >= old.moment or base >= old.base:
            # `expires` stays: that it is too early costs a look at most.
            old.base, old.moment, old.expires = base, answered, expires
            highest = base if len(counter.bounds) == 1 else max(bound.base for bound in counter.bounds.values())
            counter.highest_base = highest
