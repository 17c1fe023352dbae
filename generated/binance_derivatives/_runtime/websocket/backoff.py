"""How long to wait before the next attempt to connect, and when to give up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from attrs import frozen

from ..errors import HandshakeRejected, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Backoff", "ReconnectPolicy"]

# Answers that another attempt can change: overload, a ban with an end, a server that is being restarted.
_PASSING = frozenset({408, 418, 425, 429})


@frozen
class ReconnectPolicy:
    """Exponential backoff with full jitter: attempt n waits a random time up to `base * 2**n` seconds."""

    base: float = 1.0
    """Seconds; the upper end of the first wait."""
    cap: float = 30.0
    """Seconds; no wait is longer, unless the exchange asks for it with `Retry-After`."""
    attempts: int | None = None
    """Attempts in a row before giving up; None: forever."""
    attempts_at_start: int = 1
    """Attempts before the first connection; a wrong host or key should be an error at once, not a silent loop."""
    retry_rejected: bool = False
    """Whether, after the first connection, also a handshake is repeated that was rejected for good (401, 404 …)."""
    stable_after: float = 10.0
    """Seconds that a connection must last for the count to start anew; who accepts and drops is backed off."""


class Backoff:
    """Counts attempts in a row and says when the next one is due.

    Args:
        policy: The numbers.
        jitter: A random number from [0, 1); replaceable in tests.
    """

    def __init__(self, policy: ReconnectPolicy, jitter: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._jitter = jitter
        self._opened_at: float | None = None
        self.attempts = 0
        """Attempts in a row that gave no lasting connection."""
        self.ever_open = False

    def opened(self, now: float) -> None:
        """A connection stands."""
        self._opened_at = now
        self.ever_open = True

    def failed(self, now: float, error: TransportError) -> float | None:
        """An attempt failed or a connection was lost; gives the seconds to wait, or None to give up."""
        if self._opened_at is not None:
            if now - self._opened_at >= self._policy.stable_after:
                self.attempts = 0
            self._opened_at = None
        self.attempts += 1
        limit = self._policy.attempts if self.ever_open else self._policy.attempts_at_start
        if limit is not None and self.attempts >= limit and not (self.ever_open and self.attempts == 1):
            return None
        if not self._can_pass(error):
            return None
        asked = getattr(error, "retry_after", None)
        # 2**64 seconds is beyond any cap, and a power that keeps growing would overflow after months.
        span = min(self._policy.cap, self._policy.base * 2.0 ** min(self.attempts - 1, 64))
        return max(asked or 0.0, self._jitter() * span)

    def _can_pass(self, error: TransportError) -> bool:
        if not isinstance(error, HandshakeRejected) or error.status is None:
            return True
        if error.status >= 500 or error.status in _PASSING:
            return True
        # A firewall in front of the exchange answers 403 for a while to those who ask too often.
        return self.ever_open and (error.status == 403 or self._policy.retry_rejected)
