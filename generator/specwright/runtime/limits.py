"""Budgets: what calls may cost, reserved before they are sent and corrected by what the exchange says.

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

import os
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from attrs import define, field, frozen

from .clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .product import Budget

__all__ = [
    "BudgetState",
    "Charge",
    "Ledger",
    "LedgerLike",
    "LimitPolicy",
    "LocalLedger",
    "Observation",
    "Refusal",
    "RemoteLedger",
    "Reservation",
    "observed_rate_limits",
    "shared_ledger",
]

LimitPolicy: TypeAlias = Literal["wait", "raise", "off"]

HOLD_MARGIN = 1.001
"""Intervals are held a thousandth longer, for clocks that do not run equally fast."""
SHORTEST_WAIT = 0.001
POLL = 0.02
"""How soon to ask again when room depends on calls that are still on their way."""


@frozen
class Charge:
    """A cost on one counter: the budget, and whose counter it is (`production:ip`, or an account's)."""

    budget: Budget
    scope: str
    cost: int


@frozen
class Observation:
    """What the exchange says has been used, and of how much where it says so."""

    used: int
    limit: int | None = None


@frozen
class Refusal:
    """Why a reservation was not given, and how many seconds to wait before asking again (None: it never fits)."""

    budget: str
    cost: int
    used: int
    limit: int
    wait: float | None
    banned: bool = False


@define
class Reservation:
    """Costs that were taken; to be settled once, when the call is over."""

    charges: Sequence[Charge]
    answered_before: tuple[int, ...] = ()
    """For each charge, how much had been answered on its counter when this was reserved."""
    moment: int = 0
    """How many calls had been answered in all."""
    number: str = ""
    """Its name in a ledger that lives elsewhere."""
    local: Reservation | None = None
    """The same in this process's own account, beside a ledger that lives elsewhere."""
    settled: bool = False
    counters: Sequence[_Counter] = ()
    """The counters of the charges, in a ledger of this process."""


@frozen
class BudgetState:
    """How a budget stands."""

    name: str
    limit: int
    used: int
    resets_in: float
    """Seconds until all of it is free again, if nothing more is sent."""
    blocked_for: float = 0.0
    """Seconds for which nothing is sent, because the exchange said so."""

    @property
    def left(self) -> int:
        """What can still be spent now."""
        return 0 if self.blocked_for > 0 else max(0, self.limit - self.used)


class LedgerLike(Protocol):
    """What a call needs of a ledger."""

    def reserve(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal:
        """Takes all charges or none; `force` takes them even where they do not fit."""
        ...

    def settle(self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest") -> None:
        """The call was answered (or may have been): its cost starts to age, and the exchange's figures are taken over.

        `observed` is by budget name; `source` tells services apart that may count for themselves.
        """
        ...

    def cancel(self, reservation: Reservation) -> None:
        """The call was surely never sent: gives its cost back."""
        ...

    def block(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None:
        """Refuses everything on these counters for a time."""
        ...

    def state(self, charges: Sequence[Charge]) -> list[BudgetState]:
        """How the counters stand."""
        ...


class RemoteLedger(LedgerLike, Protocol):
    """A ledger that is asked over a network; its asynchronous side never blocks the event loop."""

    async def reserve_async(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal: ...

    async def settle_async(
        self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest"
    ) -> None: ...

    async def cancel_async(self, reservation: Reservation) -> None: ...

    async def block_async(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None: ...


@define
class _Bound:
    """An exchange's figure: with what has been reserved ever, it bounds what the exchange has counted."""

    base: int
    moment: int
    """How many calls had been answered in all when this one was."""
    expires: float


@define
class _Counter:
    limit: int
    hold: float
    in_flight: int = 0
    aging: int = 0
    ages: deque[tuple[float, int]] = field(factory=deque)
    """(when it stops counting, cost) of answered calls, oldest first."""
    reserved_ever: int = 0
    answered_ever: int = 0
    bounds: dict[str, _Bound] = field(factory=dict)
    blocked_until: float = 0.0
    banned: bool = False

    def expire(self, now: float) -> None:
        ages = self.ages
        while ages and ages[0][0] <= now:
            self.aging -= ages.popleft()[1]
        for bound in self.bounds.values():
            if bound.expires <= now:
                self.bounds = {source: each for source, each in self.bounds.items() if each.expires > now}
                break

    def used(self) -> int:
        used = self.aging + self.in_flight
        for bound in self.bounds.values():
            used = max(used, bound.base + self.reserved_ever)
        return used

    def wait_for(self, cost: int, now: float) -> float:
        """Seconds until the cost may fit, once it does not."""
        if self.blocked_until > now:
            return self.blocked_until - now
        wait = SHORTEST_WAIT
        missing = self.aging + self.in_flight + cost - self.limit
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

    def observe(self, figure: Observation, source: str, base: int, sent: int, answered: int, now: float) -> None:
        if figure.limit is not None and figure.limit > 0:
            self.limit = figure.limit
        old = self.bounds.get(source)
        # Calls that overlapped may be answered in any order; then the figure that allows less is the one to keep.
        if old is None or sent >= old.moment or base >= old.base:
            self.bounds[source] = _Bound(base, answered, now + self.hold)


class LocalLedger:
    """The counters of one process, shared by all its clients and threads; a fork starts with a copy.

    Args:
        clock: Source of monotonic time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._counters: dict[tuple[str, str], _Counter] = {}
        # Reentrant: the garbage collector may close an abandoned call while this thread holds the lock.
        self._lock = threading.RLock()
        self._answered = 0
        _LEDGERS.add(self)

    def reserve(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal:
        now = self._clock.monotonic()
        with self._lock:
            counters = [self._counter(charge) for charge in charges]
            if not force:
                refusal = self._refusal(charges, counters, now)
                if refusal is not None:
                    return refusal
            answered = []
            for charge, counter in zip(charges, counters, strict=True):
                counter.in_flight += charge.cost
                counter.reserved_ever += charge.cost
                answered.append(counter.answered_ever)
            return Reservation(charges, tuple(answered), self._answered, counters=counters)

    def _refusal(self, charges: Sequence[Charge], counters: list[_Counter], now: float) -> Refusal | None:
        worst: Refusal | None = None
        for charge, counter in zip(charges, counters, strict=True):
            counter.expire(now)
            blocked = counter.blocked_until > now
            used = counter.used()
            if not blocked and (charge.cost == 0 or used + charge.cost <= counter.limit):
                continue
            never = charge.cost > counter.limit and not blocked
            wait = None if never else counter.wait_for(charge.cost, now)
            refusal = Refusal(
                charge.budget.name, charge.cost, used, counter.limit, wait, banned=blocked and counter.banned
            )
            if wait is None:
                return refusal
            if worst is None or worst.wait is None or wait > worst.wait:
                worst = refusal
        return worst

    def settle(self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest") -> None:
        if reservation.settled:
            return
        reservation.settled = True
        now = self._clock.monotonic()
        with self._lock:
            self._answered += 1
            for charge, counter, answered in zip(
                reservation.charges, reservation.counters, reservation.answered_before, strict=True
            ):
                counter.expire(now)
                cost = charge.cost
                if cost:
                    counter.in_flight -= cost
                    counter.answered_ever += cost
                    counter.aging += cost
                    counter.ages.append((now + counter.hold, cost))
                figure = observed.get(charge.budget.name)
                if figure is not None:
                    base = figure.used - answered - cost
                    counter.observe(figure, source, base, reservation.moment, self._answered, now)

    def cancel(self, reservation: Reservation) -> None:
        if reservation.settled:
            return
        reservation.settled = True
        with self._lock:
            for charge, counter in zip(reservation.charges, reservation.counters, strict=True):
                counter.in_flight -= charge.cost
                counter.reserved_ever -= charge.cost

    def block(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None:
        until = self._clock.monotonic() + seconds
        with self._lock:
            for charge in charges:
                counter = self._counter(charge)
                if until >= counter.blocked_until:
                    counter.blocked_until = until
                    counter.banned = banned

    def state(self, charges: Sequence[Charge]) -> list[BudgetState]:
        now = self._clock.monotonic()
        states = []
        with self._lock:
            for charge in charges:
                counter = self._counter(charge)
                counter.expire(now)
                ends = [bound.expires for bound in counter.bounds.values() if bound.base + counter.reserved_ever > 0]
                if counter.ages:
                    ends.append(counter.ages[-1][0])
                if counter.in_flight:
                    ends.append(now + counter.hold)
                resets_in = max(0.0, max(ends, default=now) - now)
                blocked = max(0.0, counter.blocked_until - now)
                states.append(BudgetState(charge.budget.name, counter.limit, counter.used(), resets_in, blocked))
        return states

    def _counter(self, charge: Charge) -> _Counter:
        counter = self._counters.get((charge.scope, charge.budget.name))
        if counter is None:
            budget = charge.budget
            counter = _Counter(budget.limit, budget.interval_ms / 1000 * HOLD_MARGIN)
            self._counters[charge.scope, charge.budget.name] = counter
        return counter

    def _after_fork(self) -> None:
        """In a child: another thread may have held the lock, and the calls on their way are answered in the parent."""
        self._lock = threading.RLock()
        now = self._clock.monotonic()
        for counter in self._counters.values():
            counter.ages.append((now + counter.hold, counter.in_flight))
            counter.aging += counter.in_flight
            counter.answered_ever += counter.in_flight
            counter.in_flight = 0


_INTERVALS_MS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


def observed_rate_limits(
    budgets: Mapping[str, Budget], rate_limits: Iterable[Mapping[str, object]]
) -> dict[str, Observation]:
    """What a `rateLimits` array says, by budget name; entries that no budget stands for are left out.

    Args:
        budgets: The product's budgets.
        rate_limits: Objects with `rateLimitType`, `interval`, `intervalNum`, `limit` and `count`.
    """
    observed: dict[str, Observation] = {}
    for entry in rate_limits:
        unit, times = _INTERVALS_MS.get(str(entry.get("interval"))), entry.get("intervalNum")
        limit, count = entry.get("limit"), entry.get("count")
        if unit is None or not isinstance(times, int) or not isinstance(count, int):
            continue
        for budget in budgets.values():
            if budget.rate_limit_type == entry.get("rateLimitType") and budget.interval_ms == unit * times:
                observed[budget.name] = Observation(count, limit if isinstance(limit, int) else None)
    return observed


Ledger: TypeAlias = LocalLedger | RemoteLedger
_LEDGERS: weakref.WeakSet[LocalLedger] = weakref.WeakSet()
_SHARED = LocalLedger()


def shared_ledger() -> LocalLedger:
    """The ledger that all clients of this process use, unless they are given another."""
    return _SHARED


def _after_fork_in_child() -> None:
    for ledger in list(_LEDGERS):
        ledger._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
