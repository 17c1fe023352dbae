"""Starting that goes on when whoever waits for it gives that up, and that tells each who waits what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..errors import ClientClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Starting"]


class Starting:
    """One task that starts something.

    Args:
        start: What is to be done. When it fails, it must leave nothing behind.
    """

    __slots__ = ("_start", "_task")

    def __init__(self, start: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._start = start
        self._task: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task, once it has been begun."""
        return self._task

    def begin(self) -> None:
        """Begins it, once."""
        self._task = asyncio.create_task(self._start())
        self._task.add_done_callback(_look_at)

    async def outcome(self) -> None:
        """Waits until it is done.

        Raises:
            Exception: What it failed by, for each who waits.
            ClientClosed: It was cancelled.
        """
        await self.is_over()
        if self._task is not None and self._task.cancelled():
            raise ClientClosed("the stream was closed before it had begun")
        if self._task is not None:
            self._task.result()

    async def is_over(self) -> None:
        """Waits until it is done, whatever became of it."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task])


def _look_at(task: asyncio.Task[None]) -> None:
    """Nobody may wait any more: then its error is no news, because what failed has been closed."""
    if not task.cancelled():
        task.exception()
