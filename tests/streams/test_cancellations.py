"""A cancellation at any await leaves nothing behind, and the client as good as before."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures

from ..cancelling import Finished, cancelled_at
from ..conditions import until
from .reader import Reader
from .scene import Scene
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy
    from .tape import Tape


async def reads_trades(scene: Scene) -> None:
    async with scene.client.streams.agg_trade("btcusdt") as stream:
        scene.tape.print(3)
        events = stream.events()
        for _ in range(3):
            await anext(events)
        scene.exchange.faults.close_sockets("streams", None)
        async for _ in stream:
            scene.tape.print()
            break


async def calls_by_websocket(scene: Scene) -> None:
    await scene.client.ws_api.market_data.ticker_price(symbol=SYMBOL)
    await scene.client.ws_api.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")


async def follows_the_account(scene: Scene) -> None:
    async with scene.client.user_data() as stream:
        scene.exchange.transfer(1)
        await anext(aiter(stream.events()))


async def keeps_a_book(scene: Scene) -> None:
    async with scene.client.order_book(SYMBOL) as book:
        scene.tape.print(5)
        scene.clock.advance(1)
        await book.changed()
        await book.verify(10)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("work", [reads_trades, calls_by_websocket, follows_the_account, keeps_a_book])
async def test_a_cancellation_at_any_await_leaves_nothing_behind(
    exchange: Simulator,
    proxy: CuttingProxy,
    api_proxy: CuttingProxy,
    clock: ManualClock,
    tape: Tape,
    nothing_left: None,
    options: dict[str, Any],
    work: Callable[[Scene], Coroutine[Any, Any, None]],
    late: bool,
) -> None:
    for suspension in itertools.count():
        exchange.limits.forgive()
        orders = len(exchange.order_log)
        async with AsyncUsdsFutures(**options) as client:
            scene = Scene(client, exchange, proxy, api_proxy, clock, tape)
            task = asyncio.create_task(cancelled_at(work(scene), suspension, late=late))
            async with asyncio.timeout(5):
                (outcome,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(outcome, Finished):
                break
            assert isinstance(outcome, asyncio.CancelledError), outcome
            # The client is as good as before.
            async with asyncio.timeout(5):
                await client.ws_api.market_data.ticker_price(symbol=SYMBOL)
                async with Reader(client.streams.agg_trade("btcusdt")) as reader:
                    last = tape.print()[-1]
                    await reader.until(lambda: reader.items)
            assert reader.items[0].aggregate_trade_id == last
        assert len(exchange.order_log) - orders <= 1
        await until(lambda: set(exchange.connections.values()) == {0})
        assert asyncio.all_tasks() == {asyncio.current_task()}

    assert suspension >= 3, "there were awaits to cancel at"
