"""Before the exchange cuts a connection of the WebSocket API another one takes over: nothing lost, no call twice."""

from __future__ import annotations

from specwright.runtime.errors import CallTimeout, ConnectionLost, HandshakeRejected
from specwright.runtime.websocket.api_leg import Envelope
from specwright.runtime.websocket.backoff import ReconnectPolicy

from .api_network import DAY, REFUSED, SHUTDOWN, UNTIL_TAKEOVER, Network, kinds


def test_before_the_cut_new_calls_go_to_a_second_connection_and_the_first_waits_for_its_replies() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    _, early = network.ask()
    new = network.open()
    line, late = network.ask()
    assert line is new
    assert network.closed == []

    network.reply(old, early)
    network.reply(new, late)

    assert kinds(network.outcomes) == [Envelope, Envelope]
    assert network.closed == [old]


def test_a_replaced_connection_is_waited_for_for_ten_seconds() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.ask(timeout=60.0)
    network.open()
    network.wait(9.9)
    assert network.closed == []

    network.wait(0.1)

    assert network.closed == [old]
    assert kinds(network.outcomes) == [ConnectionLost]


def test_when_nothing_can_go_on_all_are_told_and_every_connection_is_closed_once() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.ask()
    network.hear(network.open(), SHUTDOWN)
    network.ask()
    _, new, newest = (dial.line for dial in network.dials)
    network.session.broken(REFUSED)
    network.act()
    network.session.opened(newest)
    network.act()
    network.wait(DAY)

    assert kinds(network.outcomes) == [ConnectionLost] * 2
    assert network.closed == [new, newest, old, newest], "what stands too late is closed, too"
    assert len(network.dials) == 3


def test_a_replacement_is_dialled_a_quarter_of_an_hour_before_the_cut_and_not_earlier() -> None:
    network = Network()
    network.connect()
    network.wait(DAY - 901)
    assert len(network.dials) == 1

    network.wait(1)

    assert len(network.dials) == 2


def test_a_server_that_announces_its_shutdown_is_replaced_at_once_and_once() -> None:
    network = Network()
    line = network.connect()
    for _ in range(2):
        network.hear(line, SHUTDOWN)

    assert len(network.dials) == 2
    assert network.session.deadline() is None, "there is nothing to do until the replacement stands"


def test_a_connection_that_has_been_replaced_announces_its_shutdown_to_nobody() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.ask()
    network.open()

    network.hear(old, SHUTDOWN)

    assert len(network.dials) == 2


def test_a_takeover_that_failed_is_tried_again_with_the_ordinary_backoff_each_time_anew() -> None:
    network = Network()
    network.hear(network.connect(), SHUTDOWN)
    first = [network.refuse(REFUSED) for _ in range(4)]
    network.hear(network.open(), SHUTDOWN)
    second = [network.refuse(REFUSED) for _ in range(2)]

    assert (first, second) == ([0.5, 1.0, 2.0, 4.0], [0.5, 1.0])


def test_a_takeover_that_is_refused_for_good_is_tried_again_after_the_longest_pause() -> None:
    network = Network()
    line = network.connect()
    network.hear(line, SHUTDOWN)

    pause = network.refuse(HandshakeRejected("refused", status=401))

    assert pause == ReconnectPolicy().cap
    assert network.session.leg is line


def test_a_connection_that_is_lost_while_its_replacement_is_dialled_is_replaced_by_that_one() -> None:
    network = Network()
    line = network.connect()
    network.ask()
    network.hear(line, SHUTDOWN)
    lost = network.lose(line)
    assert network.outcomes == [lost]
    assert network.session.leg is None
    network.wait(5)
    new = network.open()

    assert network.session.leg is new
    assert len(network.dials) == 2
    assert network.session.statistics.reconnects == 1, "calls in flight were lost"


def test_a_connection_that_announces_its_shutdown_while_it_is_replaced_and_is_lost_is_replaced_once() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.hear(old, SHUTDOWN)
    network.lose(old)
    new = network.open()
    network.wait(60)

    assert network.session.leg is new
    assert len(network.dials) == 2


def test_a_connection_that_is_lost_just_when_it_was_to_be_replaced_is_dialled_once() -> None:
    network = Network()
    line = network.connect()
    line.receive([SHUTDOWN])
    network.lose(line)
    network.wait(5)

    assert len(network.dials) == 2


def test_a_connection_that_has_been_replaced_may_end_by_itself() -> None:
    network = Network()
    old = network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.ask()
    new = network.open()
    lost = network.lose(old)
    network.wait(60)

    assert network.outcomes == [lost]
    assert network.closed == []
    assert network.session.leg is new


def test_a_call_on_a_connection_that_has_been_replaced_has_its_own_time() -> None:
    network = Network()
    network.connect()
    network.wait(UNTIL_TAKEOVER)
    network.ask(timeout=5.0)
    network.open()
    network.ask(timeout=60.0)
    assert network.session.statistics.in_flight == 2

    network.wait(5)

    assert kinds(network.outcomes) == [CallTimeout]
    assert network.session.statistics.in_flight == 1


def test_thirty_days_need_a_takeover_a_day_and_lose_no_call() -> None:
    network = Network()
    network.connect()
    for _ in range(30 * 24 * 4):
        before = len(network.dials)
        network.wait(900)
        if len(network.dials) > before:
            network.open()
        network.reply(*network.ask())

    assert kinds(network.outcomes) == [Envelope] * (30 * 24 * 4)
    assert len(network.dials) == 31
    assert network.session.reconnects == 0
