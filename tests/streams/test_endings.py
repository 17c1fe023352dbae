"""Closing takes less than a second from any state, and a cancellation at any await leaves nothing behind."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Literal

import pytest

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives.errors import BinanceError, ClientClosed
from specwright.simulator import Stall

from ..cancelling import Finished, cancelled_at
from ..conditions import until
from .cutting_proxy import CuttingProxy, Limit
from .reader import Reader
from .tape import SYMBOL, TRADES, Tape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator

    from specwright.simulator import ManualClock, Simulator

MOST = 1.0
"""Seconds that closing a client may take."""
PARTS = ["client", "market stream", "user data", "order book"]
"""What can be closed."""


class Scene:
    """A client, its exchange, and what runs in the background until the client is closed."""

    def __init__(
        self,
        client: AsyncUsdsFutures,
        exchange: Simulator,
        proxy: CuttingProxy,
        api_proxy: CuttingProxy,
        clock: ManualClock,
        tape: Tape,
    ) -> None:
        self.client, self.exchange, self.clock, self.tape = client, exchange, clock, tape
        self.proxy, self.api_proxy = proxy, api_proxy
        """In front of the streams, and of the WebSocket API."""
        self.running: list[asyncio.Task[Any]] = []

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Lets something run."""
        self.running.append(asyncio.create_task(work))

    async def read(self, stream: Any) -> Any:
        """Starts a stream and leaves it without a consumer."""
        await stream.start()
        return stream


@pytest.fixture
def api_proxy(exchange: Simulator) -> Iterator[CuttingProxy]:
    """A proxy in front of the exchange's WebSocket API."""
    with CuttingProxy(exchange.ws_api_url) as running:
        yield running


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


async def everything_half_open(scene: Scene, via: Literal["rest", "ws_api"] = "rest") -> None:
    await scene.read(scene.client.streams.agg_trade("btcusdt"))
    await scene.read(scene.client.user_data(via=via))
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
    for suspension in itertools.count():
        client = AsyncUsdsFutures(**{**options, "stream_url": proxy.url, "ws_api_url": api_proxy.url})
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
