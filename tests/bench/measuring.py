"""Fair timing on a machine that is not idle: contestants take turns, and the quiet moments of each are compared."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Contest", "Stopwatch", "apart", "background", "timed_contest"]

QUIET = 10
"""The rounds of which one in so many was at least as quick stand for a contestant: what else the machine does only ever
slows a round down, and it slows contestants down by chance, not by merit."""


@define
class Contest:
    """What each contestant took, round by round, in any unit. Smaller is better."""

    rounds: dict[str, list[float]] = field(factory=dict)

    def add(self, contestant: str, took: float) -> None:
        """Notes one round of a contestant."""
        self.rounds.setdefault(contestant, []).append(took)

    def best(self, contestant: str) -> float:
        """What a contestant takes when it is left alone: the quickest tenth of its rounds, at their slow end."""
        rounds = sorted(self.rounds[contestant])
        return rounds[len(rounds) // QUIET]

    def median(self, contestant: str) -> float:
        """What a contestant takes usually."""
        return statistics.median(self.rounds[contestant])

    def ratio(self, ours: str, theirs: str) -> float:
        """How many times as long `ours` takes as `theirs`."""
        return self.best(ours) / self.best(theirs)

    def paired_ratio(self, ours: str, theirs: str) -> float:
        """The same as the median of the rounds' own ratios: for turns so long that the machine's speed moves meanwhile,
        which it does for both contestants of a round."""
        return statistics.median(
            mine / other for mine, other in zip(self.rounds[ours], self.rounds[theirs], strict=True)
        )


class Stopwatch:
    """Measures from the moment when it is made."""

    def __init__(self) -> None:
        self._began, self._used = time.perf_counter(), time.process_time()

    def read(self, calls: int) -> tuple[float, float]:
        """Seconds per call until now, by the clock and of this process's processor time."""
        used = time.process_time() - self._used
        return (time.perf_counter() - self._began) / calls, used / calls


def timed_contest(
    contestants: Mapping[str, Callable[[], object]], *, calls: int, rounds: int
) -> tuple[Contest, Contest]:
    """Times functions against each other: seconds per call by the clock, and of this process's processor time.

    Args:
        contestants: Name → what it does.
        calls: Calls in a row per contestant and round; few enough that a round often passes undisturbed.
        rounds: How often all of them take their turn; the order rotates.
    """
    names = list(contestants)
    for run in contestants.values():
        for _ in range(calls):
            run()
    by_clock, by_processor = Contest(), Contest()
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            run = contestants[name]
            stopwatch = Stopwatch()
            for _ in range(calls):
                run()
            clock, processor = stopwatch.read(calls)
            by_clock.add(name, clock)
            by_processor.add(name, processor)
    return by_clock, by_processor


@contextmanager
def apart() -> Iterator[None]:
    """Servers that are started in here get the last processor for themselves, and this process keeps to the others.

    An exchange never runs on its client's processor. Here the system likes to wake the two on the same one, where each
    drives the other's code out of the caches.
    """
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
    if len(everywhere) < 2:
        yield
        return
    last = max(everywhere)
    os.sched_setaffinity(0, {last})
    try:
        yield
    finally:
        os.sched_setaffinity(0, everywhere - {last})


@contextmanager
def background(module: str, arguments: Sequence[str] = ()) -> Iterator[int]:
    """Runs a server of this package in a process of its own; gives the port that it prints when it is ready."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
