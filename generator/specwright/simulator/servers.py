"""The sockets of an exchange: one REST server, one for the WebSocket APIs, and one stream server for each product."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .http_server import HttpServer
from .rest import RestService
from .stream_server import StreamServer
from .streams import StreamHub
from .ws_api_server import ApiServer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.product import Product

    from .clock import Clock
    from .exchange import Exchange
    from .faults import Faults, ServerName
    from .request_log import RequestLog
    from .websocket_server import WebSocketServer


class Servers:
    """Opens and closes the sockets.

    Args:
        exchanges: What is served, by product; the first one is the one that has no name of its own.
        clock: The exchange's time.
        faults: What goes wrong.
        log: Where requests are noted.
        host: Address to listen on.
        ports: Of the REST server, the WebSocket API and the first product's streams; 0 takes a free one.
    """

    def __init__(
        self,
        exchanges: Mapping[str, Exchange],
        clock: Clock,
        faults: Faults,
        log: RequestLog,
        host: str,
        ports: tuple[int, int, int],
    ) -> None:
        self._exchanges = exchanges
        self._clock = clock
        self._faults = faults
        self._host = host
        self._ports = ports
        self.hubs = {name: StreamHub(exchange, faults) for name, exchange in exchanges.items()}
        self._http = HttpServer(RestService(exchanges.values(), log), faults, clock)
        self._sockets: list[WebSocketServer] = []
        self.rest_url = ""
        self.ws_api_urls: dict[str, str] = {}
        self.stream_urls: dict[str, str] = {}

    async def open(self) -> None:
        """Accepts connections from now on.

        Raises:
            OSError: A port is taken.
        """
        rest_port, api_port, stream_port = self._ports
        listener, self.rest_url = self._listen(rest_port, "http")
        await self._http.start(listener)
        paths = {name: path for name, exchange in self._exchanges.items() if (path := _api_path(exchange.product))}
        if paths:
            served = {path: self._exchanges[name] for name, path in paths.items()}
            url = await self._serve(ApiServer(served, self._clock, self._faults), api_port)
            self.ws_api_urls = {name: url + path for name, path in paths.items()}
        for name, hub in self.hubs.items():
            self.stream_urls[name] = await self._serve(StreamServer(hub, self._clock, self._faults), stream_port)
            stream_port = 0
        self._connect_faults()

    async def close(self) -> None:
        """Cuts every connection and accepts no more."""
        for server in self._sockets:
            await server.stop()
        await self._http.stop()
        remaining = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)

    def open_connections(self) -> dict[ServerName, int]:
        """Open WebSocket connections by server."""
        counts: dict[ServerName, int] = {"ws_api": 0, "streams": 0}
        for server in self._sockets:
            counts[server.name] += len(server.open_connections)
        return counts

    async def _serve(self, server: WebSocketServer, port: int) -> str:
        listener, url = self._listen(port, "ws")
        await server.start(listener)
        self._sockets.append(server)
        return url

    def _listen(self, port: int, scheme: str) -> tuple[socket.socket, str]:
        # The protocol is named, because only then the event loop turns off the delay of small packets.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        try:
            listener.bind((self._host, port))
        except OSError:
            listener.close()
            raise
        return listener, f"{scheme}://{self._host}:{listener.getsockname()[1]}"

    def _connect_faults(self) -> None:
        def chosen(name: ServerName | None) -> list[WebSocketServer]:
            return [server for server in self._sockets if name in (None, server.name)]

        def close(name: ServerName | None, code: int | None) -> None:
            for server in chosen(name):
                server.close_connections(code)

        def mute(name: ServerName | None) -> None:
            for server in chosen(name):
                server.mute_connections()

        def send(name: ServerName | None, text: str) -> None:
            for server in chosen(name):
                server.send_raw(text)

        def expire(api_key: str | None) -> None:
            for exchange in self._exchanges.values():
                for key, account in exchange.accounts.items():
                    if api_key in (None, key):
                        exchange.listen_keys.expire(account)

        self._faults.close_connections, self._faults.mute_connections = close, mute
        self._faults.send_raw, self._faults.expire_key = send, expire


def _api_path(product: Product) -> str:
    """Path of a product's WebSocket API, the same on every host."""
    urls = [environment.ws_api for environment in product.environments.values() if environment.ws_api]
    return urlsplit(urls[0]).path if urls else ""
