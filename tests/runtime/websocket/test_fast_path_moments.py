"""When the short path delivers, waits and refuses to write: at once, soon, or not any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from websockets.client import ClientProtocol
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from specwright.runtime.websocket.fast_path import FastClientConnection

from ...conditions import until
from .doubles import FakeTransport
from .frames import CLOSE, CONTINUATION, MAX_SIZE, PING, TEXT, Inbox, asked, fast, frame, stands

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def test_behind_a_message_that_came_in_fragments_whole_text_frames_do_not_wait_either() -> None:
    inbox = Inbox()
    connection, _ = await stands(inbox)
    pumping = asyncio.ensure_future(connection.pump())
    fragments = [frame(TEXT, b"a", final=False), frame(CONTINUATION, b"b", final=False), frame(CONTINUATION, b"c")]
    connection.data_received(b"".join(fragments))
    await until(lambda: inbox.messages)

    connection.data_received(frame(TEXT, b"d"))

    assert inbox.messages == [b"abc", b"d"]
    connection.connection_lost(None)
    await asyncio.wait([pumping])


@pytest.mark.parametrize(
    "behind",
    [frame(PING, b""), frame(CLOSE, b""), frame(TEXT, b"x", masked=True), frame(TEXT, b"x" * (MAX_SIZE + 1))],
    ids=["a ping", "a close", "a masked frame", "a frame that is too large"],
)
async def test_a_receiver_knows_whether_the_same_read_brings_more_behind_its_messages(behind: bytes) -> None:
    inbox = Inbox()
    connection, _ = await stands(inbox)
    told: list[tuple[list[bytes], bool]] = []
    inbox.receive = lambda messages: told.append((list(messages), inbox.more_follows))

    connection.data_received(frame(TEXT, b"a"))
    connection.data_received(frame(TEXT, b"b") + frame(PING, b""))
    connection.data_received(frame(TEXT, b"c"))
    connection.data_received(frame(TEXT, b"d") + behind)

    assert told == [([b"a"], False), ([b"b"], True), ([b"c"], False), ([b"d"], True)]
    assert not inbox.more_follows
    connection.connection_lost(None)


async def get_a_close(connection: FastClientConnection) -> None:
    connection.data_received(frame(CLOSE, b""))


async def get_what_breaks_the_protocol(connection: FastClientConnection) -> None:
    connection.data_received(frame(TEXT, b"x", masked=True))


async def get_the_end_of_file(connection: FastClientConnection) -> None:
    connection.eof_received()


@pytest.mark.parametrize(
    "end", [FastClientConnection.close, get_a_close, get_what_breaks_the_protocol, get_the_end_of_file]
)
async def test_nothing_is_written_from_the_first_sign_of_the_end_on(
    end: Callable[[FastClientConnection], Awaitable[None]],
) -> None:
    connection, transport = fast(ClientProtocol(parse_uri("ws://exchange/"))), FakeTransport()
    shaking, answer = await asked(connection, transport, ServerProtocol())
    was_written = [connection.write(b"before it stands")]
    connection.data_received(answer)
    await shaking
    was_written.append(connection.write(b"while it stands"))
    ending = asyncio.ensure_future(end(connection))
    await asyncio.sleep(0)
    before = transport.written
    was_written.append(connection.write(b"too late"))

    assert was_written == [False, True, False]
    assert transport.written == before
    connection.connection_lost(None)
    await ending


async def test_a_connection_whose_handshake_came_byte_by_byte_is_as_quick_as_any() -> None:
    inbox = Inbox()
    connection = fast(ClientProtocol(parse_uri("ws://exchange/")), inbox)
    shaking, answer = await asked(connection, FakeTransport(), ServerProtocol())
    for place in range(len(answer)):
        connection.data_received(answer[place : place + 1])
    await shaking

    connection.data_received(frame(TEXT, b"a"))

    assert inbox.messages == [b"a"]
    assert connection.write(b"b")
    connection.connection_lost(None)


async def test_who_releases_gets_the_rest_soon_and_nothing_if_he_holds_again_at_once() -> None:
    inbox = Inbox()
    connection, transport = await stands(inbox)
    connection.hold()
    connection.data_received(frame(TEXT, b"a") * 100)
    counts = [len(inbox.messages)]

    connection.release()
    connection.hold()
    await asyncio.sleep(0)
    counts.append(len(inbox.messages))
    connection.release()
    counts.append(len(inbox.messages))
    await asyncio.sleep(0)
    counts.append(len(inbox.messages))

    assert counts == [64, 64, 64, 100]
    assert not transport.is_paused
    connection.connection_lost(None)


@pytest.mark.parametrize("count", [1, 100])
async def test_whole_text_frames_do_not_wait_for_the_event_loop(count: int) -> None:
    inbox = Inbox()
    connection = fast(ClientProtocol(parse_uri("ws://exchange/")), inbox)
    shaking, answer = await asked(connection, FakeTransport(), ServerProtocol())

    connection.data_received(answer + frame(TEXT, b"{}") * count)

    assert inbox.messages == [b"{}"] * count
    await shaking
    connection.connection_lost(None)
