"""REST: from the bytes of a request to those of a reply, without any sockets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec
from attrs import Factory, define

from .dispatch import Dispatcher, Incoming, Outcome
from .rejections import Rejection, unknown_path
from .request_log import ReceivedRequest, RequestLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specwright.spec.dialect.operations import Operation

    from .exchange import Exchange

_SIGNATURE = re.compile(rb"(^|&)signature=[^&]*")
_encoder = msgspec.json.Encoder(decimal_format="number")


@define(frozen=True)
class RestRequest:
    """A request as it came in."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    address: str


@define(frozen=True)
class RestReply:
    """A reply as it goes out."""

    status: int
    body: bytes
    headers: Mapping[str, str] = Factory(dict)


class RestService:
    """Answers REST requests of all products.

    Args:
        exchanges: One for each product; no path belongs to two of them.
        log: Where requests are noted.
    """

    def __init__(self, exchanges: Iterable[Exchange], log: RequestLog) -> None:
        self._log = log
        self._routes: dict[tuple[str, str], tuple[Exchange, Operation]] = {}
        self._dispatchers: dict[str, Dispatcher] = {}
        for exchange in exchanges:
            self._clock = exchange.clock
            self._dispatchers[exchange.product.name] = Dispatcher(exchange)
            for operation in exchange.product.operations.values():
                if operation.rest is not None and operation.rest.path is not None:
                    self._routes[operation.rest.method, operation.rest.path] = (exchange, operation)

    def operation_id(self, request: RestRequest) -> str:
        """The operation that a request asks for; its path when there is none."""
        route = self._routes.get((request.method, request.path))
        return request.path if route is None else route[1].id

    def note(self, request: RestRequest) -> ReceivedRequest:
        """Notes a request at its arrival."""
        route = self._routes.get((request.method, request.path))
        target = f"{request.method} {request.path}" + (f"?{request.query.decode()}" if request.query else "")
        received = ReceivedRequest(
            time_ms=self._clock.now_ms(),
            transport="rest",
            operation=self.operation_id(request),
            security=route[1].security if route else "NONE",
            target=target,
            headers=request.headers,
            body=request.body,
            parameters=_parameters(request)[0],
        )
        self._log.add(received)
        return received

    def answer(self, request: RestRequest, received: ReceivedRequest) -> RestReply:
        """Carries a request out, or refuses it."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            refusal = unknown_path(request.method, request.path)
            received.status, received.code = refusal.status, refusal.code
            return _reply(refusal.status, refusal.body())
        exchange, operation = route
        assert operation.rest is not None
        raw, repeated = _parameters(request)
        outcome = self._dispatchers[exchange.product.name].answer(
            Incoming(
                operation=operation,
                carrier=operation.rest,
                address=request.address,
                api_key=request.headers.get(exchange.product.api_key_header.lower()),
                raw=raw,
                repeated=repeated,
                payload=lambda: signed_payload(request.query, request.body),
                received=received,
            )
        )
        headers = _usage(exchange, outcome, request.address)
        if outcome.rejection is not None:
            return _refuse(outcome.rejection, headers)
        return _reply(200, outcome.result, headers)


def signed_payload(query: bytes, body: bytes) -> bytes:
    """What a REST signature is made of: query and body put together, without the signature itself."""
    if _SIGNATURE.search(query):
        return _SIGNATURE.sub(b"", query) + body
    return query + _SIGNATURE.sub(b"", body)


def _parameters(request: RestRequest) -> tuple[dict[str, object], str | None]:
    """Parameters by name, those of the query before those of the body; and a name that stands twice in one of them."""
    values: dict[str, object] = {}
    repeated = None
    for text in (request.query, request.body):
        seen: set[str] = set()
        for name, value in parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True):
            repeated = name if name in seen else repeated
            seen.add(name)
            values.setdefault(name, value)
    return values, repeated


def _usage(exchange: Exchange, outcome: Outcome, address: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name in outcome.budgets:
        budget = exchange.limits.budgets[name]
        owner = address if budget.scope == "ip" else outcome.account.api_key if outcome.account else None
        if budget.header is not None and owner is not None:
            headers[budget.header] = str(exchange.limits.used(name, owner))
    return headers


def _refuse(rejection: Rejection, headers: Mapping[str, str]) -> RestReply:
    return _reply(rejection.status, rejection.body(), {**headers, **rejection.headers})


def _reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> RestReply:
    return RestReply(status, _encoder.encode(value), {"Content-Type": "application/json", **(headers or {})})
