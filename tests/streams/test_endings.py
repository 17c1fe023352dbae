"""Closing takes less than a second from any state, and is carried through whenever it is cancelled."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Literal

import pytest
from attrs import evolve

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives.errors import BinanceError, ClientClosed
from specwright.simulator import Stall

from ..cancelling import Finished, cancelled_at
from ..conditions import until
from ..cutting_proxy import CuttingProxy, Limit
from .scene import Scene
from .tape import SYMBOL, TRADES, Tape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from specwright.simulator import ManualClock, Simulator

MOST = 1.0
"""Seconds that closing a client may take."""
SHORT = 0.1
"""Seconds for the close of a connection, where closing is repeated for each of its awaits."""
PARTS = ["client", "market stream", "user data", "order book"]
"""What can be closed."""


@pytest.fixture
async def scene(
    exchange: Simulator,
    proxy: CuttingProxy,
    api_proxy: CuttingProxy,
    clock: ManualClock,
    tape: Tape,
    nothing_left: None,
    options: dict[str, Any],
) -> AsyncIterator[Scene]:
    """A client that reaches streams and WebSocket API through proxies."""
    client = AsyncUsdsFutures(**{**options, "stream_url": proxy.url, "ws_api_url": api_proxy.url})
    yield Scene(client, exchange, proxy, api_proxy, clock, tape)
    await client.aclose()
    proxy.cut()
    api_proxy.cut()
    exchange.faults.close_sockets(None, None)  # Those that the proxies cut off from news of the end.


# --- Closing ----------------------------------------------------------------------------------------------------------


async def unused(scene: Scene) -> None:
    """Nothing was ever asked for."""


async def dialling(scene: Scene) -> None:
    scene.proxy.limits.append(Limit("to client", 20, silent=True))
    scene.begin(scene.client.streams.agg_trade("btcusdt").start())
    await until(lambda: scene.proxy.accepted)


async def streaming(scene: Scene) -> None:
    stream = await scene.read(scene.client.streams.agg_trade("btcusdt"))
    scene.begin(stream.run(lambda event: None))
    scene.tape.print(5)


async def dialling_again(scene: Scene) -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    scene.proxy.limits.append(Limit("to exchange", 20, silent=True))
    scene.proxy.cut()
    await until(lambda: scene.proxy.accepted == 2)


async def refused_again_and_again(scene: Scene) -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    scene.exchange.faults.refuse_handshakes(503, times=1_000)
    scene.proxy.cut()
    await until(lambda: scene.proxy.accepted > 5)


async def dead_connection(scene: Scene) -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    scene.proxy.fall_silent()


async def held_by_a_slow_consumer(scene: Scene) -> None:
    stream = await scene.read(scene.client.streams.agg_trade("btcusdt", on_full="wait", buffer_size=5))
    scene.tape.print(200)
    await until(lambda: stream.statistics.waiting > 5)


async def taking_over(scene: Scene) -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    scene.clock.advance(hours=23, minutes=50)
    await until(lambda: scene.exchange.subscriptions.get(TRADES) == 2)


async def calls_in_flight(scene: Scene) -> None:
    scene.exchange.faults.add(Stall(), operation="order_book", times=10)
    for _ in range(10):
        scene.begin(scene.client.ws_api.market_data.order_book(symbol=SYMBOL))
    await until(lambda: sum(each.operation == "order_book" for each in scene.exchange.requests) == 10)


async def user_data(scene: Scene) -> None:
    stream = await scene.read(scene.client.user_data())
    scene.begin(stream.run(lambda event: None))


async def making_a_listen_key(scene: Scene) -> None:
    scene.exchange.faults.add(Stall(), operation="start_user_data_stream")
    scene.begin(scene.client.user_data().start())
    await until(lambda: scene.exchange.requests)


async def fetching_the_state_after_a_gap(scene: Scene) -> None:
    scene.exchange.faults.add(Stall(), operation="current_all_open_orders", times=10)
    await scene.read(scene.client.user_data())
    scene.exchange.faults.close_sockets("streams", None)
    await until(lambda: scene.exchange.requests[-1].operation == "current_all_open_orders")


async def order_book(scene: Scene) -> None:
    book = scene.client.order_book(SYMBOL)
    await book.start()
    scene.begin(book.changed())


async def waiting_for_a_snapshot(scene: Scene) -> None:
    scene.exchange.faults.add(Stall(), operation="order_book", transport="rest")
    scene.begin(scene.client.order_book(SYMBOL).start())
    await until(lambda: any(each.operation == "order_book" for each in scene.exchange.requests))


async def checking_a_book(scene: Scene) -> None:
    book = scene.client.order_book(SYMBOL)
    await book.start()
    before = len(scene.exchange.requests)
    scene.exchange.faults.add(Stall(), operation="order_book", transport="rest", times=10)
    scene.begin(book.verify())
    await until(lambda: len(scene.exchange.requests) > before)


async def everything_half_open(scene: Scene, via: Literal["rest", "ws_api"] = "rest") -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    await scene.read(scene.client.user_data(via=via, close_key=True))
    await scene.client.order_book(SYMBOL).start()
    await scene.client.ws_api.market_data.ticker_price(symbol=SYMBOL)
    scene.exchange.faults.add(Stall(), operation="close_user_data_stream", transport="rest", times=10)
    scene.proxy.fall_silent()
    scene.api_proxy.fall_silent()


async def everything_half_open_with_a_listen_key_of_the_websocket_api(scene: Scene) -> None:
    await everything_half_open(scene, "ws_api")


STATES = [
    unused,
    dialling,
    streaming,
    dialling_again,
    refused_again_and_again,
    dead_connection,
    held_by_a_slow_consumer,
    taking_over,
    calls_in_flight,
    user_data,
    making_a_listen_key,
    fetching_the_state_after_a_gap,
    order_book,
    waiting_for_a_snapshot,
    checking_a_book,
    everything_half_open,
    everything_half_open_with_a_listen_key_of_the_websocket_api,
]


@pytest.mark.parametrize("state", STATES)
async def test_closing_takes_less_than_a_second_and_ends_whatever_waits(
    scene: Scene, state: Callable[[Scene], Awaitable[None]]
) -> None:
    await state(scene)
    async with asyncio.timeout(MOST):
        await scene.client.aclose()
        outcomes = await asyncio.gather(*scene.running, return_exceptions=True)

    assert [each for each in outcomes if each is not None and not isinstance(each, BinanceError)] == []


@pytest.mark.parametrize("kind", ["market", "user data"])
async def test_a_stream_that_is_closed_while_it_starts_ends_its_start(
    exchange: Simulator, proxy: CuttingProxy, nothing_left: None, options: dict[str, Any], kind: str
) -> None:
    proxy.limits.append(Limit("to client", 20, silent=True))
    async with AsyncUsdsFutures(**{**options, "stream_url": proxy.url}) as client:
        stream: Any = client.streams.agg_trade("btcusdt") if kind == "market" else client.user_data()
        start = asyncio.create_task(stream.start())
        await until(lambda: proxy.accepted)
        async with asyncio.timeout(MOST):
            await stream.close()
            with pytest.raises(ClientClosed):
                await start
    proxy.cut()
    exchange.faults.close_sockets(None, None)


# --- Cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("part", PARTS)
async def test_closing_that_is_cancelled_at_any_await_is_carried_through(
    exchange: Simulator,
    proxy: CuttingProxy,
    api_proxy: CuttingProxy,
    nothing_left: None,
    options: dict[str, Any],
    part: str,
    late: bool,
) -> None:
    options |= {"stream_url": proxy.url, "ws_api_url": api_proxy.url}
    options["connection_settings"] = evolve(options["connection_settings"], close_timeout=SHORT)
    for suspension in itertools.count():
        client = AsyncUsdsFutures(**options)
        opened: list[Any] = [client.streams.agg_trade("btcusdt"), client.user_data(), client.order_book(SYMBOL)]
        for each in opened:
            await each.start()
        await client.ws_api.market_data.ticker_price(symbol=SYMBOL)
        proxy.fall_silent()
        api_proxy.fall_silent()
        close = dict(zip(PARTS, [client.aclose, *(each.close for each in opened)], strict=True))[part]

        task = asyncio.create_task(cancelled_at(close(), suspension, late=late))
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(2 * MOST):
            await close()
            await client.aclose()

        assert asyncio.all_tasks() == {asyncio.current_task()}
        proxy.cut()
        api_proxy.cut()
        exchange.faults.close_sockets(None, None)
        await until(lambda: set(exchange.connections.values()) == {0})
        if isinstance(outcome, Finished):
            break
        assert isinstance(outcome, asyncio.CancelledError), outcome

    assert suspension >= 1, "there were awaits to cancel at"
