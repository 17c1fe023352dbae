"""What is left of a connection that ended or was dropped: nothing that comes late, wakes anybody or dials again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import ConnectError
from specwright.runtime.websocket.notices import Stalled

from .network import SHUTDOWN, UNTIL_TAKEOVER, Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from specwright.runtime.websocket.line import Line


def lose(network: Network, line: Line) -> None:
    network.lose(line)


def redial(network: Network, line: Line) -> None:
    network.session.redial("the key was replaced")
    network.act()


@pytest.mark.parametrize("end", [lose, redial])
def test_a_connection_that_is_gone_is_not_watched_any_more(end: Callable[[Network, Line], None]) -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    line = network.open()
    network.wait(1)
    end(network, line)
    network.wait(1)
    network.clock.advance(60)

    assert len(network.dials) == 2
    assert network.session.deadline() is None, "there is nothing to do until the next connection stands"


@pytest.mark.parametrize("end", [lose, redial])
def test_what_comes_late_over_a_connection_that_is_gone_is_not_delivered(end: Callable[[Network, Line], None]) -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    end(network, line)

    network.say(line, "a@trade", 1)

    assert network.consumer.items == []


@pytest.mark.parametrize("end", [lose, redial])
def test_a_connection_that_is_gone_when_it_was_to_be_replaced_is_dialled_once(
    end: Callable[[Network, Line], None],
) -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    line.receive([SHUTDOWN])
    end(network, line)
    network.wait(5)

    assert len(network.dials) == 2


def test_streams_of_a_takeover_that_was_dropped_are_watched_as_ever() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    line = network.open()
    for number in range(UNTIL_TAKEOVER + 1):
        network.say(line, "a@trade", number)
        network.wait(1)
    network.open()
    network.session.redial("the key was replaced")
    network.act()
    network.open()
    network.consumer.items.clear()
    network.wait(6)

    assert [type(item) for item in network.consumer.items] == [Stalled]


def test_streams_that_are_wanted_after_all_others_were_left_are_dialled_at_once_and_as_the_first() -> None:
    network = Network()
    network.want("a@trade")
    network.lose(network.open())
    for _ in range(5):
        network.wait(30)
        network.session.failed(network.line, ConnectError("refused"))
    network.act()
    dials = len(network.dials)
    network.session.remove("a@trade", network.consumer)
    network.act()

    network.want("b@trade")
    assert len(network.dials) == dials + 1
    refused = ConnectError("refused")
    network.session.failed(network.line, refused)

    assert network.consumer.error is refused
