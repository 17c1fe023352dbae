"""The exchange's time: the system's, or one that a test moves by hand. Whatever is timed asks it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

Callback = Callable[[], None]
RunInLoop = Callable[[Callback], None]

PERIODS_PER_JUMP = 50
"""When time jumps far ahead, a periodic callback runs less often than its interval says: each run skips a fiftieth of
what is left. A day thus takes some five hundred runs instead of a million, and a jump of one interval is exact."""

_FEW_TIMERS = 256

DEFAULT_START_MS = 1_793_577_600_000
"""2026-11-02T00:00:00Z, a Monday: where a `ManualClock` starts."""


class Timer:
    """One callback that waits for its time."""

    __slots__ = ("callback", "cancelled", "when_ms")

    def __init__(self, when_ms: int, callback: Callback) -> None:
        self.when_ms = when_ms
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """The callback will not run. Cancelling twice does nothing."""
        self.cancelled = True


class Period:
    """A callback that runs at every multiple of an interval until it is cancelled."""

    __slots__ = ("_callback", "_clock", "_interval_ms", "_timer")

    def __init__(self, clock: Clock, interval_ms: int, callback: Callback) -> None:
        self._clock = clock
        self._interval_ms = interval_ms
        self._callback = callback
        self._timer = clock.call_at(self._next(clock.now_ms()), self._run)

    def cancel(self) -> None:
        """The callback will not run again."""
        self._timer.cancel()

    def _next(self, now_ms: int) -> int:
        ahead = (self._clock.horizon_ms() - now_ms) // PERIODS_PER_JUMP
        return (now_ms + max(ahead, self._interval_ms)) // self._interval_ms * self._interval_ms

    def _run(self) -> None:
        # The next run is arranged first, so that the callback itself may cancel the period.
        self._timer = self._clock.call_at(self._next(self._clock.now_ms()), self._run)
        self._callback()


class Clock(ABC):
    """Milliseconds since the epoch, and callbacks at given times."""

    def __init__(self) -> None:
        self._timers: list[tuple[int, int, Timer]] = []
        self._sequence = itertools.count()
        self._sweep_at = _FEW_TIMERS

    @abstractmethod
    def now_ms(self) -> int:
        """The exchange's time in ms since 1970."""

    @abstractmethod
    def horizon_ms(self) -> int:
        """The time (ms) that is already known to come: the end of the jump that is under way, or now."""

    @abstractmethod
    def attach(self, loop: asyncio.AbstractEventLoop, run: RunInLoop) -> None:
        """Starts serving an exchange whose event loop is `loop`; `run` runs a function in it and waits for its end."""

    def detach(self) -> None:
        """The exchange has ended: nothing runs any more."""
        self._timers.clear()

    def call_at(self, when_ms: int, callback: Callback) -> Timer:
        """Runs `callback` when the time (ms) has come, in the order of due times."""
        if len(self._timers) >= self._sweep_at:
            self._sweep()
        timer = Timer(when_ms, callback)
        heapq.heappush(self._timers, (when_ms, next(self._sequence), timer))
        self._scheduled()
        return timer

    def call_later(self, delay_ms: int, callback: Callback) -> Timer:
        """Runs `callback` in `delay_ms` from now."""
        return self.call_at(self.now_ms() + delay_ms, callback)

    def every(self, interval_ms: int, callback: Callback) -> Period:
        """Runs `callback` at every multiple of `interval_ms`, more seldom while time jumps far ahead."""
        return Period(self, interval_ms, callback)

    def sleep(self, delay_ms: int) -> asyncio.Future[None]:
        """Begins to wait for `delay_ms` of this clock, now and not when what it returns is awaited.

        Whoever cancels that, or a task that awaits it, ends the wait.
        """
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(delay_ms, lambda: None if woken.done() else woken.set_result(None))
        woken.add_done_callback(lambda _: timer.cancel())
        return woken

    @abstractmethod
    def _scheduled(self) -> None:
        """A timer was added; a clock that moves by itself arranges to be woken."""

    def _sweep(self) -> None:
        """Throws out timers that were cancelled: those of a day ahead would pile up with every connection."""
        self._timers = [entry for entry in self._timers if not entry[2].cancelled]
        heapq.heapify(self._timers)
        self._sweep_at = max(_FEW_TIMERS, 2 * len(self._timers))

    def _due(self, now_ms: int) -> Timer | None:
        while self._timers and self._timers[0][0] <= now_ms:
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                return timer
        return None


class SystemClock(Clock):
    """The computer's time.

    Args:
        offset_ms: How far the exchange's clock is ahead of it, to see how a client copes with that.
    """

    def __init__(self, offset_ms: int = 0) -> None:
        super().__init__()
        self.offset_ms = offset_ms
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._wake_ms = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset_ms

    def horizon_ms(self) -> int:
        return self.now_ms()

    def attach(self, loop: asyncio.AbstractEventLoop, run: RunInLoop) -> None:
        self._loop = loop
        self._scheduled()

    def detach(self) -> None:
        super().detach()
        if self._wake is not None:
            self._wake.cancel()
        self._wake = self._loop = None

    def _scheduled(self) -> None:
        if self._loop is None or not self._timers:
            return
        first_ms = self._timers[0][0]
        if self._wake is not None:
            if self._wake_ms <= first_ms:
                return
            self._wake.cancel()
        self._wake_ms = first_ms
        self._wake = self._loop.call_later(max(0.0, (first_ms - self.now_ms()) / 1000), self._run_due)

    def _run_due(self) -> None:
        self._wake = None
        try:
            # The bound is taken once, so that callbacks which are slower than their interval cannot starve the sockets.
            now_ms = self.now_ms()
            while (timer := self._due(now_ms)) is not None:
                timer.callback()
        finally:
            self._scheduled()


class ManualClock(Clock):
    """Time that stands still until `advance` moves it.

    Args:
        start_ms: First time, in ms since 1970.
    """

    def __init__(self, start_ms: int = DEFAULT_START_MS) -> None:
        super().__init__()
        self._now_ms = start_ms
        self._horizon_ms = start_ms
        self._run: RunInLoop | None = None

    def now_ms(self) -> int:
        return self._now_ms

    def horizon_ms(self) -> int:
        return self._horizon_ms

    def attach(self, loop: asyncio.AbstractEventLoop, run: RunInLoop) -> None:
        self._run = run

    def detach(self) -> None:
        super().detach()
        self._run = None

    def advance(
        self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0, ms: int = 0
    ) -> None:
        """Moves time on, running whatever falls due on the way, and returns when all of that has run.

        May be called from any thread.

        Raises:
            ValueError: Time would run backwards.
        """
        span_ms = ms + round((seconds + 60 * minutes + 3600 * hours + 86_400 * days) * 1000)
        if span_ms < 0:
            raise ValueError(f"time cannot be moved by {span_ms} ms")
        if self._run is None:
            self._move(span_ms)
        else:
            self._run(lambda: self._move(span_ms))

    def _scheduled(self) -> None:
        """Nothing wakes a clock that is moved by hand."""

    def _move(self, span_ms: int) -> None:
        target_ms = self._horizon_ms = self._now_ms + span_ms
        while (timer := self._due(target_ms)) is not None:
            self._now_ms = max(self._now_ms, timer.when_ms)
            timer.callback()
        self._now_ms = target_ms
