"""A second connection takes over before the first one is cut, and each event is delivered once: no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from specwright.runtime.errors import ConnectError, HandshakeRejected
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.notices import Reconnected

from .doubles import LIMITS, Consumer
from .network import DAY, SHUTDOWN, UNTIL_TAKEOVER, Network, taking_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from specwright.runtime.errors import TransportError
    from specwright.runtime.websocket.line import Line


def test_before_the_cut_a_second_connection_takes_over_without_loss_or_repetition() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    expected = [network.say(old, "a@trade", 1)]
    network.wait(UNTIL_TAKEOVER)
    assert len(network.dials) == 2
    expected.append(network.say(old, "a@trade", 2))
    new = network.open()
    network.say(new, "a@trade", 3)
    expected += [network.say(old, "a@trade", 3), network.say(new, "a@trade", 4)]
    network.say(old, "a@trade", 4)
    network.wait(10)
    expected.append(network.say(new, "a@trade", 5))

    assert network.consumer.items == expected
    assert network.closed == [old]
    assert network.session.rollovers == 1


def test_a_connection_that_was_taken_over_from_brings_nothing_while_it_closes() -> None:
    network, old, new = taking_over("a@trade")
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.wait(10)
    assert network.closed == [old]

    expected.append(network.say(new, "a@trade", 2))
    network.say(old, "a@trade", 2)

    assert network.consumer.items == expected


def test_thirty_days_of_life_need_one_takeover_a_day_and_no_gap() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    expected = []
    for number in range(30 * 24 * 60):
        before = len(network.dials)
        network.wait(60.0)
        if len(network.dials) > before:
            line = network.open()
        expected.append(network.say(line, "a@trade", number))

    assert network.consumer.items == expected
    assert network.session.rollovers == 30
    assert network.session.reconnects == 0


def test_a_server_that_announces_its_shutdown_is_left_before_it_goes() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.announce_shutdown(old)
    assert len(network.dials) == 2
    new = network.open()
    payload = network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.lose(old)

    assert network.consumer.items == [payload]


@pytest.mark.parametrize("event", [None, "goingAway"])
def test_an_announcement_that_the_exchange_does_not_make_so_is_no_reason_to_leave(event: str | None) -> None:
    network = Network(limits=evolve(LIMITS, shutdown_event=event))
    network.want("a@trade")
    network.announce_shutdown(network.open())

    assert (len(network.dials), network.session.unclaimed) == (1, 1)


def test_a_server_that_announces_its_shutdown_on_the_connection_that_takes_over_is_left_then() -> None:
    network, _, new = taking_over("a@trade")
    network.announce_shutdown(new)
    assert len(network.dials) == 2
    network.wait(10)

    assert len(network.dials) == 3


def test_when_the_old_connection_breaks_during_the_takeover_nothing_is_missing_either() -> None:
    network, old, new = taking_over("a@trade")
    network.clock.advance(1)
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.lose(old)
    expected.append(network.say(new, "a@trade", 2))

    assert network.consumer.items == expected


def test_when_the_old_connection_breaks_before_the_new_one_is_subscribed_the_gap_is_told() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(UNTIL_TAKEOVER)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.lose(old)
    network.clock.advance(1)
    after = network.say(network.open(), "a@trade", 3)

    assert network.consumer.items == [
        before,
        Reconnected(("a@trade",), heard, heard + 1000, "the cable was cut"),
        after,
    ]


def test_a_connection_that_is_lost_when_it_was_to_be_replaced_is_replaced_by_one_alone() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.clock.advance(DAY)
    network.lose(old)
    network.wait(60)

    assert len(network.dials) == 2


def test_a_second_connection_that_cannot_be_made_is_tried_again_while_the_first_one_goes_on() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(UNTIL_TAKEOVER)
    network.session.failed(network.line, ConnectError("refused"))
    payload = network.say(old, "a@trade", 1)
    network.wait(60)

    assert network.consumer.items == [payload]
    assert len(network.dials) == 3


def begin_by_age(network: Network, old: Line) -> None:
    network.wait(UNTIL_TAKEOVER)


def begin_by_announcement(network: Network, old: Line) -> None:
    network.announce_shutdown(old)


@pytest.mark.parametrize("attempts", [None, 1], ids=["tried forever", "one attempt after a loss"])
@pytest.mark.parametrize("begin", [begin_by_age, begin_by_announcement])
def test_a_second_connection_that_cannot_be_made_is_tried_again_soon_and_then_ever_more_rarely(
    begin: Callable[[Network, Line], None], attempts: int | None
) -> None:
    network = Network(policy=ReconnectPolicy(base=1.0, cap=30.0, attempts=attempts))
    network.want("a@trade")
    begin(network, network.open())

    assert [failed_for(network, ConnectError("refused")) for _ in range(7)] == pytest.approx(
        [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    )


def test_a_second_connection_that_is_refused_for_good_is_tried_again_at_the_longest_pause() -> None:
    network = Network(policy=ReconnectPolicy(base=1.0, cap=30.0))
    network.want("a@trade")
    network.announce_shutdown(network.open())

    assert [failed_for(network, HandshakeRejected("unknown key", status=401)) for _ in range(2)] == pytest.approx(
        [30.0, 30.0]
    )


def failed_for(network: Network, error: TransportError) -> float:
    """The second connection cannot be made: seconds until it is dialled again."""
    failed_at, dials = network.clock.now, len(network.dials)
    network.session.failed(network.line, error)
    network.act()
    while len(network.dials) == dials:
        network.wait(0.5)
    return network.clock.now - failed_at


# --- Streams that come and go meanwhile -------------------------------------------------------------------------------


def test_a_stream_that_is_subscribed_during_the_takeover_is_delivered_once() -> None:
    network, old, new = taking_over("a@trade")
    network.want("b@trade")
    network.answer()
    payload = network.say(new, "b@trade", 1)
    network.wait(10)

    assert network.consumer.items == [payload]
    assert network.sent[-1][1] is new
    assert network.closed == [old]


def test_a_stream_that_is_wanted_just_as_the_takeover_begins_is_delivered_once() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    old.receive([SHUTDOWN])
    network.want("b@trade")
    asked_of_old = network.sent[-1][2]
    new = network.open()
    old.receive([json.dumps({"id": asked_of_old["id"], "result": None}).encode()])
    network.say(old, "b@trade", 1)
    payload = network.say(new, "b@trade", 1)

    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    assert network.consumer.items == [payload]


@pytest.mark.parametrize("is_open", [False, True], ids=["being dialled", "open"])
def test_a_stream_that_is_wanted_again_at_once_in_a_takeover_is_delivered_once(is_open: bool) -> None:
    network = Network()
    again = Consumer()
    network.want("a@trade", "b@trade")
    old = network.open()
    network.wait(UNTIL_TAKEOVER)
    new = network.open() if is_open else network.line
    network.session.remove("b@trade", network.consumer)
    network.want("b@trade", consumer=again)
    if not is_open:
        network.open()
    expected = [network.say(old, "b@trade", 1), network.say(old, "b@trade", 2)]
    network.say(new, "b@trade", 2)
    network.wait(10)
    expected.append(network.say(new, "b@trade", 3))

    assert network.sent == []
    assert again.is_ready == {"b@trade"}
    assert again.items == expected


def test_in_a_takeover_the_old_connection_carries_what_is_wanted_again_until_the_new_one_does() -> None:
    network, old, new = taking_over("a@trade", "b@trade")
    again = Consumer()
    network.wait(9)
    network.session.remove("b@trade", network.consumer)
    network.act()
    assert network.sent[-1][1] is new

    network.want("b@trade", consumer=again)
    network.wait(2)
    assert again.is_ready == {"b@trade"}
    assert network.closed == [], "the overlap has passed, but the new connection does not carry the stream"
    expected = [network.say(old, "b@trade", 1)]
    network.answer()
    network.answer()
    network.say(old, "b@trade", 2)
    network.say(new, "b@trade", 2)
    network.act()
    assert network.closed == [old]
    expected += [b'{"u":2}', network.say(new, "b@trade", 3)]

    assert again.items == expected


def in_flight_at_the_takeover() -> tuple[Network, Line, Line]:
    """A takeover that began before the old connection answered to the subscription of b@trade; both connections."""
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.wait(DAY - 900 - 1)
    network.want("b@trade")
    network.wait(1)
    assert [message["params"] for _, line, message in network.sent if line is old] == [["b@trade"]]
    assert network.dials[-1].url.endswith("?streams=a@trade/b@trade")
    return network, old, network.line


def test_a_subscription_that_is_in_flight_when_the_takeover_begins_is_ready_when_the_new_connection_is() -> None:
    network, old, new = in_flight_at_the_takeover()

    network.answer()
    network.say(old, "b@trade", 1)
    assert "b@trade" not in network.consumer.is_ready
    network.open()
    assert "b@trade" in network.consumer.is_ready
    network.say(old, "b@trade", 2)
    payload = network.say(new, "b@trade", 2)
    network.wait(10)

    assert network.consumer.items == [payload], "from the first event that the new connection brings, each once"
    assert network.closed == [old]


def test_a_subscription_that_is_in_flight_is_ready_where_it_is_when_the_takeover_fails() -> None:
    network, old, new = in_flight_at_the_takeover()

    network.session.failed(new, ConnectError("refused"))
    network.act()
    network.answer()
    payload = network.say(old, "b@trade", 1)

    assert "b@trade" in network.consumer.is_ready
    assert network.consumer.items == [payload]


def test_a_takeover_ends_although_a_stream_that_was_wanted_meanwhile_is_refused() -> None:
    network = Network()
    network.want("a@trade")
    old = network.open()
    network.announce_shutdown(old)
    refused = Consumer()
    network.want("b@trade", consumer=refused)
    network.open()
    for _, line, asked in network.sent:
        line.receive([json.dumps({"id": asked["id"], "error": {"code": 2, "msg": "no such stream"}}).encode()])
    network.act()
    network.wait(10)

    assert [line is old for _, line, _ in network.sent] == [True, False], "it was asked for on both"
    assert refused.error is not None
    assert (network.closed, network.session.rollovers) == ([old], 1)


def test_a_stream_that_is_left_and_wanted_again_late_in_a_takeover_has_as_long_to_be_joined_as_the_others() -> None:
    network, old, new = taking_over("a@trade", "b@trade")
    network.wait(8)
    network.session.remove("a@trade", network.consumer)
    network.act()
    network.answer()
    again = Consumer()
    network.want("a@trade", consumer=again)
    network.answer()
    network.wait(9)
    network.say(new, "a@trade", 3)
    expected = [network.say(old, "a@trade", number) for number in (1, 2, 3)]
    network.wait(1)
    expected.append(network.say(new, "a@trade", 4))

    assert network.closed == [old]
    assert again.items == expected


def test_a_second_consumer_of_a_stream_that_the_new_connection_alone_brings_gets_each_event_once() -> None:
    network, old, new = in_flight_at_the_takeover()
    second = Consumer()
    network.answer()
    network.open()
    network.want("b@trade", consumer=second)
    network.say(old, "b@trade", 1)
    payload = network.say(new, "b@trade", 1)

    assert second.items == network.consumer.items == [payload]


def test_a_gap_whose_subscription_is_in_flight_when_the_takeover_begins_ends_with_the_new_connection() -> None:
    network = Network()
    network.want(*(f"{'x' * 60}{number:03}@trade" for number in range(100)))
    last = list(network.session._wanted)[-1]
    network.open()
    network.answer()
    network.lose(network.line)
    network.wait(60)
    old = network.open()
    asked_of_old = network.sent[-1]
    network.announce_shutdown(old)
    new = network.open()
    assert [(line, last in message["params"]) for _, line, message in network.sent[-2:]] == [(old, True), (new, True)]
    told = len(network.consumer.items)

    old.receive([json.dumps({"id": asked_of_old[2]["id"], "result": None}).encode()])
    network.say(old, last, 1)
    assert network.consumer.items[told:] == [], "what the new connection will not bring may still be missing"
    network.clock.advance(1)
    network.answer()
    payload = network.say(new, last, 3)

    gap, *payloads = network.consumer.items[told:]
    assert isinstance(gap, Reconnected)
    assert last in gap.streams
    assert gap.until == int(network.clock.time() * 1000)
    assert payloads == [payload]
