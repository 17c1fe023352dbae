"""The REST server: Starlette on uvicorn, with hands on the connection so that requests can fail in every way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from .faults import Delay, Drop, Fault, Faults, Reply, Stall, Truncate
from .rest import RestReply, RestRequest, RestService

if TYPE_CHECKING:
    import socket

    from starlette.requests import Request

    from .clock import Clock
    from .request_log import ReceivedRequest

_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


class _Protocol(H11Protocol):
    """uvicorn's HTTP protocol, which also tells the application which connection a request came by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """uvicorn's server, ended at once and without signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.running = asyncio.Event()
        self.ended = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self.running.set()
        await self.ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for task in list(self.server_state.tasks):
            task.cancel()
        for connection in list(self.server_state.connections):
            transport: asyncio.Transport | None = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)


class HttpServer:
    """Serves REST on a socket.

    Args:
        service: Answers the requests.
        faults: What goes wrong with them.
        clock: For delays.
    """

    def __init__(self, service: RestService, faults: Faults, clock: Clock) -> None:
        self._service = service
        self._faults = faults
        self._clock = clock
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accepts connections from now on."""
        app = Starlette(routes=[Route("/{path:path}", self._endpoint, methods=_METHODS)])
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_keep_alive=75,
            server_header=False,
            date_header=False,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.running.wait()

    async def stop(self) -> None:
        """Cuts every connection and accepts no more."""
        if self._server is not None and self._task is not None:
            self._server.ended.set()
            await self._task

    async def _endpoint(self, request: Request) -> Response:
        asked = await _read(request)
        received = self._service.note(asked)
        fault = self._faults.take(received.operation, "rest")
        if fault is not None:
            return await self._fail(fault, request, asked, received)
        return _response(self._service.answer(asked, received))

    async def _fail(self, fault: Fault, request: Request, asked: RestRequest, received: ReceivedRequest) -> Response:
        if isinstance(fault, Delay):
            await self._clock.sleep(fault.delay_ms)
        reply = self._service.answer(asked, received) if fault.executed else None
        if isinstance(fault, Reply):
            body = fault.body.encode() if isinstance(fault.body, str) else fault.body
            kept = reply.headers if reply is not None else {"Content-Type": "application/json"}
            received.status = fault.status
            return _response(RestReply(fault.status, body, {**kept, **fault.headers}))
        if isinstance(fault, Delay) and reply is not None:
            return _response(reply)
        received.status = None
        transport: asyncio.Transport = request.state.transport
        if isinstance(fault, Truncate) and reply is not None:
            transport.write(_head(reply) + reply.body[: fault.sent])
            transport.close()
        elif isinstance(fault, Drop):
            transport.abort()
        elif isinstance(fault, Stall):
            while (await request.receive())["type"] != "http.disconnect":
                continue
        # The connection is gone; what is returned here reaches nobody.
        return Response(status_code=500)


async def _read(request: Request) -> RestRequest:
    scope: Any = request.scope
    return RestRequest(
        method=request.method,
        path=scope["path"],
        query=scope["query_string"],
        headers=dict(request.headers.items()),
        body=await request.body(),
        address=request.client.host if request.client else "127.0.0.1",
    )


def _response(reply: RestReply) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))


def _head(reply: RestReply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} OK", f"Content-Length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()
