"""What the flow of a call asks its driver to do, and what it gets back.

A flow yields a request that is to be sent, `Sleep` or `Consult`. The driver sends in a `Reply`, None, or the answer, or
throws in the `TransportError` that happened.

What every call makes is a `Struct` here and in `call`: it is made in C, where attrs would run a Python function that no
cache holds any more when the reply is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from attrs import frozen

from .secret import Discreet

if TYPE_CHECKING:
    from .call import Call
    from .clock import Clock
    from .limits import Observation

__all__ = ["Consult", "Effect", "Flow", "HttpRequest", "Reply", "Request", "Sleep", "WsRequest", "pause"]

_T = TypeVar("_T")


class HttpRequest(Discreet):
    """An HTTP request, byte for byte."""

    method: str
    target: bytes
    """Path and query as they go on the wire."""
    headers: list[tuple[bytes, bytes]]
    body: bytes
    timeout: float
    """Seconds until the whole reply must be there."""

    def __repr__(self) -> str:
        return f"<HttpRequest {self.method} {self.target.partition(b'?')[0].decode()}>"


class WsRequest(Discreet):
    """A request of the WebSocket API; the connection gives it an id."""

    method: str
    params: Mapping[str, object]
    timeout: float
    call: Call
    """What it was made of, and can be made of again."""

    def __repr__(self) -> str:
        return f"<WsRequest {self.method}>"


Request: TypeAlias = HttpRequest | WsRequest


class Reply(Discreet):
    """What came back, from either carrier.

    From the WebSocket API `body` is the JSON of `result`, or of `error` (`{"code": …, "msg": …}`).
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    observed: Mapping[str, Observation] | None = None
    """Budget name → what `rateLimits` says of it (WebSocket API only)."""
    request_id: str | None = None
    """Id of the frame (WebSocket API only)."""

    def __repr__(self) -> str:
        return f"<Reply {self.status}, {len(self.body)} bytes>"


@frozen
class Sleep:
    """Wait."""

    seconds: float


@frozen
class Consult(Generic[_T]):
    """Ask something that lives across a network; the driver takes the variant that suits it."""

    ask: Callable[[], _T]
    ask_async: Callable[[], Awaitable[_T]]


Effect: TypeAlias = Request | Sleep | Consult[object]
Flow: TypeAlias = Generator[Effect, object, _T]


def pause(clock: Clock, seconds: float) -> Flow[None]:
    """Lets time pass: by waiting, or by the clock's own `sleep` where it has one."""
    sleep: Callable[[float], object] | None = getattr(clock, "sleep", None)
    if sleep is not None:
        sleep(seconds)
        seconds = 0.0
    yield Sleep(seconds)
