"""The WebSocket server of the streams bench: sends prepared frames as fast as they are taken, or at a steady pace.

The first part of the path says what a connection is for:

- `/flood`: aggregate trades without a pause, once they are subscribed to.
- `/steady`: 20,000 of them a second, each with the monotonic clock of its moment as its event time, in nanoseconds.
- `/books`: depth updates of every stream that was subscribed to, each 100 ms; ids follow the wall clock.
- `/ws-api`: one prepared reply to every request.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

from . import payloads
from .payloads import frame, in_envelope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PER_BATCH = 500
STEADY = 20_000
PER_TICK = 10
TICK = 0.1
LEVELS = 20
"""Changed levels of each side in one depth update."""
IDS_PER_TICK = 10

_ID = re.compile(rb'"id":\s*("[^"]*"|\d+)')
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_RATE_LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 10**9, "count": 1},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 10**9, "count": 1},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 10**9, "count": 1},
]


class Connection:
    """One WebSocket connection, from its handshake on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._streams: dict[str, None] = {}
        self._subscribed = asyncio.Event()

    async def serve(self) -> None:
        """Serves it until it ends."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            path = await self._shake_hands()
            _, _, query = path.partition("?streams=")
            self._subscribe(query.split("/") if query else [])
            send = {"flood": self._flood, "steady": self._steady, "books": self._books}.get(path.split("/")[1])
            sender = None if send is None else asyncio.create_task(send())
            try:
                async for message in self._messages():
                    self._writer.write(self._answer(message))
            finally:
                if sender is not None:
                    sender.cancel()
        self._writer.close()

    async def _shake_hands(self) -> str:
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        key = next(line.split(b": ")[1] for line in lines if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
        self._writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        return unquote(lines[0].split(b" ")[1].decode())

    async def _messages(self) -> AsyncIterator[bytes]:
        """Text messages, unmasked, as long as the peer does not close."""
        while True:
            head, length = await self._reader.readexactly(2)
            length &= 0x7F
            if length > 125:
                length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
            mask = int.from_bytes(await self._reader.readexactly(4), "big").to_bytes(4, "big") * (length // 4 + 1)
            masked = await self._reader.readexactly(length)
            text = int.from_bytes(masked, "big") ^ int.from_bytes(mask[:length], "big")
            if head == 0x88:
                return
            if head == 0x81:
                yield text.to_bytes(length, "big")

    def _subscribe(self, names: list[str]) -> None:
        self._streams.update(dict.fromkeys(names))
        if self._streams:
            self._subscribed.set()

    def _answer(self, message: bytes) -> bytes:
        if b'"SUBSCRIBE"' in message:
            request = json.loads(message)
            self._subscribe(request["params"])
            return frame(b'{"result":null,"id":%s}' % json.dumps(request["id"]).encode())
        found = _ID.search(message)
        reply = PRICE_REPLY if b'"ticker.price"' in message else ORDER_REPLY
        return frame(b'{"id":%s,%s' % (found[1] if found else b"null", reply))

    # --- What is sent -------------------------------------------------------------------------------------------------

    async def _flood(self) -> None:
        await self._subscribed.wait()
        batch = b"".join(FLOOD)
        while True:
            self._writer.write(batch)
            await self._writer.drain()

    async def _steady(self) -> None:
        await self._subscribed.wait()
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, start + sent / STEADY - loop.time()))
            stamp = str(time.monotonic_ns()).encode()
            stamped = TRADE.replace(b"1700000000123", stamp)
            self._writer.write(frame(stamped) * PER_TICK)
            sent += PER_TICK

    async def _books(self) -> None:
        await self._subscribed.wait()
        tick = int(time.time() / TICK)
        chance = random.Random(1)
        while True:
            await asyncio.sleep(max(0.0, tick * TICK - time.time()))
            self._writer.write(b"".join(frame(depth_update(name, tick, chance)) for name in self._streams))
            await self._writer.drain()
            tick += 1


def depth_update(stream: str, tick: int, chance: random.Random) -> bytes:
    """The changes of one book in one tick: near the best price mostly, as on an exchange."""
    symbol = stream.partition("@")[0].upper()
    first = tick * IDS_PER_TICK
    return DEPTH % (
        stream.encode(),
        symbol.encode(),
        first,
        first + IDS_PER_TICK - 1,
        first - 1,
        _levels(chance, -1),
        _levels(chance, 1),
    )


def _levels(chance: random.Random, side: int) -> bytes:
    steps = chance.sample(range(60), LEVELS)
    return b",".join(
        b'["%.2f","%.3f"]' % (64000 + side * (step + 0.5) / 10, 0 if chance.random() < 0.3 else chance.random() * 9)
        for step in steps
    )


TRADE = in_envelope("btcusdt@aggTrade", payloads.agg_trade())
FLOOD = [
    frame(in_envelope("btcusdt@aggTrade", payloads.agg_trade() | {"a": 2_593_301_400 + number}))
    for number in range(PER_BATCH)
]
ORDER_REPLY, PRICE_REPLY = (
    b'"status":200,"result":%s,"rateLimits":%s}'
    % (payloads.reply(operation), json.dumps(_RATE_LIMITS, separators=(",", ":")).encode())
    for operation in ("new_order", "ticker_price")
)
DEPTH = (
    b'{"stream":"%s","data":{"e":"depthUpdate","E":1700000000123,"T":1700000000120,"s":"%s","U":%d,"u":%d,"pu":%d,'
    b'"b":[%s],"a":[%s],"ps":"BTCUSDT","st":1}}'
)


async def main() -> None:
    """Serves on a free port of loopback until it is terminated."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(reader, writer).serve()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
