"""The logic of one call, without any I/O: check, keep the clock, attempt, then a result, a repetition or an error.

A flow is a generator that yields effects (see `effects`); `sync_driver` and `async_driver` run it. Everything that
decides about money stands here and in `attempts` once, for REST and the WebSocket API, synchronous and asynchronous.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, cast

from attrs import define, field

from .arguments import encode
from .attempts import Attempts
from .call import Answer, Call
from .effects import Sleep, pause
from .errors import ApiError, BinanceError, InvalidParameter, RateLimited, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .accounting import Accounting
    from .arguments import Encoded
    from .attempts import Outcome
    from .clock import ExchangeClock
    from .effects import Flow
    from .limits import Charge
    from .operation import Carrier, Operation
    from .preparation import Account, Prepared, Preparer
    from .product import Product
    from .settings import CallSettings

__all__ = ["CallFlow"]

logger = logging.getLogger(__name__)

POLL = 0.01
"""Seconds between two looks at a measurement that another call makes."""
GOOD_ENOUGH = 0.1
"""Seconds of uncertainty above which a measurement is made again: it may have included a TLS handshake."""


@define(repr=False)
class CallFlow:
    """What all calls of one client share, and the flow of each."""

    product: Product
    account: Account
    preparer: Preparer
    accounting: Accounting
    clock: ExchangeClock
    settings: CallSettings
    attempts: Attempts = field(init=False)

    @attempts.default
    def _attempts(self) -> Attempts:
        return Attempts(self.product, self.account, self.accounting, self.clock, self.settings)

    def with_settings(self, settings: CallSettings) -> CallFlow:
        """The same under other settings; account, clock and ledger stay shared."""
        accounting = self.accounting.with_settings(settings)
        return CallFlow(self.product, self.account, self.preparer, accounting, self.clock, settings)

    def operation(self, name: str) -> Operation:
        """An operation's descriptor by its id."""
        module = importlib.import_module(f"{self.product.module}.operations.{self.product.groups[name]}")
        return cast("Operation", getattr(module, name.upper()))

    # --- The way of a call --------------------------------------------------------------------------------------------

    def call(
        self,
        operation: Operation,
        carrier: Carrier,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
        authenticated: Callable[[], bool] | None = None,
    ) -> Call:
        """A call, checked and ready to be performed.

        Args:
            operation: What to do.
            carrier: The operation's `rest` or `ws`.
            arguments: By Python names; None stands for absent.
            timeout: Seconds until the whole reply must be there, instead of the client's.
            recv_window: Milliseconds, instead of the client's.
            authenticated: WebSocket API: whether the connection is logged on.

        Raises:
            InvalidParameter: An argument breaks a documented rule.
            ConfigurationError: The client lacks a key that the operation needs.
        """
        prepared = self.preparer.prepare(operation, carrier)
        encoded = encode(operation, carrier, arguments)
        charges = prepared.charges
        if charges is None:
            arguments = encoded.arguments
            charges = self.preparer.charges({budget: judge(arguments) for budget, judge in prepared.judges})
        if timeout is None and recv_window is None:
            settings = self.settings
            return Call(prepared, encoded, charges, settings.timeout, settings.recv_window, authenticated)
        return self.encoded_call(prepared, encoded, charges, timeout, recv_window, authenticated)

    def encoded_call(
        self,
        prepared: Prepared,
        encoded: Encoded,
        charges: tuple[Charge, ...],
        timeout: float | None,
        recv_window: int | None,
        authenticated: Callable[[], bool] | None = None,
    ) -> Call:
        """The same, from wire values on."""
        settings = self.settings
        window = settings.recv_window if recv_window is None else recv_window
        if not 0 < window <= self.product.max_recv_window_ms:
            rule = f"must be between 1 and {self.product.max_recv_window_ms} ms"
            raise InvalidParameter(prepared.operation.id, "recv_window", rule)
        deadline = settings.timeout if timeout is None else timeout
        if not deadline > 0:
            raise InvalidParameter(prepared.operation.id, "timeout", "must be a number of seconds above 0")
        return Call(prepared, encoded, charges, deadline, window, authenticated)

    def perform(self, call: Call, outcome: Outcome | None = None) -> Flow[Answer]:
        """Attempts until there is a successful reply, or an error that a repetition would not mend.

        Args:
            call: What to do.
            outcome: What came of the first attempt, where `attempts.start` began it.

        Raises:
            BudgetExceeded: The call does not fit into its budgets; nothing was sent.
            TransportError: No usable reply came (of a call that may be repeated, or was surely not sent).
            ApiError: The exchange said no.
            ExecutionUnknown: It may have been executed.
        """
        operation = call.prepared.operation
        started = self.clock.local.monotonic() if outcome is None else call.sent
        resynchronized = False
        while True:
            try:
                if outcome is None and self.attempts.wants_time(call):
                    yield from self._keep_time()
                return Answer(call, (yield from self.attempts.run(call, outcome)))
            except BinanceError as error:
                outcome = None
                if self._is_clock_error(error) and not resynchronized:
                    # Refused for its timestamp, so it was not executed, and a repetition cannot do it twice.
                    resynchronized = True
                    logger.warning("%s: the timestamp was refused, measuring the clock again", operation.id)
                    self.clock.forget()
                    continue
                delay = self._pause(call, error, started)
                logger.info("%s: attempt %d failed (%s), again in %.3f s", operation.id, call.attempt, error, delay)
            yield from pause(self.clock.local, delay)
            call.attempt += 1

    def _pause(self, call: Call, error: BinanceError, started: float) -> float:
        """Seconds until the next attempt; raises the error that ends the call."""
        if call.prepared.operation.retry != "safe":
            if _may_be_executed(error):
                raise call.unknown(str(error).removeprefix(f"{call.prepared.operation.id}: ")) from error
            raise error
        retry = self.settings.retry
        if call.attempt >= retry.attempts or not retry.repeats(error):
            raise error
        if isinstance(error, RateLimited) and self.settings.limits == "raise":
            # Who does not want to wait for a budget does not want to wait for one that the exchange has closed.
            raise error
        delay = retry.pause(call.attempt)
        if isinstance(error, RateLimited) and error.retry_after is not None:
            delay += error.retry_after
        if self.clock.local.monotonic() + delay - started > retry.deadline:
            raise error
        return delay

    def _is_clock_error(self, error: BinanceError) -> bool:
        source = self.product.clock
        return source is not None and isinstance(error, ApiError) and error.code in source.behind

    # --- The clock ----------------------------------------------------------------------------------------------------

    def synchronize(self) -> Flow[None]:
        """Measures the exchange's clock now."""
        self.clock.forget()
        yield from self._keep_time()

    def _keep_time(self) -> Flow[None]:
        """Measures the exchange's clock, which is due; a failed measurement does not fail the call."""
        clock = self.clock
        if self.product.clock is None:
            return
        if not clock.claim():
            while clock.measuring and not clock.measured:
                yield Sleep(POLL)
            return
        try:
            yield from self._measure(self.product.clock.operation, self.product.clock.field)
            if clock.uncertainty > GOOD_ENOUGH:
                yield from self._measure(self.product.clock.operation, self.product.clock.field)
        except BinanceError as error:
            logger.warning("the exchange's clock could not be measured (%s), going by what is known", error)
            clock.failed()
        finally:
            clock.release()

    def _measure(self, name: str, field: str) -> Flow[None]:
        from .codec import decoder

        operation = self.operation(name)
        carrier = operation.rest
        assert carrier is not None  # the spec's check asks for it
        prepared = self.preparer.prepare(operation, carrier)
        charges = prepared.charges or self.preparer.charges({name: judge({}) for name, judge in prepared.judges})
        call = Call(prepared, encode(operation, carrier, {}), charges, self.settings.timeout, self.settings.recv_window)
        reply = yield from self.attempts.run(call)
        returns = carrier.returns()
        assert isinstance(returns, str)  # a model's name
        told: object = getattr(decoder(returns, self.product.module).decode(reply.body), field)
        if not isinstance(told, int):
            raise TransportError(f"{name} did not tell the time")
        self.clock.record(call.sent, call.received, told)
        logger.debug("the exchange's clock is %.1f ms ahead of this machine's", self.clock.offset_ms)


def _may_be_executed(error: BinanceError) -> bool:
    if isinstance(error, TransportError):
        return error.sent
    return isinstance(error, ApiError) and error.execution == "unknown"
