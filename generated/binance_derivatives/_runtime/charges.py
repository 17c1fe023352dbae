"""What goes into a ledger and comes out: charges, reservations, figures of the exchange; and what a ledger can do."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec
from attrs import field, frozen

from .lenient_json import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .counter import Taken
    from .product import Budget

__all__ = [
    "BudgetState",
    "BudgetStates",
    "Charge",
    "LedgerLike",
    "Observation",
    "Refusal",
    "RemoteLedger",
    "Reservation",
    "observed_rate_limits",
]


logger = logging.getLogger(__name__)


@frozen
class Charge:
    """A cost on one counter: the budget, and whose counter it is (`production:ip`, or an account's)."""

    budget: Budget
    scope: str
    cost: int
    counter: tuple[str, str] = field(init=False, repr=False, eq=False)
    """The counter's name in a ledger."""

    @counter.default
    def _counter(self) -> tuple[str, str]:
        return self.scope, self.budget.name


class Observation(msgspec.Struct, frozen=True):
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


class Reservation(msgspec.Struct):
    """Costs that were taken; to be settled once, when the call is over."""

    charges: Sequence[Charge]
    answered_before: Sequence[int] = ()
    """In a ledger that lives elsewhere: how much had been answered on the counter of each charge."""
    moment: int = 0
    """How many calls had been answered in all."""
    number: str = ""
    """Its name in a ledger that lives elsewhere."""
    local: Reservation | None = None
    """The same in this process's own account, beside a ledger that lives elsewhere."""
    settled: bool = False
    taken: Sequence[Taken] = ()
    """In a ledger of this process: each charge, its counter, and how much had been answered on that before."""


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

    def __str__(self) -> str:
        blocked = f", blocked for {math.ceil(self.blocked_for)} s" if self.blocked_for > 0 else ""
        return f"{self.name} {self.used}/{self.limit}, resets in {round(self.resets_in)} s{blocked}"


class BudgetStates(Mapping[str, BudgetState]):
    """How all budgets stand, by their names; as text, those in use, a line each."""

    __slots__ = ("_states",)

    def __init__(self, states: Iterable[BudgetState]) -> None:
        self._states = {state.name: state for state in states}

    def __getitem__(self, name: str) -> BudgetState:
        return self._states[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def __str__(self) -> str:
        return "\n".join(self._in_use()) or "no budget in use"

    def __repr__(self) -> str:
        return f"<limits: {'; '.join(self._in_use()) or 'none in use'}>"

    def _in_use(self) -> list[str]:
        return [str(state) for state in self._states.values() if state.used or state.blocked_for > 0]


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


class _RateLimit(msgspec.Struct, rename="camel"):
    """An entry of `rateLimits`."""

    rate_limit_type: str
    interval: str
    interval_num: int
    limit: int
    count: int


_Named: TypeAlias = "dict[tuple[str, str, int], list[str]]"
_decode_rate_limits = msgspec.json.Decoder(list[_RateLimit]).decode
_INTERVALS_MS = {"SECOND": 1_000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}


def observed_rate_limits(budgets: Mapping[str, Budget], rate_limits: bytes) -> dict[str, Observation]:
    """What a `rateLimits` array says, by budget name; entries that no budget stands for are left out.

    Args:
        budgets: The product's budgets.
        rate_limits: JSON: objects with `rateLimitType`, `interval`, `intervalNum`, `limit` and `count`. What is not of
            this form says nothing: the reply that it came with is worth more.
    """
    if rate_limits in (b"", b"null"):
        return {}
    try:
        entries = _decode_rate_limits(rate_limits)
    except UNREADABLE as error:
        logger.warning("rateLimits cannot be read and are left out: %s", error)
        return {}
    known = _known.get(id(budgets))
    if known is None:
        known = _known[id(budgets)] = (budgets, _by_window(budgets))
    named = known[1]
    observed: dict[str, Observation] = {}
    for entry in entries:
        for name in named.get((entry.rate_limit_type, entry.interval, entry.interval_num), ()):
            observed[name] = Observation(entry.count, entry.limit)
    return observed


_known: dict[int, tuple[Mapping[str, Budget], _Named]] = {}
"""By the identity of a product's budgets, which the entry keeps alive: how entries of `rateLimits` name them."""


def _by_window(budgets: Mapping[str, Budget]) -> _Named:
    """Type, interval and number of intervals → the budgets that are meant, in all units that can say it."""
    found: _Named = {}
    for name, budget in budgets.items():
        for unit, length in _INTERVALS_MS.items():
            times, rest = divmod(budget.interval_ms, length)
            if rest == 0 and times and budget.rate_limit_type is not None:
                found.setdefault((budget.rate_limit_type, unit, times), []).append(name)
    return found
