"""How a stream is consumed: by loops and callbacks, one at a time, and by consumers that are too slow."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ClientClosed
from specwright.runtime.websocket.buffer import BufferOverflow
from specwright.runtime.websocket.notices import Dropped

from ...conditions import until
from .consuming import every, first
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from specwright.runtime.websocket.stream_iterator import StreamIterator
    from specwright.runtime.websocket.streams import Stream

    from .server import ExchangeServer


async def test_a_callback_may_be_plain_or_async(server: ExchangeServer, client: TinyClient) -> None:
    seen: list[tuple[str, int]] = []

    async def later(event: Trade) -> None:
        await asyncio.sleep(0)
        seen.append(("async", event.trade_id))

    async with client.streams.trades("a") as one, client.streams.trades("a") as other:
        running = [
            asyncio.ensure_future(one.run(lambda event: seen.append(("plain", event.trade_id)))),
            asyncio.ensure_future(other.run(later)),
        ]
        await server.trade("a", 1)
        await until(lambda: len(seen) == 2)
    await asyncio.gather(*running)

    assert sorted(seen) == [("async", 1), ("plain", 1)]


async def test_an_error_in_a_callback_ends_the_run_and_the_subscription(
    server: ExchangeServer, client: TinyClient
) -> None:
    def fail(event: Trade) -> None:
        raise ZeroDivisionError

    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        with pytest.raises(ZeroDivisionError):
            await stream.run(fail)

    await until(lambda: not server.open_peers)


async def test_a_stream_has_one_consumer(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        waiting = asyncio.ensure_future(anext(aiter(stream)))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="second stream"):
            await anext(aiter(stream))
        waiting.cancel()
        await asyncio.wait([waiting])


async def test_one_loop_after_another_takes_from_a_stream_that_was_entered(
    server: ExchangeServer, client: TinyClient
) -> None:
    seen: list[int] = []
    async with client.streams.trades("a") as stream:
        for number in range(5):
            await server.trade("a", number)
        async for event in stream.events():
            seen.append(event.trade_id)
            if event.trade_id == 1:
                break
        seen.append((await anext(stream.events())).trade_id)
        await asyncio.sleep(0)
        async for item in stream:
            assert isinstance(item, Trade)
            seen.append(item.trade_id)
            if item.trade_id == 4:
                break
    assert seen == [0, 1, 2, 3, 4]


async def test_a_loop_that_goes_on_after_another_took_over_is_told(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        first, second = stream.events(), stream.events()
        await server.trade("a", 1)
        assert (await anext(first)).trade_id == 1
        await server.trade("a", 2)
        assert (await anext(second)).trade_id == 2
        await server.trade("a", 3)
        with pytest.raises(RuntimeError, match="another loop has taken over"):
            await anext(first)
        assert (await anext(second)).trade_id == 3


async def test_a_closed_stream_ends_its_iteration(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        reading = asyncio.ensure_future(every(stream))
        await server.trade("a", 1)
        await until(lambda: stream.statistics.delivered == 1)
        await stream.close()

        assert [event.trade_id for event in await reading if isinstance(event, Trade)] == [1]
        with pytest.raises(ClientClosed):
            await stream.start()


async def test_a_consumer_that_is_too_slow_gets_what_fitted_and_then_an_error(
    server: ExchangeServer, client: TinyClient
) -> None:
    taken = []
    async with client.streams.trades("a", buffer_size=2) as stream:
        for number in range(5):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)
        with pytest.raises(BufferOverflow):
            async for event in stream.events():
                taken.append(event.trade_id)

    assert taken == [0, 1]
    assert stream.statistics.dropped == 3


async def test_dropping_the_oldest_is_told_where_it_happened(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a", buffer_size=2, on_full="drop_oldest") as stream:
        for number in range(5):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)
        items = await first(3, stream)

    assert [getattr(item, "trade_id", item) for item in items] == [Dropped(3), 3, 4]


async def test_a_consumer_that_makes_the_exchange_wait_loses_nothing_and_keeps_nobody_else_waiting(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with (
        client.streams.trades("a", buffer_size=10, on_full="wait") as slow,
        client.streams.trades("a") as quick,
    ):
        for number in range(500):
            await server.trade("a", number)
        await until(lambda: quick.statistics.received == 500)
        assert slow.statistics.waiting <= 10 + 64, "what was read together with the last one that fits gets in"

        taken = [event.trade_id for event in await first(500, slow.events())]

    assert taken == list(range(500))
    assert len(server.peers) == 2


async def test_a_stream_whose_buffer_is_full_before_it_has_begun_reads_on_until_the_exchange_has_acknowledged_it(
    server: ExchangeServer, client: TinyClient
) -> None:
    symbols = [letter * 1_500 for letter in "abcd"]
    trades = [client.streams.trades(symbol) for symbol in symbols]
    server.answer = lambda peer, message: None
    async with asyncio.timeout(5):
        starting = asyncio.create_task(client.streams.merge(*trades, on_full="wait", buffer_size=1).start())
        await until(lambda: server.peers and server.peers[0].received)
        for number in range(100):
            await server.trade(symbols[0], number)
        (place,) = client._websockets.hub._places
        assert not place.session._legs.is_held
        await server.peers[0].send(result=None, id=server.peers[0].received[0]["id"])
        await starting

    assert place.session._legs.is_held, "from then on the consumer can take"


# --- Consumers that take all that waits, and no more ------------------------------------------------------------------


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


async def cancel(consuming: Awaitable[Any], moment: Awaitable[Any]) -> None:
    """Cancels a consumer at a moment."""
    task = asyncio.ensure_future(consuming)
    await moment
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


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


# --- Consumers that give up waiting for an item -----------------------------------------------------------------------


async def give_up_waiting(stream: Stream[Trade], items: StreamIterator[Any]) -> None:
    """Waits for an item in vain, as with a timeout."""

    async def take() -> None:
        await anext(items)

    await cancel(take(), until(lambda: stream._buffer.is_awaited))


@pytest.mark.parametrize("is_entered", [True, False], ids=["entered", "not entered"])
async def test_whoever_gave_up_waiting_for_an_event_gets_it_later(
    server: ExchangeServer, client: TinyClient, is_entered: bool
) -> None:
    stream = client.streams.trades("a")
    async with stream if is_entered else AsyncExitStack():
        taken = []
        async with aclosing(stream.events()) as events:
            for number in range(3):
                await give_up_waiting(stream, events)
                await give_up_waiting(stream, events)
                await server.trade("a", number)
                taken.append((await anext(events)).trade_id)

    assert taken == [0, 1, 2]
    await until(lambda: stream.state == "closed" and not server.open_peers)


async def test_an_iterator_that_is_dropped_after_a_wait_was_given_up_unsubscribes(
    server: ExchangeServer, client: TinyClient
) -> None:
    stream = client.streams.trades("a")
    items = aiter(stream)
    await give_up_waiting(stream, items)
    assert stream.state == "running"
    del items

    await until(lambda: stream.state == "closed" and not server.open_peers)


async def test_after_a_wait_was_given_up_another_loop_may_take_over_a_stream_that_was_entered(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        items = aiter(stream)
        await give_up_waiting(stream, items)
        await server.trade("a", 1)
        assert [event.trade_id for event in await first(1, stream.events())] == [1]
        with pytest.raises(RuntimeError, match="another loop has taken over"):
            await anext(items)


async def test_a_stream_that_is_closed_after_a_wait_was_given_up_has_ended(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        items = aiter(stream)
        await give_up_waiting(stream, items)
        await stream.close()

        assert await every(items) == []


async def test_a_stream_whose_start_was_given_up_does_not_look_as_if_it_had_ended(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    symbols = [letter * 1_500 for letter in "abcd"]
    stream = client.streams.merge(*(client.streams.trades(symbol) for symbol in symbols))
    items = aiter(stream)

    async def take() -> None:
        await anext(items)

    await cancel(take(), until(lambda: server.peers and server.peers[0].received))

    with pytest.raises(ClientClosed, match="open another one"):
        await anext(items)


async def test_a_loop_that_was_cancelled_unsubscribes_also_while_its_task_is_kept(
    server: ExchangeServer, client: TinyClient
) -> None:
    stream = client.streams.trades("a")

    async def loop() -> None:
        async for _ in stream.events():
            pass

    reading = asyncio.ensure_future(loop())
    await until(lambda: stream._buffer.is_awaited)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await reading

    await until(lambda: stream.state == "closed" and not server.open_peers)
    assert kept.value.__traceback__ is not None
