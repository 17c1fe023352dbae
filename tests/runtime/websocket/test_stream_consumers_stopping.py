"""Consumers that take all that waits, and no more: the exchange goes on, or is told that nobody listens."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.websocket.notices import Malformed

from ...conditions import until
from .consuming import cancel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from specwright.runtime.websocket.streams import Stream

    from .server import ExchangeServer
    from .tiny import TinyClient, Trade


class LastOne:
    """Counts events, and stops at the last one of so many."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.has_come = asyncio.Event()

    def take(self) -> bool:
        """Whether it was the last one."""
        self._left -= 1
        if not self._left:
            self.has_come.set()
        return not self._left

    def fail(self, event: Trade) -> None:
        if self.take():
            raise ZeroDivisionError

    async def fail_later(self, event: Trade) -> None:
        await asyncio.sleep(0)
        self.fail(event)

    async def stay(self, event: Trade) -> None:
        if self.take():
            await asyncio.Event().wait()


async def break_out_of_the_loop(stream: Stream[Trade], last: LastOne) -> None:
    async for _ in stream:
        if last.take():
            break


async def fail_in_the_loop(stream: Stream[Trade], last: LastOne) -> None:
    with suppress(ZeroDivisionError):
        async for event in stream.events():
            last.fail(event)


async def be_cancelled_in_the_loop(stream: Stream[Trade], last: LastOne) -> None:
    async def loop() -> None:
        async for event in stream.events():
            await last.stay(event)

    await cancel(loop(), last.has_come.wait())


async def be_cancelled_while_waiting_for_more(stream: Stream[Trade], last: LastOne) -> None:
    async def loop() -> None:
        async for _ in stream:
            last.take()

    async def waits() -> None:
        await last.has_come.wait()
        await until(lambda: stream._buffer.is_awaited)

    await cancel(loop(), waits())


async def close_the_iterator(stream: Stream[Trade], last: LastOne) -> None:
    async with aclosing(stream.events()) as events:
        while not last.take():
            await anext(events)
        await anext(events)


async def fail_in_a_callback(stream: Stream[Trade], last: LastOne) -> None:
    with suppress(ZeroDivisionError):
        await stream.run(last.fail)


async def fail_in_an_async_callback(stream: Stream[Trade], last: LastOne) -> None:
    with suppress(ZeroDivisionError):
        await stream.run(last.fail_later)


async def be_cancelled_in_a_callback(stream: Stream[Trade], last: LastOne) -> None:
    await cancel(stream.run(last.stay), last.has_come.wait())


stopping = pytest.mark.parametrize(
    "stop",
    [
        break_out_of_the_loop,
        fail_in_the_loop,
        be_cancelled_in_the_loop,
        be_cancelled_while_waiting_for_more,
        close_the_iterator,
        fail_in_a_callback,
        fail_in_an_async_callback,
        be_cancelled_in_a_callback,
    ],
    ids=lambda way: way.__name__.replace("_", " "),
)


async def held_by_a_full_buffer(stream: Stream[Trade], server: ExchangeServer) -> LastOne:
    """The exchange waits for the consumer, and has more to tell; the last event that waits."""
    for number in range(500):
        await server.trade("a", number)
    await until(lambda: stream._buffer.is_held)
    return LastOne(stream.statistics.waiting)


@stopping
async def test_whoever_has_made_room_lets_the_exchange_go_on_however_it_stops(
    server: ExchangeServer, client: TinyClient, stop: Callable[[Stream[Trade], LastOne], Awaitable[None]]
) -> None:
    async with client.streams.trades("a", buffer_size=10, on_full="wait") as stream:
        last = await held_by_a_full_buffer(stream, server)
        received = stream.statistics.received
        await stop(stream, last)

        await until(lambda: stream.statistics.received > received)


@stopping
async def test_a_stream_that_was_not_entered_is_unsubscribed_however_its_consumer_stops(
    server: ExchangeServer, client: TinyClient, stop: Callable[[Stream[Trade], LastOne], Awaitable[None]]
) -> None:
    stream = client.streams.trades("a", buffer_size=10, on_full="wait")
    await stream.start()
    last = await held_by_a_full_buffer(stream, server)
    await stop(stream, last)

    await until(lambda: stream.state == "closed" and not server.open_peers)


async def test_an_iterator_that_is_closed_before_it_was_asked_for_an_item_unsubscribes_a_stream_that_was_started(
    server: ExchangeServer, client: TinyClient
) -> None:
    stream = client.streams.trades("a")
    await stream.start()
    await aiter(stream).aclose()

    assert stream.state == "closed"
    await until(lambda: not server.open_peers)


async def test_an_iterator_that_is_closed_before_it_was_asked_for_an_item_takes_the_stream_from_nobody(
    server: ExchangeServer, client: TinyClient
) -> None:
    fresh, taken = client.streams.trades("a"), client.streams.trades("a")
    await aiter(fresh).aclose()
    async with client.streams.trades("a") as entered, aclosing(taken.events()) as events:
        reading = asyncio.ensure_future(anext(events))
        await taken.start()
        for stream in (entered, taken):
            await aiter(stream).aclose()
        await server.trade("a", 1)

        assert (await reading).trade_id == 1
        assert [stream.state for stream in (fresh, entered, taken)] == ["new", "running", "running"]


async def test_a_consumer_that_takes_its_time_for_the_last_event_that_waits_does_not_make_the_exchange_wait(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a", buffer_size=10, on_full="wait") as stream:
        last = await held_by_a_full_buffer(stream, server)
        received = stream.statistics.received
        async for _ in stream:
            if last.take():
                await until(lambda: stream.statistics.received > received)
                break


async def test_nor_does_one_that_takes_its_time_for_an_event_that_cannot_be_read(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a", buffer_size=10, on_full="wait") as stream:
        for _ in range(500):
            await server.peers[0].connection.send('{"stream":"a@trade","data":nonsense}')
        await until(lambda: stream._buffer.is_held)
        last = LastOne(stream.statistics.waiting)
        received = stream.statistics.received
        async for item in stream:
            assert isinstance(item, Malformed)
            if last.take():
                await until(lambda: stream.statistics.received > received)
                break


async def test_a_consumer_that_has_not_made_room_keeps_the_exchange_waiting(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a", buffer_size=10, on_full="wait") as stream:
        await held_by_a_full_buffer(stream, server)
        async for _ in stream:
            if stream.statistics.waiting == 6:
                break
        assert stream._buffer.is_held
        await anext(stream.events())
        assert not stream._buffer.is_held, "half of it is free"
