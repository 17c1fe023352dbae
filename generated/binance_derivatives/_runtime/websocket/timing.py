"""Waits for a moment of a clock that may be moved by hand, or for something to happen before it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..clock import SystemClock

if TYPE_CHECKING:
    from ..clock import Clock

__all__ = ["LOOK_AGAIN", "real_wait", "wait_until"]

LOOK_AGAIN = 0.02
"""Seconds of real time between two looks at a clock that is not the machine's own."""


def real_wait(clock: Clock, deadline: float) -> float:
    """Seconds of real time to wait before looking whether `deadline`, told by the clock, has come."""
    wait = max(0.0, deadline - clock.monotonic())
    return wait if isinstance(clock, SystemClock) else min(wait, LOOK_AGAIN)


async def wait_until(clock: Clock, deadline: float | None, woken: asyncio.Event) -> None:
    """Returns when `woken` is set, which it clears, or when the clock shows `deadline` (None: never)."""
    while not woken.is_set() and (deadline is None or clock.monotonic() < deadline):
        try:
            async with asyncio.timeout(None if deadline is None else real_wait(clock, deadline)):
                await woken.wait()
        except TimeoutError:
            continue
    woken.clear()
