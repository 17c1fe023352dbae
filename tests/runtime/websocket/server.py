"""A WebSocket server on loopback that does to its clients what a test wants."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import define, field
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from websockets.asyncio.server import Server
    from websockets.http11 import Request, Response


@define(eq=False)
class Peer:
    """One client's connection, as the server sees it."""

    connection: ServerConnection
    path: str
    streams: set[str] = field(factory=set)
    received: list[dict[str, Any]] = field(factory=list)

    async def send(self, **fields: Any) -> None:
        await self.connection.send(json.dumps(fields, separators=(",", ":")))

    def cut(self) -> None:
        """Ends the connection without a close frame."""
        self.connection.transport.abort()


@define(eq=False)
class ExchangeServer:
    """Serves streams and the WebSocket API; what is not told otherwise is answered as the exchange would."""

    peers: list[Peer] = field(factory=list)
    """All connections there ever were."""
    reject: int | None = None
    """Status that handshakes are refused with."""
    reject_path: str | None = None
    """How the paths begin whose handshakes are refused with 503."""
    location: str | None = None
    """Where a refused handshake points to."""
    retry_after: str | None = None
    """What a refused handshake says of when to come again."""
    rejected: int = 0
    """Handshakes that were refused."""
    answer: Callable[[Peer, dict[str, Any]], dict[str, Any] | None] | None = None
    """Gives the reply to a message; None: there is none."""
    port: int = 0
    _server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def open_peers(self) -> list[Peer]:
        return [peer for peer in self.peers if peer.connection.state.name == "OPEN"]

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve, "127.0.0.1", self.port, process_request=self._check, ping_interval=None, close_timeout=0.1
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        for peer in self.open_peers:
            peer.cut()
        self._server.close()
        await self._server.wait_closed()

    async def trade(self, symbol: str, number: int) -> None:
        """Tells every subscribed client of a trade."""
        name = f"{symbol}@trade"
        data = {"e": "trade", "E": 1_700_000_000_000, "s": symbol.upper(), "t": number, "p": "1.5"}
        for peer in self.open_peers:
            if name in peer.streams:
                await peer.send(stream=name, data=data)

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        status = self.reject
        if self.reject_path is not None and request.path.startswith(self.reject_path):
            status = 503
        if status is None:
            return None
        self.rejected += 1
        response = connection.respond(status, "refused\n")
        if self.location is not None:
            response.headers["Location"] = self.location
        if self.retry_after is not None:
            response.headers["Retry-After"] = self.retry_after
        return response

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        url = urlsplit(connection.request.path)
        peer = Peer(connection, connection.request.path)
        names = parse_qs(url.query).get("streams", [""])[0]
        peer.streams = {unquote(name) for name in names.split("/") if name}
        self.peers.append(peer)
        try:
            async for text in connection:
                message = json.loads(text)
                peer.received.append(message)
                reply = self._reply(peer, message) if self.answer is None else self.answer(peer, message)
                if reply is not None:
                    await peer.send(**reply)
        except ConnectionClosed:
            return

    def _reply(self, peer: Peer, message: dict[str, Any]) -> dict[str, Any]:
        if message["method"] == "SUBSCRIBE":
            peer.streams.update(message["params"])
        elif message["method"] == "UNSUBSCRIBE":
            peer.streams.difference_update(message["params"])
        return {"result": None, "id": message["id"]}


async def idle_port() -> int:
    """A port that nobody listens on."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
