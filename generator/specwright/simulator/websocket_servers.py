"""The WebSocket API server and the stream server.

They run on `websockets` itself rather than behind uvicorn: its asyncio server tells of every frame, refuses handshakes
with any status, and leaves the connection in reach: limits, pings by the exchange's clock and faults need all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from .faults import Delay, Drop, Fault, Faults, Reply, ServerName, Stall, Truncate
from .lifetimes import PATIENCE_S, UNSTATED, IncomingRate, Lifetime
from .rejections import Rejection
from .streams import StreamConnection, StreamHub, parse_target
from .ws_api import HANDSHAKE_WEIGHT, ApiConnection, ApiReply, ApiRequest

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Mapping

    from specwright.spec.dialect.product import Connections

    from .clock import Clock
    from .exchange import Exchange

MOST_UNREAD_BYTES = 2**26
"""A client that is so far behind is cut off."""

# A client that leaves in the middle of a handshake is nothing to write home about.
_quiet = logging.getLogger("specwright.simulator.websockets")
_quiet.setLevel(logging.CRITICAL)


class _Connection(ServerConnection):
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
    """What both servers share: handshakes, lifetimes, pings and faults of connections.

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
            create_connection=_Connection,
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
    def open_connections(self) -> list[_Connection]:
        """Connections that are open now."""
        found = self._server.connections if self._server is not None else ()
        return [connection for connection in found if isinstance(connection, _Connection)]

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
    async def _talk(self, connection: _Connection, rate: IncomingRate) -> None:
        """Serves one connection until it ends."""

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        planned = self._faults.take_refusal(self.name)
        if planned is not None:
            return _http(*planned)
        return self._refusal(request.path, _address(connection))

    async def _serve(self, connection: ServerConnection) -> None:
        assert isinstance(connection, _Connection)
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

    def _ping(self, connection: _Connection, lifetime: Lifetime) -> None:
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


class ApiServer(WebSocketServer):
    """Serves the WebSocket APIs of the products, each under its own path.

    Args:
        exchanges: Path → product.
        clock: The exchange's time.
        faults: What goes wrong.
    """

    def __init__(self, exchanges: Mapping[str, Exchange], clock: Clock, faults: Faults) -> None:
        first = next(iter(exchanges.values()), None)
        super().__init__("ws_api", clock, first.product.connections if first else None, faults)
        self._exchanges = exchanges

    def _refusal(self, path: str, address: str) -> Response | None:
        exchange = self._exchanges.get(path.partition("?")[0])
        if exchange is None:
            return _http(404, "", {})
        budget = exchange.product.weight_budget
        try:
            exchange.limits.refuse_banned(address)
            exchange.limits.spend(budget, address, HANDSHAKE_WEIGHT)
            exchange.limits.refuse_excess(budget, address, address)
        except Rejection as rejection:
            body = f'{{"code":{rejection.code},"msg":"{rejection.message}"}}'
            return _http(rejection.status, body, rejection.headers)
        return None

    async def _talk(self, connection: _Connection, rate: IncomingRate) -> None:
        assert connection.request is not None
        path, _, query = connection.request.path.partition("?")
        tells = parse_qs(query).get("returnRateLimits", ["true"])[-1].lower() == "true"
        client = ApiConnection(self._exchanges[path], _address(connection), tells)
        async for text in connection:
            request = client.read(text)
            fault = self._faults.take(request.received.operation, "ws_api")
            if fault is None:
                broadcast([connection], client.answer(request).encode().decode())
            elif isinstance(fault, Delay):
                # The delay begins now; the task that waits for it may have its first turn later.
                self._spawn(self._answer_after(self._clock.sleep(fault.delay_ms), connection, client, request))
            else:
                self._fail(fault, connection, client, request)

    async def _answer_after(
        self, delay: Awaitable[None], connection: _Connection, client: ApiConnection, request: ApiRequest
    ) -> None:
        await delay
        broadcast([connection], client.answer(request).encode().decode())

    def _fail(self, fault: Fault, connection: _Connection, client: ApiConnection, request: ApiRequest) -> None:
        reply = client.answer(request) if fault.executed else None
        if isinstance(fault, Reply):
            request.received.status = fault.status
            broadcast([connection], _replaced(fault, request))
        elif isinstance(fault, Truncate) and reply is not None:
            broadcast([connection], reply.encode()[: fault.sent].decode("utf-8", "replace"))
            connection.transport.close()
        elif isinstance(fault, Drop):
            request.received.status = None
            connection.transport.abort()
        elif isinstance(fault, Stall):
            request.received.status = None


def _replaced(fault: Reply, request: ApiRequest) -> str:
    """The frame that stands in for a reply: the body as its error, or as it is when it is no JSON object."""
    text = fault.body if isinstance(fault.body, str) else fault.body.decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        return text
    error = {"code": body.get("code", -1000), "msg": body.get("msg", "")} if isinstance(body, dict) else {}
    if fault.status == 200:
        return ApiReply(request.identifier, 200, result=body).encode().decode()
    return ApiReply(request.identifier, fault.status, error=error, rate_limits=[]).encode().decode()


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
        return _http(404, "", {}) if parse_target(path, self._hub.exchange.product.routes) is None else None

    async def _talk(self, connection: _Connection, rate: IncomingRate) -> None:
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


def _address(connection: ServerConnection) -> str:
    return str((connection.remote_address or ("127.0.0.1",))[0])


def _http(status: int, body: str, headers: Mapping[str, str]) -> Response:
    reason = http.HTTPStatus(status).phrase if status in {s.value for s in http.HTTPStatus} else "Refused"
    content = body.encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"}
    return Response(status, reason, Headers({**fields, **headers}), content)
