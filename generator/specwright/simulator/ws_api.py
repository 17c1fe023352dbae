"""The WebSocket API: from the text of a request to that of its reply, without any sockets."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from attrs import define, field

from .dispatch import Dispatcher, Incoming, Outcome
from .handlers import Session
from .rejections import Rejection
from .request_log import ReceivedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.operations import Operation

    from .exchange import Exchange

HANDSHAKE_WEIGHT = 5

_encoder = msgspec.json.Encoder(decimal_format="number")


@define
class ApiRequest:
    """A request that could be read so far as to be answered."""

    identifier: object
    operation: Operation | None
    params: Mapping[str, object]
    received: ReceivedRequest
    refusal: Rejection | None = None


@define
class ApiReply:
    """A reply as it goes out."""

    identifier: object
    status: int
    result: object = None
    error: Mapping[str, object] | None = None
    rate_limits: list[dict[str, object]] | None = field(default=None)

    def encode(self) -> bytes:
        """The frame's text."""
        frame: dict[str, object] = {"id": self.identifier, "status": self.status}
        frame |= {"result": self.result} if self.error is None else {"error": self.error}
        if self.rate_limits is not None:
            frame["rateLimits"] = self.rate_limits
        return _encoder.encode(frame)


class ApiConnection:
    """One client of the WebSocket API.

    Args:
        exchange: Whose API.
        address: Where the client is.
        return_rate_limits: Whether replies tell limits unless a request says otherwise.
    """

    def __init__(self, exchange: Exchange, address: str, return_rate_limits: bool = True) -> None:
        self._exchange = exchange
        self._address = address
        self._dispatcher = Dispatcher(exchange)
        self._methods = {
            operation.ws.method: operation for operation in exchange.product.operations.values() if operation.ws
        }
        self.session = Session(exchange.clock.now_ms(), return_rate_limits=return_rate_limits)

    def read(self, text: str | bytes) -> ApiRequest:
        """Notes a request and finds out what it asks for."""
        shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
        received = ReceivedRequest(self._exchange.clock.now_ms(), "ws_api", "", "NONE", shown)
        request = ApiRequest(None, None, {}, received)
        try:
            self._understand(request, text)
        except Rejection as rejection:
            request.refusal = rejection
        self._exchange.log.add(received)
        return request

    def answer(self, request: ApiRequest) -> ApiReply:
        """Carries a request out, or refuses it."""
        if request.refusal is not None or request.operation is None or request.operation.ws is None:
            refusal = request.refusal or Rejection(-1020)
            request.received.status, request.received.code = refusal.status, refusal.code
            return ApiReply(request.identifier, refusal.status, error=refusal.body(), rate_limits=[])
        params = request.params
        api_key = params.get("apiKey")
        outcome = self._dispatcher.answer(
            Incoming(
                operation=request.operation,
                carrier=request.operation.ws,
                address=self._address,
                api_key=None if api_key is None else str(api_key),
                raw=params,
                payload=lambda: signed_payload(params),
                received=request.received,
                session=self.session,
            )
        )
        reply = ApiReply(request.identifier, outcome.status, outcome.result)
        if outcome.rejection is not None:
            reply.error = outcome.rejection.body()
        wanted = params.get("returnRateLimits", self.session.return_rate_limits)
        if str(wanted).lower() == "true":
            reply.rate_limits = self._rate_limits(outcome)
        return reply

    def _understand(self, request: ApiRequest, text: str | bytes) -> None:
        try:
            # Numbers keep the digits that they were written with: the signature was made of them.
            frame = json.loads(text, parse_float=Decimal)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise Rejection(-1013) from None
        if not isinstance(frame, dict) or not isinstance(frame.get("id"), int | str | None):
            raise Rejection(-1013)
        request.identifier = frame.get("id")
        method, params = frame.get("method"), frame.get("params", {})
        if not isinstance(method, str) or not isinstance(params, dict):
            raise Rejection(-1013)
        request.params = request.received.parameters = params
        request.received.operation = method
        operation = self._methods.get(method)
        if operation is None:
            raise Rejection(-1020)
        request.operation = operation
        request.received.operation, request.received.security = operation.id, operation.security

    def _rate_limits(self, outcome: Outcome) -> list[dict[str, object]]:
        limits, owners = self._exchange.limits, {}
        for name in outcome.budgets:
            budget = limits.budgets[name]
            owner = self._address if budget.scope == "ip" else outcome.account.api_key if outcome.account else None
            if budget.rate_limit_type is not None and owner is not None:
                owners[name] = owner
        # Order counts come first, as in the documented replies.
        names = sorted(owners, key=lambda name: limits.budgets[name].rate_limit_type != "ORDERS")
        return limits.report(names, owners)


def signed_payload(params: Mapping[str, object]) -> bytes:
    """What a WebSocket API signature is made of: all parameters but the signature itself, sorted by name."""
    pairs = (f"{name}={_text(value)}" for name, value in sorted(params.items()) if name != "signature")
    return "&".join(pairs).encode()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return str(value)
