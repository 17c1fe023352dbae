"""Pings, their answers, and how fast a client may talk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.simulator import ManualClock
from specwright.simulator.lifetimes import UNSTATED, IncomingRate, Lifetime

if TYPE_CHECKING:
    from collections.abc import Callable


class Peer:
    """A connection that notes what is done to it; patience is over when the test says so."""

    def __init__(self, clock: ManualClock) -> None:
        self.pings: list[int] = []
        self.closed: tuple[int, str] | None = None
        self.waiting: list[Callable[[], None]] = []
        self.lifetime = Lifetime(
            clock, UNSTATED, lambda: self.pings.append(clock.now_ms()), self.close, self.waiting.append
        )

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason

    def lose_patience(self) -> None:
        for judge in self.waiting:
            judge()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(start_ms=0)


@pytest.fixture
def real_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Real seconds as the module sees them: the first item."""
    seconds = [0.0]
    monkeypatch.setattr("specwright.simulator.lifetimes.time.monotonic", lambda: seconds[0])
    return seconds


def test_a_ping_every_three_minutes(clock: ManualClock, real_time: list[float]) -> None:
    peer = Peer(clock)
    for _ in range(9):
        clock.advance(minutes=1)
        real_time[0] += 60
        peer.lifetime.pong()
    assert (peer.pings, peer.closed) == ([180_000, 360_000, 540_000], None)


def test_a_jump_brings_one_ping(clock: ManualClock, real_time: list[float]) -> None:
    peer = Peer(clock)
    clock.advance(hours=1)
    assert len(peer.pings) == 1


def test_who_does_not_answer_for_ten_minutes_is_cut(clock: ManualClock, real_time: list[float]) -> None:
    peer = Peer(clock)
    clock.advance(minutes=14)
    assert (len(peer.waiting), peer.closed) == (0, None)
    clock.advance(minutes=1)
    peer.lose_patience()
    assert peer.closed == (1008, "ping not answered")


def test_an_answer_that_comes_while_there_is_patience_saves_the_connection(
    clock: ManualClock, real_time: list[float]
) -> None:
    peer = Peer(clock)
    clock.advance(minutes=20)
    peer.lifetime.pong()
    peer.lose_patience()
    assert peer.closed is None


def test_ten_messages_fit_into_a_second(clock: ManualClock, real_time: list[float]) -> None:
    rate = IncomingRate(clock)
    assert [rate.exceeded() for _ in range(11)] == [False] * 10 + [True]
    clock.advance(1)
    assert not rate.exceeded()


def test_real_time_makes_room_too(clock: ManualClock, real_time: list[float]) -> None:
    rate = IncomingRate(clock)
    for _ in range(10):
        rate.exceeded()
    real_time[0] += 1
    assert not rate.exceeded()
