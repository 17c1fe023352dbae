"""Notices wait among the events where they belong, take no room from them, and become few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.websocket.buffer import Buffer, Entry
from specwright.runtime.websocket.notices import Dropped, Reconnected, Resynchronized, Stalled

from .buffered import GAP, symbol_of, take_event

if TYPE_CHECKING:
    from specwright.runtime.websocket.buffer import OnFull
    from specwright.runtime.websocket.notices import Notice

STALL = Stalled(("btcusdt@trade",), since=1, until=2)
STATE = Resynchronized(1, 2, "cut", {}, asked_at=2)


def test_notices_take_no_room_and_are_never_dropped() -> None:
    buffer = Buffer(2, "drop_oldest")
    buffer.put([b"1"])
    buffer.tell(GAP)
    for payload in (b"2", b"3", b"4"):
        buffer.put([payload])

    assert list(buffer.entries) == [GAP, b"3", b"4"]


runs_of_events = st.lists(st.builds(b'{"s":"%c"}'.__mod__, st.tuples(st.sampled_from(b"ABCD"))), min_size=1, max_size=4)


@given(
    on_full=st.sampled_from(["raise", "drop_oldest", "latest", "wait"]),
    capacity=st.integers(1, 6),
    script=st.lists(runs_of_events | st.sampled_from([GAP, STALL, STATE, "take"]), max_size=40),
)
def test_what_becomes_of_events_is_the_same_with_and_without_notices_between_them(
    on_full: OnFull, capacity: int, script: list[list[bytes] | Notice | str]
) -> None:
    seen: list[object] = []
    for has_notices in (True, False):
        calls: list[str] = []
        buffer = Buffer(
            capacity,
            on_full,
            key=symbol_of,
            hold=lambda calls=calls: calls.append("hold"),  # type: ignore[misc]
            release=lambda calls=calls: calls.append("release"),  # type: ignore[misc]
        )
        for number, step in enumerate(script):
            if isinstance(step, list):
                buffer.put([event[:-1] + b',"u":%d}' % number for event in step])
            elif isinstance(step, str):
                take_event(buffer)
            elif has_notices:
                buffer.tell(step)
            assert buffer.notices == sum(not isinstance(entry, bytes) for entry in buffer.entries)
        events = [entry for entry in buffer.entries if isinstance(entry, bytes)]
        seen.append((events, buffer.dropped, buffer.missing, calls))

    assert seen[0] == seen[1]


def test_gaps_never_make_a_buffer_overflow() -> None:
    buffer = Buffer(100, "raise")
    for number in range(100):
        buffer.put([b"%d" % number])
        for kind in (GAP, STALL, STATE):
            buffer.tell(kind)

    assert [entry for entry in buffer.entries if isinstance(entry, bytes)] == [b"%d" % number for number in range(100)]
    assert (buffer.received, buffer.dropped, buffer.notices) == (100, 0, 300)


@pytest.mark.parametrize("on_full", ["raise", "drop_oldest", "latest", "wait"])
def test_who_sleeps_through_ten_thousand_gaps_finds_one_of_each_kind_that_covers_them_all(on_full: OnFull) -> None:
    buffer = Buffer(10, on_full, key=symbol_of)
    buffer.put([b"before"])
    for number in range(10_000):
        since, names = 10_000 - number, ("b" if number % 2 else "a",)
        buffer.tell(Stalled(names, since=since, until=20_000 + number))
        buffer.tell(Reconnected(names, since=since, until=20_000 + number, reason=f"cut {number}"))
        assert len(buffer.entries) <= 3
    buffer.put([b"after"])

    assert list(buffer.entries) == [
        b"before",
        Stalled(("a", "b"), since=1, until=29_999),
        Reconnected(("a", "b"), since=1, until=29_999, reason="cut 9999"),
        b"after",
    ]
    assert buffer.reconnects == 10_000


def test_who_sleeps_through_ten_thousand_gaps_of_an_account_finds_its_last_state_behind_them() -> None:
    buffer = Buffer(10, "wait")
    for number in range(10_000):
        buffer.tell(Reconnected(("user_data",), since=10 * number, until=10 * number + 5, reason="cut"))
        buffer.tell(Resynchronized(10 * number, 10 * number + 5, "cut", {"balances": number}, asked_at=10 * number))
    last = Reconnected(("user_data",), since=100_000, until=100_005, reason="cut")
    buffer.tell(last)

    assert list(buffer.entries) == [
        Reconnected(("user_data",), since=0, until=99_995, reason="cut"),
        Resynchronized(0, 99_995, "cut", {"balances": 9_999}, asked_at=99_990),
        last,
    ]


def test_what_stood_on_both_sides_of_a_dropped_event_is_put_together() -> None:
    buffer = Buffer(2, "drop_oldest")
    for number in range(10_000):
        buffer.put([b"%d" % number])
        buffer.tell(Reconnected(("a",), since=number, until=number, reason="cut"))

    assert list(buffer.entries) == [
        Reconnected(("a",), since=0, until=9_997, reason="cut"),
        b"9998",
        Reconnected(("a",), since=9_998, until=9_998, reason="cut"),
        b"9999",
        Reconnected(("a",), since=9_999, until=9_999, reason="cut"),
    ]


def test_what_stood_on_both_sides_of_a_replaced_event_is_put_together() -> None:
    buffer = Buffer(2, "latest", key=symbol_of)
    for number in range(10_000):
        buffer.put([b'{"s":"A","u":%d}' % number])
        buffer.tell(Reconnected(("a",), since=number, until=number, reason="cut"))

    events = [entry for entry in buffer.entries if isinstance(entry, bytes)]
    assert len(events) <= 2
    assert len(buffer.entries) <= 2 * len(events) + 1
    assert buffer.entries[-1] == Reconnected(("a",), since=9_999, until=9_999, reason="cut")


steps = st.lists(st.sampled_from(["event", "lost", "gap", "stall", "take"]), max_size=60)


@given(on_full=st.sampled_from(["raise", "drop_oldest", "wait"]), capacity=st.integers(1, 5), script=steps)
def test_events_keep_their_order_and_what_is_missing_was_announced_in_its_place(
    on_full: OnFull, capacity: int, script: list[str]
) -> None:
    """Each step is an instant; what is lost is announced by the next gap, before the next event."""
    buffer = Buffer(capacity, on_full)
    taken: list[Entry] = []
    lost_since: int | None = None

    def take() -> None:
        report = buffer.report()
        if report is not None:
            taken.append(report)
        if buffer.entries:
            taken.append(buffer.entries.popleft())
            buffer.notices -= not isinstance(taken[-1], bytes)

    for now, step in enumerate(script):
        if step == "take":
            take()
        elif step == "stall":
            buffer.tell(Stalled(("a",), now, now))
        elif step == "lost":
            lost_since = now if lost_since is None else lost_since
        else:
            if lost_since is not None or step == "gap":
                buffer.tell(Reconnected(("a",), now if lost_since is None else lost_since, now, "cut"))
                lost_since = None
            if step == "event":
                buffer.put([b"%d" % now])
        assert buffer.notices <= 2 * (len(buffer.entries) - buffer.notices + 1)
    overflow = buffer.dropped if on_full == "raise" else 0
    while buffer.entries or buffer.missing:
        take()

    events = [int(entry) for entry in taken if isinstance(entry, bytes)]
    assert events == sorted(events)
    assert len(events) + buffer.dropped == buffer.received == script.count("event")
    assert sum(entry.count for entry in taken if isinstance(entry, Dropped)) == buffer.dropped - overflow
    if not overflow:
        last = -1
        gaps: list[Reconnected] = []
        for entry in [*taken, b"%d" % len(script)]:
            if isinstance(entry, Reconnected):
                gaps.append(entry)
            elif isinstance(entry, bytes):
                missed = [at for at in range(last + 1, int(entry)) if script[at] == "lost"]
                told = [at for at in missed if any(gap.since <= at <= gap.until for gap in gaps)]
                pending = [at for at in missed if lost_since is not None and at >= lost_since]
                assert told == [at for at in missed if at not in pending]
                last, gaps = int(entry), []
