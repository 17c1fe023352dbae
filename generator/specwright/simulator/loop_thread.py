"""An event loop in a thread of its own, for servers beside code that blocks."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["LoopThread"]

_PATIENCE = 30.0
"""Seconds within which servers start and end."""

T = TypeVar("T")


class LoopThread:
    """One thread that runs one event loop, from `start` to `stop`.

    Args:
        name: What the thread is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has been started, and not been stopped."""
        return self._loop is not None

    def start(self) -> None:
        """Starts the thread."""
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
        self._thread.start()
        self._loop = loop

    def stop(self) -> None:
        """Ends the loop and waits for the thread's end. Stopping twice does nothing."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        self._thread = None

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function in the thread and returns its result; where there is no other thread, at once."""
        loop = self._loop
        if loop is None or self._thread is threading.current_thread():
            return function()
        done: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            try:
                done.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it belongs to the caller, whatever it is.
                done.set_exception(error)

        loop.call_soon_threadsafe(run)
        return done.result()

    def wait_for(self, work: Coroutine[object, object, T]) -> T:
        """Runs a coroutine in the loop and returns its result.

        Raises:
            TimeoutError: It takes longer than servers may.
        """
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
