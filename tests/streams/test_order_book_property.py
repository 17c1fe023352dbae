"""The client's local order book is the exchange's book at every update id that it shows, whatever happens.

Where its snapshots have fewer levels than the exchange's book, it is so up to the horizon; the best prices always are.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from binance_derivatives import AsyncUsdsFutures, RetryPolicy
from binance_derivatives._runtime.websocket import timing
from specwright.simulator import ManualClock, Simulator
from specwright.simulator.matching import RestingOrder

from ..faults.trader import ExchangeTime
from .conftest import SETTINGS
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STREAM = "btcusdt@depth@100ms"
TICK = Decimal("0.1")

Edit = tuple[str, int, int]
"""What happens, how far from the best price in ticks, and a quantity in thousandths."""
edits = st.tuples(
    st.sampled_from(["bid", "ask", "cancel", "buy", "sell", "lost", "twice", "swapped", "cut", "nothing"]),
    st.integers(min_value=0, max_value=400),
    st.integers(min_value=1, max_value=3_000),
)
Levels = tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]]


@define
class Bench:
    """The exchange's book, edited at will, and what it was at each update id."""

    exchange: Simulator
    clock: ManualClock
    history: dict[int, Levels] = field(factory=dict, repr=False)
    _placed: list[int] = field(factory=list, repr=False)
    _next_id: int = 1

    def apply(self, edit: Edit) -> None:
        """Does one edit and lets the exchange push what has changed."""
        kind, distance, thousandths = edit
        faults, stream = self.exchange.faults, STREAM
        if kind == "lost":
            faults.drop_frames(stream)
        elif kind == "twice":
            faults.duplicate_frames(stream)
        elif kind == "swapped":
            faults.swap_frames(stream)
        elif kind == "cut":
            faults.close_sockets("streams", None)
        self.exchange.call(lambda: self._edit(kind, distance, Decimal(thousandths) / 1000))

    def note(self) -> None:
        """Keeps the book as it is now under its update id."""
        book = self.exchange.market(SYMBOL).book
        self.history[book.update_id] = (dict(book.levels("BUY")), dict(book.levels("SELL")))

    def _edit(self, kind: str, distance: int, quantity: Decimal) -> None:
        market = self.exchange.market(SYMBOL)
        book = market.book
        if kind in ("buy", "sell"):
            market.take("BUY" if kind == "buy" else "SELL", quantity)
        elif kind == "cancel" and self._placed:
            book.cancel(self._placed.pop(distance % len(self._placed)))
        else:
            # Whatever else happens, something changes, so that there is an event to lose, repeat or swap.
            side: Any = "SELL" if kind == "ask" else "BUY"
            best = (book.best(side) or (market.last_price, 0))[0]
            price = best + distance * TICK if side == "SELL" else best - distance * TICK
            self._next_id += 1
            book.rest(RestingOrder(-self._next_id, side, price, quantity))
            self._placed.append(-self._next_id)
        self.note()
        self.clock.advance(ms=100)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    clock = ManualClock()
    with Simulator(clock=clock, seed=3, symbols=[SYMBOL]) as exchange:
        exchange.pause_market()
        exchange.limits.enabled = False
        bench = Bench(exchange, clock)
        exchange.call(bench.note)
        yield bench


@pytest.fixture(scope="module", autouse=True)
def attentive() -> Iterator[None]:
    """Clients notice within a millisecond or two that the clock was moved."""
    before, timing.LOOK_AGAIN = timing.LOOK_AGAIN, 0.002
    yield
    timing.LOOK_AGAIN = before


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(edits, min_size=1, max_size=25), limit=st.sampled_from([5, 10, 50, 1000]))
def test_the_book_is_the_exchanges_book_after_every_update(bench: Bench, script: Sequence[Edit], limit: int) -> None:
    bench.exchange.faults.clear()
    asyncio.run(follow(bench, script, limit))


def test_a_sweep_of_all_that_is_known_leaves_no_wrong_best_price(bench: Bench) -> None:
    bench.exchange.faults.clear()
    asyncio.run(follow(bench, [("nothing", 1, 1), ("sell", 1, 12_000), ("buy", 1, 12_000), ("nothing", 1, 1)], 5))


async def follow(bench: Bench, script: Sequence[Edit], limit: int) -> None:
    options: dict[str, Any] = {
        **bench.exchange.client_options,
        "clock": ExchangeTime(bench.clock),
        "limits": "off",
        "retry": RetryPolicy(random=lambda: 0.0),
        "connection_settings": SETTINGS,
    }
    async with (
        AsyncUsdsFutures(**options) as client,
        client.order_book(SYMBOL, update_speed="100ms", limit=limit) as book,
    ):
        watching = asyncio.create_task(watch(bench, book))
        for edit in script:
            bench.apply(edit)
            if edit[1] % 3:
                await in_step(bench, book)
        await in_step(bench, book)
        assert not watching.done(), watching.exception()
        compare(bench, book)
        assert await book.verify(levels=50)
        watching.cancel()
        await asyncio.wait([watching])


async def in_step(bench: Bench, book: Any) -> None:
    """Waits until book and exchange are one; what was lost is found out by the next event, so there is a next one."""
    async with asyncio.timeout(10):
        while book.state != "live" or book.last_id != bench.exchange.market(SYMBOL).book.update_id:
            try:
                async with asyncio.timeout(0.02):
                    await book.changed()
            except TimeoutError:
                bench.apply(("nothing", 1, 1))


async def watch(bench: Bench, book: Any) -> None:
    """Compares the book with the exchange's at each change."""
    while True:
        if book.state == "live":
            compare(bench, book)
        await book.changed()


def compare(bench: Bench, book: Any) -> None:
    bids, asks = book.top(10_000)
    expected_bids, expected_asks = bench.history[book.last_id]
    lowest, highest = book.horizon("bids"), book.horizon("asks")
    assert dict(bids) == {price: each for price, each in expected_bids.items() if lowest is None or price >= lowest}
    assert dict(asks) == {price: each for price, each in expected_asks.items() if highest is None or price <= highest}
    assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
    best = [max(expected_bids.items(), default=None), min(expected_asks.items(), default=None)]
    assert [book.best_bid, book.best_ask] == best
