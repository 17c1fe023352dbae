"""A rolling window: at most so many messages in any stretch of a second."""

from __future__ import annotations

from collections import deque

__all__ = ["RollingWindow"]


class RollingWindow:
    """Counts what was sent; unlike a token bucket it never lets a burst pass that some window would see as too much.

    Args:
        limit: Messages per window.
        seconds: Length of the window. A little over a second, because the exchange counts arrivals, and two messages
            that leave a second apart may arrive closer together.
    """

    def __init__(self, limit: int, seconds: float = 1.1) -> None:
        self._limit = limit
        self._seconds = seconds
        self._sent: deque[float] = deque(maxlen=limit)

    def free_at(self, now: float) -> float:
        """The time from which one more message may leave (`now`, when it may leave at once)."""
        if len(self._sent) < self._limit:
            return now
        return max(now, self._sent[0] + self._seconds)

    def sent(self, now: float) -> None:
        """A message leaves now."""
        self._sent.append(now)
