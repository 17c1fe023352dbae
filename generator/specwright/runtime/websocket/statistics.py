"""What a stream tells its consumer of its own course."""

from __future__ import annotations

from attrs import define

__all__ = ["StreamStatistics"]


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
