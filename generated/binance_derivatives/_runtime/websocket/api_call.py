"""A call that is in flight on the WebSocket API: what its caller waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..effects import Reply
from ..limits import observed_rate_limits
from ..prompt_future import PromptFuture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..errors import TransportError
    from ..product import Budget
    from .api_leg import Envelope

__all__ = ["ApiCall"]


class ApiCall(PromptFuture[Reply]):
    """The reply that will come. `budgets` are set by whoever makes it: without a method of ours it is made in C."""

    budgets: Mapping[str, Budget]
    """Those of the product, which `rateLimits` tell of."""

    def answer(self, envelope: Envelope) -> bool:
        """Takes the reply; False: the caller does not wait any more."""
        if self.done():
            return False
        body = bytes(envelope.result) or bytes(envelope.error) or b"{}"
        observed = observed_rate_limits(self.budgets, bytes(envelope.rate_limits))
        self.set_result(Reply(envelope.status, [], body, observed, str(envelope.id)))
        return True

    def fail(self, error: TransportError) -> None:
        """Ends the wait with what prevents a reply."""
        if not self.done():
            self.set_exception(error)
            self.go_on_soon()
