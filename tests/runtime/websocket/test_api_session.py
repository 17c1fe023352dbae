"""The session of the WebSocket API, told with lists of inputs: no call is lost, none is sent twice."""

from __future__ import annotations

from typing import Any, cast

import pytest

from specwright.runtime.errors import CallTimeout, ConnectError, ConnectionLost
from specwright.runtime.websocket.api_leg import ApiLeg, Envelope

from .api_network import REFUSED, Network, kinds, reply_to


def test_every_call_in_flight_ends_when_its_connection_does() -> None:
    network = Network()
    line = network.connect()
    for _ in range(3):
        network.ask()
    lost = ConnectionLost("cut")

    network.session.lost(line, lost)
    network.act()

    assert network.outcomes == [lost, lost, lost]


def test_a_call_over_a_connection_that_has_ended_meanwhile_is_not_sent() -> None:
    network = Network()
    admitted: list[Any] = []
    network.session.want(admitted.append)
    network.act()
    line = network.open()
    network.session.lost(line, ConnectionLost("cut"))
    network.act()

    with pytest.raises(ConnectError) as refused:
        network.session.send(admitted[0], "depth", {})

    assert not refused.value.sent
    assert network.sent == []


def test_a_connection_that_takes_no_call_any_more_is_not_offered_to_another_one() -> None:
    network = Network()
    line = network.connect()
    line.send = lambda message: False
    with pytest.raises(ConnectError):
        network.session.send(cast("ApiLeg", line), "depth", {})
    admitted: list[Any] = []

    network.session.want(admitted.append)
    network.act()
    waiting = list(admitted)
    network.session.lost(line, ConnectionLost("cut"))
    network.wait(1)
    network.open()

    assert waiting == []
    assert admitted == [network.dials[1].line]
    assert network.session.reconnects == 1


def test_the_caller_of_the_only_reply_of_a_read_goes_on_at_once() -> None:
    network = Network()
    line, number = network.connect(), network.ask()[1]

    line.receive([reply_to(number), b"no reply"])

    assert network.went_on == ["at once"]


def test_where_a_read_brings_several_replies_no_caller_goes_on_before_all_are_settled() -> None:
    network = Network()
    line = network.connect()
    numbers = [network.ask()[1] for _ in range(3)]

    line.receive([reply_to(number) for number in numbers])

    assert kinds(network.outcomes) == [Envelope] * 3
    assert network.went_on == ["soon"] * 3


def test_a_call_is_settled_once_whatever_comes_afterwards() -> None:
    network = Network()
    line = network.connect()
    _, number = network.ask()
    network.reply(line, number)
    network.reply(line, number)
    network.session.lost(line, ConnectionLost("cut"))
    network.act()

    assert kinds(network.outcomes) == [Envelope]
    assert network.session.late == 1


def test_a_call_whose_time_is_over_is_told_once_and_forgotten() -> None:
    network = Network()
    network.connect()
    leg, _ = network.ask(timeout=10.0)

    network.wait(10)
    network.wait(60)

    assert kinds(network.outcomes) == [CallTimeout]
    assert network.session.leg is leg
    assert network.session.leg.pending == {}


def test_a_reply_behind_the_loss_of_its_connection_settles_nothing_again() -> None:
    network = Network()
    line = network.connect()
    _, number = network.ask()
    lost = ConnectionLost("cut")
    network.session.lost(line, lost)
    network.act()

    network.reply(line, number)

    assert network.outcomes == [lost]
    assert network.session.late == 1


def test_who_waits_for_a_connection_is_told_that_it_cannot_be_made_and_the_next_call_tries_again() -> None:
    network = Network()
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()
    network.session.failed(network.dials[-1].line, REFUSED)
    network.act()
    assert told == [REFUSED]

    network.connect()

    assert told == [REFUSED]
    assert len(network.dials) == 2


def test_after_a_loss_the_session_connects_again_by_itself() -> None:
    network = Network()
    line = network.connect()
    network.session.lost(line, ConnectionLost("cut"))
    network.wait(1)
    network.open()

    assert network.session.leg is network.dials[1].line
    assert network.session.reconnects == 1


def test_a_lost_connection_is_dialled_again_after_a_pause() -> None:
    network = Network()
    network.session.lost(network.connect(), ConnectionLost("cut"))
    network.act()
    network.wait(0.4)
    assert len(network.dials) == 1

    network.wait(0.1)

    assert len(network.dials) == 2


def test_a_call_does_not_shorten_the_pause_before_the_next_attempt() -> None:
    network = Network()
    network.lose(network.connect())
    network.wait(0.25)
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()
    assert len(network.dials) == 1

    network.wait(0.25)
    line = network.open()

    assert told == [line]


def test_who_has_got_a_connection_is_not_given_another_one() -> None:
    network = Network()
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()
    line = network.open()
    network.session.want(told.append)
    network.lose(line)
    network.wait(0.5)
    network.open()

    assert told == [line, line]


def test_attempts_that_fail_are_no_further_losses() -> None:
    network = Network()
    network.session.want(lambda outcome: None)
    network.act()
    network.session.failed(network.dials[-1].line, REFUSED)
    assert network.session.reconnects == 0

    network.lose(network.connect())
    network.wait(0.5)
    for _ in range(3):
        network.refuse(REFUSED)
    network.open()

    assert network.session.reconnects == 1


def test_a_connection_that_is_lost_before_calls_may_use_it_is_given_to_no_call() -> None:
    network = Network(is_slow=True)
    told: list[ApiLeg | Exception] = []
    network.connect()
    network.session.want(told.append)
    (early,) = network.slow
    network.lose(early)
    network.session.want(told.append)
    network.session.ready(early)
    assert kinds(list(told)) == [ConnectionLost]

    network.wait(0.5)
    network.open()
    network.session.ready(network.slow[-1])

    assert told[1:] == [network.dials[1].line]


def test_when_nothing_can_go_on_who_waits_for_a_connection_is_told_and_nothing_is_dialled_any_more() -> None:
    network = Network()
    network.lose(network.connect())
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.session.broken(REFUSED)
    network.act()
    network.wait(60)

    assert told == [REFUSED]
    assert len(network.dials) == 1


def test_a_call_without_parameters_is_sent_without_them() -> None:
    network = Network()
    network.connect()
    network.ask()

    assert network.sent == [b'{"id":1,"method":"depth"}']


def test_who_does_not_wait_for_a_connection_any_more_is_not_told_of_it() -> None:
    network = Network()
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()

    network.session.withdraw(told.append)
    network.open()

    assert told == []
