"""A moment by which a reply must have been read, where the HTTP library bounds each single read, not their sum.

A server that sends a byte now and then would otherwise keep a synchronous call for as long as it likes: each byte comes
in time. The library tells of connections that it makes through its `trace` extension; their reads are bounded from then
on, by the deadline of whichever thread reads.
"""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any

from .errors import CallTimeout

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEADLINE", "ReadDeadline", "trace"]


class ReadDeadline(threading.local):
    """The calling thread's deadline, on the monotonic clock; `inf` outside of calls."""

    at: float = math.inf

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            CallTimeout: None are.
        """
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise CallTimeout("no whole reply in time (it came too slowly)")
        return seconds


DEADLINE = ReadDeadline()
"""One for all senders, because they may share the connections of one HTTP client."""


def trace(event: str, info: Mapping[str, Any]) -> None:
    """The extension: bounds the reads of new connections."""
    if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
        _bound(info["return_value"])
    elif event.endswith(".send_request_headers.started") and info["request"].method != b"CONNECT":
        # There is a connection now; being told of all the rest would only take time.
        info["request"].extensions.pop("trace", None)


def _bound(stream: Any) -> None:
    if not hasattr(stream, "__dict__"):
        return  # Of a network backend of the caller's own, whose reads cannot be replaced.
    read = stream.read

    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        left = DEADLINE.left()
        received: bytes = read(max_bytes, left if timeout is None else min(timeout, left))
        return received

    stream.read = bounded
