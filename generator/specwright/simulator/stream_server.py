"""The stream server of a product: who connects to it listens, and is cut off when far behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from websockets.asyncio.server import broadcast

from .streams import StreamConnection, StreamHub, parse_target
from .websocket_server import Connection, WebSocketServer, refusal

if TYPE_CHECKING:
    from websockets.http11 import Response

    from .clock import Clock
    from .faults import Faults
    from .lifetimes import IncomingRate

MOST_UNREAD_BYTES = 2**26
"""A client that is so far behind is cut off."""


class StreamServer(WebSocketServer):
    """Serves the streams of one product.

    Args:
        hub: Who listens to what.
        clock: The exchange's time.
        faults: What goes wrong.
    """

    def __init__(self, hub: StreamHub, clock: Clock, faults: Faults) -> None:
        super().__init__("streams", clock, hub.exchange.product.connections, faults)
        self._hub = hub

    def _refusal(self, path: str, address: str) -> Response | None:
        return refusal(404, "", {}) if parse_target(path, self._hub.exchange.product.routes) is None else None

    async def _talk(self, connection: Connection, rate: IncomingRate) -> None:
        assert connection.request is not None
        target = parse_target(connection.request.path, self._hub.exchange.product.routes)
        assert target is not None

        def send(frame: bytes) -> None:
            if connection.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
                connection.transport.abort()
            broadcast([connection], frame.decode())

        client: StreamConnection = self._hub.connect(target, send, connection.close_soon)
        try:
            async for text in connection:
                if rate.exceeded():
                    await connection.close(1008, "Too many requests")
                    return
                client.receive(text)
        finally:
            client.leave()
