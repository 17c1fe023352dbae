"""An HTTP proxy on loopback: requests for `http://` addresses, and tunnels (CONNECT) for everything else."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["HttpProxy"]

_CLOSE = b"Connection: close\r\n"


@define
class HttpProxy:
    """Carries what it is asked to; each connection carries one request or one tunnel.

    Args:
        credentials: `user:password` that clients must show.
    """

    credentials: str | None = None
    seen: list[str] = field(factory=list)
    """First lines of what it was asked for."""
    refused: int = 0
    """Requests without the right credentials."""
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = field(factory=list)
    _threads: list[threading.Thread] = field(factory=list)

    @property
    def url(self) -> str:
        user = f"{self.credentials}@" if self.credentials else ""
        return f"http://{user}127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for each in [self._listener, *self._open]:
            # Wakes the threads that wait in accept or recv.
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _start(self, run: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._start(lambda client=client: self._serve(client))  # type: ignore[misc]

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(65536)
                if not more:
                    return
                head += more
            line, _, rest = head.partition(b"\r\n")
            method, target, version = line.decode("latin-1").split(" ")
            self.seen.append(f"{method} {target}")
            if not self._allowed(rest):
                self.refused += 1
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
            with socket.create_connection((parts.hostname, parts.port)) as upstream:
                self._open.append(upstream)
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                    # One request a connection, so that none needs to be told from the next.
                    upstream.sendall(f"{method} {path} {version}\r\n".encode() + _CLOSE + rest)
                back = self._start(lambda: _pump(upstream, client))
                _pump(client, upstream)
                back.join()

    def _allowed(self, headers: bytes) -> bool:
        if self.credentials is None:
            return True
        shown = base64.b64encode(self.credentials.encode())
        return b"proxy-authorization: basic " + shown.lower() in headers.lower()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
