"""The exchange's time, from measurements whose round trips differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manual_clock import ManualClock
from specwright.runtime.clock import ExchangeClock

AHEAD = 5.0
"""Seconds that the exchange's clock is ahead of the local one."""


def measure(clock: ExchangeClock, local: ManualClock, upstream: float, downstream: float) -> None:
    sent = local.now
    local.now += upstream
    told = int((local.time() + AHEAD) * 1000)
    local.now += downstream
    clock.record(sent, local.now, told)


def test_without_a_measurement_the_local_time_is_told() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    assert (clock.now_ms(), clock.offset_ms, clock.measured) == (int(local.time() * 1000), None, False)


def test_half_of_the_round_trip_is_taken_off() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    measure(clock, local, 0.2, 0.2)
    assert abs(clock.now_ms() - (local.time() + AHEAD) * 1000) <= 1


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=20))
def test_the_error_is_at_most_half_of_the_shortest_recent_round_trip(trips: list[tuple[float, float]]) -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    for upstream, downstream in trips:
        measure(clock, local, upstream, downstream)
    error = abs(clock.now_ms() / 1000 - (local.time() + AHEAD))
    shortest = min(upstream + downstream for upstream, downstream in trips[-8:])
    drift_allowance = 50 * 100e-6
    assert error <= shortest / 2 + drift_allowance + 0.002


def test_a_sample_with_a_short_round_trip_outlives_longer_ones() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    measure(clock, local, 0.01, 0.01)
    measure(clock, local, 1.9, 0.1)
    assert abs(clock.now_ms() - (local.time() + AHEAD) * 1000) <= 10


def test_the_time_goes_on_when_the_wall_clock_is_set_back() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    measure(clock, local, 0.0, 0.0)
    before = clock.now_ms()
    local.wall -= 3600
    local.now += 1
    assert clock.now_ms() == before + 1000


def test_calls_that_can_afford_it_measure_again_sooner() -> None:
    local = ManualClock()
    clock = ExchangeClock(local, refresh_after=600, refresh_by=3600)
    measure(clock, local, 0.0, 0.0)
    due = []
    for later in (599, 2, 3000):
        local.now += later
        due.append((local.now >= clock.wanted_at, local.now >= clock.due_at))
    assert due == [(False, False), (True, False), (True, True)]


def test_a_refused_timestamp_makes_a_measurement_due_at_once() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    measure(clock, local, 0.0, 0.0)
    clock.forget()
    assert local.now >= clock.due_at
    assert clock.measured, "until then the old measurement is better than none"


def test_after_a_failed_measurement_none_is_tried_for_a_while() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    clock.failed()
    assert local.now < clock.wanted_at
    local.now += 11
    assert local.now >= clock.wanted_at


def test_one_call_measures_for_all() -> None:
    local = ManualClock()
    clock = ExchangeClock(local)
    assert [clock.claim(), clock.claim()] == [True, False]
    clock.release()
    assert clock.claim()
    local.now += 11
    assert clock.claim(), "a measurement that never ends is not waited for"
