"""Streams are subscribed, and unsubscribed, over the connection that there is: lists of inputs, no network."""

from __future__ import annotations

import json

import pytest

from specwright.runtime.errors import RequestRejected

from .doubles import LIMITS, Consumer
from .network import Network


def test_the_first_streams_stand_in_the_url_and_are_ready_when_it_is_open() -> None:
    network = Network()
    network.want("btcusdt@aggTrade", "币安usdt@aggTrade")
    assert [dial.url for dial in network.dials] == [
        "wss://host/market/stream?streams=btcusdt@aggTrade/%E5%B8%81%E5%AE%89usdt@aggTrade"
    ]
    assert network.consumer.is_ready == set()

    network.open()

    assert network.consumer.is_ready == {"btcusdt@aggTrade", "币安usdt@aggTrade"}
    assert network.sent == []


def test_more_streams_than_a_url_holds_are_subscribed_in_batches_at_the_allowed_pace() -> None:
    network = Network()
    names = [f"symbol{number:04}usdt@aggTrade" for number in range(1_000)]
    network.want(*names)
    in_url = len(network.dials[0].url.split("/"))
    network.open()
    answered = 0
    for _ in range(50):
        for _, line, message in network.sent[answered:]:
            line.receive([json.dumps({"result": None, "id": message["id"]}).encode()])
        answered = len(network.sent)
        network.wait(0.1)

    assert network.consumer.is_ready == set(names)
    assert len(network.dials[0].url) <= 4_000
    assert sum(len(message["params"]) for _, _, message in network.sent) >= len(names) - in_url
    times = [time for time, _, _ in network.sent]
    assert max(sum(1 for other in times if time <= other < time + 1) for time in times) <= LIMITS.messages_per_second


def test_a_stream_that_is_wanted_later_is_subscribed_over_the_open_connection() -> None:
    network = Network()
    network.want("btcusdt@aggTrade")
    network.open()

    network.want("币安usdt@aggTrade")

    assert [message for _, _, message in network.sent] == [
        {"method": "SUBSCRIBE", "params": ["币安usdt@aggTrade"], "id": 1}
    ]
    assert "币安usdt@aggTrade" not in network.consumer.is_ready
    network.answer()
    assert "币安usdt@aggTrade" in network.consumer.is_ready


def test_a_stream_that_nobody_wants_any_more_is_unsubscribed_and_the_last_one_closes_the_connection() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade", "b@trade")
    network.want("a@trade", consumer=other)
    line = network.open()

    network.session.remove("a@trade", network.consumer)
    network.session.remove("b@trade", network.consumer)
    network.act()
    assert [message["params"] for _, _, message in network.sent] == [["b@trade"]]
    assert network.closed == []

    network.session.remove("a@trade", other)
    network.act()
    assert network.closed == [line]


def test_many_streams_that_nobody_wants_any_more_are_unsubscribed_by_the_hundred() -> None:
    network = Network()
    names = [f"s{number}@trade" for number in range(151)]
    network.want(*names)
    network.open()
    assert network.consumer.is_ready == set(names)

    for name in names[:-1]:
        network.session.remove(name, network.consumer)
    network.act()

    asked = [(message["method"], len(message["params"])) for _, _, message in network.sent]
    assert asked == [("UNSUBSCRIBE", 100), ("UNSUBSCRIBE", 50)]


def test_what_is_not_wanted_any_more_makes_room_before_more_is_asked_for() -> None:
    network = Network()
    network.want("a@trade", "b@trade")
    network.open()
    network.session.remove("a@trade", network.consumer)
    network.want("c@trade")

    assert [(message["method"], message["params"]) for _, _, message in network.sent] == [
        ("UNSUBSCRIBE", ["a@trade"]),
        ("SUBSCRIBE", ["c@trade"]),
    ]


@pytest.mark.parametrize("asked_by", ["URL", "message"])
def test_a_stream_that_is_left_before_the_exchange_has_acknowledged_it_is_unsubscribed_then(asked_by: str) -> None:
    network = Network()
    network.want("a@trade", *(["b@trade"] if asked_by == "URL" else []))
    if asked_by == "message":
        network.open()
        network.want("b@trade")
    network.session.remove("b@trade", network.consumer)
    network.act()
    if asked_by == "message":
        network.answer()
    else:
        network.open()

    _, _, message = network.sent[-1]
    assert (message["method"], message["params"]) == ("UNSUBSCRIBE", ["b@trade"])
    network.answer()
    assert network.sent[-1][2] is message, "that is all"


def test_a_stream_that_is_wanted_again_before_its_unsubscription_is_answered_is_subscribed_anew() -> None:
    network = Network()
    again = Consumer()
    network.want("a@trade", "b@trade")
    line = network.open()
    network.session.remove("b@trade", network.consumer)
    network.act()

    network.want("b@trade", consumer=again)
    network.say(line, "b@trade", 1)
    assert again.is_ready == set(), "the exchange may have ended it already"
    network.answer()
    assert [message["method"] for _, _, message in network.sent] == ["UNSUBSCRIBE", "SUBSCRIBE"]
    network.answer()
    payload = network.say(line, "b@trade", 3)

    assert again.is_ready == {"b@trade"}
    assert again.items == [payload], "what came before it was ready might be followed by a hole"


def test_two_consumers_of_one_stream_share_its_subscription() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade")
    network.want("a@trade", consumer=other)
    line = network.open()
    payload = network.say(line, "a@trade", 1)

    assert network.consumer.items == other.items == [payload]
    assert network.sent == []


def test_a_rejected_subscription_fails_its_consumer_and_nobody_else() -> None:
    network = Network()
    other = Consumer()
    network.want("a@trade")
    network.open()
    network.want("b@trade", "nonsense", "c@trade", consumer=other)
    for position in range(20):
        if position < len(network.sent):
            _, line, message = network.sent[position]
            fault = {"error": {"code": 2, "msg": "Invalid request: unknown stream"}}
            answer = fault if "nonsense" in message["params"] else {"result": None}
            line.receive([json.dumps({"id": message["id"], **answer}).encode()])
        network.wait(0.5)

    assert isinstance(other.error, RequestRejected)
    assert (other.error.code, other.error.message) == (2, "Invalid request: unknown stream")
    assert network.consumer.error is None


def test_a_connection_that_does_not_answer_a_subscribe_is_replaced() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    network.want("b@trade")
    network.wait(10)

    assert network.closed == [line]
    network.wait(0.5)
    assert len(network.dials) == 2
