"""A takeover proves that nothing is missing before the old connection goes, and delivers nothing twice: no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import ConnectError
from specwright.runtime.websocket.notices import Reconnected, Stalled

from .doubles import Consumer
from .network import START_MS, UNTIL_TAKEOVER, Network, taking_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from specwright.runtime.websocket.line import Line


def test_a_takeover_is_not_proven_by_time_but_by_an_event_that_both_connections_bring() -> None:
    network, old, new = taking_over("a@trade")
    network.clock.advance(1)
    before = network.say(old, "a@trade", 1)
    after = network.say(new, "a@trade", 3)
    heard = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, heard, "the cable was cut"), after]


def test_a_stream_of_which_nothing_comes_is_taken_over_without_a_word() -> None:
    network, old, new = taking_over("a@trade", "b@trade")
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.wait(10)
    expected += [network.say(new, "b@trade", 1), network.say(new, "a@trade", 2)]

    assert network.closed == [old]
    assert network.consumer.items == expected


def test_streams_of_which_all_is_known_to_go_on_need_no_ping() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.wait(10)

    assert network.closed == [old]
    assert network.consumer.items == [b'{"u":1}']


def test_a_quiet_connection_is_left_only_when_it_answers() -> None:
    network, old, _ = taking_over("a@trade")
    network.deaf.add(old)
    network.wait(30)
    assert network.closed == []

    old.whole_until = network.clock.now
    network.wait(1)

    assert network.closed == [old]
    assert network.consumer.items == []


def test_a_quiet_connection_that_turns_out_to_be_dead_has_a_gap_from_when_it_was_last_heard() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.wait(30)
    now = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, now, "the cable was cut")]
    assert network.dials[-1].line is new


def test_what_waits_behind_a_connection_that_turns_out_to_be_dead_is_delivered_behind_the_gap() -> None:
    network, old, new = taking_over("a@trade")
    network.deaf.add(old)
    before = network.say(old, "a@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.wait(5)
    after = network.say(new, "a@trade", 3)
    network.wait(25)
    assert network.consumer.items == [before]
    now = int(network.clock.time() * 1000)
    network.lose(old)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, now, "the cable was cut"), after]
    assert network.session.rollovers == 0


def test_when_one_stream_has_stalled_because_its_connection_is_dead_the_others_have_a_gap_too() -> None:
    network = Network()
    network.session.add("b@trade", network.consumer, network.consumer.take)
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.deaf.add(old)
    before = network.say(old, "b@trade", 1)
    network.wait(6)
    new = network.open()
    after = network.say(new, "b@trade", 3)
    network.wait(30)
    network.lose(old)

    gaps = {item.streams: item.since for item in network.consumer.items if isinstance(item, Reconnected)}
    assert gaps == {("a@trade",): START_MS, ("b@trade",): START_MS}
    payloads = [item for item in network.consumer.items if isinstance(item, bytes)]
    assert payloads == [before, after]


def test_a_stream_that_the_new_connection_alone_brings_has_no_second_gap_when_the_old_one_breaks() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(6)
    network.open()
    told = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    network.lose(old)

    assert [item for item in network.consumer.items if isinstance(item, Reconnected)] == told
    assert len(told) == 1


def test_a_connection_that_breaks_before_the_new_one_was_asked_for_all_its_streams_has_a_gap() -> None:
    network = Network()
    network.want(*(f"{'x' * 60}{number:03}@trade" for number in range(100)))
    network.open()
    network.answer()
    network.wait(UNTIL_TAKEOVER)
    old = network.dials[0].line
    in_url = network.line.url_names  # type: ignore[attr-defined]
    network.lose(old)
    network.open()
    network.answer()

    gaps = [item for item in network.consumer.items if isinstance(item, Reconnected)]
    assert [len(gap.streams) for gap in gaps] == [len(in_url), 100 - len(in_url)]


# --- A new connection that does not last ------------------------------------------------------------------------------


def test_when_the_new_connection_breaks_the_old_one_goes_on_without_a_word() -> None:
    network, old, new = taking_over("a@trade")
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    network.say(old, "a@trade", 2)
    network.lose(new)
    expected += [b'{"u":2}', network.say(old, "a@trade", 3)]

    assert network.consumer.items == expected
    assert network.session.reconnects == 0


def test_what_the_new_connection_was_ahead_with_is_not_delivered_again_when_it_breaks() -> None:
    network, old, new = taking_over("a@trade")
    second = Consumer()
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    expected += [network.say(new, "a@trade", 2), network.say(new, "a@trade", 3)]
    network.say(old, "a@trade", 2)
    network.lose(new)
    network.want("a@trade", consumer=second)
    network.say(old, "a@trade", 3)
    payload = network.say(old, "a@trade", 4)

    assert network.consumer.items == [*expected, payload]
    assert second.items == [payload]


def test_a_takeover_whose_connection_broke_is_tried_again_and_succeeds_without_a_word() -> None:
    network, old, new = taking_over("a@trade")
    expected = [network.say(old, "a@trade", 1)]
    network.say(new, "a@trade", 1)
    expected.append(network.say(new, "a@trade", 2))
    network.lose(new)
    network.wait(network.policy.cap)
    newest = network.open()
    assert len(network.dials) == 3
    network.say(newest, "a@trade", 2)
    network.say(old, "a@trade", 2)
    expected.append(network.say(newest, "a@trade", 3))
    network.say(old, "a@trade", 3)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 4))

    assert network.consumer.items == expected
    assert network.closed == [old]
    assert (network.session.rollovers, network.session.reconnects) == (1, 0)


def test_when_the_old_connection_breaks_behind_the_new_one_the_gap_is_told() -> None:
    network, old, new = taking_over("a@trade")
    before = network.say(old, "a@trade", 1)
    network.say(new, "a@trade", 1)
    network.lose(new)
    heard = int(network.clock.time() * 1000)
    network.lose(old)
    network.wait(1)
    now = int(network.clock.time() * 1000)
    after = network.say(network.open(), "a@trade", 3)

    assert network.consumer.items == [before, Reconnected(("a@trade",), heard, now, "the cable was cut"), after]


def test_what_the_new_connection_alone_brought_has_a_gap_when_it_breaks() -> None:
    network, _, new = taking_over("a@trade")
    network.want("b@trade")
    network.answer()
    before = network.say(new, "b@trade", 1)
    heard = int(network.clock.time() * 1000)
    network.clock.advance(1)
    network.lose(new)
    network.answer()
    now = int(network.clock.time() * 1000)
    after = network.say(network.dials[0].line, "b@trade", 3)

    gap = Reconnected(("b@trade",), heard, now, "the connection that took over was lost")
    assert network.consumer.items == [before, gap, after]


def test_a_stream_with_a_gap_that_the_new_connection_had_ended_has_another_one_when_it_breaks() -> None:
    network = Network()
    network.want("a@trade", silence=4.0)
    old = network.open()
    network.wait(6)
    new = network.open()
    told = len(network.consumer.items)
    before = network.say(new, "a@trade", 1)
    network.say(old, "a@trade", 2)
    heard = int(network.clock.time() * 1000)
    network.lose(new)
    after = network.say(old, "a@trade", 3)

    gap = Reconnected(("a@trade",), heard, heard, "the connection that took over was lost")
    assert network.consumer.items[told:] == [before, gap, after]


# --- A connection that is behind the one it replaced ------------------------------------------------------------------


def behind_the_one_it_replaced() -> tuple[Network, Line]:
    """A connection that has taken over, and has still to repeat the last event that the old one brought; and it."""
    network = Network()
    network.want("a@trade", silence=60.0)
    old = network.open()
    network.announce_shutdown(old)
    new = network.open()
    network.wait(9)
    network.say(old, "a@trade", 1)
    network.wait(1)
    assert network.closed == [old]
    return network, new


def test_what_was_delivered_is_not_delivered_again_when_another_consumer_comes() -> None:
    network, line = behind_the_one_it_replaced()
    second = Consumer()
    network.want("a@trade", consumer=second)
    network.say(line, "a@trade", 1)
    payload = network.say(line, "a@trade", 2)

    assert network.consumer.items == [b'{"u":1}', payload]
    assert second.items == [payload]


def test_what_was_delivered_is_not_delivered_again_in_the_next_takeover() -> None:
    network, line = behind_the_one_it_replaced()
    network.announce_shutdown(line)
    newest = network.open()
    network.say(line, "a@trade", 1)
    expected = [network.say(line, "a@trade", 2), network.say(line, "a@trade", 3)]
    network.say(newest, "a@trade", 3)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 4))

    assert network.consumer.items == [b'{"u":1}', *expected]


def test_what_was_delivered_is_not_delivered_again_by_a_connection_that_takes_over_before_it_was_repeated() -> None:
    network, line = behind_the_one_it_replaced()
    network.announce_shutdown(line)
    newest = network.open()
    network.say(newest, "a@trade", 1)
    network.say(line, "a@trade", 1)
    expected = [network.say(line, "a@trade", 2)]
    network.say(newest, "a@trade", 2)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 3))

    assert network.consumer.items == [b'{"u":1}', *expected]


def test_what_was_delivered_is_not_delivered_again_when_the_next_takeover_fails() -> None:
    network, line = behind_the_one_it_replaced()
    network.announce_shutdown(line)
    network.session.failed(network.line, ConnectError("refused"))
    network.act()
    network.say(line, "a@trade", 1)
    payload = network.say(line, "a@trade", 2)

    assert network.consumer.items == [b'{"u":1}', payload]


def with_another_consumer(network: Network) -> None:
    second = Consumer()
    network.want("a@trade", consumer=second)
    network.session.remove("a@trade", second)


def watched_for_silence(network: Network) -> None:
    network.act()


@pytest.mark.parametrize("meanwhile", [with_another_consumer, watched_for_silence])
def test_a_connection_that_has_repeated_everything_is_taken_over_from_without_repetition(
    meanwhile: Callable[[Network], None],
) -> None:
    network, line = behind_the_one_it_replaced()
    network.say(line, "a@trade", 1)
    meanwhile(network)
    network.announce_shutdown(line)
    newest = network.open()
    expected = [network.say(line, "a@trade", number) for number in (2, 3)]
    for number in (2, 3):
        network.say(newest, "a@trade", number)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 4))

    assert network.consumer.items == [b'{"u":1}', *expected]
    assert network.session.rollovers == 2


def test_a_connection_that_has_repeated_everything_goes_on_alone_when_the_next_takeover_fails() -> None:
    network, line = behind_the_one_it_replaced()
    network.announce_shutdown(line)
    network.say(line, "a@trade", 1)
    expected = [network.say(line, "a@trade", 2)]
    network.session.failed(network.line, ConnectError("refused"))
    network.act()
    expected.append(network.say(line, "a@trade", 3))

    assert network.consumer.items == [b'{"u":1}', *expected]


def test_a_connection_that_is_lost_has_nothing_to_repeat_any_more() -> None:
    network, line = behind_the_one_it_replaced()
    network.lose(line)
    network.wait(1)
    line = network.open()
    second = Consumer()
    network.want("a@trade", consumer=second)
    payload = network.say(line, "a@trade", 2)

    assert second.items == [payload]
    assert network.consumer.items[-1] == payload


def test_a_stream_that_is_left_and_wanted_again_has_nothing_to_repeat_any_more() -> None:
    network, line = behind_the_one_it_replaced()
    again = Consumer()
    network.session.remove("a@trade", network.consumer)
    network.want("a@trade", consumer=again)
    network.announce_shutdown(line)
    newest = network.open()
    expected = [network.say(line, "a@trade", 2)]
    assert again.items == expected
    network.say(newest, "a@trade", 2)
    network.wait(10)
    expected.append(network.say(newest, "a@trade", 3))

    assert again.items == expected


def test_a_connection_that_has_repeated_everything_is_watched_for_silence_again() -> None:
    network, line = behind_the_one_it_replaced()
    network.say(line, "a@trade", 1)
    network.say(line, "a@trade", 2)
    network.act()
    network.wait(100)

    assert [type(item) for item in network.consumer.items] == [bytes, bytes, Stalled]
