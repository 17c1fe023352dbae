"""A producer that is ten times as fast as its consumer: bounded buffers, true counters, and each policy as it says."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, BufferOverflow, Dropped, Reconnected

from ..conditions import until
from .reader import Reader
from .tape import TRADES, Tape, delivered_ids
from .test_lost_connections import IMPATIENT
from .test_rollover import SHUTDOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from binance_derivatives import Stream
    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy

SIZE = 100
ROUNDS = 150
PRODUCED, TAKEN = 20, 2
"""Events in each round."""


async def overrun(stream: Stream[Any], tape: Tape) -> tuple[list[Any], int]:
    """Lets the exchange produce ten times as fast as the consumer takes; what it took, and the most that waited."""
    items, most = list[Any](), 0
    for _ in range(ROUNDS):
        before = stream.statistics.received
        tape.print(PRODUCED)
        await until(lambda before=before: stream.statistics.received > before or is_held(stream))  # type: ignore[misc]
        iterator = aiter(stream)
        for _ in range(TAKEN):
            items.append(await anext(iterator))
        await iterator.aclose()
        most = max(most, stream.statistics.waiting)
    return items, most


def is_held(stream: Stream[Any]) -> bool:
    """Whether its connection is not being read."""
    return stream._buffer.is_held


async def the_rest(stream: Stream[Any], last: int) -> list[Any]:
    """What the consumer takes when the producer has stopped, up to a trade."""
    items = list[Any]()
    async with asyncio.timeout(10):
        async for item in stream:
            items.append(item)
            if delivered_ids([item]) == [last]:
                break
    return items


async def test_wait_makes_the_exchange_wait_and_loses_nothing(client: AsyncUsdsFutures, tape: Tape) -> None:
    async with client.streams.agg_trade("btcusdt", on_full="wait", buffer_size=SIZE) as stream:
        first = tape.last + 1 if tape.times else None
        items, most = await overrun(stream, tape)
        items += await the_rest(stream, tape.last)
        statistics = stream.statistics

    assert first is None
    assert delivered_ids(items) == sorted(tape.times)
    assert len(items) == len(tape.times), "and nothing was dropped or lost"
    assert (statistics.received, statistics.delivered, statistics.dropped) == (len(items), len(items), 0)
    assert most < SIZE + 2 * PRODUCED + 400, "one read of the socket may bring in more than there is room for"


def is_read(client: AsyncUsdsFutures) -> bool:
    """Whether anything is read from any connection of its streams."""
    connections = [each for place in client.streams._hub._places for each in place.runner._connections.values()]
    return any(connection._websocket.transport.is_reading() for connection in connections)


async def take_in_parts(
    client: AsyncUsdsFutures, stream: Stream[Any], tape: Tape, printed: int
) -> tuple[list[Any], int, int]:
    """Takes what waits, again and again, each time when the buffer is full. Nothing may be read then.

    Returns:
        The items, how often it was full, and the most that waited.
    """
    items, waited = list[Any](), list[int]()
    while True:
        await until(lambda: stream.statistics.waiting >= SIZE or stream.statistics.received >= printed)
        if not is_held(stream) or stream.statistics.waiting < SIZE:
            break
        waited.append(stream.statistics.waiting)
        assert not is_read(client)
        iterator = aiter(stream)
        for _ in range(waited[-1]):
            items.append(await anext(iterator))
        await iterator.aclose()
    items += await the_rest(stream, tape.print()[0])
    return items, len(waited), max(waited)


async def test_a_stream_over_two_routes_waits_on_both(client: AsyncUsdsFutures, tape: Tape) -> None:
    streams = client.streams
    trades, tickers = streams.agg_trade("btcusdt"), streams.book_ticker("btcusdt")
    async with streams.merge(trades, tickers, on_full="wait", buffer_size=SIZE) as stream:
        printed = tape.print(40 * SIZE)
        items, times_full, most = await take_in_parts(client, stream, tape, len(printed))

    assert delivered_ids(items) == [*printed, tape.last]
    assert times_full > 20
    assert most <= SIZE + 3 * 64, "what was read together with the last one that fits gets in, on each route"


async def test_a_stream_that_is_being_taken_over_waits_on_both_connections(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape
) -> None:
    async with client.streams.agg_trade("btcusdt", on_full="wait", buffer_size=SIZE) as stream:
        exchange.faults.send(SHUTDOWN)
        await until(lambda: exchange.subscriptions.get(TRADES) == 2)
        printed = tape.print(40 * SIZE)
        items, times_full, _ = await take_in_parts(client, stream, tape, len(printed))

    assert delivered_ids(items) == [*printed, tape.last]
    assert times_full > 5


async def test_a_consumer_that_pauses_for_five_minutes_keeps_its_connection_and_loses_nothing(
    nothing_left: None, options: dict[str, Any], proxy: CuttingProxy, clock: ManualClock, tape: Tape
) -> None:
    options |= {"connection_settings": IMPATIENT}
    async with (
        AsyncUsdsFutures(**options) as client,
        AsyncUsdsFutures(**{**options, "stream_url": proxy.url}) as distant_client,
        client.streams.agg_trade("btcusdt", on_full="wait", buffer_size=SIZE) as stream,
    ):
        tape.print(10 * SIZE)
        await until(lambda: is_held(stream))
        clock.advance(minutes=5)
        async with Reader(distant_client.streams.agg_trade("ethusdt")) as witness:
            proxy.fall_silent()
            await until(lambda: witness.of(Reconnected), moving=clock)  # A connection that is dead would be found now.
        tape.print(3)
        items = await the_rest(stream, tape.last)
        statistics = stream.statistics

    assert delivered_ids(items) == sorted(tape.times)
    assert len(items) == len(tape.times), "no gap and nothing else was told"
    assert statistics.reconnects == 0


async def test_drop_oldest_keeps_the_newest_and_says_what_went(client: AsyncUsdsFutures, tape: Tape) -> None:
    async with client.streams.agg_trade("btcusdt", on_full="drop_oldest", buffer_size=SIZE) as stream:
        items, most = await overrun(stream, tape)
        await until(lambda: stream.statistics.received == len(tape.times))
        items += await the_rest(stream, tape.last)
        statistics = stream.statistics

    ids, dropped = delivered_ids(items), sum(item.count for item in items if isinstance(item, Dropped))
    assert ids == sorted(set(ids)), "in order, none twice"
    assert ids[-1] == tape.last
    assert most <= SIZE + 1
    assert statistics.received == len(tape.times) == len(ids) + dropped
    assert (statistics.delivered, statistics.decoded, statistics.dropped) == (len(ids), len(ids), dropped)
    holes = [later - earlier - 1 for earlier, later in pairwise(ids) if later > earlier + 1]
    assert sum(holes) == dropped, "each hole stands where a notice does"


async def test_latest_keeps_the_newest_of_each_symbol(client: AsyncUsdsFutures, tape: Tape) -> None:
    async with client.streams.book_ticker("btcusdt", on_full="latest", buffer_size=SIZE) as stream:
        most = 0
        for _ in range(ROUNDS):
            before = stream.statistics.received
            tape.print(PRODUCED)
            await until(lambda before=before: stream.statistics.received > before)  # type: ignore[misc]
            most = max(most, stream.statistics.waiting)
        # The last event that was pushed tells of the book as it is now.
        await until(lambda: stream.statistics.received >= ROUNDS)
        statistics = stream.statistics
        newest: Any = None
        async for event in stream.events():
            newest = event
            if stream.statistics.waiting == 0:
                break

    book = tape.exchange.market("BTCUSDT").book
    assert (newest.best_bid_price, newest.best_bid_quantity) == book.best("BUY")
    assert (newest.best_ask_price, newest.best_ask_quantity) == book.best("SELL")
    assert statistics.dropped > 0
    assert most <= SIZE + 1


_TEXTS = dict.fromkeys(("o", "c", "h", "l", "v", "q", "V", "Q", "B"), "1")
_CANDLE = {"t": 1, "T": 2, "i": "1m", "f": 1, "L": 2, "n": 1, "x": True, **_TEXTS}
_KLINE = {"e": "kline", "s": "BTCUSDT", "k": {**_CANDLE, "s": "BTCUSDT"}}
_CONTINUOUS_KLINE = {"e": "continuous_kline", "ps": "BTCUSDT", "ct": "PERPETUAL", "k": _CANDLE}
_DEPTH = {"e": "depthUpdate", "T": 1, "s": "BTCUSDT", "U": 1, "u": 1, "pu": 1, "b": [], "a": []}


@pytest.mark.parametrize(
    ("open_both", "payload"),
    [
        pytest.param(lambda s: (s.kline("btcusdt", "1m"), s.kline("btcusdt", "5m")), _KLINE, id="intervals"),
        pytest.param(lambda s: (s.partial_depth("btcusdt", 5), s.partial_depth("btcusdt", 20)), _DEPTH, id="levels"),
        pytest.param(
            lambda s: [s.continuous_kline("btcusdt", each, "1m") for each in ("perpetual", "current_quarter")],
            _CONTINUOUS_KLINE,
            id="contracts",
        ),
    ],
)
async def test_latest_keeps_the_newest_of_each_stream_of_a_symbol(
    client: AsyncUsdsFutures,
    exchange: Simulator,
    open_both: Callable[[Any], Sequence[Stream[Any]]],
    payload: dict[str, Any],
) -> None:
    quiet, busy = open_both(client.streams)
    async with client.streams.merge(quiet, busy, on_full="latest", buffer_size=4) as stream:
        names = [*quiet.names, *busy.names * 9]
        for time, name in enumerate(names):
            exchange.faults.send(json.dumps({"stream": name, "data": {**payload, "E": time}}, separators=(",", ":")))
        await until(lambda: stream.statistics.received == len(names))
        times = list[int]()
        async for event in stream.events():
            times.append(event.event_time)
            if stream.statistics.waiting == 0:
                break

    assert (times[0], times[-1]) == (0, 9)


_BOOK_TICKER = {"e": "bookTicker", "u": 1, "T": 1, **dict.fromkeys(("b", "B", "a", "A"), "1")}


@pytest.mark.parametrize("is_merged", [False, True])
async def test_latest_keeps_the_newest_of_each_symbol_that_one_stream_tells_of(
    client: AsyncUsdsFutures, exchange: Simulator, is_merged: bool
) -> None:
    options: Any = {"on_full": "latest", "buffer_size": 4}
    streams = client.streams
    stream: Stream[Any] = streams.book_ticker_all(**options)
    if is_merged:
        stream = streams.merge(streams.book_ticker_all(), streams.agg_trade("btcusdt"), **options)
    symbols = ["ETHUSDT", "BNBUSDT", *["BTCUSDT"] * 8]
    async with stream:
        for time, symbol in enumerate(symbols):
            data = {**_BOOK_TICKER, "E": time, "s": symbol}
            exchange.faults.send(json.dumps({"stream": "!bookTicker", "data": data}, separators=(",", ":")))
        await until(lambda: stream.statistics.received == len(symbols))
        newest = dict[str, int]()
        async for event in stream.events():
            newest[event.symbol] = event.event_time
            if stream.statistics.waiting == 0:
                break

    assert newest == {"ETHUSDT": 0, "BNBUSDT": 1, "BTCUSDT": 9}
    assert stream.statistics.dropped > 0


async def test_lag_is_from_event_time_to_delivery_whatever_the_consumer_does_then(
    client: AsyncUsdsFutures, tape: Tape, clock: ManualClock
) -> None:
    taken = list[tuple[str, float | None]]()

    async def take() -> None:
        item = await anext(items)
        taken.append((type(item).__name__, stream.statistics.lag_ms))

    async with client.streams.agg_trade("btcusdt") as stream, asyncio.timeout(10):
        items = aiter(stream)
        tape.print()
        clock.advance(2)
        await take()
        clock.advance(5)  # The consumer's own work.
        tape.print()
        await take()
        for _ in range(2):
            clock.advance(7)
            tape.exchange.faults.close_sockets("streams", None)
            await take()

    assert taken == [("AggTradeEvent", 2_000), ("AggTradeEvent", 0), ("Reconnected", 0), ("Reconnected", 0)]


async def test_raise_ends_the_stream_behind_what_fitted(client: AsyncUsdsFutures, tape: Tape) -> None:
    items = list[Any]()
    async with client.streams.agg_trade("btcusdt", on_full="raise", buffer_size=SIZE) as stream:
        first = tape.print(10 * SIZE)[0]
        await until(lambda: stream.statistics.received >= SIZE + 1)
        with pytest.raises(BufferOverflow) as raised:
            async for item in stream:
                items.append(item)

    assert raised.value.capacity == SIZE
    assert delivered_ids(items) == list(range(first, first + SIZE))


@pytest.mark.parametrize("policy", ["wait", "drop_oldest"])
async def test_a_slow_consumer_does_not_keep_a_quick_one_waiting(
    client: AsyncUsdsFutures, tape: Tape, policy: Any
) -> None:
    async with (
        client.streams.agg_trade("btcusdt", on_full=policy, buffer_size=SIZE),
        client.streams.agg_trade("btcusdt") as quick,
    ):
        last = tape.print(10 * SIZE)[-1]
        items = await the_rest(quick, last)

    assert delivered_ids(items) == sorted(tape.times)
