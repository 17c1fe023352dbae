"""The ledger of this process: every call reserves its cost before it is sent, and settles it when it is answered.

`counter` has the arithmetic and why it holds, `charges` what goes in and out, `limits_redis` a ledger that processes
and machines share.
"""

from __future__ import annotations

import os
import threading
import weakref
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

from .charges import (
    BudgetState,
    BudgetStates,
    Charge,
    LedgerLike,
    Observation,
    Refusal,
    RemoteLedger,
    Reservation,
    observed_rate_limits,
)
from .clock import Clock, SystemClock
from .counter import HOLD_MARGIN, Counter, settle, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .counter import Taken

__all__ = [
    "BudgetState",
    "BudgetStates",
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


class LocalLedger:
    """The counters of one process, shared by all its clients and threads; a fork starts with a copy.

    Args:
        clock: Source of monotonic time.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._counters: dict[tuple[str, str], Counter] = {}
        # Reentrant: the garbage collector may close an abandoned call while this thread holds the lock.
        self._lock = threading.RLock()
        self._answered = 0
        _LEDGERS.add(self)

    def reserve(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal:
        now = self._clock.monotonic()
        with self._lock:
            taken: list[Taken] = []
            for charge in charges:
                counter = self._counters.get(charge.counter) or self._open(charge)
                taken.append((charge, counter, counter.answered_ever))
                if force:
                    counter.reserved(charge.cost)
            if not force and not take(taken, now):
                return self._refusal(charges, now)
            return Reservation(charges, moment=self._answered, taken=taken)

    def _refusal(self, charges: Sequence[Charge], now: float) -> Refusal:
        """The refusal that asks for the longest wait, where at least one counter refuses."""
        refusals = []
        for charge in charges:
            counter = self._counters.get(charge.counter) or self._open(charge)
            if not counter.refuses(charge, now):
                continue
            blocked = counter.blocked_until > now
            never = charge.cost > counter.limit and not blocked
            wait = None if never else counter.wait_for(charge.cost, now)
            banned = blocked and counter.banned
            refusals.append(
                Refusal(charge.budget.name, charge.cost, counter.used(), counter.limit, wait, banned=banned)
            )
        return max(refusals, key=lambda each: inf if each.wait is None else each.wait)

    def settle(self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest") -> None:
        if reservation.settled:
            return
        reservation.settled = True
        now = self._clock.monotonic()
        with self._lock:
            self._answered += 1
            settle(reservation.taken, observed, now, source=source, sent=reservation.moment, answered=self._answered)

    def cancel(self, reservation: Reservation) -> None:
        if reservation.settled:
            return
        reservation.settled = True
        with self._lock:
            for charge, counter, _ in reservation.taken:
                counter.reserved(-charge.cost)

    def block(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None:
        until = self._clock.monotonic() + seconds
        with self._lock:
            for charge in charges:
                counter = self._counters.get(charge.counter) or self._open(charge)
                if until >= counter.blocked_until:
                    counter.blocked_until = until
                    counter.banned = banned

    def state(self, charges: Sequence[Charge]) -> list[BudgetState]:
        now = self._clock.monotonic()
        states = []
        with self._lock:
            for charge in charges:
                counter = self._counters.get(charge.counter) or self._open(charge)
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

    def _open(self, charge: Charge) -> Counter:
        counter = Counter(charge.budget.limit, charge.budget.interval_ms / 1000 * HOLD_MARGIN)
        self._counters[charge.counter] = counter
        return counter

    def _after_fork(self) -> None:
        """In a child: another thread may have held the lock, and the calls on their way are answered in the parent."""
        self._lock = threading.RLock()
        now = self._clock.monotonic()
        for counter in self._counters.values():
            counter.answered(counter.in_flight, now)


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
