"""Takes what a stream delivers in the background, and counts the sockets that are open."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from binance_derivatives.errors import ClientClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Reader", "open_sockets"]


def open_sockets() -> int:
    """Sockets of this process, the exchange's included."""
    count = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(descriptor.readlink()).startswith("socket:")
    return count


@define
class Reader:
    """Collects all items of a stream while it is entered; its errors come out of `until`."""

    stream: Any
    items: list[Any] = field(factory=list)
    _task: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        await self.stream.start()
        self._task = asyncio.create_task(self._take())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._task is not None
        await self.stream.close()
        await asyncio.wait([self._task])
        error = self._task.exception()
        # A stream that is closed before its reader has looked at it says so.
        if error is not None and kind is None and not isinstance(error, ClientClosed):
            raise error

    def of(self, kind: type) -> list[Any]:
        """The items of one class."""
        return [item for item in self.items if isinstance(item, kind)]

    async def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Waits until the condition, on what was taken, holds."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    assert self._task is not None
                    if self._task.done():
                        self._task.result()
                        raise AssertionError("the stream has ended")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"it never came true; the last items are {self.items[-5:]}") from None

    async def take(self, kind: type, count: int = 1) -> list[Any]:
        """Waits for so many items of a class; gives all of them."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)

    async def _take(self) -> None:
        try:
            async for item in self.stream:
                self.items.append(item)
                self._news.set()
        finally:
            self._news.set()
