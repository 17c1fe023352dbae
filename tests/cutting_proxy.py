"""A TCP proxy on loopback that cuts, swallows and inserts bytes at exact places, whatever they mean."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["CuttingProxy", "Direction", "Limit"]

Direction: TypeAlias = Literal["to client", "to exchange"]

_END_OF_HEADERS = b"\r\n\r\n"


@define
class Limit:
    """Where one connection ends: after so many bytes in a direction it is cut, or swallows the rest in silence."""

    direction: Direction
    count: int
    silent: bool = False


@define(eq=False)
class _Link:
    """One connection: both of its sockets, and what it lets through."""

    client: socket.socket
    exchange: socket.socket
    limit: Limit | None
    swallows: bool = False
    lock: threading.Lock = field(factory=threading.Lock)
    headers: dict[Direction, bytes] = field(factory=dict)
    """The handshake in each direction, as far as it was handed on."""

    def let_through(self, data: bytes, direction: Direction) -> bool:
        """Hands data on as far as the limit allows; False: the connection is to be cut."""
        sink = self.client if direction == "to client" else self.exchange
        with self.lock:
            limit = self.limit
            if self.swallows:
                return True
            self._note(data if limit is None or limit.direction != direction else data[: limit.count], direction)
            if limit is None or limit.direction != direction or len(data) < limit.count:
                if limit is not None and limit.direction == direction:
                    limit.count -= len(data)
                sink.sendall(data)
                return True
            sink.sendall(data[: limit.count])
            self.swallows = limit.silent
            return limit.silent

    def _note(self, data: bytes, direction: Direction) -> None:
        seen = self.headers.get(direction, b"")
        if _END_OF_HEADERS not in seen:
            head, end, _ = (seen + data).partition(_END_OF_HEADERS)
            self.headers[direction] = head + end

    def cut(self) -> None:
        for each in (self.client, self.exchange):
            # Wakes the thread that waits in recv; closing alone would not.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@define
class CuttingProxy:
    """Forwards bytes between clients and `target`, a URL; `url` is the same with the proxy's host and port."""

    target: str
    limits: deque[Limit] = field(factory=deque)
    """Limits of the next connections, one each; who finds none is not limited."""
    accepted: int = 0
    """Connections so far."""
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _links: list[_Link] = field(factory=list)
    _threads: list[threading.Thread] = field(factory=list)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}{urlsplit(self.target).path}"

    def handshake(self, direction: Direction) -> int:
        """Bytes of the handshake over the newest connection, which is open: the whole request, or the whole answer."""
        link = self._open()[-1]
        with link.lock:
            headers = link.headers[direction]
        assert headers.endswith(_END_OF_HEADERS), "the handshake is still under way"
        return len(headers)

    def cut(self) -> None:
        """Cuts every connection."""
        for link in self._open():
            link.cut()

    def fall_silent(self) -> None:
        """Every connection stays open on both sides, and nothing passes any more: not even its end."""
        for link in self._open():
            with link.lock:
                link.swallows = True

    def cut_after(self, count: int, *, silent: bool = False) -> None:
        """Lets so many further bytes pass to the client over each open connection, and then cuts it."""
        for link in self._open():
            with link.lock:
                link.limit = Limit("to client", count, silent)

    def insert(self, data: bytes) -> None:
        """Sends bytes to each client that the exchange never sent."""
        for link in self._open():
            with link.lock:
                link.client.sendall(data)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()

    def _open(self) -> list[_Link]:
        return list(self._links)

    def _start(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        target = urlsplit(self.target)
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                exchange = socket.create_connection((target.hostname, target.port))
                link = _Link(client, exchange, self.limits.popleft() if self.limits else None)
                self.accepted += 1
                self._links.append(link)
                self._start(lambda link=link: self._carry(link, "to client"))  # type: ignore[misc]
                self._start(lambda link=link: self._carry(link, "to exchange"))  # type: ignore[misc]

    def _carry(self, link: _Link, direction: Direction) -> None:
        source = link.exchange if direction == "to client" else link.client
        with contextlib.suppress(OSError):
            while (data := source.recv(65_536)) and link.let_through(data, direction):
                pass
        if direction == "to client" and link.swallows:
            return  # The client is not told that the exchange has gone.
        link.cut()
        with contextlib.suppress(ValueError):
            self._links.remove(link)
