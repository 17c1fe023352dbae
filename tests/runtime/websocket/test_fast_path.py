"""The short path delivers exactly what `websockets` alone delivers, whatever frames come and wherever they are cut."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attrs import frozen
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from specwright.runtime.websocket import fast_path
from specwright.runtime.websocket.fast_path import FastClientConnection

from .doubles import FakeTransport
from .frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MAX_SIZE,
    PING,
    PONG,
    TEXT,
    Inbox,
    asked,
    fast,
    frame,
    stands,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@pytest.fixture(autouse=True, scope="module")
def few_together() -> Iterator[None]:
    """So few messages go on together that drawn conversations have more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_path, "_MOST_TOGETHER", 3)
        yield


payloads = st.one_of(
    st.text(max_size=20).map(str.encode),
    st.sampled_from([b'{"a":1}', b"x" * 125, b"x" * 126, b"x" * MAX_SIZE, b"\xff\xfe", b""]),
)
whole = st.builds(
    frame,
    st.sampled_from([TEXT, TEXT, TEXT, TEXT, BINARY]),
    payloads,
    length_bytes=st.sampled_from([0, 0, 0, 0, 2, 8]),
)
control = st.builds(frame, st.sampled_from([PING, PONG]), st.binary(max_size=125))
fragmented = st.builds(
    lambda opcode, parts, between: (
        frame(opcode, parts[0], final=False)
        + between
        + b"".join(frame(CONTINUATION, part, final=False) for part in parts[1:-1])
        + frame(CONTINUATION, parts[-1])
    ),
    st.sampled_from([TEXT, BINARY]),
    st.lists(payloads, min_size=2, max_size=4),
    st.one_of(st.just(b""), control),
)
closing = st.sampled_from([frame(CLOSE, b"\x03\xe8"), frame(CLOSE, b"\x03\xe9bye"), frame(CLOSE, b"")])
broken = st.sampled_from(
    [
        frame(TEXT, b"masked", masked=True),
        frame(TEXT, b"reserved", reserved=4),
        frame(3, b"opcode"),
        frame(PING, b"x" * 126),
        frame(PING, b"", final=False),
        frame(CONTINUATION, b"nothing to continue"),
        frame(TEXT, b"never finished", final=False),
        frame(TEXT, b"x" * (MAX_SIZE + 1)),
        frame(TEXT, b"cut off")[:-3],
        b"\x81\x7f\x80\0\0\0\0\0\0\1",
    ]
)
conversations = st.lists(st.one_of(whole, whole, whole, control, fragmented), max_size=8)
conversations = st.builds(
    lambda frames, end: [*frames, *end], conversations, st.lists(st.one_of(closing, broken, whole), max_size=3)
)


@frozen
class Outcome:
    """All that a user and the server can see of a connection."""

    messages: list[bytes]
    closed: str
    """How the connection ended, from both sides."""
    written: list[tuple[int, bytes]]
    """Frames that were sent to the server."""


async def converse(make: Callable[[ClientProtocol], ClientConnection], frames: list[bytes], cuts: list[int]) -> Outcome:
    """Shakes hands, then feeds the frames, cut at the given places of the whole byte stream."""
    connection = make(ClientProtocol(parse_uri("ws://exchange/"), max_size=MAX_SIZE))
    transport = FakeTransport()
    server = ServerProtocol(max_size=None)
    shaking, answer = await asked(connection, transport, server)
    stream = answer + b"".join(frames)
    transport.written = b""
    messages: list[bytes] = []

    async def read() -> None:
        await shaking
        if isinstance(connection, FastClientConnection):
            await connection.pump()
        while True:
            messages.append(await connection.recv(decode=False))

    reading = asyncio.ensure_future(read())
    places = sorted({cut % len(stream) for cut in cuts} - {0})
    for start, stop in zip([0, *places], [*places, len(stream)], strict=True):
        connection.data_received(stream[start:stop])
        if start % 3:
            await asyncio.sleep(0)
    connection.eof_received()
    connection.connection_lost(None)
    try:
        await reading
    except ConnectionClosed as closed:
        end = f"{type(closed).__name__} {closed.rcvd} {closed.sent} {closed.rcvd_then_sent}"
    server.receive_data(transport.written)
    sent = [(event.opcode, bytes(event.data)) for event in server.events_received() if isinstance(event, Frame)]
    if isinstance(connection, FastClientConnection):
        inbox = connection._receiver
        assert isinstance(inbox, Inbox)
        messages = inbox.messages
    return Outcome(messages, end, [(int(opcode), data) for opcode, data in sent])


def plain(protocol: ClientProtocol) -> ClientConnection:
    return ClientConnection(protocol, ping_interval=None, max_queue=None)


@settings(max_examples=400, deadline=None)
@given(frames=conversations, cuts=st.lists(st.integers(0, 4_000), max_size=30))
@example(frames=[frame(TEXT, b"a", final=False), frame(TEXT, b"b")], cuts=[])
@example(frames=[frame(TEXT, b"a", final=False), frame(TEXT, b"b")], cuts=list(range(400)))
@example(frames=[frame(TEXT, b"a"), frame(TEXT, b"b", masked=True)], cuts=[])
@example(frames=[frame(TEXT, b"a"), frame(TEXT, b"", masked=True), frame(TEXT, b"b" * 200)], cuts=[])
@example(frames=[frame(BINARY, b"first"), frame(TEXT, b"second"), frame(CLOSE, b"")], cuts=[])
@example(frames=[frame(TEXT, b"x"), frame(CLOSE, b"\x03\xe8"), frame(TEXT, b"after the close")], cuts=list(range(400)))
def test_both_paths_show_the_same_messages_the_same_end_and_the_same_answers(
    frames: list[bytes], cuts: list[int]
) -> None:
    async def both() -> tuple[Outcome, Outcome]:
        return await converse(plain, frames, cuts), await converse(fast, frames, cuts)

    expected, found = asyncio.run(both())

    assert found == expected


@settings(max_examples=100, deadline=None)
@given(
    messages=st.lists(payloads, min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 4_000), max_size=10),
    holds=st.sets(st.integers(0, 19)),
)
def test_a_consumer_that_holds_and_releases_gets_every_message_in_order_and_none_while_it_holds(
    messages: list[bytes], cuts: list[int], holds: set[int]
) -> None:
    async def run() -> list[bytes]:
        inbox = Inbox()
        connection, transport = await stands(inbox)

        is_holding = False

        def receive(together: Sequence[bytes]) -> None:
            nonlocal is_holding
            assert not is_holding
            before = len(inbox.messages)
            inbox.messages.extend(together)
            if not holds.isdisjoint(range(before, len(inbox.messages))):
                is_holding = True
                connection.hold()

        async def release_all() -> None:
            nonlocal is_holding
            while transport.is_paused:
                is_holding = False
                connection.release()
                await asyncio.sleep(0)

        inbox.receive = receive
        stream = b"".join(frame(TEXT, message) for message in messages)
        places = sorted({cut % len(stream) for cut in cuts} - {0})
        for start, stop in zip([0, *places], [*places, len(stream)], strict=True):
            await release_all()
            connection.data_received(stream[start:stop])
        await release_all()
        connection.connection_lost(None)
        return inbox.messages

    assert asyncio.run(run()) == messages


async def test_the_end_of_the_handshake_is_found_although_it_is_cut_at_every_byte() -> None:
    outcome = await converse(fast, [frame(TEXT, b"hello"), frame(CLOSE, b"\x03\xe8")], list(range(1_000)))

    assert outcome == Outcome([b"hello"], outcome.closed, [(CLOSE, b"\x03\xe8")])
