"""Stand-ins for tests of WebSockets: a clock that is moved by hand, limits, a transport without a network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import define, field

from specwright.runtime.product import Connections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specwright.runtime.websocket.notices import Notice

LIMITS = Connections(
    lifetime_ms=24 * 3_600_000,
    ping_interval_ms=180_000,
    pong_deadline_ms=600_000,
    streams_per_connection=4,
    messages_per_second=5,
    shutdown_event="serverShutdown",
)


@define(eq=False)
class Consumer:
    """Notes what a session tells the consumer of its streams."""

    items: list[object] = field(factory=list)
    """Payloads and notices, in order."""
    losses: list[str] = field(factory=list)
    """Streams that were lost, as it happened."""
    is_ready: set[str] = field(factory=set)
    error: BaseException | None = None

    def ready(self, name: str) -> None:
        self.is_ready.add(name)

    def lost(self, name: str) -> None:
        self.losses.append(name)

    def tell(self, notice: Notice) -> None:
        self.items.append(notice)

    def fail(self, error: BaseException) -> None:
        self.error = error

    def take(self, payloads: Sequence[bytes]) -> None:
        self.items.extend(payloads)


class FakeTransport(asyncio.Transport):
    """Keeps what is written; reading is paused by whoever likes."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_paused = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def abort(self) -> None:
        pass
