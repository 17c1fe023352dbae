"""A session dials again when a connection is lost, cannot be made or brings nothing, and tells each gap: no network."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import ConnectError, HandshakeRejected
from specwright.runtime.websocket.notices import Reconnected, Stalled

from .doubles import Consumer
from .network import START_MS, Network


def test_after_a_loss_everything_is_subscribed_again_and_the_gap_is_told_in_its_place() -> None:
    network = Network()
    network.want("a@trade", "b@trade")
    line = network.open()
    network.clock.advance(5)
    before = network.say(line, "a@trade", 1)
    network.clock.advance(3)
    network.lose(line)
    network.wait(0.5)
    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    network.clock.advance(1)
    line = network.open()
    after = network.say(line, "a@trade", 2)

    assert network.consumer.items == [
        before,
        Reconnected(("a@trade", "b@trade"), START_MS + 5_000, START_MS + 9_500, "the cable was cut"),
        after,
    ]


def test_a_loss_is_told_when_it_happens_and_once_however_often_dialling_fails() -> None:
    network = Network()
    network.want("a@trade", "b@trade")
    network.lose(network.open())
    for _ in range(3):
        network.wait(60)
        network.session.failed(network.line, HandshakeRejected("unavailable", status=503))

    assert (network.consumer.losses, network.consumer.items) == (["a@trade", "b@trade"], [])


def test_a_consumer_that_joins_a_lost_stream_is_told_too() -> None:
    network, second = Network(), Consumer()
    network.want("a@trade")
    network.lose(network.open())
    network.want("a@trade", consumer=second)

    assert second.losses == ["a@trade"]


def test_a_gap_is_told_before_an_event_that_comes_together_with_the_answer_to_the_handshake() -> None:
    network = Network()
    network.want("a@trade")
    before = network.say(network.open(), "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.lose(network.line)
    network.wait(60)
    now = int(network.clock.time() * 1000)
    early = network.say(network.line, "a@trade", 3)
    after = network.say(network.open(), "a@trade", 4)

    gap = Reconnected(("a@trade",), heard, now, "the cable was cut")
    assert network.consumer.items == [before, gap, early, after]


@pytest.mark.parametrize("brought", [0, 1])
def test_frames_of_a_lost_connection_that_come_late_are_not_delivered(brought: int) -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    in_time = [network.say(line, "a@trade", number) for number in range(brought)]
    network.lose(line)

    network.say(line, "a@trade", brought)

    assert network.consumer.items == in_time


def test_a_thousand_losses_in_a_row_leave_one_connection_and_one_subscription() -> None:
    network = Network()
    network.want("a@trade")
    for _ in range(1_000):
        network.lose(network.open())
        network.wait(60)
    network.open()

    assert len(network.dials) == 1_001
    assert network.session.reconnects == 1_000
    assert network.consumer.error is None


def test_the_first_connection_that_fails_is_an_error_at_once() -> None:
    network = Network()
    network.want("a@trade")
    rejected = HandshakeRejected("no", status=401)
    network.session.failed(network.line, rejected)
    network.act()

    assert network.consumer.error is rejected
    assert network.session.deadline() is None


def test_later_failures_are_tried_again_with_growing_pauses() -> None:
    network = Network()
    network.want("a@trade")
    network.lose(network.open())
    pauses = []
    for _ in range(4):
        start = network.clock.now
        deadline = network.session.deadline()
        assert deadline is not None
        network.clock.now = deadline
        network.act()
        pauses.append(deadline - start)
        network.session.failed(network.line, ConnectError("refused"))
    network.act()

    assert pauses == pytest.approx([0.5, 1.0, 2.0, 4.0])
    assert network.consumer.error is None


def test_a_silent_stream_is_reported_and_dialled_again_while_the_others_go_on() -> None:
    network = Network()
    network.want("a@trade", "b@trade", silence=4.0)
    old = network.open()
    for number in range(6):
        network.say(old, "b@trade", number)
        network.wait(1.0)
    told = [item for item in network.consumer.items if not isinstance(item, bytes)]
    assert told == [Stalled(("a@trade",), START_MS, START_MS + 4_000)]
    assert network.consumer.losses == ["a@trade"]
    assert len(network.dials) == 2
    new = network.open()
    network.say(new, "b@trade", 5)
    network.say(new, "a@trade", 1)

    told = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    assert told == [Reconnected(("a@trade",), START_MS, START_MS + 6_000, "the stream had stalled")]
    payloads = [item for item in network.consumer.items if isinstance(item, bytes)]
    assert payloads == [b'{"u":%d}' % number for number in range(6)] + [b'{"u":1}']


def test_a_stalled_stream_whose_next_connection_cannot_be_made_is_whole_again_when_something_comes() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(6)
    network.session.failed(network.line, ConnectError("refused"))
    network.act()
    stalled = [Stalled(("a@trade",), START_MS, START_MS + 4_000)]
    assert network.consumer.items == stalled
    network.clock.advance(1)
    events = [network.say(old, "a@trade", 1), network.say(old, "a@trade", 2)]

    gap = Reconnected(("a@trade",), START_MS, START_MS + 7_000, "the stream had stalled")
    assert network.consumer.items == [*stalled, gap, *events]


def test_a_stream_that_stays_silent_is_not_dialled_again_all_the_time() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    network.open()
    for _ in range(600):
        before = len(network.dials)
        network.wait(1.0)
        if len(network.dials) > before:
            network.open()

    assert len(network.dials) < 20
