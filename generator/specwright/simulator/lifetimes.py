"""How long a WebSocket connection may live, how often it is asked whether it does, and how fast it may talk."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from specwright.spec.dialect.product import Connections
from specwright.spec.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock

MESSAGES_PER_SECOND = 10
"""Pings and pongs count as messages."""

UNSTATED = Connections(
    lifetime_ms=86_400_000,
    ping_interval_ms=180_000,
    pong_deadline_ms=600_000,
    streams_per_connection=1_024,
    messages_per_second=10,
    position=Position("", 1, 1),
)
"""Limits of a product whose spec states none."""

_SECOND_MS = 1_000
PATIENCE_S = 1.0
"""A pong may be late by this much real time whatever the exchange's clock says: time that a test moves by hand leaves
its client no chance to answer in between."""


class Lifetime:
    """The end of a connection after a day, its pings, and its end when they are not answered.

    Args:
        clock: The exchange's time.
        connections: The documented limits.
        ping: Sends a ping; the answer is told to `pong`.
        close: Closes the connection with a code and a reason.
        after_patience: Runs a function when `PATIENCE_S` of real time, with the sockets served, have passed.
    """

    def __init__(
        self,
        clock: Clock,
        connections: Connections,
        ping: Callable[[], None],
        close: Callable[[int, str], None],
        after_patience: Callable[[Callable[[], None]], None],
    ) -> None:
        self._clock = clock
        self._deadline_ms = connections.pong_deadline_ms
        self._ping = ping
        self._close = close
        self._after_patience = after_patience
        self._asked_ms: int | None = None
        """When the oldest unanswered ping was sent."""
        self._sent_s = -PATIENCE_S
        self._interval_ms = connections.ping_interval_ms
        self._end = clock.call_later(connections.lifetime_ms, self._over)
        self._pings = clock.call_later(self._interval_ms, self._tick)

    def pong(self) -> None:
        """A ping was answered."""
        self._asked_ms = None

    def cancel(self) -> None:
        """The connection has ended."""
        self._end.cancel()
        self._pings.cancel()

    def _over(self) -> None:
        self._close(1001, "24 hours are over")

    def _tick(self) -> None:
        now_ms = self._clock.now_ms()
        self._pings = self._clock.call_later(self._interval_ms, self._tick)
        if self._asked_ms is not None and now_ms - self._asked_ms >= self._deadline_ms:
            asked_ms = self._asked_ms
            self._after_patience(lambda: self._judge(asked_ms))
        # A jump of the clock does not bring a volley of pings, whose pongs would exceed the rate. Only what was sent
        # can be unanswered.
        if time.monotonic() - self._sent_s >= PATIENCE_S:
            self._sent_s = time.monotonic()
            if self._asked_ms is None:
                self._asked_ms = now_ms
            self._ping()

    def _judge(self, asked_ms: int) -> None:
        if self._asked_ms == asked_ms:
            self._close(1008, "ping not answered")


class IncomingRate:
    """Counts what a client sends in a rolling second, of the exchange's clock or of real time, whichever is faster.

    Args:
        clock: The exchange's time.
        limit: Messages per second.
    """

    def __init__(self, clock: Clock, limit: int = MESSAGES_PER_SECOND) -> None:
        self._clock = clock
        self._limit = limit
        self._recent: deque[tuple[int, float]] = deque()

    def exceeded(self) -> bool:
        """Counts one message; true when it was one too many."""
        now_ms, now_s = self._clock.now_ms(), time.monotonic()
        while self._recent and (now_ms - self._recent[0][0] >= _SECOND_MS or now_s - self._recent[0][1] >= 1):
            self._recent.popleft()
        self._recent.append((now_ms, now_s))
        return len(self._recent) > self._limit
