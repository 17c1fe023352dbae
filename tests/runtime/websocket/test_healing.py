"""Behind a gap comes the state, and behind the state what was received since the gap, in its order."""

from __future__ import annotations

from attrs import define, field

from specwright.runtime.websocket.healing import Healing
from specwright.runtime.websocket.notices import Notice, Reconnected, Resynchronized


def gap(since: int, until: int) -> Reconnected:
    return Reconnected(("user_data",), since, until, f"cut at {since}")


@define
class Consumer:
    """Notes what it is given, and whether reading pauses for its sake."""

    items: list[bytes | Notice] = field(factory=list)
    is_held: bool = False
    healing: Healing = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.healing = Healing(
            deliver=self.items.append, tell=self.items.append, hold=lambda: self._set(True), release=self._release
        )

    def _set(self, is_held: bool) -> None:
        self.is_held = is_held

    def _release(self) -> None:
        self._set(False)


def test_without_a_gap_events_pass() -> None:
    consumer = Consumer()
    consumer.healing.receive(b"1")

    assert consumer.items == [b"1"]


def test_events_behind_a_gap_wait_for_the_state() -> None:
    consumer = Consumer()
    consumer.healing.receive(b"1")
    first = gap(10, 20)
    whole = consumer.healing.begin(first)
    consumer.healing.receive(b"2")
    consumer.healing.receive(b"3")
    assert consumer.items == [b"1", first]

    consumer.healing.finish(whole, {"orders": []}, 25)
    consumer.healing.receive(b"4")

    healed = Resynchronized(10, 20, "cut at 10", {"orders": []}, 25)
    assert consumer.items == [b"1", first, healed, b"2", b"3", b"4"]


def test_events_between_two_gaps_come_before_the_second_and_one_state_heals_both() -> None:
    consumer = Consumer()
    first, second = gap(10, 20), gap(30, 40)
    consumer.healing.begin(first)
    consumer.healing.receive(b"between")
    whole = consumer.healing.begin(second)
    consumer.healing.receive(b"behind")

    consumer.healing.finish(whole, {}, 45)

    healed = Resynchronized(10, 40, "cut at 30", {}, 45)
    assert consumer.items == [first, b"between", second, healed, b"behind"]


def test_a_state_that_was_fetched_for_an_earlier_gap_heals_nothing() -> None:
    consumer = Consumer()
    first, second = gap(10, 20), gap(30, 40)
    outdated = consumer.healing.begin(first)
    consumer.healing.begin(second)
    consumer.healing.receive(b"1")

    consumer.healing.finish(outdated, {}, 25)

    assert consumer.items == [first, second]


def test_a_gap_after_one_that_was_healed_begins_anew() -> None:
    consumer = Consumer()
    consumer.healing.finish(consumer.healing.begin(gap(10, 20)), {}, 25)

    assert consumer.healing.begin(gap(30, 40)) == gap(30, 40)


def test_without_a_state_the_events_come_nevertheless() -> None:
    consumer = Consumer()
    first = gap(10, 20)
    consumer.healing.begin(first)
    consumer.healing.receive(b"1")
    consumer.healing.give_up()
    consumer.healing.receive(b"2")

    assert consumer.items == [first, b"1", b"2"]


def test_reading_pauses_when_too_much_is_held_back_and_goes_on_however_that_ends() -> None:
    for end in ("finish", "begin", "give_up"):
        consumer = Consumer()
        whole = consumer.healing.begin(gap(10, 20))
        for _ in range(9_999):
            consumer.healing.receive(b"")
        assert not consumer.is_held
        consumer.healing.receive(b"")
        assert consumer.is_held
        consumer.healing.receive(b"what was on its way")

        if end == "finish":
            consumer.healing.finish(whole, {}, 25)
        elif end == "begin":
            consumer.healing.begin(gap(30, 40))
        else:
            consumer.healing.give_up()

        assert not consumer.is_held
        assert consumer.items.count(b"") == 10_000
        assert b"what was on its way" in consumer.items
