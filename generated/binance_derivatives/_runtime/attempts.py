"""One attempt of a call, without any I/O: take its costs, stamp and sign it, and settle what came of it.

Nearly every attempt needs only one thing from outside: the reply to its request. For those `start` gives the request
and `finish` takes the reply, and the drivers spare a generator. Where either says no, `run` goes on from there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias, cast

from attrs import define, field

from .classification import api_error
from .errors import Banned, BinanceError, ClientClosed, ConfigurationError, RateLimited, TransportError
from .limits import LocalLedger, Refusal
from .settings import CallEvent
from .stamping import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .accounting import Accounting
    from .call import Call
    from .clock import Clock, ExchangeClock
    from .effects import Flow, Reply, Request
    from .errors import ApiError
    from .limits import Observation
    from .preparation import Account
    from .product import Product
    from .settings import CallSettings

__all__ = ["Attempts", "Outcome"]

logger = logging.getLogger(__name__)

Outcome: TypeAlias = "Reply | BinanceError"
"""What came of a request."""


@define(repr=False)
class Attempts:
    """What the attempts of one client's calls share, and the way of each."""

    product: Product
    account: Account
    accounting: Accounting
    clock: ExchangeClock
    settings: CallSettings
    local: Clock = field(init=False)

    @local.default
    def _local(self) -> Clock:
        return self.clock.local

    def start(self, call: Call) -> Request | None:
        """The request of an attempt that can be sent now; None: something has to be waited for, and nothing was begun.

        What comes of it goes to `finish`, `run` or `abandon`.
        """
        ledger = self.accounting.ledger
        if self.settings.on_request or not isinstance(ledger, LocalLedger) or self.wants_time(call):
            return None  # What a hook raises may be a reason to try again.
        reservation = ledger.reserve(call.charges, force=self.settings.limits == "off")
        if isinstance(reservation, Refusal):
            return None
        call.reservation = reservation
        try:
            request = stamp(call, self.account, self.clock.now_ms())
        except BaseException:
            ledger.cancel(reservation)
            raise
        call.sent = self.local.monotonic()
        return request

    def renewed(self, call: Call) -> Request:
        """The request of an attempt that has begun, as of now: sending had to wait, and the exchange takes no call that
        is older than its `recv_window`."""
        request = stamp(call, self.account, self.clock.now_ms())
        call.sent = self.local.monotonic()
        return request

    def finish(self, call: Call, reply: Reply) -> bool:
        """Ends an attempt of `start` that succeeded; False: it did not, and nothing was done."""
        if not 200 <= reply.status < 300:
            return False
        ledger, reservation = self.accounting.ledger, call.reservation
        assert isinstance(ledger, LocalLedger) and reservation is not None  # as `start` has seen to
        call.received = self.local.monotonic()
        observed = reply.observed
        if observed is None:
            observed = self.accounting.observed(reply)
        call.observed = observed
        ledger.settle(reservation, observed, call.prepared.source)
        if self.settings.on_response or logger.isEnabledFor(logging.DEBUG):
            self._tell_after(call, reply, observed, None)
        return True

    def abandon(self, call: Call) -> None:
        """The call was cancelled or interrupted on its way: it may have been sent."""
        if call.reservation is not None:
            self.accounting.abandon(call.reservation, call.prepared.source)

    def run(self, call: Call, outcome: Outcome | None = None) -> Flow[Reply]:
        """A whole attempt, or the end of one that `start` began.

        Args:
            call: What to do.
            outcome: What came of the request that `start` gave.

        Raises:
            BudgetExceeded: It does not fit into its budgets; nothing was sent.
            TransportError: No usable reply came.
            ApiError: The exchange said no.
        """
        accounting, source = self.accounting, call.prepared.source
        request = None if outcome is not None else (yield from self._begin(call))
        reservation = call.reservation
        assert reservation is not None  # by `_begin` or `start`
        try:
            if isinstance(outcome, BinanceError):
                raise outcome
            reply = cast("Reply", (yield request)) if request is not None else cast("Reply", outcome)
        except TransportError as error:
            call.received = self.local.monotonic()
            yield from accounting.settle(reservation, {}, source) if error.sent else accounting.cancel(reservation)
            self._tell_after(call, None, {}, error)
            raise
        except (ClientClosed, ConfigurationError):
            yield from accounting.cancel(reservation)
            raise
        except BaseException:
            self.abandon(call)
            raise
        call.received = self.local.monotonic()
        observed = call.observed = accounting.observed(reply)
        yield from accounting.settle(reservation, observed, source)
        if 200 <= reply.status < 300:
            self._tell_after(call, reply, observed, None)
            return reply
        refusal = self._refusal(call, reply, observed)
        self._tell_after(call, reply, observed, refusal)
        if isinstance(refusal, (RateLimited, Banned)):
            yield from accounting.block(call.charges, refusal)
        raise refusal

    def wants_time(self, call: Call) -> bool:
        """Whether the exchange's clock is to be measured before this call is stamped."""
        prepared = call.prepared
        if not prepared.signed:
            return False
        clock = self.clock
        return self.local.monotonic() >= (clock.wanted_at if prepared.operation.retry == "safe" else clock.due_at)

    def _begin(self, call: Call) -> Flow[Request]:
        reservation = yield from self.accounting.reserve(call.charges, call.prepared.operation.id)
        call.reservation = reservation
        try:
            request = stamp(call, self.account, self.clock.now_ms())
            for hook in self.settings.on_request:
                hook(_event(call))  # One that raises keeps the call back.
        except BaseException:
            yield from self.accounting.cancel(reservation)
            raise
        call.sent = self.local.monotonic()
        return request

    def _refusal(self, call: Call, reply: Reply, observed: Mapping[str, Observation]) -> ApiError:
        weight = observed.get(self.product.weight_budget)
        request = call.prepared.request
        return api_error(
            self.product,
            reply,
            operation=call.prepared.operation.id,
            request=f"{request} #{reply.request_id}" if reply.request_id else request,
            now=self.local.time(),
            weight_used=weight.used if weight else None,
            api_key=(self.account.api_key or "").encode(),
        )

    # --- Telling ------------------------------------------------------------------------------------------------------

    def _tell_after(
        self, call: Call, reply: Reply | None, observed: Mapping[str, Observation], error: BinanceError | None
    ) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            event = _event(call, reply, observed, error)
            logger.debug(
                "%s: %s in %.1f ms, weight %s, used %s",
                event.request,
                event.status or error,
                (event.duration or 0.0) * 1000,
                dict(event.costs),
                dict(event.used),
                extra={"call": event},
            )
        for hook in self.settings.on_response:
            try:
                hook(_event(call, reply, observed, error))
            except Exception:  # The hook is the user's; the reply is worth more than whatever goes wrong in it.
                logger.exception("a response hook failed")


def _event(
    call: Call,
    reply: Reply | None = None,
    observed: Mapping[str, Observation] | None = None,
    error: BinanceError | None = None,
) -> CallEvent:
    over = reply is not None or error is not None
    return CallEvent(
        operation=call.prepared.operation.id,
        request=call.prepared.request,
        attempt=call.attempt,
        costs={charge.budget.name: charge.cost for charge in call.charges if charge.cost},
        status=reply.status if reply is not None else None,
        duration=call.received - call.sent if over else None,
        used={name: figure.used for name, figure in (observed or {}).items()},
        error=error,
    )
