"""What generated methods and groups are made of: a method is an operation that can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from .caller import AsyncRestCaller, RestCaller, WsCaller
from .former_names import former_names, renewed
from .response import RawResponse
from .weights import costs as costs_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from .operation import Carrier, Operation
    from .paging import AsyncPages, Pages
    from .websocket.statistics import WsApiStatistics

__all__ = [
    "AsyncRestCaller",
    "AsyncRestGroup",
    "AsyncRestMethod",
    "RawResponse",
    "RestCaller",
    "RestGroup",
    "RestMethod",
    "WsCaller",
    "WsGroup",
    "WsGroups",
    "WsMethod",
]

T = TypeVar("T")

_OPTIONS = ("timeout", "recv_window")


class _Method:
    """An operation's cost, known before it is called."""

    __slots__ = ()
    operation: ClassVar[Operation]

    def cost(self, **arguments: object) -> int:
        """The weight that a call with these arguments has."""
        costs = self.costs(**arguments)
        return costs.get(self._weight_budget(), 0)

    def costs(self, **arguments: object) -> dict[str, int]:
        """Budget → what a call with these arguments draws on it."""
        given = {name: value for name, value in arguments.items() if name not in _OPTIONS}
        return costs_of(self._carrier(), self._renewed(given))

    def _renewed(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """The arguments under the names that they have now."""
        names = former_names(self._carrier().params)
        return renewed(arguments, names) if names else arguments

    def _carrier(self) -> Carrier:
        raise NotImplementedError

    def _weight_budget(self) -> str:
        raise NotImplementedError


class RestMethod(_Method, Generic[T]):
    """An operation over REST; `T` is its result."""

    __slots__ = ("_caller",)

    def __init__(self, caller: RestCaller) -> None:
        self._caller = caller

    def _call(
        self, arguments: Mapping[str, object], *, timeout: float | None = None, recv_window: int | None = None
    ) -> T:
        return cast("T", self._caller.call(self.operation, arguments, timeout=timeout, recv_window=recv_window))

    def _raw(self, arguments: Mapping[str, object]) -> RawResponse[T]:
        given, timeout, recv_window = _split(arguments)
        response = self._caller.raw(self.operation, given, timeout=timeout, recv_window=recv_window)
        return cast("RawResponse[T]", response)

    def _iter(self, arguments: Mapping[str, object]) -> Pages[Any]:
        from .paging import Pages

        return Pages(self._caller, self.operation, self._renewed(arguments))

    def _carrier(self) -> Carrier:
        return cast("Carrier", self.operation.rest)

    def _weight_budget(self) -> str:
        return self._caller.flow.product.weight_budget


class AsyncRestMethod(_Method, Generic[T]):
    """An operation over REST, awaited."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncRestCaller) -> None:
        self._caller = caller

    def _call(
        self, arguments: Mapping[str, object], *, timeout: float | None = None, recv_window: int | None = None
    ) -> Awaitable[T]:
        return self._caller.call(self.operation, arguments, timeout=timeout, recv_window=recv_window)

    async def _raw(self, arguments: Mapping[str, object]) -> RawResponse[T]:
        given, timeout, recv_window = _split(arguments)
        response = await self._caller.raw(self.operation, given, timeout=timeout, recv_window=recv_window)
        return cast("RawResponse[T]", response)

    def _iter(self, arguments: Mapping[str, object]) -> AsyncPages[Any]:
        from .paging import AsyncPages

        return AsyncPages(self._caller, self.operation, self._renewed(arguments))

    def _carrier(self) -> Carrier:
        return cast("Carrier", self.operation.rest)

    def _weight_budget(self) -> str:
        return self._caller.flow.product.weight_budget


class WsMethod(_Method, Generic[T]):
    """An operation over the WebSocket API."""

    __slots__ = ("_caller",)

    def __init__(self, caller: WsCaller) -> None:
        self._caller = caller

    def _call(
        self, arguments: Mapping[str, object], *, timeout: float | None = None, recv_window: int | None = None
    ) -> Awaitable[T]:
        return self._caller.call(self.operation, arguments, timeout=timeout, recv_window=recv_window)

    async def _raw(self, arguments: Mapping[str, object]) -> RawResponse[T]:
        given, timeout, recv_window = _split(arguments)
        response = await self._caller.raw(self.operation, given, timeout=timeout, recv_window=recv_window)
        return cast("RawResponse[T]", response)

    def _carrier(self) -> Carrier:
        return cast("Carrier", self.operation.ws)

    def _weight_budget(self) -> str:
        return self._caller.flow.product.weight_budget


class RestGroup:
    """A documentation group of a synchronous client; its attributes are methods."""

    def __init__(self, caller: RestCaller) -> None:
        self._caller = caller


class AsyncRestGroup:
    """A documentation group of an asynchronous client over REST."""

    def __init__(self, caller: AsyncRestCaller) -> None:
        self._caller = caller


class WsGroups:
    """The groups of the WebSocket API, which share one connection; generated classes have them."""

    def __init__(self, caller: WsCaller) -> None:
        self._caller = caller

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.statistics}>"

    @property
    def statistics(self) -> WsApiStatistics:
        """What became of calls and connections, as of now."""
        return self._caller.statistics


class WsGroup:
    """A documentation group of an asynchronous client over the WebSocket API."""

    def __init__(self, caller: WsCaller) -> None:
        self._caller = caller


def _split(arguments: Mapping[str, object]) -> tuple[dict[str, object], float | None, int | None]:
    """Arguments without the options of the call, and these."""
    given = dict(arguments)
    timeout = given.pop("timeout", None)
    recv_window = given.pop("recv_window", None)
    return given, cast("float | None", timeout), cast("int | None", recv_window)
