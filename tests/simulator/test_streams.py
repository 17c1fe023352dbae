"""Market streams over real sockets: control messages, routes, limits, and data that agree with REST."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from specwright.simulator import ManualClock, Simulator, bundled_spec
from specwright.simulator.streams import encoder

if TYPE_CHECKING:
    from tests.simulator.conftest import Observer

Open = Callable[[str], Any]

EXAMPLES = {
    "symbol": "btcusdt",
    "pair": "btcusdt",
    "levels": "5",
    "interval": "1m",
    "contractType": "perpetual",
    "assetSymbol": "adausd",
}

STREAMS = bundled_spec().products["usds_futures"].streams


def name_of(pattern: str) -> str:
    """A stream name of a pattern, without its optional parts."""
    return re.sub(r"<(\w+)>", lambda match: EXAMPLES[match[1]], re.sub(r"\[.*?\]", "", pattern))


async def subscribed(exchange: Simulator, open_socket: Open, *names: str, route: str = "public") -> Any:
    socket = await open_socket(f"{exchange.stream_url}/{route}/stream")
    assert await socket.call({"method": "SUBSCRIBE", "params": list(names), "id": 1}) == {"result": None, "id": 1}
    return socket


@pytest.mark.parametrize("stream", STREAMS.values(), ids=list(STREAMS))
async def test_every_stream_sends_payloads_of_the_shape_that_the_spec_says(
    exchange: Simulator, clock: ManualClock, open_socket: Open, stream: Any
) -> None:
    exchange.resume_market()
    name = name_of(stream.pattern)
    socket = await subscribed(exchange, open_socket, name, route=stream.route)
    clock.advance(20)
    frames = await socket.received()
    assert frames
    for frame in frames:
        shaped = exchange.exchange.shaper.value(stream.payload, frame["data"])
        assert (frame["stream"], encoder.encode(shaped)) == (name, encoder.encode(frame["data"]))


class TestAddresses:
    async def test_a_raw_connection_sends_payloads_alone(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/market/ws/btcusdt@markPrice@1s/ethusdt@markPrice@1s")
        clock.advance(1)
        assert [frame["s"] for frame in await socket.received()] == ["BTCUSDT", "ETHUSDT"]

    async def test_a_combined_connection_names_the_stream(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await open_socket(
            f"{exchange.stream_url}/market/stream?streams=btcusdt@markPrice@1s/btcusdt@miniTicker"
        )
        clock.advance(2)
        assert {frame["stream"] for frame in await socket.received()} == {"btcusdt@markPrice@1s", "btcusdt@miniTicker"}

    async def test_symbols_outside_ascii(self, exchange: Simulator, clock: ManualClock, open_socket: Open) -> None:
        socket = await open_socket(
            f"{exchange.stream_url}/market/ws/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9Fusdt@markPrice@1s"
        )
        clock.advance(1)
        assert [frame["s"] for frame in await socket.received()] == ["币安人生USDT"]

    @pytest.mark.parametrize("path", ["/ws/btcusdt@markPrice@1s", "/public/ws/btcusdt@markPrice@1s"])
    async def test_a_stream_of_another_route_stays_silent(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open, path: str
    ) -> None:
        socket = await open_socket(exchange.stream_url + path)
        clock.advance(5)
        assert await socket.received() == []

    @pytest.mark.parametrize("name", ["BTCUSDT@markPrice@1s", "btcusdt_PERPETUAL@continuousKline_1m"])
    async def test_a_name_in_other_letters_is_acknowledged_and_stays_silent(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open, name: str
    ) -> None:
        socket = await subscribed(exchange, open_socket, name, route="market")
        clock.advance(5)
        assert (await socket.received(), exchange.subscriptions) == ([], {name: 1})

    async def test_an_address_without_a_route_serves_the_public_one(
        self, exchange: Simulator, open_socket: Open
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/ws/btcusdt@bookTicker")
        exchange.move_price("BTCUSDT", 65_500)
        assert {frame["e"] for frame in await socket.received()} == {"bookTicker"}


class TestControl:
    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ({"method": "LIST_SUBSCRIPTIONS", "id": 3}, {"result": ["btcusdt@depth"], "id": 3}),
            ({"method": "SUBSCRIBE", "params": ["ethusdt@depth"], "id": 4}, {"result": None, "id": 4}),
            ({"method": "UNSUBSCRIBE", "params": ["btcusdt@depth"], "id": 5}, {"result": None, "id": 5}),
            ({"method": "GET_PROPERTY", "params": ["combined"], "id": 6}, {"result": True, "id": 6}),
            ({"method": "SET_PROPERTY", "params": ["combined", False], "id": 7}, {"result": None, "id": 7}),
        ],
        ids=lambda value: value.get("method", "") if isinstance(value, dict) else "",
    )
    async def test_what_is_understood(
        self, exchange: Simulator, open_socket: Open, message: dict[str, Any], answer: dict[str, Any]
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/stream?streams=btcusdt@depth")
        assert await socket.call(message) == answer

    @pytest.mark.parametrize(
        ("message", "code", "identifier"),
        [
            ("{nonsense", 3, None),
            ({"params": [], "id": 1}, 2, 1),
            ({"method": "BUY", "params": [], "id": 1}, 2, 1),
            ({"method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": "one"}, 2, "one"),
            ({"method": "SUBSCRIBE", "params": ["btc usdt"], "id": 1}, 2, 1),
            ({"method": "SUBSCRIBE", "params": ["btcusdt@depth"], "id": 1, "extra": 1}, 2, 1),
            ({"method": "GET_PROPERTY", "params": ["colour"], "id": 1}, 0, 1),
            ({"method": "SET_PROPERTY", "params": ["combined", "yes"], "id": 1}, 1, 1),
            ({"method": "GET_PROPERTY", "params": ["combined", 1], "id": 1}, 2, 1),
        ],
        ids=["no JSON", "no method", "unknown method", "text id", "bad stream", "extra field", "unknown property",
             "no boolean", "too many"],
    )  # fmt: skip
    async def test_what_is_not(
        self, exchange: Simulator, open_socket: Open, message: object, code: int, identifier: object
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        answer = await socket.call(message)
        assert (answer["error"]["code"], answer["id"]) == (code, identifier)

    async def test_after_unsubscribing_nothing_comes(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await subscribed(exchange, open_socket, "btcusdt@markPrice@1s", route="market")
        await socket.call({"method": "UNSUBSCRIBE", "params": ["btcusdt@markPrice@1s"], "id": 2})
        clock.advance(5)
        assert (await socket.received(), exchange.subscriptions) == ([], {})

    async def test_the_form_can_be_changed(self, exchange: Simulator, clock: ManualClock, open_socket: Open) -> None:
        socket = await subscribed(exchange, open_socket, "btcusdt@markPrice@1s", route="market")
        await socket.call({"method": "SET_PROPERTY", "params": ["combined", False], "id": 2})
        clock.advance(1)
        assert [frame["e"] for frame in await socket.received()] == ["markPriceUpdate"]


class TestLimits:
    async def test_ten_messages_a_second(self, exchange: Simulator, open_socket: Open) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        for number in range(11):
            await socket.connection.send(f'{{"method":"LIST_SUBSCRIPTIONS","id":{number}}}')
        assert await socket.closed() == (1008, "Too many requests")

    async def test_pings_count_as_messages(self, exchange: Simulator, open_socket: Open) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        for _ in range(11):
            await socket.connection.ping()
        assert await socket.closed() == (1008, "Too many requests")

    async def test_time_makes_room_for_more(self, exchange: Simulator, clock: ManualClock, open_socket: Open) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        for number in range(30):
            assert (await socket.call({"method": "LIST_SUBSCRIPTIONS", "id": number}))["id"] == number
            clock.advance(ms=110)

    async def test_streams_of_one_connection(self, exchange: Simulator, open_socket: Open) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        names = [f"coin{number}usdt@depth" for number in range(1_025)]
        for half in (names[:1_000], names[1_000:]):
            await socket.call({"method": "SUBSCRIBE", "params": half, "id": 1})
        assert await socket.closed() == (1008, "too many streams")

    async def test_a_connection_lives_for_a_day(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        clock.advance(hours=23, minutes=59)
        assert (await socket.call({"method": "LIST_SUBSCRIPTIONS", "id": 1}))["result"] == []
        clock.advance(minutes=1)
        assert await socket.closed() == (1001, "24 hours are over")


class TestDepth:
    async def test_updates_follow_on_without_a_gap(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        exchange.resume_market()
        socket = await subscribed(exchange, open_socket, "btcusdt@depth@100ms")
        for _ in range(30):
            clock.advance(ms=100)
        updates = [frame["data"] for frame in await socket.received()]
        assert len(updates) == 30
        assert all(later["pu"] == earlier["u"] for earlier, later in itertools.pairwise(updates))
        assert all(update["pu"] < update["U"] <= update["u"] for update in updates)

    async def test_a_snapshot_and_the_updates_after_it_give_the_book(
        self, exchange: Simulator, observer: Observer, clock: ManualClock, open_socket: Open
    ) -> None:
        def snapshot() -> Any:
            return observer.ask("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)

        exchange.resume_market()
        socket = await subscribed(exchange, open_socket, "btcusdt@depth@500ms")
        clock.advance(ms=700)
        first = snapshot()
        book = {side: dict(first[side]) for side in ("bids", "asks")}
        clock.advance(ms=2_300)
        exchange.pause_market()
        clock.advance(1)
        for update in [frame["data"] for frame in await socket.received()]:
            if update["u"] >= first["lastUpdateId"]:
                for side, key in (("bids", "b"), ("asks", "a")):
                    book[side].update(update[key])
        left = {side: {p: q for p, q in levels.items() if Decimal(q)} for side, levels in book.items()}
        last = snapshot()
        assert left == {side: dict(last[side]) for side in ("bids", "asks")}

    async def test_the_best_levels_and_the_ticker_agree_with_rest(
        self, exchange: Simulator, observer: Observer, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await subscribed(exchange, open_socket, "btcusdt@depth5@100ms", "btcusdt@bookTicker")
        exchange.move_price("BTCUSDT", 65_700)
        clock.advance(ms=100)
        frames = await socket.received()
        depth = [frame["data"] for frame in frames if frame["stream"].endswith("100ms")][-1]
        ticker = [frame["data"] for frame in frames if frame["stream"].endswith("Ticker")][-1]
        book = observer.ask("/fapi/v1/depth", symbol="BTCUSDT", limit=5)
        assert (depth["b"], depth["a"], depth["u"]) == (book["bids"], book["asks"], book["lastUpdateId"])
        assert [[ticker["b"], ticker["B"]], [ticker["a"], ticker["A"]]] == [book["bids"][0], book["asks"][0]]


async def test_trades_of_the_stream_are_those_of_rest(
    exchange: Simulator, observer: Observer, clock: ManualClock, open_socket: Open
) -> None:
    exchange.resume_market()
    socket = await subscribed(exchange, open_socket, "btcusdt@aggTrade", route="market")
    start_ms = clock.now_ms() + 1
    clock.advance(10)
    pushed = [frame["data"] for frame in await socket.received()]
    listed = observer.ask("/fapi/v1/aggTrades", symbol="BTCUSDT", startTime=start_ms)
    assert [{key: trade[key] for key in listed[0]} for trade in pushed] == listed


async def test_a_closed_kline_is_that_of_rest(
    exchange: Simulator, observer: Observer, clock: ManualClock, open_socket: Open
) -> None:
    exchange.resume_market()
    socket = await subscribed(exchange, open_socket, "btcusdt@kline_1m", route="market")
    clock.advance(40)
    clock.advance(40)
    closed = [frame["data"]["k"] for frame in await socket.received() if frame["data"]["k"]["x"]]
    row = observer.ask("/fapi/v1/klines", symbol="BTCUSDT", interval="1m", startTime=closed[0]["t"], limit=1)[0]
    keys = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
    assert [[kline[key] for key in keys] for kline in closed] == [row]
