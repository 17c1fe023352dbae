"""However a connection is lost, a trade is delivered once, or lies in a gap that was announced in its place."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from binance_derivatives import AsyncUsdsFutures, Malformed, Reconnected, ReconnectPolicy

from ..conditions import until
from ..cutting_proxy import CuttingProxy, Limit
from .conftest import SETTINGS
from .reader import Reader
from .tape import TRADES, Tape, delivered_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives import Stream
    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import Direction

IMPATIENT = evolve(SETTINGS, ping_interval=0.05, ping_timeout=0.05, close_timeout=0.05)
"""Finds a connection dead whose pings are not answered within a tenth of a second of the exchange's time."""


def trades(client: AsyncUsdsFutures) -> Reader:
    return Reader(client.streams.agg_trade("btcusdt"))


async def printed_and_read(reader: Reader, tape: Tape, count: int = 1) -> None:
    """Prints trades and waits until the reader has the last of them."""
    printed = tape.print(count)
    await reader.until(lambda: printed[-1] in delivered_ids(reader.items[-1:]))


async def caught_up(reader: Reader, tape: Tape) -> None:
    """Prints trades until the reader gets one of them: whatever was lost before, it is connected now."""
    before = tape.last
    await until(lambda: tape.print() and (delivered_ids(reader.items) or [0])[-1] > before)
    await reader.until(lambda: delivered_ids(reader.items)[-1] == tape.last)


# --- The exchange's own ways ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, 1000, 1001, 1008, 1011, 1012])
async def test_a_connection_that_the_exchange_ends(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape, code: int | None
) -> None:
    async with trades(client) as reader:
        first = tape.print(3)[0]
        await reader.until(lambda: delivered_ids(reader.items) == [first, first + 1, first + 2])
        exchange.faults.close_sockets("streams", code)
        tape.print(2)
        await reader.take(Reconnected)
        await printed_and_read(reader, tape, 3)

    assert tape.check(reader.items, first=first, batch=3) == 2
    assert [type(item).__name__ for item in reader.items].index("Reconnected") == 3


async def test_a_gap_is_from_when_the_connection_was_last_heard_to_when_the_next_one_was_whole(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with trades(client) as reader:
        clock.advance(5)
        tape.print()
        await reader.until(lambda: reader.items)
        heard = clock.now_ms()
        clock.advance(5)
        exchange.faults.close_sockets("streams", None)
        (gap,) = await reader.take(Reconnected)

    assert (gap.since, gap.until) == (heard, heard + 5_000)


async def test_a_thousand_reconnects_in_a_row(exchange: Simulator, client: AsyncUsdsFutures, tape: Tape) -> None:
    async with trades(client) as reader:
        first = tape.print()[0]
        for number in range(1_000):
            tape.print(2)
            exchange.faults.close_sockets("streams", None if number % 2 else 1001)
            tape.print()
            await reader.until(lambda number=number: reader.stream.statistics.reconnects > number)  # type: ignore[misc]
        await caught_up(reader, tape)
        statistics = reader.stream.statistics

        assert exchange.connections["streams"] == 1
        assert exchange.subscriptions == {TRADES: 1}

    missed = tape.check(reader.items, first=first, batch=3)
    assert statistics.reconnects == 1_000
    assert statistics.received == statistics.delivered == len(delivered_ids(reader.items))
    assert statistics.delivered + missed == len(tape.times)
    assert statistics.dropped == 0


async def test_who_sleeps_through_hundreds_of_cuts_finds_each_trade_or_its_gap_and_no_heap_of_notices(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape
) -> None:
    async with client.streams.agg_trade("btcusdt", on_full="raise", buffer_size=40) as stream:
        first = tape.print()[0]
        await until(lambda: stream.statistics.received == 1)
        for number in range(300):
            exchange.faults.close_sockets("streams", None)
            tape.print()
            await until(lambda number=number: stream.statistics.reconnects > number)  # type: ignore[misc]
            if number % 10 == 0:
                before, last = stream.statistics.received, tape.print()[0]
                await until(lambda before=before: stream.statistics.received > before)  # type: ignore[misc]
        waiting, received = stream.statistics.waiting, stream.statistics.received
        items = [await anext(iterator) for iterator in [aiter(stream)] for _ in range(waiting)]

    assert len(delivered_ids(items)) == received
    assert len(items) <= 2 * received + 1
    assert delivered_ids(items)[-1] == last
    assert tape.check(items, first=first) == len(tape.times) - received
    assert stream.statistics.reconnects == 300


async def test_a_cut_of_hundreds_of_streams_is_one_reconnection(exchange: Simulator, client: AsyncUsdsFutures) -> None:
    intervals: Any = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"]
    kinds: Any = ["PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER"]
    streams: list[Stream[Any]] = []
    for pair, interval in itertools.product(("btcusdt", "ethusdt"), intervals):
        streams.append(client.streams.kline(pair, interval))
        streams += [client.streams.continuous_kline(pair, kind, interval) for kind in kinds]
    async with Reader(client.streams.merge(*streams)) as reader:
        exchange.faults.close_sockets("streams", None)
        await reader.until(lambda: sum(len(gap.streams) for gap in reader.of(Reconnected)) == len(streams))
        assert exchange.connections["streams"] == 1
        assert reader.stream.statistics.reconnects == 1


async def test_several_streams_lose_a_connection_together(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape
) -> None:
    async with trades(client) as one, trades(client) as two, Reader(client.streams.mark_price("btcusdt")) as other:
        first = tape.print()[0]
        await two.until(lambda: delivered_ids(two.items))
        exchange.faults.close_sockets("streams", None)
        for reader in (one, two, other):
            (gap,) = await reader.take(Reconnected)
            assert set(gap.streams) == set(reader.stream.names)
        await printed_and_read(one, tape)
        await printed_and_read(two, tape)

        assert exchange.connections["streams"] == 1

    assert tape.check(one.items, first=first) == tape.check(two.items, first=first) == 0


# --- Cuts at exact bytes ----------------------------------------------------------------------------------------------


async def test_a_cut_at_every_byte_of_a_frame(
    distant_client: AsyncUsdsFutures, proxy: CuttingProxy, tape: Tape
) -> None:
    async with trades(distant_client) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        # A frame of an aggregate trade has some 200 bytes: the last cuts fall behind it.
        for count in range(1, 260):
            proxy.cut_after(count)
            tape.print(2)
            await reader.until(lambda count=count: reader.stream.statistics.reconnects == count)  # type: ignore[misc]
        await caught_up(reader, tape)

    missed = tape.check(reader.items, first=first, batch=2)
    assert missed + len(delivered_ids(reader.items)) == len(tape.times)
    assert 259 < missed < 2 * 259, "some trades came through whole, and none of those was lost"
    assert reader.of(Malformed) == []


@pytest.mark.parametrize("direction", ["to client", "to exchange"])
async def test_a_cut_at_every_byte_of_a_handshake(
    exchange: Simulator, distant_client: AsyncUsdsFutures, proxy: CuttingProxy, tape: Tape, direction: Direction
) -> None:
    async with trades(distant_client) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        length = proxy.handshake(direction)
        proxy.limits.extend(Limit(direction, count) for count in range(length))
        proxy.cut()
        await until(lambda: not proxy.limits)
        await reader.take(Reconnected)
        await caught_up(reader, tape)

        assert proxy.accepted == length + 2, "the first one, one for each cut, and the one that lasts"
        assert proxy.handshake(direction) == length, "no handshake was longer, so none was cut behind its end"
        await until(lambda: exchange.connections["streams"] == 1)

    assert len(reader.of(Reconnected)) == 1
    tape.check(reader.items, first=first)


def fragments(text: bytes, *, whole: bool) -> bytes:
    """A text message in three frames with a ping between them; not whole: its last frame is missing."""
    third = len(text) // 3
    parts = [text[:third], text[third : 2 * third], text[2 * third :]]
    frames = [_frame(0x01, parts[0]), _frame(0x89, b"there?"), _frame(0x00, parts[1])]
    return b"".join([*frames, _frame(0x80, parts[2])] if whole else frames)


def _frame(first_byte: int, payload: bytes) -> bytes:
    assert len(payload) < 126
    return bytes([first_byte, len(payload)]) + payload


def trade_text(number: int) -> bytes:
    body = f'"e":"aggTrade","E":1,"s":"BTCUSDT","a":{number},"p":"1","q":"1","f":1,"l":1,"T":1,"m":true,"nq":"1","st":1'
    return b'{"stream":"%s","data":{%s}}' % (TRADES.encode(), body.encode())


async def test_a_cut_within_a_fragmented_message(
    distant_client: AsyncUsdsFutures, proxy: CuttingProxy, tape: Tape
) -> None:
    async with trades(distant_client) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        proxy.insert(fragments(trade_text(7), whole=True))
        await reader.until(lambda: delivered_ids(reader.items) == [first, 7])
        proxy.insert(fragments(trade_text(8), whole=False))
        proxy.cut()
        await reader.take(Reconnected)
        await caught_up(reader, tape)

    assert delivered_ids(reader.items) == [first, 7, *range(first + 1, tape.last + 1)], "half a message is none"


# --- Silence ----------------------------------------------------------------------------------------------------------


SILENCES: dict[str, Callable[[Simulator, CuttingProxy], None]] = {
    "half-open, no FIN": lambda exchange, proxy: proxy.fall_silent(),
    "stalled within a frame": lambda exchange, proxy: proxy.cut_after(50, silent=True),
    "the exchange answers no ping": lambda exchange, proxy: exchange.faults.stop_answering("streams"),
}


@pytest.mark.parametrize("silence", SILENCES)
async def test_a_connection_that_is_dead_without_having_ended(
    exchange: Simulator,
    proxy: CuttingProxy,
    nothing_left: None,
    options: dict[str, Any],
    clock: ManualClock,
    tape: Tape,
    silence: str,
) -> None:
    options |= {"stream_url": proxy.url, "connection_settings": IMPATIENT}
    async with AsyncUsdsFutures(**options) as client, trades(client) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        SILENCES[silence](exchange, proxy)
        tape.print(3)
        await until(lambda: reader.of(Reconnected), moving=clock, step=0.001)
        await caught_up(reader, tape)
    exchange.faults.close_sockets()  # One that reads nothing would not see its connections end.
    proxy.cut()

    tape.check(reader.items, first=first, batch=50)  # Time went on while the last bytes were on their way.
    assert reader.of(Malformed) == []


@pytest.mark.parametrize("direction", ["to client", "to exchange"])
async def test_handshakes_that_stall_are_given_up_and_tried_again(
    proxy: CuttingProxy, nothing_left: None, options: dict[str, Any], tape: Tape, direction: Any
) -> None:
    # On a busy machine the first handshake may take longer than this too, and is tried again.
    persistent = ReconnectPolicy(base=0.0, attempts_at_start=50)
    settings = evolve(IMPATIENT, open_timeout=0.2, reconnect=persistent)
    options |= {"stream_url": proxy.url, "connection_settings": settings}
    async with AsyncUsdsFutures(**options) as client, trades(client) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        proxy.limits.extend(Limit(direction, count, silent=True) for count in (1, 60, 120))
        proxy.cut()
        await reader.take(Reconnected)
        await caught_up(reader, tape)
    proxy.cut()

    tape.check(reader.items, first=first)


# --- What nobody can read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ('{"stream":"btcusdt@aggTrade","data":{"e":"aggTr', True),
        ('{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","a":}}', True),
        ('{"stream":"btcusdt@somethingNew","data":{"e":"somethingNew"}}', False),
        ('{"e":"aggTrade"}', False),
        ('{"result":null,"id":4711}', False),
        ('{"error":{"code":2,"msg":"?"},"id":null}', False),
        ("[]", False),
        ("", False),
        ("\x00", False),
    ],
)
async def test_a_frame_that_makes_no_sense_hurts_nobody(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape, text: str, is_told: bool
) -> None:
    async with trades(client) as reader:
        first = tape.print()[0]
        exchange.faults.send(text)
        await printed_and_read(reader, tape)

    assert [type(item).__name__ for item in reader.items] == [
        "AggTradeEvent",
        *["Malformed"] * is_told,
        "AggTradeEvent",
    ]
    assert tape.check(reader.items, first=first) == 0
