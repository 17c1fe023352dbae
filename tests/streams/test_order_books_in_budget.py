"""Many local order books that are started at once never ask for more snapshots than the weight budget allows."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Literal

import pytest
from attrs import evolve

from binance_derivatives import AsyncUsdsFutures, RetryPolicy
from binance_derivatives.usds_futures.product import PRODUCT
from specwright.simulator import ManualClock, Simulator

from ..conditions import until
from ..faults.trader import ExchangeTime
from .conftest import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT"]
SNAPSHOT = 20
"""Weight of a snapshot of 1,000 levels."""
BUDGET = 50
"""Weight per interval: two snapshots."""
INTERVAL = 3_000
"""Milliseconds, instead of a minute, so that no stream is silent for so long that it is dialled again."""


class FrugalClient(AsyncUsdsFutures):
    """A client whose weight is enough for two snapshots in an interval."""

    product = evolve(
        PRODUCT,
        budgets={
            **PRODUCT.budgets,
            "request_weight": evolve(PRODUCT.budgets["request_weight"], limit=BUDGET, interval_ms=INTERVAL),
        },
    )


@pytest.fixture
def exchange(clock: ManualClock) -> Iterator[Simulator]:
    """An exchange with many contracts and as little weight."""
    with Simulator(clock=clock, seed=7, symbols=SYMBOLS) as simulator:
        budgets = dict(simulator.limits.budgets)
        budgets["request_weight"] = evolve(budgets["request_weight"], limit=BUDGET, interval_ms=INTERVAL)
        simulator.limits.budgets = budgets
        yield simulator


@pytest.mark.parametrize("limits", ["wait", "raise"])
async def test_books_that_are_started_at_once_wait_for_the_weight_and_all_become_live(
    exchange: Simulator, clock: ManualClock, nothing_left: None, limits: Literal["wait", "raise"]
) -> None:
    """Where calls wait for the budget, waiting moves the clock on; where they are refused, the books ask again."""
    options: dict[str, Any] = {
        **exchange.client_options,
        "clock": ExchangeTime(clock),
        "limits": limits,
        "max_wait": 3_600.0,
        "retry": RetryPolicy(random=lambda: 0.0),
        "connection_settings": SETTINGS,
    }
    async with FrugalClient(**options) as client, AsyncExitStack() as opened:
        books = [client.order_book(symbol, limit=1000) for symbol in SYMBOLS]
        opening = asyncio.gather(*[opened.enter_async_context(book) for book in books])
        if limits == "raise":
            # As long as the clock stands still, the others wait.
            await until(lambda: [book.state for book in books].count("live") == BUDGET // SNAPSHOT)
            await until(opening.done, moving=clock, step=0.1)
        await opening
        states = [book.state for book in books]

    snapshots = [each for each in exchange.requests if each.operation == "order_book"]
    windows = Counter(each.time_ms // INTERVAL for each in snapshots)
    assert states == ["live"] * len(SYMBOLS)
    assert {each.status for each in exchange.requests} == {200}, "the exchange never had to refuse anything"
    assert {each.parameters["symbol"] for each in snapshots} == set(SYMBOLS)
    assert max(windows.values()) * SNAPSHOT <= BUDGET, windows
    assert len(windows) >= len(SYMBOLS) * SNAPSHOT / BUDGET, "some had to wait"
