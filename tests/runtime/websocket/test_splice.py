"""A handover from one connection to another neither loses nor repeats a frame, whichever of them is ahead."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from specwright.runtime.websocket.splice import Splice


def frames(count: int) -> list[bytes]:
    return [b'{"u":%d}' % number for number in range(count)]


def take_turns(splice: Splice, old: list[bytes], new: list[bytes], turns: list[bool]) -> None:
    """Frames arrive one by one: the old connection's next one where a turn is true, else the new one's."""
    for is_old in turns:
        if is_old and old:
            splice.old([old.pop(0)])
        elif not is_old and new:
            splice.new([new.pop(0)])


@given(
    count=st.integers(1, 12),
    joined=st.integers(0, 12),
    turns=st.lists(st.booleans(), max_size=40),
)
@example(count=5, joined=0, turns=[True] * 5)
@example(count=5, joined=5, turns=[True] * 5)
def test_each_frame_is_delivered_once_and_in_order(count: int, joined: int, turns: list[bool]) -> None:
    """The new connection joins somewhere in the sequence; turns say which connection's next frame arrives."""
    sequence = frames(count)
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    old, new = list(sequence), list(sequence[joined:])
    take_turns(splice, old, new, turns)
    for rest in old:
        splice.old([rest])
    splice.finish()
    for rest in new:
        splice.new([rest])

    assert delivered == sequence


@given(joined=st.integers(0, 12), turns=st.lists(st.tuples(st.booleans(), st.integers(1, 5)), max_size=20))
def test_frames_that_come_together_are_joined_as_well(joined: int, turns: list[tuple[bool, int]]) -> None:
    sequence = frames(12)
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    old, new = list(sequence), list(sequence[joined:])
    for is_old, count in turns:
        source, take = (old, splice.old) if is_old else (new, splice.new)
        take(source[:count])
        del source[:count]
    splice.old(old)
    splice.finish()
    splice.new(new)

    assert delivered == sequence


@given(count=st.integers(1, 10), joined=st.integers(0, 9), cut=st.integers(0, 10), taken=st.integers(0, 10))
def test_an_old_connection_that_breaks_leaves_no_hole_when_the_new_one_had_joined_before(
    count: int, joined: int, cut: int, taken: int
) -> None:
    sequence = frames(count)
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    cut = max(cut, joined)
    new = sequence[joined:]
    for frame in sequence[:cut]:
        splice.old([frame])
    for frame in new[:taken]:
        splice.new([frame])
    splice.finish()
    for frame in new[taken:]:
        splice.new([frame])

    assert delivered == sequence


@given(count=st.integers(1, 12), joined=st.integers(0, 12), turns=st.lists(st.booleans(), max_size=24))
@example(count=3, joined=0, turns=[True, False, False, False])
@example(count=3, joined=0, turns=[True, True, True, False])
def test_a_new_connection_that_breaks_leaves_the_old_one_with_neither_a_hole_nor_a_repetition(
    count: int, joined: int, turns: list[bool]
) -> None:
    sequence = frames(count)
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    old, new = list(sequence), list(sequence[joined:])
    take_turns(splice, old, new, turns)
    splice.abandon()
    for rest in old:
        splice.old([rest])

    assert delivered == sequence
    assert splice.is_done


@given(behind=st.integers(0, 4), joined=st.integers(0, 8), turns=st.lists(st.booleans(), max_size=24))
def test_what_was_delivered_before_both_connections_brought_it_is_not_delivered_again(
    behind: int, joined: int, turns: list[bool]
) -> None:
    """The old connection is behind one before it, and what it repeats is left out before it comes here."""
    sequence = frames(8)
    delivered = sequence[:behind]
    splice = Splice(delivered.extend, sequence[:behind])
    old, new = list(sequence[behind:]), list(sequence[joined:])
    take_turns(splice, old, new, turns)
    splice.old(old)
    splice.finish()
    splice.new(new)

    assert delivered == sequence


def test_after_the_seam_each_frame_is_delivered_when_the_first_connection_brings_it() -> None:
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    splice.old([b"1"])
    splice.new([b"1", b"2"])
    assert delivered == [b"1", b"2"]
    splice.old([b"2", b"3"])

    assert delivered == [b"1", b"2", b"3"]


def test_frames_of_the_new_connection_wait_until_the_old_one_has_caught_up() -> None:
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    splice.old([b"1"])

    splice.new([b"3"])

    assert delivered == [b"1"]
    splice.old([b"2"])
    splice.old([b"3"])
    splice.new([b"4"])
    assert delivered == [b"1", b"2", b"3", b"4"]
    assert splice.has_seam


def test_a_connection_that_lacks_a_frame_repeats_nothing_of_what_lies_before_its_next_one() -> None:
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    splice.old([b"1"])
    splice.new([b"1", b"2", b"3"])

    splice.old([b"3"])
    splice.abandon()

    assert splice.is_done
    splice.old([b"4"])
    assert delivered == [b"1", b"2", b"3", b"4"]


def test_a_frame_that_the_old_connection_lacks_comes_late_and_the_ones_behind_it_not_again() -> None:
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    splice.old([b"1"])
    splice.new([b"2", b"3"])
    splice.old([b"3"])

    splice.finish()

    assert delivered == [b"1", b"3", b"2"]
    splice.new([b"4"])
    assert delivered == [b"1", b"3", b"2", b"4"]


def test_of_frames_that_are_the_same_the_newest_is_the_seam_lest_one_that_follows_be_lost() -> None:
    delivered: list[bytes] = []
    splice = Splice(delivered.extend)
    splice.old([b"bid", b"ask", b"bid"])

    splice.new([b"bid", b"bid"])

    assert delivered == [b"bid", b"ask", b"bid", b"bid"]
