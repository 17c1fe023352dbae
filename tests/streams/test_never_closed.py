"""A client that nobody closes ends with its event loop, with no more than Python's own warning of open sockets."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures

from ..conditions import until
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from specwright.simulator import Simulator


async def nobody(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")
    await stream.start()
    return stream


async def a_loop_that_goes_on(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")

    async def read() -> None:
        async for _ in stream:
            pass

    reading = asyncio.create_task(read())
    await stream.start()
    return reading


async def a_loop_in_an_entered_stream(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")

    async def read() -> None:
        async with stream:
            async for _ in stream:
                pass

    reading = asyncio.create_task(read())
    await until(lambda: stream.state == "running")
    return reading


async def a_stream_that_starts(client: AsyncUsdsFutures) -> object:
    starting = asyncio.create_task(client.streams.agg_trade("btcusdt").start())
    await asyncio.sleep(0)
    return starting


async def a_callback(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")
    running = asyncio.create_task(stream.run(lambda event: None))
    await stream.start()
    return running


async def an_iterator_that_is_dropped(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")
    await given_up(aiter(stream), stream)
    return None


async def an_iterator_that_is_kept(client: AsyncUsdsFutures) -> object:
    stream = client.streams.agg_trade("btcusdt")
    items = aiter(stream)
    await given_up(items, stream)
    return items


async def given_up(items: Any, stream: Any) -> None:
    """Waits for an item until the stream has begun."""
    waiting = asyncio.ensure_future(anext(items))
    await stream.start()
    waiting.cancel()
    await asyncio.wait([waiting])


async def an_order_book(client: AsyncUsdsFutures) -> object:
    book = client.order_book(SYMBOL)
    await book.start()
    return book


async def an_account_s_loop(client: AsyncUsdsFutures) -> object:
    stream = client.user_data()

    async def read() -> None:
        async for _ in stream:
            pass

    reading = asyncio.create_task(read())
    await stream.start()
    return reading


async def an_order(client: AsyncUsdsFutures) -> object:
    return await client.ws_api.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")


@pytest.mark.parametrize(
    "use",
    [
        nobody,
        a_stream_that_starts,
        a_loop_that_goes_on,
        a_loop_in_an_entered_stream,
        a_callback,
        an_iterator_that_is_dropped,
        an_iterator_that_is_kept,
        an_order_book,
        an_account_s_loop,
        an_order,
    ],
)
def test_a_client_that_is_never_closed_ends_with_its_event_loop_without_a_word_but_python_s_warning(
    use: Callable[[AsyncUsdsFutures], Awaitable[object]],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept: list[object] = []

    async def leave_open() -> None:
        client = AsyncUsdsFutures(**options)
        kept.extend([client, await use(client)])

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(asyncio.wait_for(leave_open(), 10))
        kept.clear()
        gc.collect()

    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
    assert {each.category for each in warned} <= {ResourceWarning}
    assert all(str(each.message).startswith("unclosed ") for each in warned)


async def test_a_client_whose_tasks_were_all_cancelled_goes_on_with_new_ones_and_leaves_nothing_when_it_is_closed(
    client: AsyncUsdsFutures, exchange: Simulator
) -> None:
    await a_loop_that_goes_on(client)
    await an_order_book(client)
    cancelled = asyncio.all_tasks() - {asyncio.current_task()}
    for task in cancelled:
        task.cancel()
    await asyncio.wait(cancelled)

    connections = exchange.connections["streams"]
    await nobody(client)
    assert exchange.connections["streams"] == connections + 1
    await client.aclose()
    await until(lambda: set(exchange.connections.values()) == {0})
