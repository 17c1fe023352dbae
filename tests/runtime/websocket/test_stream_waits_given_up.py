"""Consumers that give up waiting for an item, as with a timeout: nothing is lost, and nobody is left subscribed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define

from specwright.runtime.errors import ClientClosed, RequestRejected

from ...conditions import until
from .consuming import cancel, every, first

if TYPE_CHECKING:
    from specwright.runtime.websocket.stream_iterator import StreamIterator
    from specwright.runtime.websocket.streams import Stream

    from .server import ExchangeServer
    from .tiny import TinyClient, Trade


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


@define
class Start:
    """A stream whose start takes as long as the exchange's answer, and an iterator that gave up waiting for it."""

    server: ExchangeServer
    stream: Stream[Trade]
    items: StreamIterator[Any]

    async def answer(self, **answer: Any) -> None:
        """The exchange answers what it was asked."""
        peer = self.server.peers[0]
        await peer.send(id=peer.received[0]["id"], **answer)


@pytest.fixture
async def start(server: ExchangeServer, client: TinyClient) -> Start:
    server.answer = lambda peer, message: None
    names = [letter * 1_500 for letter in "abcd"]  # More than an address holds: they must be asked for.
    stream = client.streams.merge(*(client.streams.trades(name) for name in names))
    items = aiter(stream)
    for _ in range(2):
        await cancel(taking(items), until(lambda: server.peers and server.peers[0].received))
    return Start(server, stream, items)


async def taking(items: StreamIterator[Any]) -> Any:
    return await anext(items)


async def test_a_start_that_was_given_up_goes_on_and_the_next_wait_goes_on_with_it(start: Start) -> None:
    assert start.stream.state == "starting"
    await start.answer(result=None)
    start.server.peers[0].streams.add(start.stream.names[0])
    await until(lambda: start.stream.state == "running")
    await start.server.trade("a" * 1_500, 7)

    assert (await anext(start.items)).trade_id == 7
    assert len(start.server.peers) == 1


async def test_a_start_that_fails_when_nobody_waits_tells_the_next_one_who_does(start: Start) -> None:
    start.server.answer = lambda peer, message: {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}
    await start.answer(error={"code": 2, "msg": "Invalid request"})
    await until(lambda: start.stream.state == "closed" and not start.server.open_peers)

    with pytest.raises(RequestRejected, match="Invalid request"):
        await anext(start.items)


@pytest.mark.parametrize("close", ["stream", "iterator", "client"])
async def test_a_start_that_was_given_up_ends_with_what_is_closed(start: Start, client: TinyClient, close: str) -> None:
    closing = {"stream": start.stream.close, "iterator": start.items.aclose, "client": client.aclose}[close]
    async with asyncio.timeout(1):
        await closing()

    assert start.stream.state == "closed"
    assert [task for task in asyncio.all_tasks() if "Stream._start" in repr(task)] == []
    await until(lambda: not start.server.open_peers)
    with pytest.raises(StopAsyncIteration if close == "iterator" else ClientClosed):
        await anext(start.items)


async def test_an_iterator_that_is_dropped_after_a_start_was_given_up_ends_it(start: Start) -> None:
    del start.items

    await until(lambda: start.stream.state == "closed" and not start.server.open_peers)


async def test_whoever_enters_a_stream_and_gives_that_up_leaves_nothing(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    stream = client.streams.merge(*(client.streams.trades(letter * 1_500) for letter in "abcd"))

    async def enter() -> None:
        async with stream:
            raise AssertionError

    await cancel(enter(), until(lambda: server.peers and server.peers[0].received))

    assert stream.state == "closed"
    await until(lambda: not server.open_peers)


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
