"""Market streams over real sockets: typed, shared, merged, and left without a trace."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import (
    ClientClosed,
    ConfigurationError,
)
from specwright.runtime.websocket.notices import Malformed, Reconnected, Stalled

from ...conditions import until
from .consuming import every, first
from .tiny import EVENTS, TinyClient, Trade

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from specwright.runtime.websocket.streams import Stream

    from .server import ExchangeServer


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
        events = await first(4, merged.events())

    assert [(event.symbol, event.trade_id) for event in events] == [("A", 0), ("B", 1), ("B", 2), ("A", 3)]


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


async def test_closing_the_client_ends_streams_within_a_second_even_when_the_server_does_not_answer(
    server: ExchangeServer, client: TinyClient, now: Callable[[], float]
) -> None:
    stream = client.streams.trades("a")
    reading = asyncio.ensure_future(every(stream))
    await until(lambda: server.open_peers)
    server.peers[0].connection.transport.pause_reading()
    start = now()

    await client.aclose()

    assert now() - start < 1.0
    with pytest.raises(ClientClosed):
        await reading


async def test_a_part_that_cannot_be_closed_keeps_no_other_part_open(
    server: ExchangeServer, client: TinyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    account = client._websockets.user_data(EVENTS, {})
    monkeypatch.setattr(account, "close", fail)
    await client.streams.trades("a").start()
    server.peers[0].connection.transport.pause_reading()  # Closing takes as long as it may.
    with pytest.raises(ZeroDivisionError):
        await client.aclose()
    running = [task for task in asyncio.all_tasks() if "specwright/runtime" in repr(task)]
    monkeypatch.undo()

    assert running == []
    assert client.streams._hub.connections == 0


async def test_only_new_streams_can_be_merged(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        with pytest.raises(ConfigurationError, match="only new streams"):
            client.streams.merge(stream)


async def test_a_stream_with_options_of_its_own_is_not_merged_without_them(client: TinyClient) -> None:
    own = client.streams.trades("a", on_full="latest", buffer_size=3)

    with pytest.raises(ConfigurationError, match=r"options of its own \(on_full, buffer_size\): pass them to merge"):
        client.streams.merge(own, client.streams.trades("b"))


async def test_merging_streams_that_this_client_does_not_feed_says_what_to_do_instead(
    client: TinyClient, tmp_path: Path
) -> None:
    live = client.streams.trades("a")
    async with TinyClient(environment="production", api_key="key", api_secret="secret") as other:
        refused: dict[str, Any] = {
            "call replay on what comes of it": client.streams.trades("b").replay(tmp_path / "trades.gz"),
            "take it in a task of its own": client._websockets.user_data(EVENTS, {}),
            "merge streams of one client": other.streams.trades("b"),
            "each by itself, not list": [client.streams.trades("b")],
        }
        for advice, stream in refused.items():
            with pytest.raises(ConfigurationError, match=advice):
                client.streams.merge(live, stream)


async def test_merged_streams_are_played_back_together(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    def merged() -> Stream[Trade]:
        return client.streams.merge(client.streams.trades("a"), client.streams.trades("b"))

    async with merged().record(tmp_path / "trades.gz") as live:
        for number, symbol in enumerate("aba"):
            await server.trade(symbol, number)
        await first(3, live)

    played = [(event.symbol, event.trade_id) async for event in merged().replay(tmp_path / "trades.gz").events()]
    assert played == [("A", 0), ("B", 1), ("A", 2)]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"on_ful": "latest"}, TypeError, "unknown stream options: on_ful$"),
        ({"on_full": "newest"}, ConfigurationError, "on_full is .* not 'newest'$"),
        ({"buffer_size": 0}, ConfigurationError, "buffer_size=0 must be a whole number, at least 1$"),
        ({"buffer_size": "9"}, ConfigurationError, "buffer_size='9' must be a whole number, at least 1$"),
        ({"buffer_size": True}, ConfigurationError, "buffer_size=True must be a whole number, at least 1$"),
    ],
    ids=str,
)
def test_options_that_a_stream_cannot_have_are_refused_for_market_streams_and_user_data_alike(
    client: TinyClient, options: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        client.streams.trades("a", **options)
    with pytest.raises(error, match=said):
        client._websockets.user_data(EVENTS, options)
