"""One call: what was asked, how it is sent, and what is known of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .errors import ExecutionUnknown
from .secret import Discreet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .arguments import Encoded
    from .charges import Charge, Observation, Reservation
    from .effects import Reply
    from .preparation import Prepared

__all__ = ["Answer", "Call"]


class Call(Discreet):
    """A call on its way."""

    prepared: Prepared
    encoded: Encoded
    charges: tuple[Charge, ...]
    """Costs, the one of the weight budget first."""
    timeout: float
    recv_window: int
    authenticated: Callable[[], bool] | None = None
    """WebSocket API: whether the connection is logged on, so that key and signature need not be sent."""
    timestamp: int | None = None
    """Exchange time in ms of the last attempt, where the call is signed."""
    attempt: int = 1
    sent: float = 0.0
    received: float = 0.0
    """Local monotonic times of the last attempt."""
    reservation: Reservation | None = None
    """Costs that were taken for the last attempt."""
    observed: Mapping[str, Observation] = msgspec.field(default_factory=dict)
    """What the last reply said of budgets."""

    def unknown(self, reason: str) -> ExecutionUnknown:
        """The error that says: this call may have been executed."""
        return ExecutionUnknown(
            self.prepared.operation.id,
            self.encoded.arguments,
            self.encoded.client_order_id,
            reason=reason,
            timestamp=self.timestamp,
            recv_window=self.recv_window if self.timestamp is not None else None,
        )


class Answer(Discreet):
    """A call and its successful reply."""

    call: Call
    reply: Reply
