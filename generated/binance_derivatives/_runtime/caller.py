"""What the methods of a client call through: it drives the flow, sends, and gives typed results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .async_driver import drive_async, drive_call_async
from .errors import ConfigurationError
from .response import RawResponse
from .sync_driver import drive, drive_call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from .call import Call
    from .effects import Flow
    from .flow import CallFlow
    from .operation import Carrier, Operation
    from .response import Results
    from .transport import AsyncHttpSender, HttpSender
    from .websocket.statistics import WsApiStatistics

__all__ = ["AsyncRestCaller", "RestCaller", "WsCaller"]

T = TypeVar("T")


class RestCaller:
    """Calls operations over REST, from any thread."""

    __slots__ = ("flow", "results", "sender")

    def __init__(self, flow: CallFlow, sender: HttpSender, results: Results) -> None:
        self.flow = flow
        self.sender = sender
        self.results = results

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> object:
        """Calls an operation and gives its typed result.

        Args:
            operation: What to do.
            arguments: By Python names; None stands for absent.
            timeout: Seconds, instead of the client's.
            recv_window: Milliseconds, instead of the client's.
        """
        call = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return drive_call(self.flow, call, self.results.result, self.sender.send)

    def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        call = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return self.respond(call, self.results)

    def respond(self, call: Call, results: Results | None = None) -> RawResponse[Any]:
        """Performs a call that was made elsewhere; without `results` its result is any JSON."""
        return drive_call(self.flow, call, lambda answer: RawResponse(answer, results), self.sender.send)

    def run(self, flow: Flow[T]) -> T:
        """Runs a flow that was made elsewhere."""
        return drive(flow, self.sender.send)


class AsyncRestCaller:
    """Calls operations over REST on the event loop."""

    __slots__ = ("flow", "results", "sender")

    def __init__(self, flow: CallFlow, sender: AsyncHttpSender, results: Results) -> None:
        self.flow = flow
        self.sender = sender
        self.results = results

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> Awaitable[Any]:
        """Calls an operation and gives its typed result; see `RestCaller.call`."""
        call = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return drive_call_async(self.flow, call, self.results.result, self.sender.send)

    async def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        call = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return await self.respond(call, self.results)

    def respond(self, call: Call, results: Results | None = None) -> Awaitable[RawResponse[Any]]:
        """Performs a call that was made elsewhere; see `RestCaller.respond`."""
        return drive_call_async(self.flow, call, lambda answer: RawResponse(answer, results), self.sender.send)

    async def run(self, flow: Flow[T]) -> T:
        """Runs a flow that was made elsewhere."""
        return await drive_async(flow, self.sender.send)


class WsCaller(Protocol):
    """Calls operations over the WebSocket API; `websocket.api` has the one that does."""

    @property
    def flow(self) -> CallFlow:
        """The flow that the calls go by."""
        ...

    @property
    def statistics(self) -> WsApiStatistics:
        """Counters of the connection."""
        ...

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> Awaitable[Any]:
        """Calls an operation and gives its typed result."""
        ...

    async def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        ...


def _rest(operation: Operation) -> Carrier:
    if operation.rest is None:
        raise ConfigurationError(f"{operation.id} exists only in the WebSocket API")
    return operation.rest
