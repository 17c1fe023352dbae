"""Direct connections: HTTP/1.1 over a socket, one call at a time.

`httpx` puts models, a pool and, when asynchronous, another I/O library around a connection. A call needs none of them:
it has its bytes, and a stack of connections (see `sender`). What is left is the part that matters, the protocol
itself (see `http11`). A request goes out in one piece, and every read is bounded by the deadline of the whole call.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import field, frozen

from .errors import CallTimeout, ConnectError, ConnectionLost
from .http11 import BrokenProtocol, Http11

if TYPE_CHECKING:
    from .effects import HttpRequest, Reply

__all__ = ["Connection", "Place", "lost"]

_CHUNK = 64 * 1024


@frozen
class Place:
    """Where connections lead.

    Args:
        base_url: `https://host`, with a port or without.
        tls: For https.
        keepalive: Seconds after which an idle connection is not used again.
    """

    base_url: str
    tls: ssl.SSLContext | None
    keepalive: float
    host: str = field(init=False)
    port: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        object.__setattr__(self, "host", (parts.hostname or "").encode("idna").decode())
        object.__setattr__(self, "port", parts.port or (80 if self.tls is None else 443))
        if self.tls is not None:
            self.tls.set_alpn_protocols(["http/1.1"])

    def unreachable(self, error: OSError) -> ConnectError:
        """No connection could be made."""
        return ConnectError(f"could not connect to {self.host}: {error or type(error).__name__}")


class Connection:
    """One blocking connection, made when it is first needed.

    Args:
        place: Where it leads.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._socket: socket.socket | None = None
        self._http = Http11(place.keepalive)

    def exchange(self, request: HttpRequest, connect_within: float, within: float) -> Reply:
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
        connected = self._usable() or self._dial(connect_within)
        try:
            reply = self._converse(connected, request, deadline)
        except TimeoutError as error:
            raise CallTimeout(f"no reply in time ({error})") from error
        except (OSError, BrokenProtocol) as error:
            raise lost(error) from error
        finally:
            if not self._http.is_usable:
                self.close()
        return reply

    def close(self) -> None:
        """Closes it; another call would make it anew."""
        connected, self._socket = self._socket, None
        if connected is not None:
            connected.close()

    def _converse(self, connected: socket.socket, request: HttpRequest, deadline: float) -> Reply:
        http = self._http
        connected.settimeout(min(request.timeout, _left(deadline)))
        try:
            # In no variable: tools that print tracebacks with variables would show the key in it.
            connected.sendall(http.start(request))
        except TimeoutError:
            raise
        except OSError:
            # A server may refuse a request before it has read it all, and say why.
            pass
        while True:
            connected.settimeout(min(request.timeout, _left(deadline)))
            reply = http.receive(connected.recv(_CHUNK))
            if reply is not None:
                return reply

    def _usable(self) -> socket.socket | None:
        """The connection, unless it has been idle for too long or the server has ended it."""
        connected = self._socket
        if connected is not None and (not self._http.is_usable or _is_readable(connected)):
            self.close()
            return None
        return connected

    def _dial(self, timeout: float) -> socket.socket:
        place = self._place
        try:
            connected = socket.create_connection((place.host, place.port), timeout)
            try:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if place.tls is not None:
                    connected = place.tls.wrap_socket(connected, server_hostname=place.host)
            except BaseException:
                connected.close()
                raise
        except OSError as error:
            raise place.unreachable(error) from error
        self._socket, self._http = connected, Http11(place.keepalive)
        return connected


def lost(error: Exception) -> ConnectionLost:
    """A connection that stood has ended."""
    return ConnectionLost(f"connection lost: {error or type(error).__name__}")


def _left(deadline: float) -> float:
    """Seconds until the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise CallTimeout("no whole reply in time (it came too slowly)")
    return left


def _is_readable(connected: socket.socket) -> bool:
    """Whether something came that nobody asked for; mostly it is the news that the server has hung up."""
    if isinstance(connected, ssl.SSLSocket) and connected.pending():
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([connected], [], [], 0)[0])
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))
