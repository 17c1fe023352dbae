"""Text frames of our own making are what `websockets` would have sent, between all else that it sends."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from specwright.runtime.websocket.fast_path import FastClientConnection
from specwright.runtime.websocket.masking import text_frame

from .doubles import FakeTransport
from .frames import Inbox, asked

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.integers(0, 70_000).map(lambda length: "é" * length)


def heard(server: ServerProtocol, sent: bytes) -> list[tuple[Opcode, bytes]]:
    """The frames that a server reads."""
    server.receive_data(sent)
    return [(event.opcode, bytes(event.data)) for event in server.events_received() if isinstance(event, Frame)]


@given(texts=st.lists(TEXTS, max_size=5))
@example(texts=["x" * length for length in (0, 1, 2, 3, 4, 125, 126, 65_535, 65_536)])
@settings(deadline=None)
def test_a_server_reads_what_was_written(texts: list[str]) -> None:
    server = ServerProtocol(state=State.OPEN, max_size=None)

    frames = heard(server, b"".join(text_frame(text.encode()) for text in texts))

    assert frames == [(Opcode.TEXT, text.encode()) for text in texts]


def test_every_frame_has_a_mask_of_its_own() -> None:
    assert len({text_frame(b"the same")[2:6] for _ in range(64)}) > 60


@pytest.mark.parametrize("compresses", [False, True])
async def test_messages_go_between_the_frames_of_websockets_and_end_with_its_close(compresses: bool) -> None:
    factories = [ClientPerMessageDeflateFactory()] if compresses else None
    protocol = ClientProtocol(parse_uri("ws://exchange/"), extensions=factories)
    server = ServerProtocol(extensions=[ServerPerMessageDeflateFactory()], max_size=None)
    connection = FastClientConnection(protocol, receiver=Inbox(), time=time.time, max_size=1000, ping_interval=None)
    transport = FakeTransport()
    connection.write(b"before the handshake")
    shaking, answer = await asked(connection, transport, server)
    connection.write(b"before its answer")
    connection.data_received(answer)
    await shaking
    transport.written = b""

    connection.write(b"first" * 50)
    await connection.ping(b"ping")
    connection.write(b"second")
    closing = asyncio.ensure_future(connection.close())
    await asyncio.sleep(0)
    connection.write(b"after the close")

    assert heard(server, transport.written) == [
        (Opcode.TEXT, b"first" * 50),
        (Opcode.PING, b"ping"),
        (Opcode.TEXT, b"second"),
        (Opcode.CLOSE, b"\x03\xe8"),
    ]
    assert bool(protocol.extensions) is compresses
    connection.connection_lost(None)
    with pytest.raises(ConnectionClosed):
        await connection.recv()
    await closing
