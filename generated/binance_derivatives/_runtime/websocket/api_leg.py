"""One connection of the WebSocket API, and the calls in flight on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from attrs import define, field

from ..errors import CallTimeout
from .line import Line

if TYPE_CHECKING:
    from ..errors import TransportError

__all__ = ["ApiLeg", "Envelope", "PendingCall"]


class Envelope(msgspec.Struct, rename="camel"):
    """A reply; what is in it stays as it came."""

    status: int
    id: Any = None
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    rate_limits: msgspec.Raw = msgspec.Raw()


class PendingCall(Protocol):
    """A call in flight. It is told once what came of it: the reply, or what prevents one."""

    def answer(self, envelope: Envelope) -> bool:
        """Takes the reply, and keeps it until the caller is let go on; False: nobody waits for it any more."""
        ...

    def go_on(self) -> None:
        """Lets the caller of an answered call go on, now."""
        ...

    def go_on_soon(self) -> None:
        """Lets the caller of an answered call go on, behind what is going on now."""
        ...

    def fail(self, error: TransportError) -> None:
        """There will be no reply; the caller goes on soon."""
        ...


@define(eq=False)
class ApiLeg(Line):
    """One connection of the session."""

    pending: dict[int, tuple[PendingCall, float]] = field(factory=dict)
    """Calls in flight, and the monotonic times at which they are given up. A call that was cancelled stays until then,
    or until its reply is there."""
    is_ready: bool = False
    """Whether calls may use it: it is open, and where it is to be logged on, that is done or takes too long."""
    is_ending: bool = False
    """A call could not be written any more: the end is about to be told, and no other call gets this connection."""
    is_logged_on: bool = False
    leaves_at: float | None = None
    """Monotonic time at which it is closed although replies are missing; None: it has not been replaced."""

    def give_up(self, now: float) -> None:
        """Ends the calls whose time is over."""
        for number in [number for number, (_, deadline) in self.pending.items() if now >= deadline]:
            call, _ = self.pending.pop(number)
            call.fail(CallTimeout("no reply came in time"))

    def end(self, error: TransportError) -> None:
        """Ends all calls in flight: no reply will come."""
        pending, self.pending = self.pending, {}
        for call, _ in pending.values():
            call.fail(error)
