"""How a stream is consumed: by loops and callbacks, one at a time, and by consumers that are too slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from specwright.runtime.errors import ClientClosed
from specwright.runtime.websocket.buffer import BufferOverflow
from specwright.runtime.websocket.notices import Dropped, Malformed, Reconnected
from specwright.runtime.websocket.statistics import StreamStatistics

from ...conditions import until
from .conftest import SETTINGS
from .consuming import every, first
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from specwright.runtime.drift import Drift

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


async def test_counters_say_what_has_been_taken_what_could_be_read_and_what_waits(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        await server.peers[0].connection.send('{"stream":"a@trade","data":nonsense}')
        for number in (2, 3, 4):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)
        items = await first(3, stream)
        counters = evolve(stream.statistics, lag_ms=None)

    assert [type(item) for item in items] == [Trade, Malformed, Trade]
    assert counters == StreamStatistics(received=5, delivered=3, decoded=2, malformed=1, waiting=2)


async def test_a_notice_that_waits_is_no_event_that_was_received_or_delivered(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 1)
        server.peers[0].cut()
        await until(lambda: stream.statistics.reconnects == 1)
        before = stream.statistics
        items = await first(2, stream)
        after = evolve(stream.statistics, lag_ms=None)

    assert [type(item) for item in items] == [Trade, Reconnected]
    assert before == StreamStatistics(received=1, reconnects=1, waiting=2)
    assert after == StreamStatistics(received=1, delivered=1, decoded=1, reconnects=1)


async def test_what_waits_is_not_decoded(server: ExchangeServer) -> None:
    """A field that the spec does not have is found when an event is decoded, and not before."""
    found: list[Drift] = []
    client = TinyClient(
        environment="production", stream_url=server.url, connection_settings=SETTINGS, on_drift=found.append
    )
    async with client, client.streams.trades("a") as stream:
        data = {"e": "trade", "E": 1, "s": "A", "t": 1, "p": "1.5", "new": True}
        await server.peers[0].send(stream="a@trade", data=data)
        await until(lambda: stream.statistics.received == 1)
        found_while_it_waited = [drift.path for drift in found]
        await anext(stream.events())

    assert found_while_it_waited == []
    assert [drift.path for drift in found] == ["$.new"]


async def test_of_payloads_that_tell_of_no_symbol_latest_keeps_the_newest_half(
    server: ExchangeServer, client: TinyClient
) -> None:
    group = client.streams
    async with group.merge(group.trades("a"), group.depth("b"), on_full="latest", buffer_size=4) as stream:
        for number in range(1, 6):
            peer = next(peer for peer in server.open_peers if "a@trade" in peer.streams)
            await peer.send(stream="a@trade", data={"e": "trade", "E": 1, "t": number, "p": "1.5"})
        await until(lambda: stream.statistics.received == 5)
        dropped, *trades = await first(4, stream)

    assert dropped == Dropped(2)
    assert [trade.trade_id for trade in trades] == [3, 4, 5]


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
