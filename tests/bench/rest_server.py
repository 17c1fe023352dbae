"""The HTTP server of the REST bench: answers a few paths with prepared bytes, and does nothing else."""

from __future__ import annotations

import asyncio
import json
import time

from . import payloads
from .stream_server import IDS_PER_TICK, TICK

HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n"
    b"Cache-Control: no-cache, no-store, must-revalidate\r\n"
    b"x-mbx-used-weight-1m: 1\r\nx-mbx-order-count-10s: 1\r\nx-mbx-order-count-1m: 1\r\nx-response-time: 1ms\r\n"
)


def response(body: bytes) -> bytes:
    """A whole response."""
    return HEADERS + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _symbols() -> bytes:
    """Enough of the exchange information for a peer that loads the markets before it trades."""
    return json.dumps({"timezone": "UTC", "serverTime": 0, "rateLimits": [], "symbols": []}).encode()


def _snapshot() -> bytes:
    """A book whose id follows the wall clock, as those of the depth updates do."""
    levels = 500
    return json.dumps(
        {
            "lastUpdateId": int(time.time() / TICK) * IDS_PER_TICK + IDS_PER_TICK // 2,
            "E": 1_700_000_000_000,
            "T": 1_700_000_000_000,
            "bids": [[f"{64000 - step / 10:.2f}", "1.5"] for step in range(levels)],
            "asks": [[f"{64000.1 + step / 10:.2f}", "1.5"] for step in range(levels)],
        },
        separators=(",", ":"),
    ).encode()


class Exchange(asyncio.Protocol):
    """One connection."""

    order = response(payloads.reply("new_order"))
    symbols = response(_symbols())
    empty = response(b"{}")

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            stop = end + 4
            head = data[:end].lower()
            at = head.find(b"content-length:")
            if at >= 0:
                stop += int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(data) < stop:
                break
            assert self._transport is not None
            self._transport.write(self.answer(data[: data.index(b"\r\n")]))
            data = data[stop:]
        self._rest = data

    def answer(self, request: bytes) -> bytes:
        """The response to a request line."""
        path = request.split(b" ", 2)[1].partition(b"?")[0]
        if path.endswith(b"/order"):
            return self.order
        if path.endswith(b"/time"):
            return response(b'{"serverTime":%d}' % int(time.time() * 1000))
        if path.endswith(b"/depth"):
            return response(_snapshot())
        if path.endswith(b"/exchangeInfo"):
            return self.symbols
        return self.empty


async def main() -> None:
    """Serves on a free port of loopback until it is terminated."""
    server = await asyncio.get_running_loop().create_server(Exchange, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
