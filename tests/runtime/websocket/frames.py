"""Frames as they are written to the wire, and a connection of the short path without a network."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from attrs import define, field
from websockets.client import ClientProtocol
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from specwright.runtime.websocket.fast_path import FastClientConnection

from .doubles import FakeTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.asyncio.client import ClientConnection

MAX_SIZE = 300
TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(
    opcode: int, payload: bytes, *, final: bool = True, reserved: int = 0, masked: bool = False, length_bytes: int = 0
) -> bytes:
    """The bytes of a frame, which may break the protocol, or tell its length in more bytes than it needs."""
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mask = 0x80 if masked else 0
    if len(payload) < 126 and not length_bytes:
        head += bytes([mask | len(payload)])
    elif len(payload) < 65_536 and length_bytes < 8:
        head += bytes([mask | 126]) + len(payload).to_bytes(2, "big")
    else:
        head += bytes([mask | 127]) + len(payload).to_bytes(8, "big")
    return head + (b"\0\0\0\0" if masked else b"") + payload


@define
class Inbox:
    """Receives messages."""

    messages: list[bytes] = field(factory=list)
    heard_at: float = 0.0
    more_follows: bool = False
    receive: Callable[[Sequence[bytes]], None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.receive = self.messages.extend


async def asked(
    connection: ClientConnection, transport: FakeTransport, server: ServerProtocol
) -> tuple[asyncio.Future[None], bytes]:
    """A connection that has asked for a handshake, and waits for the answer; the handshake and the answer."""
    connection.connection_made(transport)
    shaking = asyncio.ensure_future(connection.handshake())
    await asyncio.sleep(0)
    server.receive_data(transport.written)
    request = server.events_received()[0]
    assert isinstance(request, Request)
    server.send_response(server.accept(request))
    return shaking, b"".join(server.data_to_send())


def fast(protocol: ClientProtocol, inbox: Inbox | None = None) -> FastClientConnection:
    """A connection that has not been made yet."""
    inbox = Inbox() if inbox is None else inbox
    return FastClientConnection(protocol, receiver=inbox, time=time.time, max_size=MAX_SIZE, ping_interval=None)


async def stands(inbox: Inbox) -> tuple[FastClientConnection, FakeTransport]:
    """A connection that has been made, and what carries it."""
    connection, transport = fast(ClientProtocol(parse_uri("ws://exchange/")), inbox), FakeTransport()
    shaking, answer = await asked(connection, transport, ServerProtocol())
    connection.data_received(answer)
    await shaking
    return connection, transport
