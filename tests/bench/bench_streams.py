"""WebSockets: events per second, latency, order books, and round trips, all from one server.

Rates are events per second of the receiver's processor time: a receiver that is flooded never waits, so on a machine
that is otherwise idle this is its rate by the clock too, and on one that is not it still says what it costs.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

from websockets.asyncio.client import connect

from .clients import NOWHERE, UnhurriedAsyncClient
from .measuring import Contest, apart, background
from .payloads import SYMBOLS
from .peers import official_sdk_streams
from .results import SDK, Result, show
from .round_trips import round_trips
from .stream_server import IDS_PER_TICK, TICK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from binance_derivatives.usds_futures.models import AggTradeEvent

Taken = TypeVar("Taken")

ITERATOR, CALLBACK, BARE = "async for", "callback", "bare websockets, undecoded text"
PATIENCE = 120.0


class Meter:
    """Counts events, and what they took, from the first one on: connecting and importing do not count."""

    def __init__(self, events: int) -> None:
        self._events = self._left = events
        self._began = 0.0
        self.taken = 0.0
        """Seconds of processor time per event."""
        self.enough = asyncio.Event()

    def take(self, event: object) -> None:
        """One more."""
        if not self._began:
            self._began = time.process_time()
            return
        self._left -= 1
        if self._left == 0:
            self.taken = (time.process_time() - self._began) / self._events
            self.enough.set()


# --- Flooded ----------------------------------------------------------------------------------------------------------


async def by_iterator(port: int, events: int) -> float:
    """Ours, through `async for`."""
    meter = Meter(events)
    async with (
        UnhurriedAsyncClient(rest_url=NOWHERE, stream_url=f"ws://127.0.0.1:{port}/flood") as client,
        client.streams.agg_trade("btcusdt", on_full="wait") as stream,
    ):
        async for event in stream:
            meter.take(event)
            if meter.taken:
                break
    return meter.taken


async def by_callback(port: int, events: int) -> float:
    """Ours, through a callback."""
    meter = Meter(events)
    async with (
        UnhurriedAsyncClient(rest_url=NOWHERE, stream_url=f"ws://127.0.0.1:{port}/flood") as client,
        client.streams.agg_trade("btcusdt", on_full="wait") as stream,
    ):
        running = asyncio.create_task(stream.run(meter.take))
        await meter.enough.wait()
        await stream.close()
        await running
    return meter.taken


async def by_sdk(port: int, events: int) -> float:
    """The official SDK, which has callbacks only."""
    meter = Meter(events)
    streams = official_sdk_streams(f"ws://127.0.0.1:{port}/flood")
    await streams.create_connection()
    handle = await streams.aggregate_trade_streams("btcusdt")
    handle.on("message", meter.take)
    await meter.enough.wait()
    await streams.close_connection(close_session=True)
    return meter.taken


async def by_bare_websockets(port: int, events: int) -> float:
    """The library underneath: text, not decoded."""
    meter = Meter(events)
    url = f"ws://127.0.0.1:{port}/flood/market/stream?streams=btcusdt@aggTrade"
    async with connect(url, compression=None, close_timeout=0.1) as websocket:
        while not meter.taken:
            meter.take(await websocket.recv())
    return meter.taken


def flooded(port: int, rounds: int) -> list[Result]:
    """Who receives how fast."""
    ways: dict[str, tuple[Callable[[int, int], Awaitable[float]], int]] = {
        ITERATOR: (by_iterator, 30_000),
        CALLBACK: (by_callback, 30_000),
        SDK: (by_sdk, 6_000),
        BARE: (by_bare_websockets, 15_000),
    }
    contest = Contest()
    for _ in range(rounds):
        for name, (receive, events) in ways.items():
            contest.add(name, asyncio.run(_in_time(receive(port, events))))

    def row(way: str, peer: str, target: float | None = None) -> Result:
        ours, theirs = (f"{1 / contest.best(each):,.0f}/s" for each in (way, peer))
        return Result(
            f"typed aggTrade, {way}", ours, peer, theirs, 1 / contest.paired_ratio(way, peer), target, "at least"
        )

    return [row(ITERATOR, SDK, 5), row(CALLBACK, SDK, 7), row(ITERATOR, BARE), row(CALLBACK, BARE)]


# --- Latency ----------------------------------------------------------------------------------------------------------


async def our_latencies(port: int, events: int) -> list[float]:
    """Seconds from the server's write to the consumer."""
    found: list[float] = []
    async with (
        UnhurriedAsyncClient(rest_url=NOWHERE, stream_url=f"ws://127.0.0.1:{port}/steady") as client,
        client.streams.agg_trade("btcusdt") as stream,
    ):
        async for event in stream.events():
            found.append((time.monotonic_ns() - event.event_time) / 1e9)
            if len(found) == events:
                break
    return found


async def sdk_latencies(port: int, events: int) -> list[float]:
    """The same by the official SDK."""
    found: list[float] = []
    enough = asyncio.Event()
    streams = official_sdk_streams(f"ws://127.0.0.1:{port}/steady")
    await streams.create_connection()

    def take(event: AggTradeEvent) -> None:
        found.append((time.monotonic_ns() - event.E) / 1e9)  # type: ignore[attr-defined]
        if len(found) == events:
            enough.set()

    handle = await streams.aggregate_trade_streams("btcusdt")
    handle.on("message", take)
    await enough.wait()
    await streams.close_connection(close_session=True)
    return found


def latency(port: int, rounds: int, events: int = 40_000) -> list[Result]:
    """p50 and p99 under a load of 20,000 events a second, of the round with the least of each."""
    contest = Contest()
    for _ in range(rounds):
        for name, receive in (("ours", our_latencies), (SDK, sdk_latencies)):
            # The first events include connecting.
            waits = sorted(asyncio.run(_in_time(receive(port, events)))[events // 10 :])
            contest.add(f"{name} p50", waits[len(waits) // 2])
            contest.add(f"{name} p99", waits[len(waits) * 99 // 100])
    return [
        Result(
            f"socket to consumer at 20,000/s, {part}",
            f"{contest.best(f'ours {part}') * 1e6:,.0f} µs",
            SDK,
            f"{contest.best(f'{SDK} {part}') * 1e6:,.0f} µs",
            contest.ratio(f"ours {part}", f"{SDK} {part}"),
        )
        for part in ("p50", "p99")
    ]


# --- Order books ------------------------------------------------------------------------------------------------------


async def books(port: int, rest_port: int, seconds: float) -> tuple[float, int]:
    """Share of one core for 200 live books, and how many had to be built anew."""
    async with (
        UnhurriedAsyncClient(
            rest_url=f"http://127.0.0.1:{rest_port}", stream_url=f"ws://127.0.0.1:{port}/books"
        ) as client,
        asyncio.TaskGroup() as group,
    ):
        kept = [client.order_book(symbol, update_speed="100ms") for symbol in SYMBOLS]
        for task in [group.create_task(book.start()) for book in kept]:
            await task
        await asyncio.sleep(1.0)
        first, used = kept[-1].last_id or 0, time.process_time()
        await asyncio.sleep(seconds)
        ticks = ((kept[-1].last_id or 0) - first) / IDS_PER_TICK
        # By the updates that came, because a server on a busy machine may be late.
        share = (time.process_time() - used) / (ticks * TICK)
        renewed = sum(book.resynchronizations for book in kept)
        alive = all(book.state == "live" and book.best_bid is not None for book in kept)
        if not alive:
            raise SystemExit("not all books are live")
        for book in kept:
            await book.close()
    return share, renewed


def order_books(port: int, rest_port: int, seconds: float) -> list[Result]:
    """What 200 books cost."""
    share, renewed = asyncio.run(books(port, rest_port, seconds))
    return [
        Result(
            f"200 books at 100 ms, 40 levels an update ({renewed} built anew)",
            f"{share:.0%} of a core",
            "one core",
            f"room for {200 / share:,.0f} books",
            share,
            1.0,
        )
    ]


async def _in_time(work: Awaitable[Taken]) -> Taken:
    async with asyncio.timeout(PATIENCE):
        return await work


def main(rounds: int = 10) -> None:
    """Runs the bench."""
    with ExitStack() as servers:
        with apart():
            port, rest_port = (servers.enter_context(background(server)) for server in ("stream_server", "rest_server"))
        show(
            "streams",
            flooded(port, rounds * 3)
            + latency(port, max(3, rounds // 3))
            + order_books(port, rest_port, 10.0)
            + round_trips(port, rounds * 8),
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
