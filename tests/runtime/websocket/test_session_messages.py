"""What a session makes of the messages of the exchange, however they are written: no network."""

from __future__ import annotations

import pytest

from .network import Network


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"stream":"a@trade","data":{"u":1}}',
        b'{ "stream": "a@trade", "data": {"u":1} }',
        b'{"data":{"u":1},"stream":"a@trade"}',
        b'{"stream":"\\u0061@trade","data":{"u":1}}',
        b'{"stream":"a@trade","data":{"u":1}}\n',
    ],
)
def test_an_envelope_may_be_written_in_any_way(envelope: bytes) -> None:
    network = Network()
    network.want("a@trade")
    network.open().receive([envelope])

    assert network.consumer.items == [b'{"u":1}']


@pytest.mark.parametrize(
    "message", [b"\xff\xfe", b"{", b"[]", b"{}", b'{"stream":"other","data":{}}', b'{"id":99,"result":null}', b"null"]
)
def test_messages_that_nobody_asked_for_change_nothing(message: bytes) -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()

    line.receive([message])

    assert network.consumer.items == []
    payload = network.say(line, "a@trade", 1)
    assert network.consumer.items == [payload]
    assert network.session.unclaimed == 1


def test_a_message_that_is_nested_beyond_reading_is_left_out() -> None:
    network = Network()
    network.want("a@trade")
    line = network.open()
    line.receive([b'{"x":' + b"[" * 100_000])
    network.act()

    assert network.session.unclaimed == 1
