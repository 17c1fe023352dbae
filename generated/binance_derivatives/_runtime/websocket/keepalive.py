"""Finds a connection that is dead although nobody ended it: its pings are not answered.

This is the one place that decides so. An answer can only come while the connection is read: as long as reading is held,
for a consumer that takes its time, silence says nothing about the server.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from .timing import wait_until

if TYPE_CHECKING:
    from websockets.asyncio.connection import Connection

    from ..clock import Clock

__all__ = ["Keepalive", "Pinged"]

_LAST_LOOK = 1.0
"""Seconds of real time for an answer that came but was not read: the event loop was blocked, or the clock jumped."""
_SOONEST = 1.0
"""Seconds between an answer and a ping that should not wait: only so many messages a second are allowed, pings too."""


class Pinged(Protocol):
    """Who is told how far a connection is known to be whole."""

    whole_until: float | None
    """Monotonic time: all that the server had sent by then has come. None: there are no pings that would show it."""


class Keepalive:
    """Pings one connection.

    Args:
        websocket: The connection.
        pinged: Told of answers.
        clock: Local time.
        interval: Seconds between an answer and the next ping; None: there are no pings.
        timeout: Seconds in which a ping must be answered; None: it may take any time.
    """

    def __init__(
        self, websocket: Connection, pinged: Pinged, clock: Clock, *, interval: float | None, timeout: float | None
    ) -> None:
        self._websocket = websocket
        self._pinged = pinged
        self._clock = clock
        self._interval = interval
        self._timeout = timeout
        self._is_held = False
        self._waiting_since = 0.0
        """Monotonic time from which on an answer could have been read."""
        self._is_due = False
        self._news = asyncio.Event()

    def hold(self) -> None:
        """Nothing is read until `release`."""
        self._is_held = True
        self._news.set()

    def release(self) -> None:
        """Reading goes on: an answer that was on its way can come from now on. Another ping shows what has come."""
        self._is_held = False
        self._waiting_since = self._clock.monotonic()
        self.ping()

    def ping(self) -> None:
        """Pings soon, whatever the interval."""
        self._is_due = True
        self._news.set()

    async def run(self) -> None:
        """Returns when the connection is dead; never, when there are no pings.

        Raises:
            ConnectionClosed: The connection has ended by itself.
        """
        if self._interval is None:
            await asyncio.Event().wait()
            return
        self._pinged.whole_until = self._clock.monotonic()
        while True:
            await self._pause(self._interval)
            sent_at = self._waiting_since = self._clock.monotonic()
            # Sending waits for a peer that reads nothing: its time counts too.
            answer = asyncio.ensure_future(self._ping())
            answer.add_done_callback(self._note_answer)
            try:
                if not await self._is_answered(answer):
                    return
                answer.result()
                self._pinged.whole_until = sent_at
            finally:
                answer.cancel()

    def _note_answer(self, answer: asyncio.Future[None]) -> None:
        self._news.set()
        if not answer.cancelled():
            answer.exception()  # Looked at, should the connection have ended.

    async def _ping(self) -> None:
        await (await self._websocket.ping())

    async def _pause(self, interval: float) -> None:
        start = self._clock.monotonic()
        while self._clock.monotonic() < (end := start + (min(_SOONEST, interval) if self._is_due else interval)):
            await wait_until(self._clock, end, self._news)
        self._is_due = False

    async def _is_answered(self, answer: asyncio.Future[None]) -> bool:
        """Waits for an answer for as long as it may take."""
        while not answer.done():
            if self._is_overdue():
                await asyncio.wait([answer], timeout=min(_LAST_LOOK, self._timeout or 0.0))
                if self._is_overdue():
                    return answer.done()
            deadline = None if self._is_held or self._timeout is None else self._waiting_since + self._timeout
            await wait_until(self._clock, deadline, self._news)
        return True

    def _is_overdue(self) -> bool:
        if self._is_held or self._timeout is None:
            return False
        return self._clock.monotonic() >= self._waiting_since + self._timeout
