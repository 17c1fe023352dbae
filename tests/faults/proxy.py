"""A TCP proxy on loopback that stands between a client and the embedded exchange and ruins chosen requests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import define, field

if TYPE_CHECKING:
    import ssl
    from typing import Self

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
DAMAGES: list[Damage] = [
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
EXECUTED = [damage for damage in DAMAGES if damage != "cut before forwarding"]
"""Those that let the exchange see the request."""

Decision: TypeAlias = Callable[[str], Damage | None]
"""What happens to a request, by its first line; None: it goes through unharmed."""

_DRIP_SECONDS = 0.02
"""Between two bytes; the client's patience is over long before the last one."""
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""SO_LINGER of nothing: closing resets the connection."""


@define
class FaultProxy:
    """Forwards every request to `target` and its reply back, unless a decision says otherwise.

    With `tls`, clients must speak TLS to it. What it forwards is plain.
    """

    target: str
    tls: ssl.SSLContext | None = None
    decide: Decision = lambda line: None
    seen: list[str] = field(factory=list)
    """First lines of all requests in the order of arrival, forwarded or not."""
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = field(factory=list)
    _threads: list[threading.Thread] = field(factory=list)
    _closing: threading.Event = field(factory=threading.Event)
    _damaged: threading.Event = field(factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

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

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for each in [self._listener, *self._open]:
            # Wakes the threads that wait in accept or recv.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                self._open.append(accepted)
                self._start(lambda accepted=accepted: self._serve(accepted))  # type: ignore[misc]

    def _serve(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), self._secured(accepted) as client:
            host = urlsplit(self.target)
            with socket.create_connection((host.hostname, host.port)) as upstream:
                self._open.append(upstream)
                from_client, from_exchange = _Messages(client), _Messages(upstream)
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
                        self._ruin(client, reply, damage)
                        return
                    client.sendall(reply)

    def _secured(self, accepted: socket.socket) -> socket.socket:
        return accepted if self.tls is None else self.tls.wrap_socket(accepted, server_side=True)

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
                self._closing.wait()
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
            if self._closing.wait(_DRIP_SECONDS):
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
