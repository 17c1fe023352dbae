"""The errors that a caller can meet: one small hierarchy, the same for every product.

    BinanceError
    ├── ConfigurationError, ClientClosed, InvalidParameter     refused here, before anything was sent
    ├── TransportError                                         no usable reply came
    │   ├── ConnectError, HandshakeRejected                    nothing was sent
    │   └── ConnectionLost, CallTimeout
    ├── LimitError                                             too much was asked
    │   └── BudgetExceeded                                     refused here, before anything was sent
    ├── ApiError                                               the exchange (or something in front of it) said no
    │   ├── RequestRejected, AuthenticationError, ClockError, ServerError
    │   └── RateLimited, Banned                                also LimitError
    ├── ExecutionUnknown                                       it may have been executed: ask before acting
    └── DecodeError                                            what came is not what it should be

A product's `errors` module adds one class per documented code, below the class of its kind. No text, repr or pickle of
an error holds a key, a signature or a listen key.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from .headers import Headers
from .refused_handshakes import advice, origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .product import ErrorKind, Execution

__all__ = [
    "KINDS",
    "ApiError",
    "AuthenticationError",
    "Banned",
    "BinanceError",
    "BudgetExceeded",
    "CallTimeout",
    "ClientClosed",
    "ClockError",
    "ConfigurationError",
    "ConnectError",
    "ConnectionLost",
    "DecodeError",
    "ExecutionUnknown",
    "HandshakeRejected",
    "InvalidParameter",
    "LimitError",
    "RateLimited",
    "RequestRejected",
    "ServerError",
    "TransportError",
]

_E = TypeVar("_E", bound="BinanceError")


def _restore(kind: type[_E], arguments: tuple[object, ...], state: dict[str, object]) -> _E:
    """Makes a pickled error again, whatever its constructor asks for."""
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class BinanceError(Exception):
    """Whatever goes wrong in this package."""

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__)


# --- Refused here -----------------------------------------------------------------------------------------------------


class ConfigurationError(BinanceError, ValueError):
    """The client cannot work as it was set up; the text says what to change."""


class ClientClosed(BinanceError):
    """The client was used after `close`."""


class InvalidParameter(BinanceError, ValueError):
    """A parameter breaks a documented rule; nothing was sent."""

    operation: str
    parameter: str
    """Python name of the parameter."""
    rule: str

    def __init__(self, operation: str, parameter: str, rule: str) -> None:
        super().__init__(f"{operation}: {parameter} {rule}")
        self.operation = operation
        self.parameter = parameter
        self.rule = rule


# --- No usable reply --------------------------------------------------------------------------------------------------


class TransportError(BinanceError):
    """No usable reply came."""

    sent: bool = True
    """Whether the request may have reached the exchange. False: it surely has not."""


class ConnectError(TransportError):
    """No connection could be made (name, TCP, TLS or proxy); nothing was sent."""

    sent = False


class HandshakeRejected(TransportError):
    """The server refused to open a WebSocket; nothing was sent. The text says what can be done."""

    sent = False
    status: int | None
    retry_after: float | None
    """Seconds to wait, as the server said; None where it said nothing."""
    location: str | None
    """Scheme and host that it pointed to, and nothing behind them: a listen key may stand there."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        location: str | None = None,
    ) -> None:
        place = origin(location) if location is not None else None
        what = advice(status, retry_after, place)
        super().__init__(f"{message}: {what}" if what else message)
        self.status = status
        self.retry_after = retry_after
        self.location = place


class ConnectionLost(TransportError):
    """The connection ended before the whole reply was there."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class CallTimeout(TransportError, TimeoutError):
    """No whole reply came in time."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


# --- Limits -----------------------------------------------------------------------------------------------------------


class LimitError(BinanceError):
    """Too much was asked for."""

    retry_after: float | None = None
    """Seconds from when this was raised until it makes sense to ask again, where that is known."""


class BudgetExceeded(LimitError):
    """The call does not fit into a budget now, and may not wait that long; nothing was sent."""

    budget: str
    cost: int
    used: int
    limit: int

    def __init__(self, budget: str, *, cost: int, used: int, limit: int, retry_after: float | None) -> None:
        if cost > limit:
            advice = "it never fits: ask for less at once"
        elif retry_after is None:
            advice = "try again later"
        else:
            advice = f"try again in {retry_after:.1f} s"
        super().__init__(
            f"{budget}: a cost of {cost} does not fit, {used} of {limit} are used; {advice}; nothing was sent"
        )
        self.budget = budget
        self.cost = cost
        self.used = used
        self.limit = limit
        self.retry_after = retry_after


# --- The exchange said no ---------------------------------------------------------------------------------------------


class ApiError(BinanceError):
    """The exchange, or something in front of it, answered with an error."""

    message: str
    """The exchange's own text; for a body that is not JSON, what could be read from it."""
    code: int | None
    """The exchange's error code; None where the body had none."""
    status: int | None
    """HTTP status (WebSocket API: the status of the reply); None for one item of a batch."""
    headers: Headers
    """Response headers, looked up in any case."""
    operation: str
    request: str
    """`POST /fapi/v1/order`, or the WebSocket API method and the request's id."""
    weight_used: int | None
    """What the exchange said the weight budget has used."""
    execution: Execution
    """`rejected`: refused for its content · `not_executed`: never reached execution · `unknown`."""
    body: bytes

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str = "",
        request: str = "",
        weight_used: int | None = None,
        execution: Execution = "rejected",
        retry_after: float | None = None,
        until: float | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.headers = Headers(headers or {})
        self.operation = operation
        self.request = request
        self.weight_used = weight_used
        self.execution = execution
        self.body = body
        self.retry_after = retry_after
        self.until = until

    retry_after: float | None
    """Seconds to wait, as the exchange said (`Retry-After`); None where it said nothing."""
    until: float | None
    """When a ban ends, in seconds since 1970; None for other errors."""

    def __str__(self) -> str:
        parts = [f"{self.operation}: " if self.operation else "", self.message]
        facts = [f"code {self.code}" if self.code is not None else "", f"status {self.status}" if self.status else ""]
        if self.retry_after is not None:
            facts.append(f"retry after {self.retry_after:g} s")
        facts.append(self.request)
        return f"{''.join(parts)} ({', '.join(fact for fact in facts if fact)})"


class RequestRejected(ApiError):
    """Refused for what it asks; sending the same again gives the same answer."""


class AuthenticationError(ApiError):
    """The key, its permissions, the IP address or the signature were refused."""


class ClockError(ApiError):
    """The timestamp lay outside of `recv_window`, also after the clock was measured again."""


class ServerError(ApiError):
    """The exchange failed; `execution` says whether the request can have had an effect."""


class RateLimited(ApiError, LimitError):
    """Too much was sent (429, or too many orders); the budget is blocked until `retry_after` is over."""


class Banned(ApiError, LimitError):
    """This IP address is banned until `until`; calls are refused here until then, without being sent."""


# --- It may have been executed ----------------------------------------------------------------------------------------


class ExecutionUnknown(BinanceError):
    """The call was sent and may have been executed: find out before acting. It is never repeated by itself.

    `client.<group>.resolve(error)` asks the exchange, where the spec says how. `__cause__` is what happened: a lost
    connection, a timeout, or the exchange's own "unknown" reply.
    """

    operation: str
    parameters: Mapping[str, object]
    """What was asked, by Python names, the generated client order id included."""
    client_order_id: str | None
    """The id to ask about."""
    timestamp: int | None
    """Exchange time in ms that the request was stamped with."""
    recv_window: int | None
    """Milliseconds after `timestamp` in which the exchange still accepts the request."""

    def __init__(
        self,
        operation: str,
        parameters: Mapping[str, object],
        client_order_id: str | None,
        *,
        reason: str,
        timestamp: int | None = None,
        recv_window: int | None = None,
    ) -> None:
        asking = f", client order id {client_order_id}" if client_order_id else ""
        super().__init__(f"{operation}: {reason}; it may have been executed{asking}")
        self.operation = operation
        self.parameters = dict(parameters)
        self.client_order_id = client_order_id
        self.timestamp = timestamp
        self.recv_window = recv_window


class DecodeError(BinanceError):
    """A payload, of a reply or of a stream, is not what the spec says (with `strict=True`), or no JSON at all."""

    path: str
    """JSON path of the first thing that differs, `$.orders[3].price`."""
    body: bytes

    def __init__(self, message: str, *, path: str = "$", body: bytes = b"") -> None:
        super().__init__(f"{message} (at {path})")
        self.path = path
        self.body = body


KINDS: Mapping[ErrorKind, type[ApiError]] = MappingProxyType(
    {
        "limit": RateLimited,
        "ban": Banned,
        "authentication": AuthenticationError,
        "clock": ClockError,
        "server": ServerError,
        "rejected": RequestRejected,
    }
)
"""Kind of a documented error → the class that its own class derives from."""
