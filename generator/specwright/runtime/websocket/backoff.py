"""How long to wait before the next attempt to connect or to ask, and when to give up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ..errors import (
    ApiError,
    AuthenticationError,
    BinanceError,
    BudgetExceeded,
    ClockError,
    DecodeError,
    ExecutionUnknown,
    HandshakeRejected,
    LimitError,
    RequestRejected,
    ServerError,
    TransportError,
)
from ..option_checks import check_count, check_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Attempts", "Backoff", "ReconnectPolicy", "can_pass", "is_about_the_address", "is_refused_on_the_way"]

# Answers that another attempt can change: overload, a ban with an end, a server that is being restarted.
_PASSING = frozenset({408, 418, 425, 429})
_FIREWALL = 403
"""A firewall in front of the exchange answers so for a while to those who ask too often."""
_MOST_FAULTS = 5
"""Attempts in a row that may fail by a fault of this package: more of them would find the same fault."""


@frozen
class ReconnectPolicy:
    """Exponential backoff with full jitter: attempt n waits a random time up to `base * 2**n` seconds.

    Raises:
        ConfigurationError: A number is below what it may be.
    """

    base: float = 1.0
    """Seconds; the upper end of the first wait."""
    cap: float = 30.0
    """Seconds; no wait is longer, unless the exchange asks for it with `Retry-After`."""
    attempts: int | None = None
    """Attempts in a row to connect anew, after which a connection that was lost is given up; None: forever."""
    attempts_at_start: int = 1
    """Attempts before the first connection; a wrong host or key should be an error at once, not a silent loop."""
    retry_rejected: bool = False
    """Whether, after the first connection, also a handshake is repeated that was rejected for good (401, 404 …)."""
    stable_after: float = 10.0
    """Seconds that a connection must last for the count to start anew; who accepts and drops is backed off."""

    def __attrs_post_init__(self) -> None:
        for name in ("base", "cap", "stable_after"):
            check_seconds(name, getattr(self, name), zero=True, endless=True)
        check_count("attempts", self.attempts, optional=True)
        check_count("attempts_at_start", self.attempts_at_start)

    def longest_pause(self, attempts: int) -> float:
        """Seconds; the upper end of the wait after so many attempts in a row."""
        # 2**64 seconds is beyond any cap, and a power that keeps growing would overflow after months.
        return min(self.cap, self.base * 2.0 ** min(attempts - 1, 64))


class Backoff:
    """Counts attempts in a row and says when the next one is due.

    Args:
        policy: The numbers.
        jitter: A random number from [0, 1); replaceable in tests.
        ever_open: Whether there was a connection already: then the limits of a first connection do not hold.
    """

    def __init__(
        self, policy: ReconnectPolicy, jitter: Callable[[], float] = random.random, *, ever_open: bool = False
    ) -> None:
        self._policy = policy
        self._jitter = jitter
        self._opened_at: float | None = None
        self.attempts = 0
        """How often in a row a connection was lost that had not lasted, or could not be made."""
        self.ever_open = ever_open

    @classmethod
    def of_takeovers(cls, policy: ReconnectPolicy, jitter: Callable[[], float]) -> Backoff:
        """Counts the attempts to take over. They have no limit: meanwhile the first connection goes on."""
        return cls(evolve(policy, attempts=None), jitter, ever_open=True)

    def opened(self, now: float) -> None:
        """A connection stands."""
        if not self.ever_open:
            self.attempts = 0  # Those before the first connection have a limit of their own.
        self._opened_at = now
        self.ever_open = True

    def failed(self, now: float, error: TransportError) -> float | None:
        """An attempt failed or a connection was lost; gives the seconds to wait, or None to give up."""
        if self._opened_at is not None:
            if now - self._opened_at >= self._policy.stable_after:
                self.attempts = 0
            self._opened_at = None
        self.attempts += 1
        # After the first connection, the first of them is a loss: it comes before the first attempt to connect anew.
        limit = self._policy.attempts if self.ever_open else self._policy.attempts_at_start
        if limit is not None and self.attempts - self.ever_open >= limit:
            return None
        if not self._can_pass(error):
            return None
        return max(_asked_for(error), self._jitter() * self._policy.longest_pause(self.attempts))

    def _can_pass(self, error: TransportError) -> bool:
        if not isinstance(error, HandshakeRejected) or error.status is None:
            return True
        if error.status >= 500 or error.status in _PASSING:
            return True
        return self.ever_open and (error.status == _FIREWALL or self._policy.retry_rejected)


class Attempts:
    """Counts attempts in a row of a request that is asked until it is answered, and says when to ask again.

    Args:
        policy: The numbers.
        jitter: A random number from [0, 1); replaceable in tests.
    """

    def __init__(self, policy: ReconnectPolicy, jitter: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._jitter = jitter
        self._faults = 0
        self.failures = 0
        """Attempts in a row that failed."""

    def answered(self) -> None:
        """The request was answered."""
        self.failures = self._faults = 0

    def failed(self, error: BaseException) -> float | None:
        """An attempt failed; gives the seconds to wait, or None where no further attempt would change the outcome."""
        self.failures += 1
        self._faults = 0 if isinstance(error, BinanceError) else self._faults + 1
        goes_on = can_pass(error) if isinstance(error, BinanceError) else self._faults < _MOST_FAULTS
        return max(_asked_for(error), self._jitter() * self._policy.longest_pause(self.failures)) if goes_on else None


def is_about_the_address(error: TransportError) -> bool:
    """Whether a handshake was refused for what it asked for, and not for a limit, or by a server in trouble."""
    if not isinstance(error, HandshakeRejected) or error.status is None:
        return False
    return 400 <= error.status < 500 and error.status != _FIREWALL and error.status not in _PASSING


def can_pass(error: BinanceError) -> bool:
    """Whether the same request may be answered another time. A reply that is no JSON is some server's in trouble."""
    if isinstance(error, BudgetExceeded):
        return error.cost <= error.limit
    if isinstance(error, ApiError) and (error.execution != "rejected" or is_refused_on_the_way(error)):
        return True
    passing = (TransportError, LimitError, ServerError, ClockError, DecodeError, ExecutionUnknown)
    return isinstance(error, passing)


def is_refused_on_the_way(error: BinanceError) -> bool:
    """Whether something in front of the exchange refused the request, such as a proxy: the exchange gives a code."""
    return isinstance(error, (RequestRejected, AuthenticationError)) and not error.code


def _asked_for(error: BaseException) -> float:
    """Seconds to wait, as the exchange said."""
    return getattr(error, "retry_after", None) or 0.0
