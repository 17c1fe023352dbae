"""Pages: all items of an operation that pages, one after the other, each page asked for when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from .walk import PagingError, Position, Walk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from .operation import Carrier, Operation

__all__ = ["AsyncPages", "Pages", "PagingError", "Position"]

T = TypeVar("T")


class _Caller(Protocol):
    """Calls an operation and gives its typed result."""

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> object: ...

    @property
    def flow(self) -> _Flow: ...


class _AsyncCaller(Protocol):
    """The same, awaited."""

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> Awaitable[object]: ...

    @property
    def flow(self) -> _Flow: ...


class _Flow(Protocol):
    @property
    def clock(self) -> _Clock: ...


class _Clock(Protocol):
    def now_ms(self) -> int: ...


C = TypeVar("C", bound="_Caller | _AsyncCaller")


class _Walked(Generic[C, T]):
    """What both kinds of pages are: a walk, and how its calls are made."""

    def __init__(
        self, caller: C, operation: Operation, arguments: Mapping[str, object], *, position: Position | None = None
    ) -> None:
        given = dict(arguments)
        self._timeout = cast("float | None", given.pop("timeout", None))
        self._recv_window = cast("int | None", given.pop("recv_window", None))
        self._caller = caller
        self._operation = operation
        self._arguments = arguments
        carrier = cast("Carrier", operation.rest)
        self._walk: Walk[T] = Walk(operation, carrier, given, now=caller.flow.clock.now_ms, position=position)

    @property
    def position(self) -> Position | None:
        """How far the walk has come, for `resume`; None before the first item."""
        return self._walk.position


class Pages(_Walked["_Caller", T]):
    """All items of an operation that pages, oldest first.

    A page is asked for when its first item is needed; `limit` is the number of items per page. An error of a call
    leaves the walk where it was: going on iterating asks again. `position` can be stored, and `resume` goes on from
    there.

    Raises (while iterating):
        BinanceError: Whatever the operation's calls raise.
        PagingError: More items have the same millisecond than the exchange can give.
    """

    def __iter__(self) -> Pages[T]:
        return self

    def __next__(self) -> T:
        walk = self._walk
        while not walk.ready:
            request = walk.request
            if request is None:
                raise StopIteration
            reply = self._caller.call(self._operation, request, timeout=self._timeout, recv_window=self._recv_window)
            walk.feed(reply)
        return walk.take()

    def resume(self, position: Position | None) -> Pages[T]:
        """Pages with the same arguments that begin after the item at `position` (None: at the beginning)."""
        return Pages(self._caller, self._operation, self._arguments, position=position)


class AsyncPages(_Walked["_AsyncCaller", T]):
    """The same as `Pages`, for `async for`."""

    def __aiter__(self) -> AsyncPages[T]:
        return self

    async def __anext__(self) -> T:
        walk = self._walk
        while not walk.ready:
            request = walk.request
            if request is None:
                raise StopAsyncIteration
            reply = await self._caller.call(
                self._operation, request, timeout=self._timeout, recv_window=self._recv_window
            )
            walk.feed(reply)
        return walk.take()

    def resume(self, position: Position | None) -> AsyncPages[T]:
        """Pages with the same arguments that begin after the item at `position` (None: at the beginning)."""
        return AsyncPages(self._caller, self._operation, self._arguments, position=position)
