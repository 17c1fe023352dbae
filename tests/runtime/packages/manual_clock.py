"""The local clock that the client asks for the time, moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = 1_700_000_000.0
"""Local time since 1970 when a manual clock starts."""

_START = 100.0


@define
class ManualClock:
    """Time stands still until it is moved."""

    now: float = _START
    """Seconds of the monotonic clock."""
    wall: float = EPOCH - _START
    """By how much local time is ahead of it; who sets the computer's time changes this."""
    reading: float = 0.0
    """Seconds that each reading of the monotonic clock takes. A real clock never shows one time twice."""

    def time(self) -> float:
        return self.wall + self.now

    def monotonic(self) -> float:
        self.now += self.reading
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def pass_deadlines(self, seconds: float, deadline: Callable[[], float | None], act: Callable[[], None]) -> None:
        """Time passes and stops at each deadline on the way, where something acts and names its next one."""
        end = self.now + seconds
        while (due := deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            act()
        self.now = end
