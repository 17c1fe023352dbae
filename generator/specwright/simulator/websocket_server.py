"""What every WebSocket server of the exchange does: handshakes, lifetimes, pings and faults of its connections.

Servers run on `websockets` itself rather than behind uvicorn: its asyncio server tells of every frame, refuses
handshakes with any status, and leaves the connection in reach: limits, pings by the exchange's clock and faults need
all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from .lifetimes import PATIENCE_S, UNSTATED, IncomingRate, Lifetime

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from specwright.spec.dialect.product import Connections

    from .clock import Clock
    from .faults import Faults, ServerName

# A client that leaves in the middle of a handshake is nothing to write home about.
_quiet = logging.getLogger("specwright.simulator.websockets")
_quiet.setLevel(logging.CRITICAL)


class Connection(ServerConnection):
    """A server connection that tells of the control frames that it receives."""

    on_control: Callable[[], None] | None = None

    def process_event(self, event: Any) -> None:
        if isinstance(event, Frame) and event.opcode in (Opcode.PING, Opcode.PONG) and self.on_control is not None:
            self.on_control()
        super().process_event(event)

    def close_soon(self, code: int, reason: str) -> None:
        """Starts the closing handshake without waiting for it."""
        self._closing = self.loop.create_task(self.close(code, reason))


class WebSocketServer(ABC):
    """What the servers share: handshakes, lifetimes, pings and faults of connections.

    Args:
        name: Which server it is, for faults.
        clock: The exchange's time.
        connections: The documented limits.
        faults: What goes wrong.
    """

    def __init__(self, name: ServerName, clock: Clock, connections: Connections | None, faults: Faults) -> None:
        self.name: ServerName = name
        self._clock = clock
        self._limits = connections or UNSTATED
        self._faults = faults
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, listener: socket.socket) -> None:
        """Accepts connections from now on."""
        self._server = await serve(
            self._serve,
            sock=listener,
            create_connection=Connection,
            process_request=self._handshake,
            compression=None,
            ping_interval=None,
            close_timeout=1,
            max_size=2**20,
            server_header=None,
            logger=_quiet,
        )

    async def stop(self) -> None:
        """Cuts every connection and accepts no more."""
        if self._server is None:
            return
        self._server.close(close_connections=False)
        self.close_connections(None)
        for task in self._tasks:
            task.cancel()
        await self._server.wait_closed()

    @property
    def open_connections(self) -> list[Connection]:
        """Connections that are open now."""
        found = self._server.connections if self._server is not None else ()
        return [connection for connection in found if isinstance(connection, Connection)]

    def close_connections(self, code: int | None) -> None:
        """Closes every connection with a code; None cuts them."""
        for connection in self.open_connections:
            if code is None:
                connection.transport.abort()
            else:
                connection.close_soon(code, "")

    def mute_connections(self) -> None:
        """Reads nothing more from the open connections."""
        for connection in self.open_connections:
            connection.transport.pause_reading()

    def send_raw(self, text: str) -> None:
        """Sends a text on every open connection."""
        broadcast(self.open_connections, text)

    @abstractmethod
    def _refusal(self, path: str, address: str) -> Response | None:
        """What a handshake is refused with; None accepts it."""

    @abstractmethod
    async def _talk(self, connection: Connection, rate: IncomingRate) -> None:
        """Serves one connection until it ends."""

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        planned = self._faults.take_refusal(self.name)
        if planned is not None:
            return refusal(*planned)
        return self._refusal(request.path, address_of(connection))

    async def _serve(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)
        rate, loop = IncomingRate(self._clock), connection.loop

        def after_patience(judge: Callable[[], None]) -> None:
            # In two steps: a jump of the clock keeps the loop busy, and patience begins when that is over.
            loop.call_soon(lambda: loop.call_later(PATIENCE_S, judge))

        def ping() -> None:
            self._ping(connection, lifetime)

        lifetime = Lifetime(self._clock, self._limits, ping, connection.close_soon, after_patience)

        def control() -> None:
            if rate.exceeded():
                connection.close_soon(1008, "Too many requests")

        connection.on_control = control
        try:
            await self._talk(connection, rate)
        except ConnectionClosed:
            pass
        finally:
            lifetime.cancel()

    def _ping(self, connection: Connection, lifetime: Lifetime) -> None:
        async def exchange_pings() -> None:
            with contextlib.suppress(ConnectionClosed):
                answered = await connection.ping()
                await answered
                lifetime.pong()

        self._spawn(exchange_pings())

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def address_of(connection: ServerConnection) -> str:
    """Who is on the other side, as limits know them."""
    return str((connection.remote_address or ("127.0.0.1",))[0])


def refusal(status: int, body: str, headers: Mapping[str, str]) -> Response:
    """The reply to a handshake that opens no connection."""
    reason = http.HTTPStatus(status).phrase if status in {s.value for s in http.HTTPStatus} else "Refused"
    content = body.encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"}
    return Response(status, reason, Headers({**fields, **headers}), content)
