"""WebSockets: events per second, latency, order books, and round trips of the WebSocket API, all from one server.

Rates are events per second of the receiver's processor time: a receiver that is flooded never waits, so on a machine
that is otherwise idle this is its rate by the clock too, and on one that is not it still says what it costs.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from websockets.asyncio.client import connect

from .clients import API_KEY, API_SECRET, NOWHERE, UnhurriedAsyncClient
from .measuring import Contest, apart, background
from .payloads import SYMBOLS
from .peers import official_sdk_streams, official_sdk_ws_api
from .results import Result, show
from .stream_server import IDS_PER_TICK, TICK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from binance_derivatives.usds_futures.models import AggTradeEvent

Taken = TypeVar("Taken")

ITERATOR, CALLBACK, SDK, BARE = "async for", "callback", "official SDK", "bare websockets, undecoded text"
ORDER, PRICE, ECHO = "signed order, typed reply", "ticker price, typed reply", "bare websockets, same messages"
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
        ITERATOR: (by_iterator, 100_000),
        CALLBACK: (by_callback, 100_000),
        SDK: (by_sdk, 20_000),
        BARE: (by_bare_websockets, 50_000),
    }
    contest = Contest()
    for _ in range(rounds):
        for name, (receive, events) in ways.items():
            contest.add(name, asyncio.run(_in_time(receive(port, events))))

    def row(way: str, peer: str, target: float | None = None) -> Result:
        ours, theirs = (f"{1 / contest.best(each):,.0f}/s" for each in (way, peer))
        return Result(f"typed aggTrade, {way}", ours, peer, theirs, 1 / contest.ratio(way, peer), target, "at least")

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


# --- WebSocket API ----------------------------------------------------------------------------------------------------


async def round_trips(port: int, rounds: int, calls: int = 10) -> Contest:
    """Seconds per round trip, in turns on one event loop."""
    contest = Contest()
    sdk = official_sdk_ws_api(f"ws://127.0.0.1:{port}/ws-api")
    await sdk.create_connection()
    async with (
        UnhurriedAsyncClient(
            api_key=API_KEY, api_secret=API_SECRET, rest_url=NOWHERE, ws_api_url=f"ws://127.0.0.1:{port}/ws-api"
        ) as ours,
        connect(f"ws://127.0.0.1:{port}/ws-api", compression=None, close_timeout=0.1) as bare,
    ):
        # No REST server is there to tell the time; the local clock serves.
        ours.exchange_clock.record(time.monotonic(), time.monotonic(), int(time.time() * 1000))

        async def our_order() -> object:
            placed = await ours.ws_api.trade.new_order(
                symbol="BTCUSDT",
                side="BUY",
                type="LIMIT",
                time_in_force="GTC",
                quantity=Decimal("0.01"),
                price=Decimal("64000.1"),
            )
            return placed.order_id

        async def our_price() -> object:
            return (await ours.ws_api.market_data.ticker_price(symbol="BTCUSDT")).price

        async def sdk_order() -> object:
            placed = await sdk.new_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=64000.1
            )
            return placed.data().result.order_id

        async def sdk_price() -> object:
            return (await sdk.symbol_price_ticker(symbol="BTCUSDT")).data()

        def echo(text: str) -> Callable[[], Awaitable[object]]:
            async def call() -> object:
                await bare.send(text)
                return await bare.recv()

            return call

        ways: dict[str, Callable[[], Awaitable[object]]] = {
            f"{ORDER}, ours": our_order,
            f"{ORDER}, {SDK}": sdk_order,
            f"{ORDER}, {ECHO}": echo(ORDER_REQUEST),
            f"{PRICE}, ours": our_price,
            f"{PRICE}, {SDK}": sdk_price,
            f"{PRICE}, {ECHO}": echo(PRICE_REQUEST),
        }
        for number in range(rounds + 1):
            for name, call in ways.items():
                began = time.perf_counter()
                for _ in range(calls):
                    await call()
                if number:
                    contest.add(name, (time.perf_counter() - began) / calls)
    await sdk.close_connection(close_session=True)
    return contest


ORDER_REQUEST = json.dumps(
    {
        "id": 1,
        "method": "order.place",
        "params": {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.01",
            "price": "64000.1",
            "newClientOrderId": "0" * 32,
            "apiKey": API_KEY,
            "recvWindow": 5000,
            "timestamp": 1_700_000_000_000,
            "signature": "f" * 64,
        },
    },
    separators=(",", ":"),
)
"""What our client sends, but for its random parts."""
PRICE_REQUEST = '{"id":1,"method":"ticker.price","params":{"symbol":"BTCUSDT"}}'


def ws_api(port: int, rounds: int) -> list[Result]:
    """Calls with typed replies, beside an exchange of the same messages that nobody looks into."""
    contest = asyncio.run(round_trips(port, rounds))
    return [
        Result(
            f"WebSocket API, {call}",
            f"{contest.best(f'{call}, ours') * 1e6:,.0f} µs",
            peer,
            f"{contest.best(f'{call}, {peer}') * 1e6:,.0f} µs",
            contest.ratio(f"{call}, ours", f"{call}, {peer}"),
            target,
        )
        for call in (PRICE, ORDER)
        for peer, target in ((ECHO, 1.3), (SDK, None))
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
            flooded(port, rounds)
            + latency(port, max(3, rounds // 3))
            + order_books(port, rest_port, 10.0)
            + ws_api(port, rounds * 20),
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
