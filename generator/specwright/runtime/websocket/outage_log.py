"""Says in the log when a connection is lost or cannot be made, and when there is one again. Never the whole address."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..clock import Clock
    from ..errors import TransportError

__all__ = ["OutageLog"]

logger = logging.getLogger(__name__)


class OutageLog:
    """What an operator is told of the connections of one session.

    Args:
        clock: Local time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None
        """Monotonic seconds since when there has been no connection; None: there is one, or none was wanted yet."""

    def missing(self, error: TransportError, *, again_at: float | None, other_goes_on: bool) -> None:
        """A connection was lost, or could not be made.

        Args:
            error: How it ended; its text names the host.
            again_at: Monotonic time of the next attempt; None: there is none now.
            other_goes_on: There is another connection.
        """
        # Its text: records are kept by some, and an error keeps the connection alive that it happened to.
        text = str(error)
        if other_goes_on:
            logger.warning("%s; another connection goes on", text)
            return
        now = self._clock.monotonic()
        self._since = now if self._since is None else self._since
        if again_at is None:
            logger.warning("%s; it is not tried again", text)
        else:
            logger.warning("%s; tried again in %.1f s", text, max(0.0, again_at - now))

    def stands(self, host: str) -> None:
        """A connection stands."""
        if self._since is not None:
            logger.info("connected to %s again, after %.1f s", host, self._clock.monotonic() - self._since)
        self._since = None
