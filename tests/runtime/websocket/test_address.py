"""Whose a message is does not depend on what it came together with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.websocket.address import CombinedStreams, SingleStream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from specwright.runtime.websocket.address import Address, Deliver

COMBINED, SINGLE = CombinedStreams("wss://host/market"), SingleStream("wss://host/ws/key", "user_data")
NAMES = ("a@trade", "b@trade", "user_data")
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
