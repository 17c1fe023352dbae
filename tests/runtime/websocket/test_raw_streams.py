"""Streams by their wire names bring what came as it came, and are streams like any other."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ConfigurationError, DecodeError, InvalidParameter
from specwright.runtime.operation import Param, Stream
from specwright.runtime.websocket.listing import listed_stream
from specwright.runtime.websocket.notices import Dropped, Reconnected
from specwright.runtime.websocket.raw import RawEvent, raw_sources

from ...conditions import until
from .consuming import every, first

if TYPE_CHECKING:
    from pathlib import Path

    from .server import ExchangeServer
    from .tiny import TinyClient

NEW = "btcusdt@newThing"


def trade(symbol: str, number: int) -> bytes:
    """The payload that the server sends for a trade."""
    return b'{"e":"trade","E":1700000000000,"s":"%s","t":%d,"p":"1.5"}' % (symbol.upper().encode(), number)


def told(items: list[Any]) -> list[tuple[str, bytes]]:
    """Raw events without their times."""
    return [(item.stream, item.data) for item in items]


# --- Events -----------------------------------------------------------------------------------------------------------


async def test_a_name_that_the_spec_does_not_list_brings_its_payloads_as_they_came(
    server: ExchangeServer, client: TinyClient
) -> None:
    payload = '{ "x" : 1.50, "y": [1e2, null] }'
    async with client.streams.raw(NEW, route="public") as stream:
        before = int(client._websockets.hub.now_ms())
        await server.peers[0].connection.send(f'{{"stream":"{NEW}","data":{payload}}}')
        event = await anext(stream.events())
        after = int(client._websockets.hub.now_ms())

    assert [peer.path for peer in server.peers] == [f"/public/stream?streams={NEW}"]
    assert (event.stream, event.data) == (NEW, payload.encode())
    assert before <= event.received_at <= after
    assert repr(event.json()) == "{'x': Decimal('1.50'), 'y': [Decimal('1E+2'), None]}"


def test_an_event_is_what_came_for_good_and_short_to_read() -> None:
    event = RawEvent("a@trade", b"[1]", 5)
    with pytest.raises(AttributeError):
        event.data = b"[2]"  # type: ignore[misc]
    assert repr(event) == "RawEvent(stream='a@trade', data=b'[1]', received_at=5)"
    assert len(repr(RawEvent("a@trade", b"x" * 100_000, 5))) < 200


async def test_what_is_no_json_is_delivered_and_says_so_when_it_is_read(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.raw("a@trade") as stream:
        await server.peers[0].connection.send('{"stream":"a@trade","data":nonsense}')
        await server.trade("a", 2)
        broken, whole = await first(2, stream)

    assert told([broken, whole]) == [("a@trade", b"nonsense"), ("a@trade", trade("a", 2))]
    with pytest.raises(DecodeError, match="the payload of a@trade is no JSON"):
        broken.json()


async def test_all_that_a_stream_has_to_tell_of_its_events_is_told_of_raw_ones(
    server: ExchangeServer, client: TinyClient
) -> None:
    events, notices = list[RawEvent](), list[Any]()
    stream = client.streams.raw("a@trade", "b@depth")
    assert stream.names == ("a@trade", "b@depth")

    async def take(event: RawEvent) -> None:
        events.append(event)
        if len(events) == 2:
            await stream.close()

    def look(notice: object) -> None:
        notices.append(notice)

    async def produce() -> None:
        await stream.start()
        await server.trade("a", 1)
        await until(lambda: len(events) == 1)
        next(peer for peer in server.open_peers if peer.streams == {"a@trade"}).cut()
        await until(lambda: notices)
        await server.trade("a", 2)

    producing = asyncio.ensure_future(produce())
    await stream.run(take, look)
    await producing

    assert told(events) == [("a@trade", trade("a", 1)), ("a@trade", trade("a", 2))]
    assert [(type(notice), notice.streams) for notice in notices] == [(Reconnected, ("a@trade",))]
    counters = stream.statistics
    assert (counters.received, counters.delivered, counters.decoded, counters.malformed) == (2, 2, 2, 0)
    assert (counters.reconnects, counters.lag_ms) == (1, None)
    await until(lambda: not server.open_peers)


# --- Routes and subscriptions -----------------------------------------------------------------------------------------


async def test_each_name_is_asked_for_where_the_spec_has_it_and_others_where_the_caller_says(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.raw("b@trade", "b@depth", NEW, "b@trade", route="private") as stream:
        asked = {peer.path.split("/")[1]: peer.streams for peer in server.peers}

    assert asked == {"market": {"b@trade"}, "public": {"b@depth"}, "private": {NEW}}
    assert stream.names == ("b@trade", "b@depth", NEW)


async def test_a_raw_stream_and_a_typed_one_share_a_subscription(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as typed:
        async with client.streams.raw("a@trade", "b@trade") as raw:
            assert [peer.streams for peer in server.open_peers] == [{"a@trade", "b@trade"}]
            await server.trade("a", 7)
            event, untouched = await anext(typed.events()), await anext(raw.events())
        await until(lambda: server.peers[0].streams == {"a@trade"})

    assert (event.trade_id, untouched.data) == (7, trade("a", 7))


def test_a_name_is_a_listed_stream_s_where_its_method_could_give_it() -> None:
    symbol = Param(wire="symbol", python="symbol", kind="string", required=True, case="lower")
    levels = Param(wire="levels", python="levels", kind="int", required=True, one_of=(5, 20))
    speed = Param(wire="speed", python="speed", kind="string", one_of=("100ms", "500ms"))
    depth = Stream("depth", "<symbol>@depth<levels>[@<speed>]", "public", lambda: "Depth", (symbol, levels, speed))
    every_ticker = Stream("tickers", "!ticker@arr", "market", lambda: "Ticker")
    one_ticker = Stream("ticker", "<symbol>@ticker", "market", lambda: "Ticker", (symbol,))
    moved = Stream("moved", "<symbol>@ticker", "public", lambda: "Ticker", (symbol,))
    listed = [depth, every_ticker, one_ticker]

    found = {
        name: listed_stream(name, listed)
        for name in ("a@depth5", "a@depth20@100ms", "a@depth", "a@depth50", "a@depth5@1s", "!ticker@arr", "a.b@ticker")
    }

    assert found == {
        "a@depth5": depth,
        "a@depth20@100ms": depth,
        "a@depth": None,
        "a@depth50": None,
        "a@depth5@1s": None,
        "!ticker@arr": every_ticker,
        "a.b@ticker": one_ticker,
    }
    assert listed_stream("a@ticker", [one_ticker, moved]) is None, "two routes for one name: it cannot be said which"


@pytest.mark.parametrize(
    ("name", "right"),
    [("BTCUSDT@kline_1m", "btcusdt@kline_1m"), ("BtcUsdt_PERPETUAL@kline_1M", "btcusdt_perpetual@kline_1M")],
)
def test_a_listed_name_in_other_letters_than_the_exchange_has_is_refused_with_the_right_ones(
    name: str, right: str
) -> None:
    symbol = Param(wire="symbol", python="symbol", kind="string", required=True, case="lower")
    contract = Param(wire="contract", python="contract", kind="string", case="lower", one_of=("PERPETUAL",))
    interval = Param(wire="interval", python="interval", kind="string", required=True, one_of=("1m", "1M"))
    klines = Stream(
        "klines", "<symbol>[_<contract>]@kline_<interval>", "market", lambda: "K", (symbol, contract, interval)
    )
    routes = {"public": "/public", "market": "/market"}

    with pytest.raises(InvalidParameter, match=f"'{right}', not '{name}'"):
        raw_sources([name], "public", listed=[klines], routes=routes)
    assert [each.name for each in raw_sources([right], None, listed=[klines], routes=routes)] == [right]


def test_a_listed_name_is_taken_for_stalled_after_the_same_silence_however_it_is_asked_for() -> None:
    prices = Stream("prices", "!prices", "market", lambda: "Price", silence_ms=30_000)

    sources = raw_sources(
        ["!prices", NEW], "public", listed=[prices], routes={"public": "/public", "market": "/market"}
    )

    assert [(each.name, each.route, each.silence) for each in sources] == [
        ("!prices", "market", 30.0),
        (NEW, "public", None),
    ]


def test_a_product_of_one_route_needs_none_to_be_said() -> None:
    (source,) = raw_sources([NEW], None, listed=[], routes={"all": "/all"})

    assert source.route == "all"


# --- Refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b@trade", "a@trade/b@trade", "a?b", "a&b", "a#b", 'a"b', "a\\b", "a\nb", "a\x00b", "a\ud800b"],
)
def test_a_name_that_cannot_be_one_is_refused(client: TinyClient, name: str) -> None:
    with pytest.raises(InvalidParameter, match="must not be empty or hold blanks, quotes or any of") as refused:
        client.streams.raw("a@trade", name, route="market")
    assert refused.value.parameter == "names"


def test_names_are_given_one_by_one(client: TinyClient) -> None:
    with pytest.raises(InvalidParameter, match="one argument a name, not list"):
        client.streams.raw(["a@trade", "b@trade"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "route", "said"),
    [
        ((), None, "raw needs at least one name of a stream"),
        ((), "market", "raw needs at least one name of a stream"),
        ((NEW,), "spot", "route='spot' is none of public, market, private"),
        (("a@trade", NEW), None, f"no listed stream has the name '{NEW}': say route=, one of public, market, private"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_a_way_out(
    client: TinyClient, names: tuple[str, ...], route: str | None, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        client.streams.raw(*names, route=route)


# --- Full buffers, merging, recordings --------------------------------------------------------------------------------


async def test_latest_keeps_the_newest_payload_of_each_name(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.raw("a@trade", "b@trade", on_full="latest", buffer_size=4) as stream:
        await server.trade("b", 1)
        for number in range(1, 5):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)
        dropped, *events = await first(4, stream)

    assert dropped == Dropped(2)
    assert told(events) == [("b@trade", trade("b", 1)), ("a@trade", trade("a", 3)), ("a@trade", trade("a", 4))]


async def test_raw_and_typed_streams_come_in_one_iterator(server: ExchangeServer, client: TinyClient) -> None:
    streams = client.streams
    async with streams.merge(streams.trades("a"), streams.raw("b@trade")) as merged:
        await server.trade("a", 1)
        await server.trade("b", 2)
        typed, raw = await first(2, merged.events())

    assert (typed.trade_id, raw.data) == (1, trade("b", 2))


@pytest.mark.parametrize("same", ["typed", "other route"])
def test_a_name_has_one_form_and_one_route_in_a_merged_stream(client: TinyClient, same: str) -> None:
    streams = client.streams
    one: Any = streams.trades("a") if same == "typed" else streams.raw(NEW, route="market")
    two: Any = streams.raw("a@trade") if same == "typed" else streams.raw(NEW, route="public")

    with pytest.raises(ConfigurationError, match="would come in two forms, or over two routes: open two streams"):
        streams.merge(one, two)


async def test_a_recording_of_raw_streams_plays_the_same_items(
    server: ExchangeServer, client: TinyClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time that goes on with each look at it: what is recorded and what is delivered must not come from two looks.
    monkeypatch.setattr(client._websockets.hub, "now_ms", count(1_700_000_000_000).__next__)
    path = tmp_path / "raw.gz"
    async with client.streams.raw("a@trade", "b@trade").record(path) as stream:
        await server.trade("a", 1)
        await server.trade("b", 2)
        await until(lambda: stream.statistics.received == 2)
        server.peers[0].cut()
        await until(lambda: stream.statistics.reconnects == 1)
        await server.trade("a", 3)
        items = await first(4, stream)

    assert [type(item) for item in items] == [RawEvent, RawEvent, Reconnected, RawEvent]
    assert await every(client.streams.raw("a@trade", "b@trade").replay(path)) == items
    assert [event.trade_id for event in await every(client.streams.trades("a").replay(path).events())] == [1, 3]
