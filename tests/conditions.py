"""Waits for conditions, never for time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MovableClock", "until"]


class MovableClock(Protocol):
    """A clock that stands still until it is moved."""

    def advance(self, seconds: float, /) -> object: ...


async def until(
    condition: Callable[[], object], seconds: float = 10.0, *, moving: MovableClock | None = None, step: float = 1.0
) -> None:
    """Lets other tasks and threads run until a condition holds.

    Args:
        condition: What is waited for.
        seconds: After how much real time it is given up.
        moving: A clock that goes on at each look.
        step: By how many of its seconds.

    Raises:
        AssertionError: The condition did not come true.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        if moving is not None:
            moving.advance(step)
        assert asyncio.get_running_loop().time() < deadline, "the condition never came true"
        await asyncio.sleep(0.001)
