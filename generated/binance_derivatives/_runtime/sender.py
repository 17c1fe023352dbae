"""What both senders share: which way requests take, and the connections that are not in use.

Without a client of the caller's own, a proxy or HTTP/2, requests go over connections of our own, which share with
`httpx` the protocol by h11 and nothing else (see `direct`): at these sizes `httpx.Client` takes longer than the rest of
a call (an order takes 0.55 of the official SDK's time over its transports, 0.33 directly; bare httpcore alone takes
0.40). With a proxy or HTTP/2 they go to an `httpx` transport, and with a client of the caller's own through its
`send`, with its authentication and hooks (see `http_library`).

Connections are kept on a stack, and so are transports, each of which has one: the pools of these libraries look at
every connection for every request, and close idle ones as soon as many are busy. With HTTP/2, one transport carries all
requests.
"""

from __future__ import annotations

import importlib.util
import os
import threading
import weakref
import zlib
from typing import TYPE_CHECKING, Any

from .errors import ClientClosed, ConnectionLost
from .http_library import HttpLibrary
from .network import KEEPALIVE, environment_proxy

if TYPE_CHECKING:
    from .direct import Place
    from .effects import Reply
    from .http_library import TransportKind
    from .network import TransportOptions

__all__ = ["Sender", "inflated", "speaks_directly"]

_GZIP = b"\x1f\x8b"


def speaks_directly() -> bool:
    """Whether the protocol that `httpx` brings along is there; where it is not, its transports are used."""
    return importlib.util.find_spec("h11") is not None


class Sender:
    """Has direct connections or transports, and hands out one that is not in use.

    Args:
        options: How connections are made.
    """

    _kind: TransportKind
    """Which of the library's transports to use."""

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._library = HttpLibrary(options)
        self._has_foreign_client = options.http_client is not None
        self._place: Place | None = None
        """Where direct connections lead; None: there are none."""
        self._idle: list[Any] = []
        self._shared: Any = None
        self._lock = threading.Lock()
        self._closed = False
        _SENDERS.add(self)

    def _take(self) -> Any:
        """A connection or transport that is not in use; a new one where all are."""
        if self._shared is not None:
            return self._shared
        try:
            # The one that was used last is the most likely to be still connected.
            return self._idle.pop()
        except IndexError:
            return self._make()

    def _make(self) -> Any:
        """A direct connection, or a transport; the first one reads certificates, so it is made at the first call."""
        with self._lock:
            if self._shared is not None:
                return self._shared
            if self._place is None:
                proxy = self._proxy()
                if proxy is not None or self._options.http2 or not speaks_directly():
                    made = self._library.transport(self._kind, proxy)
                    if self._options.http2:
                        self._shared = made
                    return made
                self._place = self._find_place()
            return self._connection(self._place)

    def _proxy(self) -> str | None:
        options = self._options
        return environment_proxy(options.base_url) if options.proxy is None else options.proxy or None

    def _find_place(self) -> Place:
        """Where direct connections lead; without TLS no certificates are read."""
        # Here, because a sender that has its client from the caller needs no sockets.
        from .direct import Place

        base_url = self._options.base_url
        return Place(base_url, self._library.tls() if base_url.startswith("https:") else None, KEEPALIVE)

    def _connection(self, place: Place) -> Any:
        """A direct connection."""
        raise NotImplementedError

    def _all(self) -> list[Any]:
        """Takes every connection and transport that is not in use, for closing."""
        with self._lock:
            found, self._idle = self._idle, []
            if self._shared is not None:
                found.append(self._shared)
                self._shared = None
        return found

    def _check_open(self) -> None:
        if self._closed:
            raise ClientClosed("the client is closed")

    def _forget(self) -> None:
        """In a forked child: the connections belong to the parent, and are dropped without a word to the server."""
        self._idle = []
        self._shared = None
        self._lock = threading.Lock()


def inflated(reply: Reply) -> Reply:
    """The reply with its body unpacked, where it came packed."""
    # No JSON text starts like this, so there is no need to search the headers.
    if reply.body[:2] == _GZIP:
        try:
            reply.body = zlib.decompress(reply.body, 16 + zlib.MAX_WBITS)
        except zlib.error as error:
            raise ConnectionLost(f"the compressed reply is damaged: {error}") from error
    return reply


_SENDERS: weakref.WeakSet[Sender] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for sender in list(_SENDERS):
        sender._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
