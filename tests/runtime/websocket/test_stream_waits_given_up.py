"""Consumers that give up waiting for an item, as with a timeout: nothing is lost, and nobody is left subscribed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ClientClosed

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
