"""The life of a listen key: made, renewed with margin, replaced when it is gone, closed in the end. No I/O."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import ApiError, BinanceError, ClockError, DecodeError, LimitError, ServerError, TransportError
from .backoff import ReconnectPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..clock import Clock
    from ..product import UserData

__all__ = ["KeyRequest", "ListenKeeper"]

KeyRequest: TypeAlias = Literal["start", "keepalive"]
"""What is to be asked of the exchange."""

_FRESH = 30.0
"""Seconds for which an answer is trusted."""
_RENEW_AFTER = 5 / 12
"""Of the validity: 25 of 60 minutes leave room for many failed renewals."""
_PASSING = (TransportError, LimitError, ServerError, ClockError, DecodeError)
"""Failures that another attempt can change: an answer that is no JSON is a proxy's or a server's that is in trouble."""


class ListenKeeper:
    """Says when to start or renew a key, and which key holds.

    Args:
        procedure: Validity, and the codes that say that a key is gone.
        clock: Local time.
        policy: Waits between failed requests.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self,
        procedure: UserData,
        clock: Clock,
        policy: ReconnectPolicy | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._procedure = procedure
        self._validity = procedure.validity_ms / 1000
        self._clock = clock
        self._policy = policy or ReconnectPolicy()
        self._jitter = jitter
        self._asking: KeyRequest | None = None
        self._due: float = clock.monotonic()
        self._valid_until = clock.monotonic()
        self._failures = 0
        self.key: str | None = None
        """The key that holds; None: there is none, or it is gone."""
        self.renewals = 0
        self.replacements = 0
        """Keys that replaced one that was gone."""
        self.failed_requests = 0
        self._had_key = False

    def next_request(self) -> KeyRequest | None:
        """What to ask now; None: nothing, or the last request has not been answered."""
        now = self._clock.monotonic()
        if self._asking is not None or now < self._due:
            return None
        if self.key is not None and now >= self._valid_until:
            self.gone()
        self._asking = "start" if self.key is None else "keepalive"
        return self._asking

    def deadline(self) -> float | None:
        """Monotonic time of the next request; None: one is being answered."""
        return None if self._asking is not None else self._due

    def answered(self, key: str) -> None:
        """The exchange answered a request with this key, which is valid from now on."""
        was_start = self._asking == "start"
        self._asking = None
        self._failures = 0
        if was_start:
            self.replacements += self._had_key
        else:
            self.renewals += 1
        self._had_key = True
        self.key = key
        now = self._clock.monotonic()
        self._valid_until = now + self._validity
        self._due = now + self._validity * _RENEW_AFTER

    def refused(self, error: BaseException) -> bool:
        """A request failed. True: it is tried again; False: it is of no use, the stream must end with this error."""
        asked, self._asking = self._asking, None
        self.failed_requests += 1
        self._failures += 1
        if asked == "keepalive" and isinstance(error, ApiError) and error.code in self._procedure.lost:
            self.gone()
            return True
        if not self._had_key and self._failures >= self._policy.attempts_at_start:
            return False
        # An error that is not the exchange's is a fault on this side; it must not end a stream that may yet be renewed.
        if isinstance(error, BinanceError) and not isinstance(error, _PASSING):
            return False
        span = min(self._policy.cap, self._policy.base * 2.0 ** min(self._failures - 1, 64))
        asked_for = getattr(error, "retry_after", None) or 0.0
        self._due = self._clock.monotonic() + max(asked_for, self._jitter() * span)
        return True

    def doubt(self) -> None:
        """The connection was lost: the key may be gone, and who takes any key in silence would not say so."""
        answered = self._valid_until - self._validity
        if self.key is not None and self._clock.monotonic() - answered > _FRESH:
            self._due = self._clock.monotonic()

    def gone(self) -> None:
        """The key is not valid any more: another one is needed at once."""
        if self.key is not None:
            self.key = None
            self._due = self._clock.monotonic()
