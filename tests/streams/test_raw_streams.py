"""Streams of the exchange by their wire names: several routes in one iterator, through a cut, to the byte."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from binance_derivatives import AsyncUsdsFutures, RawEvent, Reconnected

from ..conditions import until
from .reader import Reader
from .tape import TRADES, Tape, delivered_ids

if TYPE_CHECKING:
    from pathlib import Path

    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy

DEPTH = "btcusdt@depth@100ms"


def trade_ids(items: list[Any]) -> list[int]:
    """Ids of the trades among raw events, in their order."""
    return [item.json()["a"] for item in items if getattr(item, "stream", None) == TRADES]


def depth_ids(items: list[Any]) -> list[int]:
    """Last ids of the changes of the book among raw events, in their order."""
    return [item.json()["u"] for item in items if getattr(item, "stream", None) == DEPTH]


async def test_names_of_two_routes_come_in_one_iterator_and_go_on_behind_a_cut(
    exchange: Simulator, distant_client: AsyncUsdsFutures, proxy: CuttingProxy, clock: ManualClock, tape: Tape
) -> None:
    def produce() -> None:
        """Trades, and time for the book's changes to be told."""
        tape.print(3)
        clock.advance(ms=100)

    async with Reader(distant_client.streams.raw(TRADES, DEPTH)) as reader:
        assert (proxy.accepted, exchange.connections["streams"]) == (2, 2)
        assert exchange.subscriptions == {TRADES: 1, DEPTH: 1}
        produce()
        before = tape.last
        await reader.until(lambda: trade_ids(reader.items)[-1:] == [before] and depth_ids(reader.items))
        proxy.cut()
        await until(lambda: reader.stream.statistics.reconnects == 2)
        gaps = await reader.take(Reconnected)
        cut = max(at for at, item in enumerate(reader.items) if isinstance(item, Reconnected))
        produce()
        await reader.until(lambda: trade_ids(reader.items)[-1:] == [tape.last] and depth_ids(reader.items[cut:]))
        statistics = reader.stream.statistics
        assert statistics.delivered == len(reader.of(RawEvent))

    assert {name for gap in gaps for name in gap.streams} == {TRADES, DEPTH}
    assert trade_ids(reader.items) == sorted(tape.times), "nothing was traded while the connections were down"
    assert depth_ids(reader.items) == sorted(set(depth_ids(reader.items)))
    assert (statistics.dropped, statistics.reconnects) == (0, 2)


async def test_a_raw_payload_is_what_the_typed_event_was_read_from(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape, tmp_path: Path
) -> None:
    path = tmp_path / "raw.gz"
    typed = Reader(client.streams.agg_trade("btcusdt"))
    async with Reader(client.streams.raw(TRADES).record(path)) as raw, typed:
        assert exchange.subscriptions == {TRADES: 1}
        tape.print(5)
        await raw.until(lambda: len(raw.items) == 5)
        await typed.until(lambda: len(typed.items) == 5)

    documents = [item.json() for item in raw.items]
    assert [Decimal(document["p"]) for document in documents] == [event.price for event in typed.items]
    assert trade_ids(raw.items) == delivered_ids(typed.items) == sorted(tape.times)
    assert all(tape.times[each.json()["a"]] <= each.received_at <= tape.times[tape.last] for each in raw.items)
    assert [item async for item in client.streams.raw(TRADES).replay(path)] == raw.items
    assert [item async for item in client.streams.agg_trade("btcusdt").replay(path)] == typed.items
