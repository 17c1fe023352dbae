"""A server on loopback with a thread for each connection; what it serves says who builds upon it."""

from __future__ import annotations

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import Self

__all__ = ["LoopbackServer"]


@define
class LoopbackServer(ABC):
    """Serves from entering to leaving; with `tls`, clients must speak TLS to it."""

    tls: ssl.SSLContext | None = field(default=None, kw_only=True)
    connections: int = field(default=0, init=False)
    """Accepted so far."""
    closing: threading.Event = field(factory=threading.Event, init=False)
    """Set when it is left: for what waits for something else than a socket."""
    _listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)), init=False)
    _open: list[socket.socket] = field(factory=list, init=False)
    _threads: list[threading.Thread] = field(factory=list, init=False)

    @abstractmethod
    def serve(self, connection: socket.socket) -> None:
        """Serves one connection, which is closed afterwards; an `OSError` ends it."""

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def connect(self, host: str | None, port: int | None) -> socket.socket:
        """A connection to somewhere else, which ends with the server."""
        connection = socket.create_connection((host, port))
        self._open.append(connection)
        return connection

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
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
                self.connections += 1
                self._open.append(accepted)
                self._start(lambda accepted=accepted: self._served(accepted))  # type: ignore[misc]

    def _served(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), accepted:
            if self.tls is None:
                return self.serve(accepted)
            with self.tls.wrap_socket(accepted, server_side=True) as connection:
                # The socket that was accepted is no more: this one has taken its place.
                self._open.append(connection)
                return self.serve(connection)
