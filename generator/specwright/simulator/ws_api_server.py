"""The server of the WebSocket APIs: takes requests, sends their replies, and fails those that are to fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from websockets.asyncio.server import broadcast

from .faults import Delay, Drop, Fault, Faults, Reply, Stall, Truncate
from .rejections import Rejection
from .websocket_server import Connection, WebSocketServer, address_of, refusal
from .ws_api import HANDSHAKE_WEIGHT, ApiConnection, ApiReply, ApiRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from websockets.http11 import Response

    from .clock import Clock
    from .exchange import Exchange
    from .lifetimes import IncomingRate


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
            return refusal(404, "", {})
        budget = exchange.product.weight_budget
        try:
            exchange.limits.refuse_banned(address)
            exchange.limits.spend(budget, address, HANDSHAKE_WEIGHT)
            exchange.limits.refuse_excess(budget, address, address)
        except Rejection as rejection:
            body = f'{{"code":{rejection.code},"msg":"{rejection.message}"}}'
            return refusal(rejection.status, body, rejection.headers)
        return None

    async def _talk(self, connection: Connection, rate: IncomingRate) -> None:
        assert connection.request is not None
        path, _, query = connection.request.path.partition("?")
        tells = parse_qs(query).get("returnRateLimits", ["true"])[-1].lower() == "true"
        client = ApiConnection(self._exchanges[path], address_of(connection), tells)
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
        self, delay: Awaitable[None], connection: Connection, client: ApiConnection, request: ApiRequest
    ) -> None:
        await delay
        broadcast([connection], client.answer(request).encode().decode())

    def _fail(self, fault: Fault, connection: Connection, client: ApiConnection, request: ApiRequest) -> None:
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
