"""Budgets are never overdrawn, whichever windows the exchange counts in."""

from __future__ import annotations

import heapq
import itertools
import json
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Literal

from attrs import define, evolve, field, frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manual_clock import ManualClock
from specwright.runtime.limits import (
    Charge,
    LocalLedger,
    Observation,
    Refusal,
    Reservation,
    observed_rate_limits,
)
from specwright.runtime.product import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 20
INTERVAL = 2.0
WEIGHT = Budget("weight", LIMIT, 2_000, "ip")
ORDERS = Budget("orders", 3, 10_000, "account", rate_limit_type="ORDERS")


def weight(cost: int) -> tuple[Charge, ...]:
    return (Charge(WEIGHT, "test:ip", cost),)


def granted(answer: Reservation | Refusal) -> Reservation:
    assert isinstance(answer, Reservation)
    return answer


def refused(answer: Reservation | Refusal) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer


# --- Any interleaving -------------------------------------------------------------------------------------------------


@frozen
class Attempt:
    """A call that a program wants to make: when, at what cost, and how long its packets travel."""

    at: float
    cost: int
    upstream: float
    downstream: float
    fate: Literal["answered", "answered without figure", "never sent"]


@define
class CountingExchange:
    """Counts what arrives, in windows that are aligned (from `phase`) or roll."""

    windows: Literal["aligned", "rolling"]
    phase: float
    arrivals: list[tuple[float, int]] = field(factory=list)

    def count(self, now: float, cost: int) -> int:
        self.arrivals.append((now, cost))
        start = now - INTERVAL
        if self.windows == "aligned":
            start = (now - self.phase) // INTERVAL * INTERVAL + self.phase
            return sum(cost for at, cost in self.arrivals if at >= start)
        return sum(cost for at, cost in self.arrivals if at > start)


@define
class Run:
    """A program that makes its calls whenever the ledger allows, or at once when it is told to."""

    exchange: CountingExchange
    obedient: bool = True
    clock: ManualClock = field(factory=ManualClock)
    ledger: LocalLedger = field(init=False)
    counted: list[int] = field(factory=list)
    """What the exchange counted after each call."""
    believed: list[int | None] = field(factory=list)
    """What the ledger believed to be used then; None before it had seen a figure."""
    seen_a_figure: bool = False
    agenda: list[tuple[float, int, Callable[[], None]]] = field(factory=list)
    order: Iterator[int] = field(factory=itertools.count)

    def __attrs_post_init__(self) -> None:
        self.ledger = LocalLedger(self.clock)

    def make(self, attempts: list[Attempt]) -> Run:
        for attempt in attempts:
            self.at(1000.0 + attempt.at, partial(self.start, attempt))
        steps = 0
        while self.agenda:
            self.clock.now, _, action = heapq.heappop(self.agenda)
            action()
            steps += 1
            assert steps < 100_000, "the ledger does not let the calls through"
        return self

    def at(self, moment: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (moment, next(self.order), action))

    def start(self, attempt: Attempt) -> None:
        answer = self.ledger.reserve(weight(attempt.cost), force=not self.obedient)
        if isinstance(answer, Refusal):
            assert answer.wait is not None
            assert answer.wait > 0
            self.at(self.clock.now + answer.wait, partial(self.start, attempt))
        elif attempt.fate == "never sent":
            self.at(self.clock.now + attempt.upstream, partial(self.ledger.cancel, answer))
        else:
            self.at(self.clock.now + attempt.upstream, partial(self.arrive, attempt, answer))

    def arrive(self, attempt: Attempt, reservation: Reservation) -> None:
        figure = self.exchange.count(self.clock.now, attempt.cost)
        self.counted.append(figure)
        self.believed.append(self.ledger.state(weight(0))[0].used if self.seen_a_figure else None)
        observed = {"weight": Observation(figure)} if attempt.fate == "answered" else {}
        self.at(self.clock.now + attempt.downstream, partial(self.answered, reservation, observed))

    def answered(self, reservation: Reservation, observed: dict[str, Observation]) -> None:
        self.seen_a_figure = self.seen_a_figure or bool(observed)
        self.ledger.settle(reservation, observed)


travel = st.floats(0, 0.1) | st.floats(0, 2 * INTERVAL)
attempts = st.lists(
    st.builds(
        Attempt,
        at=st.floats(0, 3 * INTERVAL),
        cost=st.integers(0, LIMIT),
        upstream=travel,
        downstream=travel,
        fate=st.sampled_from(["answered", "answered", "answered without figure", "never sent"]),
    ),
    min_size=1,
    max_size=25,
)
exchanges = st.builds(CountingExchange, windows=st.sampled_from(["aligned", "rolling"]), phase=st.floats(0, INTERVAL))


@settings(deadline=None)
@given(exchanges, attempts)
def test_no_interleaving_of_calls_delays_and_figures_overdraws_a_budget(
    exchange: CountingExchange, attempts: list[Attempt]
) -> None:
    assert max(Run(exchange).make(attempts).counted, default=0) <= LIMIT


@settings(deadline=None)
@given(exchanges, st.integers(0, LIMIT - 1), st.floats(0, INTERVAL), attempts)
def test_what_others_have_used_is_respected_from_the_first_figure_on(
    exchange: CountingExchange, foreign: int, before: float, attempts: list[Attempt]
) -> None:
    exchange.count(1000.0 - before, foreign)
    first = Attempt(0.0, 1, 0.01, 0.01, "answered")
    later = [evolve(attempt, at=1.0 + attempt.at) for attempt in attempts]
    assert max(Run(exchange).make([first, *later]).counted) <= LIMIT


@settings(deadline=None)
@given(exchange=exchanges, foreign=st.integers(0, 100), before=st.floats(0, INTERVAL), attempts=attempts)
@example(
    # The second call is handled after the first one's figure was taken, and answered before it.
    exchange=CountingExchange("rolling", 0.0),
    foreign=50,
    before=0.5,
    attempts=[
        Attempt(0.0, 1, upstream=0.1, downstream=1.0, fate="answered"),
        Attempt(0.0, 5, upstream=0.2, downstream=0.1, fate="answered without figure"),
        Attempt(1.2, 1, upstream=0.1, downstream=0.1, fate="answered without figure"),
    ],
)
def test_a_ledger_never_believes_less_than_the_exchange_has_counted(
    exchange: CountingExchange, foreign: int, before: float, attempts: list[Attempt]
) -> None:
    exchange = CountingExchange(exchange.windows, exchange.phase)
    exchange.count(1000.0 - before, foreign)
    run = Run(exchange, obedient=False).make(attempts)
    for believed, counted in zip(run.believed, run.counted, strict=True):
        assert believed is None or believed >= counted


# --- Cases ------------------------------------------------------------------------------------------------------------


def test_a_cost_counts_until_one_interval_after_its_reply() -> None:
    clock = ManualClock()
    ledger = LocalLedger(clock)
    reservation = granted(ledger.reserve(weight(LIMIT)))
    clock.now += 30
    ledger.settle(reservation, {})
    clock.now += INTERVAL

    wait = refused(ledger.reserve(weight(1))).wait
    assert wait is not None
    assert 0 < wait <= 0.002 + 1e-9  # the margin for clocks that run unequally
    clock.now += 0.003
    assert isinstance(ledger.reserve(weight(LIMIT)), Reservation)


def test_a_call_that_was_never_sent_gives_its_cost_back() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.cancel(granted(ledger.reserve(weight(LIMIT))))

    assert isinstance(ledger.reserve(weight(LIMIT)), Reservation)


def test_settling_or_cancelling_twice_counts_once() -> None:
    ledger = LocalLedger(ManualClock())
    reservation = granted(ledger.reserve(weight(5)))
    ledger.settle(reservation, {})
    ledger.settle(reservation, {})
    ledger.cancel(reservation)

    assert ledger.state(weight(0))[0].used == 5


def test_a_cost_above_the_limit_never_fits() -> None:
    ledger = LocalLedger(ManualClock())

    assert refused(ledger.reserve(weight(LIMIT + 1))) == Refusal("weight", LIMIT + 1, 0, LIMIT, wait=None)


def test_of_several_budgets_all_are_charged_or_none() -> None:
    ledger = LocalLedger(ManualClock())
    order = (Charge(WEIGHT, "test:ip", 1), Charge(ORDERS, "test:account", 1))
    for _ in range(3):
        granted(ledger.reserve(order))

    assert refused(ledger.reserve(order)).budget == "orders"
    assert [state.used for state in ledger.state(order)] == [3, 3]


def test_accounts_have_budgets_of_their_own() -> None:
    ledger = LocalLedger(ManualClock())
    for account in ("alice", "bob"):
        granted(ledger.reserve((Charge(ORDERS, account, 3),)))

    assert refused(ledger.reserve((Charge(ORDERS, "alice", 1),))).used == 3


def test_a_figure_of_the_exchange_shows_what_others_use() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})

    state = ledger.state(weight(0))[0]
    assert (state.used, state.left) == (15, 5)
    assert refused(ledger.reserve(weight(6))).used == 15


def test_services_that_count_for_themselves_do_not_overwrite_each_others_figures() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)}, source="rest")
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(2)}, source="ws_api")

    assert ledger.state(weight(0))[0].used == 16


def test_an_older_figure_that_arrives_late_does_not_replace_a_newer_one() -> None:
    ledger = LocalLedger(ManualClock())
    slow = granted(ledger.reserve(weight(1)))
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})
    ledger.settle(slow, {"weight": Observation(1)})

    assert ledger.state(weight(0))[0].used == 16


def test_a_newer_figure_replaces_an_older_one() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(15)})
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(1)})

    assert ledger.state(weight(0))[0].used == 2


def test_the_exchange_can_change_a_limit() -> None:
    ledger = LocalLedger(ManualClock())
    ledger.settle(granted(ledger.reserve(weight(1))), {"weight": Observation(1, limit=5)})

    assert refused(ledger.reserve(weight(5))).limit == 5


def test_a_blocked_budget_refuses_calls_without_cost_too() -> None:
    clock = ManualClock()
    ledger = LocalLedger(clock)
    ledger.block(weight(0), 30.0, banned=True)

    assert refused(ledger.reserve(weight(0))) == Refusal("weight", 0, 0, LIMIT, wait=30.0, banned=True)
    assert ledger.state(weight(0))[0].left == 0
    clock.now += 30.0
    assert isinstance(ledger.reserve(weight(0)), Reservation)


def test_force_takes_what_does_not_fit_and_still_counts_it() -> None:
    ledger = LocalLedger(ManualClock())
    granted(ledger.reserve(weight(LIMIT)))
    granted(ledger.reserve(weight(7), force=True))

    assert ledger.state(weight(0))[0].used == LIMIT + 7


def test_threads_share_a_budget_without_overdrawing_it() -> None:
    ledger = LocalLedger(ManualClock())
    given: list[Reservation] = []

    def spend() -> None:
        for _ in range(LIMIT):
            answer = ledger.reserve(weight(1))
            if isinstance(answer, Reservation):
                given.append(answer)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(given) == LIMIT


def test_a_forked_child_counts_the_parents_calls_as_answered_and_is_not_locked_out() -> None:
    ledger = LocalLedger()
    granted(ledger.reserve(weight(4)))
    readable, writable = os.pipe()
    ledger._lock.acquire()  # as if another thread were at it
    child = os.fork()
    if child == 0:
        state = ledger.state(weight(0))[0]
        os.write(writable, f"{state.used} {state.resets_in > 0}".encode())
        os._exit(0)
    ledger._lock.release()
    os.waitpid(child, 0)

    assert os.read(readable, 100) == b"4 True"


def test_rate_limits_of_the_websocket_api_are_matched_to_budgets() -> None:
    rate_limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 7},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300, "count": 2},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200, "count": 9},
        {"rateLimitType": "SOMETHING_NEW", "interval": "FORTNIGHT", "intervalNum": 1, "limit": 1, "count": 1},
    ]

    minute = Budget("weight", 2400, 60_000, "ip", rate_limit_type="REQUEST_WEIGHT")

    assert observed_rate_limits({"weight": minute, "orders": ORDERS}, json.dumps(rate_limits).encode()) == {
        "weight": Observation(7, 2400),
        "orders": Observation(2, 300),
    }
