"""Market streams over real sockets: typed, shared, healed, bounded, and left without a trace."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import (
    ClientClosed,
    ConfigurationError,
    ConnectError,
    HandshakeRejected,
    InvalidParameter,
    RequestRejected,
)
from specwright.runtime.websocket.buffer import BufferOverflow
from specwright.runtime.websocket.notices import Dropped, Malformed, Reconnected, Stalled

from ...conditions import until
from .conftest import SETTINGS
from .server import ExchangeServer, idle_port
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .server import Peer


async def test_events_are_typed_and_come_over_the_route_of_their_stream(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("BTCUSDT") as stream:
        await server.trade("btcusdt", 7)
        event = await anext(stream.events())

    assert event == Trade(
        event_type="trade", event_time=1_700_000_000_000, symbol="BTCUSDT", trade_id=7, price=Decimal("1.5")
    )
    assert [peer.path for peer in server.peers] == ["/market/stream?streams=btcusdt@trade"]


async def test_streams_of_one_route_share_a_connection_up_to_the_limit_of_the_exchange(
    server: ExchangeServer, client: TinyClient
) -> None:
    streams = [client.streams.trades(f"s{number}") for number in range(9)]
    await asyncio.gather(*(stream.start() for stream in streams))

    assert sorted(len(peer.streams) for peer in server.peers) == [1, 4, 4]
    await asyncio.gather(*(stream.close() for stream in streams))


async def test_leaving_an_iterator_unsubscribes_and_the_last_one_disconnects(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as kept:
        async with client.streams.trades("b") as left:
            assert server.peers[0].streams == {"a@trade", "b@trade"}
            await server.trade("b", 1)
            async for _ in left:
                break
        await until(lambda: server.peers[0].streams == {"a@trade"})
        assert kept.state == "running"
    await until(lambda: not server.open_peers)


async def test_an_iterator_that_is_dropped_without_closing_unsubscribes_too(
    server: ExchangeServer, client: TinyClient
) -> None:
    async def take_one() -> None:
        async for _ in client.streams.trades("a"):
            return

    taking = asyncio.ensure_future(take_one())
    await until(lambda: server.open_peers)
    await server.trade("a", 1)
    await taking

    await until(lambda: not server.open_peers)


async def test_merged_streams_come_in_one_iterator_in_the_order_of_arrival(
    server: ExchangeServer, client: TinyClient
) -> None:
    streams = client.streams
    async with streams.merge(streams.trades("a"), streams.trades("b")) as merged:
        for number, symbol in enumerate("abba"):
            await server.trade(symbol, number)
        events = [event async for event, _ in azip(merged.events(), range(4))]

    assert [(event.symbol, event.trade_id) for event in events] == [("A", 0), ("B", 1), ("B", 2), ("A", 3)]


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


async def test_a_stream_shows_what_it_is_and_what_became_of_it(server: ExchangeServer, client: TinyClient) -> None:
    streams = [client.streams.trades(symbol) for symbol in "abcde"]
    stream = client.streams.merge(*streams[:4])
    assert repr(stream) == "<Stream a@trade, b@trade, c@trade and 1 more: new>"
    async with stream:
        for number in range(3):
            await server.trade("a", number)
        await until(lambda: stream.statistics.waiting == 3)
        await anext(stream.events())
        assert repr(stream).endswith(": running, 3 received, 2 waiting>")
        assert repr(client.streams) == "<Streams: 1 connections>"

    assert repr(stream).endswith(": closed, 3 received, 2 dropped>"), "what was left is let go"
    assert stream.names == ("a@trade", "b@trade", "c@trade", "d@trade")


def test_an_editor_offers_of_a_stream_what_a_consumer_needs(client: TinyClient) -> None:
    offered = [name for name in dir(client.streams.trades("a")) if not name.startswith("_")]
    assert offered == ["close", "events", "names", "record", "replay", "run", "start", "state", "statistics"]


def test_notices_are_short_to_read() -> None:
    many = tuple(f"s{number}@trade" for number in range(300))
    assert repr(Stalled(many, 1, 2)) == "Stalled(streams=<300 streams>, since=1, until=2)"
    assert repr(Reconnected(("a",), 1, 2, "cut")) == "Reconnected(streams=('a',), since=1, until=2, reason='cut')"
    assert len(repr(Malformed("a", b"x" * 100_000, ValueError("no")))) < 200
    assert repr(Malformed("a", b"{", ValueError("no"))) == "Malformed(stream='a', body=b'{', error=ValueError('no'))"


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


async def test_after_a_cut_the_stream_goes_on_and_tells_of_the_gap(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 1)
        server.peers[0].cut()
        await until(lambda: len(server.open_peers) == 1 and len(server.peers) == 2)
        await until(lambda: stream.statistics.reconnects == 1)
        await server.trade("a", 3)
        items = [item async for item, _ in azip(aiter(stream), range(3))]

    assert [getattr(item, "trade_id", type(item)) for item in items] == [1, Reconnected, 3]
    gap = items[1]
    assert isinstance(gap, Reconnected)
    assert gap.streams == ("a@trade",)
    assert gap.since <= gap.until


async def test_the_first_connection_that_is_refused_is_a_typed_error(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.reject = 403
    with pytest.raises(HandshakeRejected, match="status 403") as caught:
        await client.streams.trades("a").start()
    assert caught.value.status == 403


async def test_a_host_that_does_not_listen_is_a_typed_error() -> None:
    port = await idle_port()
    async with TinyClient(stream_url=f"ws://127.0.0.1:{port}", connection_settings=SETTINGS) as client:
        with pytest.raises(ConnectError, match=r"127\.0\.0\.1"):
            async for _ in client.streams.trades("a"):
                raise AssertionError


async def test_a_rejected_subscription_raises(server: ExchangeServer, client: TinyClient) -> None:
    def refuse(peer: Any, message: dict[str, Any]) -> dict[str, Any]:
        return {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}

    server.answer = refuse
    async with client.streams.trades("a"):
        with pytest.raises(RequestRejected, match="Invalid request"):
            await client.streams.trades("b").start()


@pytest.mark.parametrize("symbol", ["", "a/b@trade", "a b", "a?", 'a"'])
async def test_a_symbol_that_would_name_another_stream_is_refused(client: TinyClient, symbol: str) -> None:
    with pytest.raises(InvalidParameter):
        client.streams.trades(symbol)


async def test_a_frame_that_cannot_be_read_is_handed_on_and_the_stream_lives(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.peers[0].connection.send('{"stream":"a@trade","data":{"e":nonsense}}')
        await server.trade("a", 1)
        items = [item async for item, _ in azip(aiter(stream), range(2))]

    assert isinstance(items[0], Malformed)
    assert items[0].body == b'{"e":nonsense}'
    assert isinstance(items[1], Trade)
    assert stream.statistics.malformed == 1


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
        items = [item async for item, _ in azip(aiter(stream), range(3))]

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

        taken = [event.trade_id async for event, _ in azip(slow.events(), range(500))]

    assert taken == list(range(500))
    assert len(server.peers) == 2


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
        reading = asyncio.ensure_future(collect(stream))
        await server.trade("a", 1)
        await until(lambda: stream.statistics.delivered == 1)
        await stream.close()

        assert [event.trade_id for event in await reading if isinstance(event, Trade)] == [1]
        with pytest.raises(ClientClosed):
            await stream.start()


async def test_closing_the_client_ends_streams_within_a_second_even_when_the_server_does_not_answer(
    server: ExchangeServer, client: TinyClient, now: Callable[[], float]
) -> None:
    stream = client.streams.trades("a")
    reading = asyncio.ensure_future(collect(stream))
    await until(lambda: server.open_peers)
    server.peers[0].connection.transport.pause_reading()
    start = now()

    await client.aclose()

    assert now() - start < 1.0
    with pytest.raises(ClientClosed):
        await reading


async def test_a_start_that_is_cancelled_leaves_nothing_behind(server: ExchangeServer, client: TinyClient) -> None:
    for turns in range(12):
        starting = asyncio.ensure_future(client.streams.trades("a").start())
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
    await until(lambda: not server.open_peers)

    assert client._websockets.hub.connections == 0


async def test_hundreds_of_reconnects_in_a_row_leave_one_connection_and_no_task(
    server: ExchangeServer, client: TinyClient
) -> None:
    cuts = 300
    async with client.streams.trades("a") as stream:
        before = len(asyncio.all_tasks())
        for number in range(cuts):
            await until(lambda number=number: len(server.peers) > number)  # type: ignore[misc]
            server.peers[number].cut()
        await until(lambda: stream.statistics.reconnects == cuts)
        await server.trade("a", 1)

        assert (await anext(stream.events())).trade_id == 1
        assert len(server.open_peers) == 1
        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_server_that_announces_its_shutdown_is_left_at_once_and_without_a_gap(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.peers[0].send(e="serverShutdown", E=1)
        await until(lambda: len(server.open_peers) == 2)
        for number in range(3):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 3)
        server.peers[0].cut()
        await until(lambda: len(server.open_peers) == 1)
        await server.trade("a", 3)
        taken = [item async for item, _ in azip(aiter(stream), range(4))]

    assert [item.trade_id for item in taken if isinstance(item, Trade)] == [0, 1, 2, 3]


async def test_one_rejected_name_among_many_fails_its_own_stream_alone(
    server: ExchangeServer, client: TinyClient
) -> None:
    def refuse(peer: Peer, message: dict[str, Any]) -> dict[str, Any]:
        if "bad@trade" in message["params"]:
            return {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}
        return {"id": message["id"], "result": None}

    server.answer = refuse
    async with client.streams.trades("a"):
        bad, good = client.streams.trades("bad"), client.streams.trades("good")
        outcome = await asyncio.gather(bad.start(), good.start(), return_exceptions=True)

        assert isinstance(outcome[0], RequestRejected)
        assert outcome[1] is None
        assert good.state == "running"
        await good.close()


async def test_only_new_streams_can_be_merged(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        with pytest.raises(ConfigurationError, match="only new streams"):
            client.streams.merge(stream)


async def collect(stream: Any) -> list[Any]:
    return [item async for item in stream]


async def azip(items: Any, numbers: range) -> Any:
    """As many items as there are numbers."""
    left = len(numbers)
    async for item in items:
        left -= 1
        yield item, left
        if not left:
            return
