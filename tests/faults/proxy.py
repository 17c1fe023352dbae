"""A TCP proxy on loopback that stands between a client and the embedded exchange and ruins chosen requests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from attrs import define, field

from loopback import LoopbackServer

__all__ = ["DAMAGES", "EXECUTED", "Damage", "FaultProxy"]

Damage: TypeAlias = Literal[
    "cut before forwarding",
    "cut after forwarding",
    "reset after forwarding",
    "cut in head",
    "cut in body",
    "stall",
    "garbage",
    "drip head",
    "drip body",
]
DAMAGES: tuple[Damage, ...] = get_args(Damage)
EXECUTED = [damage for damage in DAMAGES if damage != "cut before forwarding"]
"""Those that let the exchange see the request."""

Decision: TypeAlias = Callable[[str], Damage | None]
"""What happens to a request, by its first line; None: it goes through unharmed."""

_DRIP_SECONDS = 0.02
"""Between two bytes; the client's patience is over long before the last one."""
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""SO_LINGER of nothing: closing resets the connection."""


@define
class FaultProxy(LoopbackServer):
    """Forwards every request to `target` and its reply back, unless a decision says otherwise.

    What it forwards is plain, whatever clients speak to it.
    """

    target: str
    decide: Decision = lambda line: None
    seen: list[str] = field(factory=list)
    """First lines of all requests in the order of arrival, forwarded or not."""
    _damaged: threading.Event = field(factory=threading.Event)

    def ruin(self, start: str, damage: Damage, *, times: int = 1) -> None:
        """Ruins the next requests whose first line starts like this (`POST /fapi/v1/order`)."""
        left = [damage] * times

        def decide(line: str) -> Damage | None:
            return left.pop() if left and line.startswith(start) else None

        self._damaged.clear()
        self.decide = decide

    def wait_for_damage(self) -> None:
        """Returns once the exchange has answered a request that is ruined, or will never see it."""
        assert self._damaged.wait(30.0), "no request was ruined"

    def count(self, start: str) -> int:
        """How many requests there were whose first line starts like this."""
        return sum(line.startswith(start) for line in self.seen)

    def serve(self, connection: socket.socket) -> None:
        host = urlsplit(self.target)
        with self.connect(host.hostname, host.port) as upstream:
            from_client, from_exchange = _Messages(connection), _Messages(upstream)
            while (request := from_client.next()) is not None:
                line = request.partition(b"\r\n")[0].decode("latin-1")
                self.seen.append(line)
                damage = self.decide(line)
                if damage == "cut before forwarding":
                    self._damaged.set()
                    return
                upstream.sendall(request)
                reply = from_exchange.next()
                if reply is None:
                    return
                if damage is not None:
                    self._damaged.set()
                    self._ruin(connection, reply, damage)
                    return
                connection.sendall(reply)

    def _ruin(self, client: socket.socket, reply: bytes, damage: Damage) -> None:
        head, _, body = reply.partition(b"\r\n\r\n")
        match damage:
            case "reset after forwarding":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            case "cut in head":
                client.sendall(head[: len(head) // 2])
            case "cut in body":
                client.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])
            case "stall":
                self.closing.wait()
            case "garbage":
                client.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            case "drip head":
                self._drip(client, reply)
            case "drip body":
                client.sendall(head + b"\r\n\r\n")
                self._drip(client, body)

    def _drip(self, client: socket.socket, data: bytes) -> None:
        for at in range(len(data)):
            client.sendall(data[at : at + 1])
            if self.closing.wait(_DRIP_SECONDS):
                return


@define
class _Messages:
    """The HTTP messages of one direction of a connection; all of them say how long they are."""

    connection: socket.socket
    _pending: bytes = b""

    def next(self) -> bytes | None:
        """One whole message; None when the connection has ended."""
        while b"\r\n\r\n" not in self._pending:
            if not self._receive():
                return None
        head = self._pending.partition(b"\r\n\r\n")[0]
        names = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        stated = [int(value) for name, _, value in names if name.lower() == b"content-length"]
        length = len(head) + 4 + sum(stated)
        while len(self._pending) < length:
            if not self._receive():
                return None
        message, self._pending = self._pending[:length], self._pending[length:]
        return message

    def _receive(self) -> bool:
        more = self.connection.recv(65536)
        self._pending += more
        return bool(more)
