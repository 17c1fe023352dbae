"""Closing that is carried through, however often it is asked for and whoever stops waiting for it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from .one_loop import OneLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Closing"]

logger = logging.getLogger(__name__)


class Closing:
    """One task that closes something. It goes on when whoever waits for it is cancelled; the next one waits for it too.

    Args:
        close: What is to be done. Once it is done, doing it again must do no harm.
        home: The event loop of what is to be closed.
    """

    __slots__ = ("_close", "_home", "_task")

    def __init__(self, close: Callable[[], Coroutine[Any, Any, None]], home: OneLoop | None = None) -> None:
        self._close = close
        self._home = OneLoop() if home is None else home
        self._task: asyncio.Task[None] | None = None

    async def finish(self) -> None:
        """Waits until it is closed. What belonged to a closed event loop has ended with it.

        Raises:
            ConfigurationError: It belongs to another event loop, which is not closed.
        """
        if self._home.is_over:
            return
        self._home.check()
        task = self._task
        if task is None or task.done() or task.get_loop().is_closed():
            task = self._task = asyncio.create_task(self._close())
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            # Maybe nobody waits for it any more, and its error would go unseen.
            task.add_done_callback(_tell)
            raise


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("closing failed", exc_info=error)
