"""A cut is one reconnection, in however many notices its streams are told to be whole again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from specwright.runtime.websocket.buffer import Buffer
from specwright.runtime.websocket.notices import Reconnected

from .doubles import Consumer
from .network import Network

if TYPE_CHECKING:
    from specwright.runtime.websocket.line import Line

NAMES = [f"symbol{number:04}usdt@aggTrade" for number in range(1_000)]


def subscribe(network: Network, line: Line, batches: int = 100) -> None:
    """The exchange answers so many control messages on a connection as they come."""
    answered = 0
    for _ in range(200):
        asked = [message for _, asked_on, message in network.sent if asked_on is line]
        for message in asked[answered : min(len(asked), batches)]:
            line.receive([json.dumps({"result": None, "id": message["id"]}).encode()])
            answered += 1
        network.wait(0.1)


def reconnect(network: Network, batches: int = 100) -> None:
    """The connection is cut, and another one stands."""
    network.lose(network.line)
    network.wait(2.0)
    subscribe(network, network.open(), batches)


def gaps(consumer: Consumer) -> list[Reconnected]:
    return [item for item in consumer.items if isinstance(item, Reconnected)]


def counted(notices: list[Reconnected]) -> int:
    """What the statistics of a stream say that got these notices."""
    buffer = Buffer(1, "raise")
    for notice in notices:
        buffer.tell(notice)
    return buffer.reconnects


def connected(*names: str) -> Network:
    network = Network()
    network.want(*names)
    subscribe(network, network.open())
    return network


def test_a_cut_of_a_thousand_streams_is_one_reconnection_told_in_batches() -> None:
    network = connected(*NAMES)

    reconnect(network)

    told = gaps(network.consumer)
    assert sorted(name for gap in told for name in gap.streams) == NAMES
    assert len(told) > 5
    assert [gap.is_continued for gap in told] == [False] + [True] * (len(told) - 1)
    assert (counted(told), network.session.reconnects) == (1, 1)


def test_each_of_several_cuts_is_counted_once() -> None:
    network = connected(*NAMES)

    for _ in range(3):
        reconnect(network)

    assert (counted(gaps(network.consumer)), network.session.reconnects) == (3, 3)


def test_a_second_cut_before_all_are_whole_again_is_a_second_reconnection() -> None:
    network = connected(*NAMES)

    reconnect(network, batches=2)
    assert network.consumer.is_ready == set(NAMES)
    before = len(gaps(network.consumer))
    reconnect(network)

    told = gaps(network.consumer)
    assert [gap.is_continued for gap in told].count(False) == 2
    assert not told[before].is_continued
    assert (counted(told), network.session.reconnects) == (2, 2)
    since = {name: min(gap.since for gap in told if name in gap.streams) for name in NAMES}
    assert len(set(since.values())) == 1, "what was not whole again in between is missing since the first cut"


def test_each_consumer_counts_the_cuts_of_its_own_streams() -> None:
    network = Network()
    first, last = Consumer(), Consumer()
    network.want(*NAMES[:500], consumer=first)
    network.want(*NAMES[500:], consumer=last)
    subscribe(network, network.open())

    reconnect(network)

    assert (counted(gaps(first)), counted(gaps(last)), network.session.reconnects) == (1, 1, 1)
