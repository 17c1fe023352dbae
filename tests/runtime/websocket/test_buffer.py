"""What happens when a consumer is slower than its stream is what it chose, it is counted, and memory stays flat."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.websocket.buffer import Buffer, BufferOverflow, Entry
from specwright.runtime.websocket.notices import Dropped

from .buffered import GAP, symbol_of, take_event

if TYPE_CHECKING:
    from specwright.runtime.websocket.buffer import OnFull


def test_raise_keeps_what_fitted_and_ends_with_the_error() -> None:
    buffer = Buffer(2, "raise")
    for payload in (b"1", b"2", b"3", b"4"):
        buffer.put([payload])

    assert list(buffer.entries) == [b"1", b"2"]
    assert buffer.dropped == 2
    buffer.entries.clear()
    with pytest.raises(BufferOverflow, match="2 events wait"):
        asyncio.run(buffer.more())


def test_drop_oldest_keeps_the_newest_and_says_how_many_went() -> None:
    buffer = Buffer(2, "drop_oldest")
    for payload in (b"1", b"2", b"3", b"4"):
        buffer.put([payload])

    assert list(buffer.entries) == [b"3", b"4"]
    assert (buffer.report(), buffer.report(), buffer.dropped) == (Dropped(2), None, 2)


@given(
    on_full=st.sampled_from(["raise", "drop_oldest", "latest", "wait"]),
    runs=st.lists(
        st.lists(st.builds(b'{"s":"%c","u":%d}'.__mod__, st.tuples(st.sampled_from(b"ABC"), st.integers(0, 9))))
    ),
)
def test_events_that_come_together_are_treated_as_if_they_came_one_by_one(
    on_full: OnFull, runs: list[list[bytes]]
) -> None:
    together, one_by_one = (Buffer(5, on_full, key=symbol_of) for _ in range(2))
    for run in runs:
        together.put(run)
        for event in run:
            one_by_one.put([event])

    assert list(together.entries) == list(one_by_one.entries)
    assert (together.received, together.dropped) == (one_by_one.received, one_by_one.dropped)


def test_a_consumer_does_not_wait_for_more_while_what_a_paused_sender_had_kept_is_there() -> None:
    kept = [[b"4", b"5", b"6"]]

    def go_on() -> None:
        while kept:
            buffer.put(kept.pop())

    buffer = Buffer(2, "wait", hold=lambda: None, release=go_on)
    buffer.put([b"1", b"2", b"3"])
    buffer.entries.clear()

    async def take() -> list[Entry]:
        async with asyncio.timeout(5):
            await buffer.more()
        return list(buffer.entries)

    assert asyncio.run(take()) == [b"4", b"5", b"6"]


def test_latest_makes_room_by_dropping_what_a_newer_event_of_the_same_symbol_replaces() -> None:
    buffer = Buffer(6, "latest", key=symbol_of)
    events = [b'{"s":"%s","u":%d}' % (symbol, u) for u, symbol in enumerate([b"A", b"B", b"A", b"B", b"A", b"B", b"C"])]
    for event in events:
        buffer.put([event])

    assert list(buffer.entries) == [events[4], events[5], events[6]]
    assert buffer.report() == Dropped(4)


@given(
    capacity=st.integers(1, 20),
    symbols=st.lists(st.sampled_from(["A", "B", "C", "D"]), max_size=200),
)
def test_latest_never_loses_the_newest_of_any_symbol_and_stays_small(capacity: int, symbols: list[str]) -> None:
    buffer = Buffer(capacity, "latest", key=symbol_of)
    newest: dict[bytes, bytes] = {}
    for number, symbol in enumerate(symbols):
        event = f'{{"e":"x","s":"{symbol}","u":{number}}}'.encode()
        newest[symbol.encode()] = event
        buffer.put([event])
        assert len(buffer.entries) <= max(capacity, 2 * 4) + 1

    assert {symbol_of(entry): entry for entry in buffer.entries} == newest
    assert len(buffer.entries) + buffer.dropped == len(symbols)


def test_latest_keeps_the_newer_half_of_frames_that_tell_of_many_symbols() -> None:
    buffer = Buffer(10, "latest", key=symbol_of)
    frames = [b'[{"s":"A","u":%d}]' % number for number in range(11)]

    buffer.put(frames)

    assert list(buffer.entries) == frames[5:]
    assert (buffer.dropped, buffer.report()) == (5, Dropped(5))


def test_wait_pauses_the_sender_and_lets_it_go_on_when_there_is_room() -> None:
    calls: list[str] = []
    buffer = Buffer(4, "wait", hold=lambda: calls.append("hold"), release=lambda: calls.append("release"))
    for payload in (b"1", b"2", b"3", b"4", b"5"):
        buffer.put([payload])
    buffer.tell(GAP)
    assert calls == ["hold"]

    for _ in range(3):
        take_event(buffer)

    assert calls == ["hold", "release"]
    assert buffer.dropped == 0


@pytest.mark.parametrize("on_full", ["drop_oldest", "latest"])
def test_a_producer_ten_times_as_fast_as_its_consumer_fills_no_memory(on_full: OnFull) -> None:
    buffer = Buffer(100, on_full, key=symbol_of)
    most = 0
    for number in range(20_000):
        buffer.put([b'{"s":"S%d","u":%d}' % (number % 40, number)])
        if number % 10 == 0:
            buffer.entries.popleft()
        most = max(most, len(buffer.entries))

    assert most <= 100
    assert buffer.received == 20_000


async def test_whoever_waits_is_woken_by_an_event_and_by_the_end() -> None:
    buffer = Buffer(10, "raise")
    waiting = asyncio.ensure_future(buffer.more())
    await asyncio.sleep(0)
    buffer.put([b"1"])
    assert await waiting is True

    buffer.entries.clear()
    waiting = asyncio.ensure_future(buffer.more())
    await asyncio.sleep(0)
    buffer.end()

    assert await waiting is False


async def test_a_cancelled_wait_loses_nothing() -> None:
    buffer = Buffer(10, "raise")
    waiting = asyncio.ensure_future(buffer.more())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    buffer.put([b"1"])

    assert await buffer.more() is True
    assert list(buffer.entries) == [b"1"]
