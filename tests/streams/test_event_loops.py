"""A client's WebSocket connections belong to one event loop: another one is refused before anything is sent."""

from __future__ import annotations

import asyncio
import gc
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives.errors import ClientClosed, ConfigurationError

from ..conditions import until
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from specwright.simulator import Simulator

REFUSED = "belong to another event loop, which is {}; make a client for each loop"


class Opened:
    """All that a client can have open."""

    def __init__(self, client: AsyncUsdsFutures) -> None:
        self.client = client
        self.stream = client.streams.agg_trade("btcusdt")
        self.user_data = client.user_data()
        self.book = client.order_book(SYMBOL)

    async def start(self) -> None:
        """Opens all that needs no consumer to be kept up."""
        await order(self)
        await self.stream.start()
        await self.user_data.start()

    async def start_all(self) -> None:
        """Opens it."""
        await self.start()
        await self.book.start()


async def order(opened: Opened) -> None:
    await opened.client.ws_api.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")


async def read_the_open_stream(opened: Opened) -> None:
    await anext(aiter(opened.stream))


async def open_another_stream(opened: Opened) -> None:
    await opened.client.streams.agg_trade("btcusdt").start()


async def open_user_data(opened: Opened) -> None:
    await opened.client.user_data().start()


async def open_an_order_book(opened: Opened) -> None:
    await opened.client.order_book(SYMBOL).start()


async def start_the_open_book_again(opened: Opened) -> None:
    await opened.book.start()


async def wait_for_the_open_book(opened: Opened) -> None:
    await opened.book.changed()


async def verify_the_open_book(opened: Opened) -> None:
    await opened.book.verify()


USES = [
    order,
    read_the_open_stream,
    open_another_stream,
    open_user_data,
    open_an_order_book,
]
USES_OF_A_BOOK = [start_the_open_book_again, wait_for_the_open_book, verify_the_open_book]


@pytest.fixture
def first_loop() -> Iterator[asyncio.Runner]:
    """The event loop that a client is used in first; it stays open."""
    with asyncio.Runner() as runner:
        yield runner


def in_another_loop(work: Callable[[Opened], Awaitable[None]], opened: Opened) -> None:
    """Runs work in a new event loop; it must not wait for what is in the first one."""

    async def run() -> None:
        async with asyncio.timeout(5):
            await work(opened)

    asyncio.run(run())


@contextmanager
def abandoned_sockets() -> Iterator[None]:
    """Sockets of a loop that was closed over them are closed when nobody holds them any more; Python warns of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.parametrize("use", [*USES, *USES_OF_A_BOOK])
def test_another_loop_is_refused_while_the_first_one_is_there(
    exchange: Simulator,
    options: dict[str, Any],
    first_loop: asyncio.Runner,
    use: Callable[[Opened], Awaitable[None]],
) -> None:
    opened = Opened(AsyncUsdsFutures(**options))
    first_loop.run(opened.start_all())
    requests = len(exchange.requests)

    with pytest.raises(ConfigurationError, match=REFUSED.format("still there")):
        in_another_loop(use, opened)

    assert len(exchange.requests) == requests
    first_loop.run(opened.client.aclose())
    first_loop.run(until(lambda: set(exchange.connections.values()) == {0}))


@pytest.mark.parametrize("use", USES)
def test_another_loop_is_refused_after_the_first_one_was_closed(
    exchange: Simulator, options: dict[str, Any], use: Callable[[Opened], Awaitable[None]]
) -> None:
    with abandoned_sockets():
        opened = Opened(AsyncUsdsFutures(**options))
        asyncio.run(opened.start())
        requests = len(exchange.requests)

        with pytest.raises(ConfigurationError, match=REFUSED.format("closed")):
            in_another_loop(use, opened)

        assert len(exchange.requests) == requests
        del opened


async def close_the_client(opened: Opened) -> None:
    await opened.client.aclose()


async def close_the_stream(opened: Opened) -> None:
    await opened.stream.close()


async def close_the_user_data(opened: Opened) -> None:
    await opened.user_data.close()


async def close_the_book(opened: Opened) -> None:
    await opened.book.close()


CLOSINGS = [close_the_client, close_the_stream, close_the_user_data, close_the_book]


@pytest.mark.parametrize("close", CLOSINGS)
def test_closing_in_another_loop_is_refused_while_the_first_one_is_there(
    exchange: Simulator,
    options: dict[str, Any],
    first_loop: asyncio.Runner,
    close: Callable[[Opened], Awaitable[None]],
) -> None:
    opened = Opened(AsyncUsdsFutures(**options))
    first_loop.run(opened.start_all())

    with pytest.raises(ConfigurationError, match=REFUSED.format("still there")):
        in_another_loop(close, opened)

    first_loop.run(order(opened))
    first_loop.run(opened.client.aclose())
    first_loop.run(until(lambda: set(exchange.connections.values()) == {0}))
    assert len(exchange.order_log) == 2


def test_closing_lets_go_of_what_a_closed_loop_has_left(
    exchange: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with abandoned_sockets():
        opened = Opened(AsyncUsdsFutures(**options))
        asyncio.run(opened.start())

        for close in reversed(CLOSINGS):
            in_another_loop(close, opened)
        in_another_loop(close_the_client, opened)

        with pytest.raises(ClientClosed):
            asyncio.run(server_time(opened.client))
        del opened
    asyncio.run(until(lambda: set(exchange.connections.values()) == {0}))
    assert caplog.records == []


def test_calls_over_rest_go_from_any_loop_and_closing_does_too(options: dict[str, Any]) -> None:
    with abandoned_sockets():
        client = AsyncUsdsFutures(**options)

        times = [asyncio.run(server_time(client)) for _ in range(2)]
        asyncio.run(client.aclose())

        assert all(times)
        del client


async def server_time(client: AsyncUsdsFutures) -> int:
    return (await client.market_data.server_time()).server_time
