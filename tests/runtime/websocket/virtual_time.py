"""An event loop in which nothing is waited for: when all tasks wait, time jumps to the first that has an end."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

from specwright.runtime.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["VirtualClock", "run"]

_T = TypeVar("_T")


class _Jumping(selectors.DefaultSelector):
    """Lets time pass where others would wait for sockets."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "every task waits for another one"
        self.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that lives in the time of its selector."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        # No clock shows one time twice, and who compares two readings must know that.
        self._jumping.now += 1e-9
        return self._jumping.now


class VirtualClock(SystemClock):
    """The time of the running loop, as a local clock."""

    __slots__ = ()

    @staticmethod
    def time() -> float:
        return 1_700_000_000.0 + asyncio.get_running_loop().time()

    @staticmethod
    def monotonic() -> float:
        return asyncio.get_running_loop().time()


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """What a coroutine gives that is run in virtual time.

    Raises:
        AssertionError: Every task waits for another one, so that nothing can happen any more.
    """
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)
