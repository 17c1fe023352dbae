"""The exchange's time, told from the local monotonic clock and an offset that is measured with round-trip correction.

Nothing here does I/O: a call's flow asks whether a measurement is due, makes it, and hands in the three times.
"""

from __future__ import annotations

import math
import time as _time
from typing import Protocol

from attrs import frozen

__all__ = ["Clock", "ExchangeClock", "SystemClock"]


class Clock(Protocol):
    """The local time, replaceable in tests."""

    def time(self) -> float:
        """Seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow, from any start."""
        ...


class SystemClock:
    """The machine's own clocks."""

    __slots__ = ()
    # The functions themselves: a call asks half a dozen times.
    time = staticmethod(_time.time)
    monotonic = staticmethod(_time.monotonic)


@frozen
class _Sample:
    offset: float
    """Exchange time minus local monotonic time, in seconds."""
    uncertainty: float
    """Half of the round trip: the true offset lies within this distance."""
    taken: float


_DRIFT = 100e-6
"""What a quartz clock may gain or lose per second: an old sample with a short round trip loses to a newer one by it."""
_SAMPLES = 8
PATIENCE = 10.0
"""Seconds after a failed measurement in which none is tried."""
LONGEST_MEASUREMENT = 10.0
"""Seconds after which a measurement that another call makes is not waited for any more."""


class ExchangeClock:
    """Tells the exchange's time in milliseconds.

    Of the last samples the one with the least uncertainty counts: half of its round trip, plus what the local clock may
    have drifted since. Without any sample the local wall clock is used as it is.

    Args:
        clock: Source of local time.
        refresh_after: Age in seconds of the newest sample from which calls that can afford it measure again.
        refresh_by: Age in seconds from which every call does.
    """

    __slots__ = ("_best", "_clock", "_measuring", "_refresh_after", "_refresh_by", "_samples", "due_at", "wanted_at")

    def __init__(self, clock: Clock | None = None, *, refresh_after: float = 600.0, refresh_by: float = 3600.0) -> None:
        self._clock: Clock = clock or SystemClock()
        # Replaced as a whole and never changed, so that threads need no lock.
        self._samples: tuple[_Sample, ...] = ()
        self._best: _Sample | None = None
        self._measuring: float | None = None
        self._refresh_after = refresh_after
        self._refresh_by = refresh_by
        self.wanted_at = -math.inf
        """Local monotonic time from which a call measures before it is stamped, if it can afford a round trip more."""
        self.due_at = -math.inf
        """The same of every call."""

    @property
    def local(self) -> Clock:
        """The local clock."""
        return self._clock

    @property
    def offset_ms(self) -> float | None:
        """How far the exchange's time is ahead of the local wall clock; None before the first measurement."""
        if self._best is None:
            return None
        return (self._best.offset + self._clock.monotonic() - self._clock.time()) * 1000

    def now_ms(self) -> int:
        """The exchange's time now, in milliseconds since 1970."""
        best = self._best
        if best is None:
            return int(self._clock.time() * 1000)
        return int((best.offset + self._clock.monotonic()) * 1000)

    @property
    def measured(self) -> bool:
        """Whether there is a sample to go by."""
        return self._best is not None

    def claim(self) -> bool:
        """Takes the right to measure; False while another call is at it."""
        if self.measuring:
            return False
        self._measuring = self._clock.monotonic()
        return True

    @property
    def measuring(self) -> bool:
        """Whether a call is at it."""
        return self._measuring is not None and self._clock.monotonic() - self._measuring < LONGEST_MEASUREMENT

    def release(self) -> None:
        """Gives the right to measure back."""
        self._measuring = None

    @property
    def uncertainty(self) -> float:
        """Seconds that the exchange's time may differ from what `now_ms` says; infinite before a measurement."""
        return self._best.uncertainty if self._best is not None else math.inf

    def record(self, sent: float, received: float, exchange_ms: int) -> None:
        """Takes a measurement: local monotonic times of sending and receiving, and what the exchange answered."""
        middle = (sent + received) / 2
        # The exchange cuts its time to whole milliseconds: the middle of the millisecond is the better guess.
        sample = _Sample((exchange_ms + 0.5) / 1000 - middle, (received - sent) / 2, received)
        samples = (*self._samples, sample)[-_SAMPLES:]
        self._samples = samples
        self.wanted_at, self.due_at = received + self._refresh_after, received + self._refresh_by
        self._best = min(samples, key=lambda each: each.uncertainty + (received - each.taken) * _DRIFT)

    def failed(self) -> None:
        """A measurement gave nothing; for some seconds calls go by what is known."""
        again_at = self._clock.monotonic() + PATIENCE
        self.wanted_at, self.due_at = max(again_at, self.wanted_at), max(again_at, self.due_at)

    def forget(self) -> None:
        """Drops all samples: the exchange said that the time is off."""
        self._samples = ()
        self.wanted_at = self.due_at = -math.inf
