"""Which failed calls are sent again, and when: only those that the spec calls safe, with growing random pauses."""

from __future__ import annotations

import random as _random
from typing import TYPE_CHECKING

from attrs import field, frozen

from .errors import ApiError, Banned, BinanceError, RateLimited, ServerError, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NO_RETRY", "RetryPolicy"]


@frozen
class RetryPolicy:
    """How often and how patiently safe calls are repeated.

    Calls that the spec does not call safe (all that place, change or cancel orders) are never repeated, whatever stands
    here. A repetition reserves its cost like any call.

    Args:
        attempts: How often a call is sent at most, the first time included.
        first_pause: Longest pause in seconds before the first repetition; it doubles with each further one.
        longest_pause: What pauses grow to.
        deadline: Seconds after the start of the call from which it is not repeated any more.
        random: Gives numbers in [0, 1); a pause is a random part of its longest value, lest clients march in step.
    """

    attempts: int = 4
    first_pause: float = 0.2
    longest_pause: float = 5.0
    deadline: float = 30.0
    random: Callable[[], float] = field(default=_random.random, repr=False, eq=False)

    def repeats(self, error: BinanceError) -> bool:
        """Whether a safe call that failed like this may be sent again."""
        if isinstance(error, Banned):
            return False
        # A 429 is: the budget stays blocked until Retry-After, and the next attempt waits for that like any call.
        if isinstance(error, (TransportError, ServerError, RateLimited)):
            return True
        return isinstance(error, ApiError) and error.execution != "rejected"

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the given attempt (1 is the first)."""
        return self.random() * min(self.longest_pause, self.first_pause * 2.0 ** (attempt - 1))


NO_RETRY = RetryPolicy(attempts=1)
"""Sends every call once."""
