"""A server on loopback that answers each request as it was told to: well, badly, slowly, or not at all."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

from loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault: TypeAlias = Literal["close", "reset", "half", "garbage", "stall", "drip", "drip in head", "wrong length"]


@define
class ReceivedRequest:
    """A request, byte for byte."""

    line: str
    headers: dict[str, str]
    body: bytes


def json_reply(status: int = 200, body: object = None, **headers: str) -> bytes:
    """The bytes of a reply with JSON."""
    return bytes_reply(status, json.dumps({} if body is None else body).encode(), **headers)


def bytes_reply(status: int, content: bytes, **headers: str) -> bytes:
    """The bytes of a reply with any content; headers by names with underscores."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


BOOK = json_reply(200, {"lastUpdateId": 1, "bids": []})
"""The reply to a question."""
PLACED = json_reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": "NEW"})
"""The reply to an order."""


@define
class Server(LoopbackServer):
    """Answers requests for the time with the time, and all others from `script`."""

    script: list[bytes | Fault] = field(factory=list)
    requests: list[ReceivedRequest] = field(factory=list)
    """All but those for the time."""
    arrived: threading.Event = field(factory=threading.Event)
    """Set by the first of them."""
    now_ms: int = 1_700_000_000_000

    def serve(self, connection: socket.socket) -> None:
        for request in self._read(connection):
            if "/v1/time" in request.line:
                connection.sendall(json_reply(200, {"serverTime": self.now_ms}))
                continue
            self.requests.append(request)
            self.arrived.set()
            answer = self.script.pop(0)
            if isinstance(answer, bytes):
                connection.sendall(answer)
            elif not self._misbehave(connection, answer):
                return

    def _misbehave(self, connection: socket.socket, fault: Fault) -> bool:
        whole = json_reply(200, {"orderId": 1, "symbol": "BTCUSDT" * 20})
        match fault:
            case "reset":
                # Closing with unread data, or with a linger of nothing, resets the connection.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            case "half":
                connection.sendall(whole[: len(whole) // 2])
            case "garbage":
                connection.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            case "wrong length":
                connection.sendall(whole.replace(b"Content-Length: ", b"Content-Length: 9"))
            case "stall":
                self.closing.wait()
            case "drip":
                head, _, body = whole.partition(b"\r\n\r\n")
                connection.sendall(head + b"\r\n\r\n")
                self._drip(connection, body)
            case "drip in head":
                # For ten seconds at least, before the head is whole.
                self._drip(connection, whole.replace(b"\r\n", b"\r\nX-Padding: " + b"-" * 200 + b"\r\n", 1))
            case "close":
                pass
        return False

    def _drip(self, connection: socket.socket, content: bytes) -> None:
        for at in range(len(content)):
            connection.sendall(content[at : at + 1])
            if self.closing.wait(0.05):
                return

    @staticmethod
    def _read(connection: socket.socket) -> Iterator[ReceivedRequest]:
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                more = connection.recv(65536)
                if not more:
                    return
                pending += more
            head, _, pending = pending.partition(b"\r\n\r\n")
            line, *rest = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
            length = int(headers.get("content-length", 0))
            while len(pending) < length:
                pending += connection.recv(65536)
            yield ReceivedRequest(line, headers, pending[:length])
            pending = pending[length:]
