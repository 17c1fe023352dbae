"""What streams and the WebSocket API tell of their own course."""

from __future__ import annotations

from attrs import define, frozen

__all__ = ["StreamStatistics", "WsApiStatistics"]


@define
class StreamStatistics:
    """Counters of one stream, from its start."""

    received: int = 0
    """Events that came over the connection."""
    delivered: int = 0
    """Events that the consumer took, malformed ones included."""
    dropped: int = 0
    """Events that made room for newer ones, or came after an overflow."""
    decoded: int = 0
    malformed: int = 0
    reconnects: int = 0
    """Times that a connection of the stream was replaced with a gap, however many notices tell of it."""
    waiting: int = 0
    """Events and notices in the buffer."""
    lag_ms: float | None = None
    """From event time to delivery, measured once in a while; it includes the error of the local clock."""


@frozen
class WsApiStatistics:
    """Counters of a client's WebSocket API, from its first call."""

    in_flight: int = 0
    """Calls that were sent and are not answered. One that was cancelled counts until its reply or its timeout."""
    late: int = 0
    """Replies that came after their call had ended; they were dropped."""
    unmatched: int = 0
    """Messages that were no reply to any call."""
    reconnects: int = 0
    """Times that the connection was lost; replacing it in time is none."""
