"""Budgets are never overdrawn, whichever windows the exchange counts in."""

from __future__ import annotations

import heapq
import itertools
from functools import partial
from typing import TYPE_CHECKING, Literal

from attrs import define, evolve, field, frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manual_clock import ManualClock
from specwright.runtime.limits import LocalLedger, Observation, Refusal, Reservation

from .weight_budget import INTERVAL, LIMIT, weight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
