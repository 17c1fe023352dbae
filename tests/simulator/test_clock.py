"""Time that is moved by hand runs what falls due, in order."""

from __future__ import annotations

import asyncio

import pytest

from specwright.simulator import ManualClock


def test_timers_run_in_the_order_of_their_times_with_the_clock_at_each() -> None:
    clock, seen = ManualClock(start_ms=0), []
    for delay in (30, 10, 20, 40):
        clock.call_later(delay, lambda: seen.append(clock.now_ms()))
    clock.advance(ms=30)
    assert (seen, clock.now_ms()) == ([10, 20, 30], 30)


def test_a_cancelled_timer_does_not_run() -> None:
    clock, seen = ManualClock(), []
    clock.call_later(10, lambda: seen.append("cancelled")).cancel()
    clock.call_later(10, lambda: seen.append("kept"))
    clock.advance(1)
    assert seen == ["kept"]


def test_a_period_runs_at_every_multiple_of_its_interval() -> None:
    clock, seen = ManualClock(start_ms=150), []
    clock.every(100, lambda: seen.append(clock.now_ms()))
    clock.advance(ms=350)
    assert seen == [200, 300, 400, 500]


def test_a_period_runs_less_often_while_time_jumps_far() -> None:
    clock, seen = ManualClock(), []
    clock.every(100, lambda: seen.append(clock.now_ms()))
    clock.advance(days=1)
    assert len(seen) < 1_000
    assert clock.now_ms() - seen[-1] < 100


def test_a_timer_may_cancel_a_period_that_is_due_at_the_same_time() -> None:
    clock, seen = ManualClock(start_ms=0), []

    def stop() -> None:
        seen.append(clock.now_ms())
        period.cancel()

    period = clock.every(10, stop)
    clock.advance(1)
    assert seen == [10]


def test_cancelled_timers_do_not_pile_up() -> None:
    clock = ManualClock()
    kept = [clock.call_later(day, lambda: None) for day in range(10)]
    for _ in range(10_000):
        clock.call_later(86_400_000, lambda: None).cancel()
    assert len(clock._timers) < 1_000
    clock.advance(1)
    assert not any(timer.cancelled for timer in kept)


async def test_a_sleep_begins_when_it_is_asked_for_and_not_when_it_is_awaited() -> None:
    clock = ManualClock()
    short, long = clock.sleep(1_000), clock.sleep(1_001)
    clock.advance(1)
    assert (short.done(), long.done()) == (True, False)


async def test_a_sleep_that_nobody_awaits_any_more_leaves_no_timer() -> None:
    clock = ManualClock()

    async def work() -> None:
        await clock.sleep(1_000)

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working])
    await asyncio.sleep(0)
    assert [timer.cancelled for *_, timer in clock._timers] == [True]


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="-1000 ms"):
        ManualClock().advance(-1)
