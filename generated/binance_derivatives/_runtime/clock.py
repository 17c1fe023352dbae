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

    __slots__ = ("_best", "_clock", "_failed", "_measuring", "_samples", "refresh_after", "refresh_by")

    def __init__(self, clock: Clock | None = None, *, refresh_after: float = 600.0, refresh_by: float = 3600.0) -> None:
        self._clock: Clock = clock or SystemClock()
        # Replaced as a whole and never changed, so that threads need no lock.
        self._samples: tuple[_Sample, ...] = ()
        self._best: _Sample | None = None
        self._measuring: float | None = None
        self._failed: float | None = None
        self.refresh_after = refresh_after
        self.refresh_by = refresh_by

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

    def due(self, *, can_afford: bool) -> bool:
        """Whether a call should measure before it is stamped; `can_afford`: a round trip more does it no harm."""
        now = self._clock.monotonic()
        if self._failed is not None and now - self._failed < PATIENCE:
            return False
        samples = self._samples
        if not samples:
            return True
        age = now - samples[-1].taken
        return age > (self.refresh_after if can_afford else self.refresh_by)

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
        self._failed = None
        middle = (sent + received) / 2
        # The exchange cuts its time to whole milliseconds: the middle of the millisecond is the better guess.
        sample = _Sample((exchange_ms + 0.5) / 1000 - middle, (received - sent) / 2, received)
        samples = (*self._samples, sample)[-_SAMPLES:]
        self._samples = samples
        self._best = min(samples, key=lambda each: each.uncertainty + (received - each.taken) * _DRIFT)

    def failed(self) -> None:
        """A measurement gave nothing; for some seconds calls go by what is known."""
        self._failed = self._clock.monotonic()

    def forget(self) -> None:
        """Drops all samples: the exchange said that the time is off."""
        self._samples = ()
        self._failed = None
