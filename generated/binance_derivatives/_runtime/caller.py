"""What the methods of a client call through: it drives the flow, sends, and gives typed results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from .async_driver import drive_async
from .errors import ConfigurationError
from .response import RawResponse
from .sync_driver import drive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .effects import Flow
    from .flow import CallFlow
    from .operation import Carrier, Operation
    from .response import Results
    from .transport import AsyncHttpSender, HttpSender

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
        flow = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return self.results.result(drive(flow, self.sender.send))

    def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        flow = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return RawResponse(drive(flow, self.sender.send), self.results)

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

    async def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> object:
        """Calls an operation and gives its typed result; see `RestCaller.call`."""
        flow = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return self.results.result(await drive_async(flow, self.sender.send))

    async def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        flow = self.flow.call(operation, _rest(operation), arguments, timeout=timeout, recv_window=recv_window)
        return RawResponse(await drive_async(flow, self.sender.send), self.results)

    async def run(self, flow: Flow[T]) -> T:
        """Runs a flow that was made elsewhere."""
        return await drive_async(flow, self.sender.send)


class WsCaller(Protocol):
    """Calls operations over the WebSocket API; `websocket.api` has the one that does."""

    @property
    def flow(self) -> CallFlow:
        """The flow that the calls go by."""
        ...

    async def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> object:
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
