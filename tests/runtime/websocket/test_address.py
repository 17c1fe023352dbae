"""Whose a message is and what it brings is what JSON says, however it is written and whatever it came together with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.websocket.address import CombinedStreams, SingleStream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn

    from specwright.runtime.websocket.address import Address, Deliver

COMBINED, SINGLE = (
    CombinedStreams("wss://host/market"),
    SingleStream("wss://host/ws/key", "user_data", "serverShutdown"),
)
NAMES = ("a@trade", "b@trade", "币安@trade", "user_data")
SHUTDOWN = b'{"event":{"e":"serverShutdown","E":1}}'
CLOSE_ROUTE = b'{"result":null,"id":1}'

messages = st.sampled_from(
    [
        *(b'{"stream":"%s","data":{"u":%d}}' % (name.encode(), number) for name in NAMES for number in (1, 2)),
        b'{"stream":"unknown@trade","data":{"u":1}}',
        b'{ "stream": "a@trade", "data": {"u":1} }',
        b'{"stream":"a@trade","data":{"u":1}}\n',
        SHUTDOWN,
        CLOSE_ROUTE,
        b"",
        b"}",
        b"null",
    ]
)


texts = st.text(st.sampled_from('{}[]",: \\n\\aé')) | st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
payloads = st.dictionaries(texts, st.integers() | texts, max_size=3) | values


@st.composite
def envelopes(draw: DrawFn) -> tuple[bytes, str, bytes]:
    """A frame of combined streams, its stream and its payload; mostly as the exchange writes them, or nearly so."""
    blank = draw(st.sampled_from([st.just(""), st.sampled_from(["", "", "", " ", "\n\t"])]))
    name, is_ascii = draw(st.sampled_from([*NAMES, "unknown@trade"])), draw(st.booleans())
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    data = json.dumps(draw(payloads), ensure_ascii=is_ascii, separators=separators)
    members = [("stream", json.dumps(name, ensure_ascii=is_ascii)), ("data", data)]
    for key, value in draw(
        st.dictionaries(texts | st.sampled_from(["time", "id", "code", "msg"]), values, max_size=2)
    ).items():
        if key not in ("stream", "data"):
            members.append((key, json.dumps(value, separators=separators)))
    if draw(st.booleans()):
        members = draw(st.permutations(members))
    pairs = [f"{draw(blank)}{json.dumps(key)}{draw(blank)}:{draw(blank)}{value}{draw(blank)}" for key, value in members]
    return f"{draw(blank)}{{{','.join(pairs)}}}{draw(blank)}".encode(), name, data.encode()


def received(address: Address, runs: Sequence[Sequence[bytes]]) -> list[tuple[str, bytes]]:
    """What arrives where, in order; `CLOSE_ROUTE` ends the first stream, as the answer to an UNSUBSCRIBE does."""
    found: list[tuple[str, bytes]] = []

    def sink(name: str) -> Deliver:
        return lambda payloads: found.extend((name, payload) for payload in payloads)

    def other(message: bytes) -> None:
        found.append(("other", message))
        if message == CLOSE_ROUTE:
            routes.pop(address.key(NAMES[0]), None)

    routes = {address.key(name): sink(name) for name in NAMES}
    receive: Callable[[Sequence[bytes]], None] = address.receiver(routes, other)
    for run in runs:
        receive(run)
    return found


@given(address=st.sampled_from([COMBINED, SINGLE]), runs=st.lists(st.lists(messages, max_size=6), max_size=5))
def test_messages_that_come_together_arrive_as_if_they_came_one_by_one(
    address: Address, runs: list[list[bytes]]
) -> None:
    one_by_one = [[message] for run in runs for message in run]

    assert received(address, runs) == received(address, one_by_one)


def test_each_payload_goes_to_its_stream_and_the_rest_as_it_came() -> None:
    trade, other = b'{"stream":"a@trade","data":{"u":1}}', b'{"stream":"b@trade","data":{"u":2}}'

    assert received(COMBINED, [[trade, trade, other, SHUTDOWN, trade, CLOSE_ROUTE, trade]]) == [
        ("a@trade", b'{"u":1}'),
        ("a@trade", b'{"u":1}'),
        ("b@trade", b'{"u":2}'),
        ("other", SHUTDOWN),
        ("a@trade", b'{"u":1}'),
        ("other", CLOSE_ROUTE),
        ("other", trade),
    ]


@given(frames=st.lists(envelopes(), min_size=1, max_size=4))
def test_an_envelope_is_read_as_json_whatever_else_stands_in_it(frames: list[tuple[bytes, str, bytes]]) -> None:
    messages = [message for message, _, _ in frames]

    found = received(COMBINED, [messages])

    assert found == [(name, data) if name in NAMES else ("other", message) for message, name, data in frames]
    for message, (name, payload) in zip(messages, found, strict=True):
        envelope: dict[str, Any] = json.loads(message)
        assert name == "other" or (name, json.loads(payload)) == (envelope["stream"], envelope["data"])


@pytest.mark.parametrize(
    "message",
    [
        b'{"stream":"a@trade","data":{"u":1},"time":5}',
        b'{"stream":"a@trade","data":{"u":1},"x":{}}',
        b'{"stream":"a@trade","data":{"u":1} }',
        b'{"stream":"a@trade","data":{"u":1}}\n',
        b'{"stream":"a@trade","data": {"u":1}}',
        b'{"stream":"a@trade","time":5,"data":{"u":1}}',
        b'{"data":{"u":1},"stream":"a@trade"}',
        b'{"stream":"a@trade","data":{"u":2},"data":{"u":1}}',
        b'{"stream":"b@trade","data":{"u":1},"stream":"a@trade"}',
        b'{"stream":"\\u0061@trade","data":{"u":1}}',
    ],
)
def test_an_envelope_that_has_drifted_brings_its_payload_among_others(message: bytes) -> None:
    usual = b'{"stream":"a@trade","data":{"u":0}}'

    assert received(COMBINED, [[usual, message, usual]]) == [
        ("a@trade", b'{"u":0}'),
        ("a@trade", b'{"u":1}'),
        ("a@trade", b'{"u":0}'),
    ]


@pytest.mark.parametrize(
    "payload", [b'{"k":{"t":[1,{"o":{}}]}}', b'[{"u":1},{"u":2}]', b'{"b":[["1","2"]]}', b'"}"', b"5"]
)
def test_payloads_of_any_kind_are_brought(payload: bytes) -> None:
    message = b'{"stream":"a@trade","data":%b}' % payload

    assert received(COMBINED, [[message, message]]) == [("a@trade", payload)] * 2


@pytest.mark.parametrize("payload", [b"nonsense", b'{"u":1}}', b'{"u":1},', b'{"u":1', b""])
def test_what_begins_as_a_payload_and_is_no_json_is_its_streams_too(payload: bytes) -> None:
    """So its consumer is told that it is malformed."""
    message = b'{"stream":"a@trade","data":%b}' % payload

    assert received(COMBINED, [[message]]) == [("a@trade", payload)]


@pytest.mark.parametrize("payload", [b'{"u":', b'{"u":"x', b"[[1,2],", b"[" * 100_000, b'{"u":1} ', b'{"u":"\xff', b""])
def test_what_is_cut_off_within_a_payload_is_its_streams_too(payload: bytes) -> None:
    message = b'{"stream":"a@trade","data":%b' % payload

    assert received(COMBINED, [[message]]) == [("a@trade", payload)]


@pytest.mark.parametrize(
    "message",
    [
        b'{"stream":"unknown@trade","data":{},"time":5}',
        b'{"stream":5,"data":{}}',
        b'{"stream":"a@trade"}',
        b'{"data":{}}',
        b'{"stream":"unknown@trade","data":{"u"',
        b'{"stream":"a@trade","da',
        b'[{"stream":"a@trade","data":{"u":1}}]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_frame_of_a_known_stream_is_left_as_it_came(message: bytes) -> None:
    assert received(COMBINED, [[message]]) == [("other", message)]


@pytest.mark.parametrize(
    "message",
    [
        b'{"e":"serverShutdown","E":1}',
        b'{ "E": 1, "e": "serverShutdown" }',
        b'{"event":{"e":"serverShutdown","E":1}}',
        b'{"stream":"user_data","data":{"e":"serverShutdown","E":1}}',
    ],
)
def test_a_server_that_announces_its_shutdown_is_heard_on_the_connection_of_a_single_stream(message: bytes) -> None:
    assert received(SINGLE, [[message]]) == [("other", message)]


@pytest.mark.parametrize(
    "event",
    [
        b'{"e":"ORDER_TRADE_UPDATE","E":1,"o":{"s":"BTCUSDT","c":"serverShutdown"}}',
        b'{"e":"ORDER_TRADE_UPDATE","E":1,"event":"serverShutdown","data":["serverShutdown"]}',
        b'{"e":"ORDER_TRADE_UPDATE","serverShutdown":{"e":"serverShutdown"}}',
        b'["serverShutdown"]',
        b'{"e":"serverShutdown"',
        b'{"e":"serverShutdown","x":' + b"[" * 100_000,
        b'{"e":"serverShutdown","event":"\xff"}',
    ],
)
def test_an_event_that_only_holds_the_words_of_an_announcement_is_its_streams(event: bytes) -> None:
    assert received(SINGLE, [[event]]) == [("user_data", event)]
