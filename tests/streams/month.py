"""Time for a long life: it jumps from one thing that clients have to do to the next. And how much they hold."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import define

from ..conditions import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from specwright.simulator import ManualClock

__all__ = ["DAY", "Memory", "Month"]

DAY = 86_400.0
CLIENT = "binance_derivatives"


@define
class Month:
    """The time in which clients live.

    Args:
        clock: The exchange's.
        sessions: Their sessions of streams.
        api: Their session of calls.
        keeper: Whoever renews the listen key.
        is_ready: Whether everything else has nothing to do.
    """

    clock: ManualClock
    sessions: Sequence[Any]
    api: Any
    keeper: Any
    is_ready: Callable[[], bool]
    steps: int = 0

    @property
    def now(self) -> float:
        """Clock time in seconds."""
        return self.clock.now_ms() / 1000

    def next_due(self) -> float | None:
        """Clock time in seconds of the next thing that is to be done; None: somebody is busy."""
        pairs = [(session._legs.current, session._legs.next) for session in self.sessions]
        pairs.append((self.api._current, self.api._next))
        for leg, following in pairs:
            if leg is None or leg.opened_at is None or (following is not None and following.opened_at is None):
                return None
        times = [each.deadline() for each in (self.keeper, self.api, *self.sessions)]
        if times[0] is None or not self.is_ready():
            return None
        due: float = min(time for time in times if time is not None)
        return due

    async def step(self, until_time: float) -> None:
        """Waits until there is nothing to do, and goes on to the next thing, or to a time before it."""
        await until(lambda: (due := self.next_due()) is not None and due > self.now)
        due = self.next_due()
        assert due is not None
        self.clock.advance(ms=round((min(due, until_time) - self.now) * 1000) + 1)
        self.steps += 1


class Memory(NamedTuple):
    """What is held at a moment."""

    objects: int
    """Objects of the client's classes: its connections, and whatever hangs on them, would show."""
    resident: int
    """Bytes of the whole process, the exchange with all its logs included."""

    @classmethod
    def now(cls) -> Memory:
        gc.collect()
        objects = sum(str(type(each).__module__).partition(".")[0] == CLIENT for each in gc.get_objects())
        return cls(objects, int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
