"""What a takeover owes to each stream: one that was left or stalled meanwhile, was held, or lost its new connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from specwright.runtime.websocket.notices import Reconnected
from specwright.runtime.websocket.splice import Splice

from .doubles import Consumer
from .network import START_MS, UNTIL_TAKEOVER, Network, taking_over

if TYPE_CHECKING:
    from specwright.runtime.websocket.leg import Leg


def test_one_stream_that_goes_on_says_nothing_of_another_one() -> None:
    network, old, new = taking_over("a@trade", "b@trade")
    network.deaf.add(old)
    network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.wait(12)
    assert network.closed == []

    network.say(old, "b@trade", 1)
    network.say(new, "b@trade", 1)
    network.wait(2)

    assert network.closed == [old]


def test_a_connection_that_is_lost_in_a_takeover_after_it_was_held_has_a_gap_from_then_on() -> None:
    network, old, _ = taking_over("a@trade")
    network.say(old, "a@trade", 1)
    network.wait(5)
    network.deaf.add(old)
    network.hold()
    network.wait(300)
    network.release()
    network.say(old, "a@trade", 2)
    network.lose(old)

    (gap,) = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    assert (gap.since - START_MS) // 1_000 == UNTIL_TAKEOVER + 5


def test_a_stream_that_is_left_and_wanted_again_while_its_subscription_is_on_its_way_is_ready_when_it_is_answered() -> (
    None
):
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.want("b@trade")
    network.session.remove("b@trade", network.consumer)
    network.act()
    network.want("b@trade")
    network.answer()
    payload = network.say(line, "b@trade", 1)

    assert "b@trade" in network.consumer.is_ready
    assert network.consumer.items == [payload]


def test_a_stream_that_is_left_while_its_batch_is_refused_is_not_asked_for_again() -> None:
    network = Network()
    network.want("a@trade")
    network.open()
    network.want("b@trade", "c@trade")
    network.wait(1)
    network.want("d@trade", "bad@trade", "left@trade", "e@trade")
    network.session.remove("left@trade", network.consumer)
    before = len(network.sent)
    network.answer(error={"code": 2, "msg": "Invalid request"})
    network.wait(5)

    asked = [name for _, _, message in network.sent[before:] for name in message["params"]]
    assert asked and "left@trade" not in asked


def test_a_stream_whose_new_connection_was_lost_passes_straight_from_the_old_one() -> None:
    network, old, new = taking_over("a@trade")
    network.say(old, "a@trade", 1)
    network.lose(new)

    assert list(cast("Leg", old).routes.values()) == [network.consumer.take]


def test_who_joins_a_stream_whose_new_connection_was_lost_gets_it_too() -> None:
    network, old, new = taking_over("a@trade")
    network.lose(new)
    other = Consumer()
    network.want("a@trade", consumer=other)

    payload = network.say(old, "a@trade", 1)

    assert (network.consumer.items, other.items) == ([payload], [payload])


def test_a_stream_that_stalled_and_goes_on_where_it_was_has_the_gap_of_its_connection_in_the_next_takeover() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(7)
    network.lose(network.open())
    network.say(old, "a@trade", 1)
    network.wait(1)
    network.open()
    network.consumer.items.clear()

    network.lose(old)

    assert [item.streams for item in network.consumer.items if isinstance(item, Reconnected)] == [("a@trade",)]


def test_a_stream_that_stalled_and_is_left_and_wanted_again_in_the_takeover_has_the_gap_of_its_connection() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(7)
    network.open()
    network.session.remove("a@trade", network.consumer)
    network.want("a@trade")
    network.consumer.items.clear()
    network.lose(old)

    gap = Reconnected(("a@trade",), START_MS, START_MS + 7_000, "the cable was cut")
    assert network.consumer.items == [gap]


def test_frames_pass_straight_on_as_soon_as_nothing_is_to_be_repeated() -> None:
    joined, abandoned = Splice(lambda frames: None), Splice(lambda frames: None)
    for splice in (joined, abandoned):
        splice.old([b"1", b"2"])
        splice.new([b"2"])

    joined.finish()
    abandoned.abandon()

    assert (joined.is_done, abandoned.is_done) == (True, True)
