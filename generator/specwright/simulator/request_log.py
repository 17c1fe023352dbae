"""What the exchange was asked, in the order of arrival: the evidence that nothing was sent twice."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import Factory, define

if TYPE_CHECKING:
    from collections.abc import Mapping

Transport: TypeAlias = Literal["rest", "ws_api"]

_KEPT = 100_000


@define(eq=False)
class ReceivedRequest:
    """One request exactly as it came in, and what became of it."""

    time_ms: int
    transport: Transport
    operation: str
    """The operation's id; an unknown one's path or method."""
    security: str
    target: str
    """REST: method, path and query as they were sent. WebSocket API: the frame."""
    headers: Mapping[str, str] = Factory(dict)
    """REST: with names in lower case."""
    body: bytes = b""
    parameters: Mapping[str, object] = Factory(dict)
    """Wire names → values as they were sent, signature and timestamp included."""
    executed: bool = False
    """The operation was carried out."""
    status: int | None = None
    """Status of the reply; None when none was made."""
    code: int | None = None
    """The exchange's error code, when it refused."""


class RequestLog:
    """Every request, and apart from it every one that could change an account (security type `TRADE`)."""

    def __init__(self) -> None:
        self.requests: deque[ReceivedRequest] = deque(maxlen=_KEPT)
        self.orders: list[ReceivedRequest] = []

    def add(self, request: ReceivedRequest) -> None:
        """Notes a request at its arrival, before anything is known of its fate."""
        self.requests.append(request)
        if request.security == "TRADE":
            self.orders.append(request)

    def clear(self) -> None:
        """Forgets everything noted so far."""
        self.requests.clear()
        self.orders.clear()
