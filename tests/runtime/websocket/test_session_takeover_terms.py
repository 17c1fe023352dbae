"""When a second connection may take over, and what the next takeover begins with."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import ConnectError

from .network import UNTIL_TAKEOVER, Network, taking_over


def test_without_pings_a_connection_is_replaced_all_the_same() -> None:
    network, old, _ = taking_over("a@trade")
    network.deaf.add(old)
    old.whole_until = None
    network.wait(9.9)
    assert network.closed == []

    network.wait(0.1)

    assert network.closed == [old]


@pytest.mark.parametrize(("answered_after", "closed"), [(9.9, 0), (10.1, 1)])
def test_a_ping_proves_that_nothing_is_missing_when_it_was_sent_after_the_overlap(
    answered_after: float, closed: int
) -> None:
    network, old, _ = taking_over("a@trade")
    network.deaf.add(old)
    old.whole_until = network.clock.now + answered_after
    network.wait(12)

    assert len(network.closed) == closed


def test_a_stream_that_is_left_during_a_takeover_does_not_keep_it_from_its_end() -> None:
    network, old, _ = taking_over("a@trade", "b@trade")
    network.session.remove("b@trade", network.consumer)
    network.act()
    network.answer()
    network.wait(10)

    assert network.closed == [old]


def test_a_connection_that_is_lost_while_its_replacement_is_dialled_is_replaced_by_that_one() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(UNTIL_TAKEOVER)
    network.lose(old)
    network.wait(5)
    new = network.open()

    assert len(network.dials) == 2
    network.say(new, "a@trade", 1)
    assert network.consumer.items[-1] == b'{"u":1}'


def test_each_takeover_that_fails_begins_its_pauses_anew() -> None:
    network = Network()
    network.want("a@trade")
    network.announce_shutdown(network.open())
    pauses: list[list[float]] = []
    for attempts in (3, 2):
        pauses.append([])
        for _ in range(attempts):
            network.session.failed(network.line, ConnectError("refused"))
            before, dials = network.clock.now, len(network.dials)
            while len(network.dials) == dials:
                network.wait(0.25)
            pauses[-1].append(round(network.clock.now - before, 3))
        line = network.open()
        network.wait(20)
        network.announce_shutdown(line)

    assert pauses == [[0.5, 1.0, 2.0], [0.5, 1.0]]
