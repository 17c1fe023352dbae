"""HTTP/1.1 for one connection, without I/O: requests to bytes, bytes to replies, by `h11` as in `httpx`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import h11

from .effects import Reply
from .errors import ConfigurationError

if TYPE_CHECKING:
    from .effects import HttpRequest

__all__ = ["BrokenProtocol", "Http11"]

BrokenProtocol = h11.RemoteProtocolError
"""What came is no HTTP reply, or not the whole of one."""

_LONGEST_HEAD = 100 * 1024
"""Bytes that status line and headers may have."""


class Http11:
    """One request and its reply after the other.

    Args:
        keepalive: Seconds after which an idle connection is not used again.
    """

    def __init__(self, keepalive: float) -> None:
        self._keepalive = keepalive
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._idle_until: float | None = None
        """Monotonic time; None: it is busy, or cannot be used again."""

    @property
    def is_usable(self) -> bool:
        """Whether the connection may carry another request now."""
        return self._idle_until is not None and time.monotonic() < self._idle_until

    def start(self, request: HttpRequest) -> bytes:
        """The bytes of a request, head and body in one piece.

        Raises:
            ConfigurationError: A header cannot be written; nothing was sent.
        """
        self._idle_until = None
        send = self._h11.send
        try:
            head = send(h11.Request(method=request.method, target=request.target, headers=request.headers))
            body = send(h11.Data(data=request.body)) if request.body else b""
            end = send(h11.EndOfMessage())
        except h11.LocalProtocolError:
            # The library's text quotes what it refuses, which may be the API key.
            raise ConfigurationError("the API key holds characters that no header may have; nothing was sent") from None
        return b"".join([head or b"", body or b"", end or b""])

    def receive(self, data: bytes) -> Reply | None:
        """The reply, once all of it has come.

        Args:
            data: What came next; empty where the server has hung up.

        Raises:
            BrokenProtocol: There will be no whole reply.
        """
        connection = self._h11
        if not data and connection.their_state is h11.SEND_RESPONSE:
            raise BrokenProtocol("the server hung up without a reply")
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.Response):
                self._status, self._headers = event.status_code, event.headers.raw_items()
            elif isinstance(event, h11.EndOfMessage):
                return self._finished()
            elif event is h11.NEED_DATA:
                return None
            elif not isinstance(event, h11.InformationalResponse):
                raise BrokenProtocol("the connection was turned to another protocol, or ended")

    def _finished(self) -> Reply:
        connection, body = self._h11, self._body
        reply = Reply(self._status, self._headers, body[0] if len(body) == 1 else b"".join(body))
        self._body = []
        left_over, _ = connection.trailing_data
        # What comes unasked would be taken for the next reply.
        if connection.our_state is h11.DONE and connection.their_state is h11.DONE and not left_over:
            connection.start_next_cycle()
            self._idle_until = time.monotonic() + self._keepalive
        return reply
