"""Direct HTTP/1.1 connections: those of `httpcore`, the engine of `httpx`, over sockets of our own.

`httpx` puts models, a pool and, when asynchronous, another I/O library around each connection. A call needs none of
them: it has its bytes, and a stack of connections (see `transport`). What is left is the part that matters, the
protocol itself, by h11 as ever. The sockets here send the head and the body of a request as one piece, and bound every
read by the deadline of the whole call.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import httpcore
from attrs import field, frozen

from .errors import CallTimeout, ConnectError, ConnectionLost

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from .effects import HttpRequest
    from .errors import TransportError

__all__ = ["BROKEN", "Connection", "Head", "Place", "failure", "joined"]

BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError)
"""What ends an exchange on a connection that stood."""

Head: TypeAlias = tuple[int, list[tuple[bytes, bytes]]]
"""Status and headers."""


@frozen
class Place:
    """Where connections lead.

    Args:
        base_url: `https://host`, with a port or without.
        tls: For https; made once, because making one reads all certificates of the machine.
        keepalive: Seconds after which an idle connection is not used again.
    """

    base_url: str
    tls: ssl.SSLContext | None
    keepalive: float
    origin: httpcore.Origin = field(init=False)
    host: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        host = (parts.hostname or "").encode("idna")
        scheme = parts.scheme.encode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        object.__setattr__(self, "host", host.decode())
        object.__setattr__(self, "origin", httpcore.Origin(scheme, host, port))
        if self.tls is not None:
            self.tls.set_alpn_protocols(["http/1.1"])

    def request(self, request: HttpRequest) -> httpcore.Request:
        """The very bytes that were signed, for the library."""
        origin = self.origin
        url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=request.target)
        timeouts = {"read": request.timeout, "write": request.timeout}
        return httpcore.Request(
            request.method, url, headers=request.headers, content=request.body, extensions={"timeout": timeouts}
        )

    def unreachable(self, error: Exception) -> ConnectError:
        """No connection could be made."""
        return ConnectError(f"could not connect to {self.host}: {error or type(error).__name__}")


def failure(error: Exception) -> TransportError:
    """One of our errors for one of `BROKEN`."""
    text = str(error) or type(error).__name__
    if isinstance(error, httpcore.TimeoutException):
        return CallTimeout(f"no reply in time ({text})")
    return ConnectionLost(f"connection lost: {text}")


def _left(deadline: float) -> float:
    """Seconds until the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise CallTimeout("no whole reply in time (it came too slowly)")
    return left


# --- Synchronous ------------------------------------------------------------------------------------------------------


class _Socket(httpcore.NetworkStream):
    """A blocking socket that keeps what is written until something is read."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._unsent: list[bytes] = []
        self.deadline = 0.0
        """When the call must be over, on the monotonic clock."""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent.append(buffer)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(self.deadline)
        bound = left if timeout is None else min(timeout, left)
        if self._unsent:
            request, self._unsent = b"".join(self._unsent), []
            # A server may refuse a request before it has read it all, and say why.
            with suppress(httpcore.WriteError):
                self._stream.write(request, bound)
        return self._stream.read(max_bytes, bound)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Connection:
    """One blocking connection, made when it is first needed; for one call at a time.

    Args:
        place: Where it leads.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._socket: _Socket | None = None
        self._http: httpcore.HTTP11Connection | None = None

    def exchange(self, request: HttpRequest, connect_within: float, within: float) -> tuple[Head, bytes]:
        """Sends a request and reads the whole reply.

        Args:
            request: What to send.
            connect_within: Seconds for connecting.
            within: Seconds for all of it.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
            ConnectionLost: The connection ended before the whole reply was there.
            CallTimeout: The reply did not come in time.
        """
        deadline = time.monotonic() + within
        http = self._usable() or self._dial(connect_within)
        assert self._socket is not None
        self._socket.deadline = deadline
        try:
            response = http.handle_request(self._place.request(request))
            try:
                body = joined(response.iter_stream())
            finally:
                response.close()
        except BROKEN as error:
            raise failure(error) from error
        return (response.status, response.headers), body

    def close(self) -> None:
        """Closes it; another call would make it anew."""
        http, self._http = self._http, None
        if http is not None:
            http.close()

    def _usable(self) -> httpcore.HTTP11Connection | None:
        """The connection, unless it has been idle for too long or the server has ended it."""
        http = self._http
        if http is not None and (not http.is_idle() or http.has_expired()):
            self.close()
            return None
        return http

    def _dial(self, timeout: float) -> httpcore.HTTP11Connection:
        place = self._place
        try:
            stream = httpcore.SyncBackend().connect_tcp(place.host, place.origin.port, timeout)
            if place.tls is not None:
                stream = stream.start_tls(place.tls, place.host, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as error:
            raise place.unreachable(error) from error
        self._socket = _Socket(stream)
        self._http = httpcore.HTTP11Connection(place.origin, self._socket, place.keepalive)
        return self._http


def joined(chunks: Iterable[bytes]) -> bytes:
    """The whole body; mostly it is one piece."""
    parts = list(chunks)
    return parts[0] if len(parts) == 1 else b"".join(parts)
