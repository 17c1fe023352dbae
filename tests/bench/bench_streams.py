"""Receiving: aggTrade events per second over one loopback connection, typed streams beside bare `websockets`.

    python tests/bench/bench_streams.py [events]

A second process serves prepared frames as fast as they are taken. Each way of receiving gets the same frames; the best of
three runs counts. Latency is measured apart, under a steady load of 20,000 events a second: from the moment the server
writes an event to the moment the consumer has it, decoded.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import multiprocessing
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from websockets.asyncio.client import connect

from binance_derivatives import AsyncUsdsFutures

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from multiprocessing.connection import Connection

EVENT = (
    '{"e":"aggTrade","E":%d,"s":"BTCUSDT","a":%d,"p":"64998.40","q":"0.043","nq":"0.043","f":100018,"l":100018,'
    '"T":1795248561201,"m":false,"st":1}'
)
NAME = "btcusdt@aggTrade"
PER_BATCH = 500
STEADY = 20_000
RUNS = 3


def frame(number: int, stamp: int, *, combined: bool) -> bytes:
    payload = (EVENT % (stamp, number)).encode()
    if combined:
        payload = b'{"stream":"%s","data":%s}' % (NAME.encode(), payload)
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Any number of events: the path says whether in an envelope and whether at a steady pace."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    combined, steady = "/stream" in head, "/steady" in head
    number = 0
    batch = b"".join(frame(number, 1, combined=combined) for number in range(PER_BATCH))
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        while True:
            if steady:
                # Ten events at a time, stamped with the monotonic clock that both processes share.
                await asyncio.sleep(max(0.0, start + number / STEADY - loop.time()))
                stamp = time.monotonic_ns()
                batch = b"".join(frame(number + each, stamp, combined=combined) for each in range(10))
                number += 10
            writer.write(batch)
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError):
        writer.close()


def server(pipe: Connection) -> None:
    async def run() -> None:
        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        pipe.send(listening.sockets[0].getsockname()[1])
        await listening.serve_forever()

    asyncio.run(run())


class Meter:
    """Counts events and tells how long they took, from the first one on: connecting and importing do not count."""

    def __init__(self, events: int) -> None:
        self._left = events + 1
        self._start = 0.0
        self.seconds = 0.0

    def take(self, event: object) -> None:
        if not self._start:
            self._start = time.perf_counter()
        self._left -= 1
        if not self._left:
            self.seconds = time.perf_counter() - self._start
            raise Enough


class Enough(Exception):
    """All events have come."""


async def bare_text(port: int, meter: Meter) -> None:
    async with connect(f"ws://127.0.0.1:{port}/", compression=None, max_queue=None, close_timeout=0.1) as websocket:
        while True:
            meter.take(await websocket.recv())


async def bare_bytes(port: int, meter: Meter) -> None:
    async with connect(f"ws://127.0.0.1:{port}/", compression=None, max_queue=None, close_timeout=0.1) as websocket:
        while True:
            meter.take(await websocket.recv(decode=False))


async def typed_iterator(port: int, meter: Meter) -> None:
    async with (
        AsyncUsdsFutures(stream_url=f"ws://127.0.0.1:{port}") as client,
        client.streams.agg_trade("btcusdt", on_full="wait") as stream,
    ):
        async for event in stream:
            meter.take(event)


async def typed_callback(port: int, meter: Meter) -> None:
    async with (
        AsyncUsdsFutures(stream_url=f"ws://127.0.0.1:{port}") as client,
        client.streams.agg_trade("btcusdt", on_full="wait") as stream,
    ):
        await stream.run(meter.take)


async def latencies(port: int, events: int) -> list[float]:
    """Microseconds from the server's write to the consumer, one for each event."""
    found: list[float] = []
    async with (
        AsyncUsdsFutures(stream_url=f"ws://127.0.0.1:{port}/steady") as client,
        client.streams.agg_trade("btcusdt") as stream,
    ):
        async for event in stream.events():
            found.append((time.monotonic_ns() - event.event_time) / 1000)
            if len(found) == events:
                break
    return found


def rate(receive: Callable[[int, Meter], Coroutine[None, None, None]], port: int, events: int) -> float:
    best = 0.0
    for _ in range(RUNS):
        meter = Meter(events)
        with suppress(Enough):
            asyncio.run(receive(port, meter))
        best = max(best, events / meter.seconds)
    return best


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=server, args=(theirs,), daemon=True)
    process.start()
    port = ours.recv()
    base = 0.0
    for name, receive in (
        ("websockets recv()", bare_text),
        ("websockets recv(decode=False)", bare_bytes),
        ("typed, async for", typed_iterator),
        ("typed, callback", typed_callback),
    ):
        found = rate(receive, port, events)
        base = base or found
        print(f"{name:32}{found:>12,.0f} events/s {found / base:6.2f}", flush=True)
    waits = sorted(asyncio.run(latencies(port, STEADY * 2)))
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    print(f"at {STEADY:,} events/s: p50 {middle:,.0f} µs, p99 {late:,.0f} µs from socket to consumer")
    process.terminate()


if __name__ == "__main__":
    main()
