"""While a consumer takes its time, the session is held, and what lies unread is nobody's silence: no network."""

from __future__ import annotations

from specwright.runtime.websocket.notices import Reconnected, Stalled

from .network import START_MS, Network, taking_over


def test_streams_of_a_connection_that_is_held_are_not_taken_for_stalled() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    network.open()
    network.hold()
    network.wait(300)
    network.release()
    network.wait(3.9)
    assert network.consumer.items == []

    network.wait(2.1)
    assert [type(item) for item in network.consumer.items] == [Stalled]


def test_an_answer_that_lies_unread_is_not_overdue_until_it_could_have_been_read() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.want("b@trade")
    network.hold()
    network.wait(300)
    network.release()
    network.wait(9.9)
    assert network.closed == []

    network.wait(0.1)
    assert network.closed == [line]


def test_a_takeover_is_over_only_when_what_was_held_could_have_been_read() -> None:
    network, old, new = taking_over("a@trade")
    network.hold()
    network.wait(300)
    assert network.closed == []
    network.release()
    network.wait(9.9)
    expected = [network.say(old, "a@trade", 1), network.say(old, "a@trade", 2)]
    network.say(new, "a@trade", 2)
    network.wait(0.1)
    expected.append(network.say(new, "a@trade", 3))

    assert network.closed == [old]
    assert network.consumer.items == expected


def test_a_connection_that_is_lost_after_it_was_held_has_a_gap_from_then_on() -> None:
    """The exchange gave it up while nobody read: when the rest of it was read says nothing about what is missing."""
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.wait(5)
    network.hold()
    network.wait(900)
    network.release()
    late = network.say(line, "a@trade", 1)
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 5_000, START_MS + 905_500, "the cable was cut")
    assert network.consumer.items == [late, gap]


def test_a_connection_that_has_caught_up_since_it_was_held_has_a_gap_from_when_it_was_last_heard() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.hold()
    network.wait(100)
    network.release()
    line.whole_until = network.clock.monotonic()
    network.wait(7)
    payload = network.say(line, "a@trade", 1)
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 107_000, START_MS + 107_500, "the cable was cut")
    assert network.consumer.items == [payload, gap]


def test_a_connection_that_had_been_silent_when_it_was_held_has_a_gap_from_when_it_was_last_heard() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.wait(3)
    payload = network.say(line, "a@trade", 1)
    network.wait(5)
    network.hold()
    network.wait(900)
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 3_000, START_MS + 908_500, "the cable was cut")
    assert network.consumer.items == [payload, gap]


def test_a_connection_that_is_held_again_before_it_has_caught_up_has_a_gap_from_the_first_time_on() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.deaf.add(line)
    network.wait(5)
    network.hold()
    network.wait(100)
    network.release()
    late = network.say(line, "a@trade", 1)
    network.hold()
    network.wait(100)
    network.release()
    network.lose(line)
    network.wait(0.5)
    network.open()

    gap = Reconnected(("a@trade",), START_MS + 5_000, START_MS + 205_500, "the cable was cut")
    assert network.consumer.items == [late, gap]
