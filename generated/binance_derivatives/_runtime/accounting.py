"""How a call deals with its budgets: waits for them, takes them, and hands on what the exchange says of them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import define, evolve

from .effects import Consult, pause
from .errors import Banned, BudgetExceeded
from .limits import LocalLedger, Observation, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from .clock import Clock
    from .effects import Effect, Flow, Reply
    from .errors import ApiError
    from .limits import Charge, Ledger, Reservation
    from .product import Product
    from .settings import CallSettings

__all__ = ["Accounting"]

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

LONGEST_UNTOLD_BLOCK = 60.0
"""Seconds for which a budget is blocked, at most, when a 429 does not say how long."""


@define(repr=False)
class Accounting:
    """The budgets of one client's calls. A local ledger is asked directly, one across a network through the driver."""

    product: Product
    ledger: Ledger
    settings: CallSettings
    clock: Clock
    headers: Mapping[bytes, str]
    """Response header in lower case → the budget it tells of."""

    @classmethod
    def of(cls, product: Product, ledger: Ledger, settings: CallSettings, clock: Clock) -> Accounting:
        """Sets up the accounting of a product."""
        headers = {budget.header.lower().encode(): name for name, budget in product.budgets.items() if budget.header}
        return cls(product, ledger, settings, clock, headers)

    def with_settings(self, settings: CallSettings) -> Accounting:
        """The same ledger under other settings."""
        return evolve(self, settings=settings)

    def reserve(self, charges: tuple[Charge, ...], operation: str) -> Flow[Reservation]:
        """Takes costs, and waits for them where the policy allows.

        Raises:
            BudgetExceeded: They do not fit, and may not wait long enough.
            Banned: The address is banned for longer than may be waited.
        """
        settings = self.settings
        force = settings.limits == "off"
        waited = 0.0
        while True:
            given: Reservation | Refusal
            if isinstance(self.ledger, LocalLedger):
                given = self.ledger.reserve(charges, force=force)
            else:
                given = yield from self._ask(
                    partial(self.ledger.reserve, charges, force=force),
                    partial(self.ledger.reserve_async, charges, force=force),
                )
            if not isinstance(given, Refusal):
                return given
            if settings.limits == "raise" or given.wait is None or waited + given.wait > settings.max_wait:
                raise self._error(given, operation)
            # A long wait without a word looks like a hang.
            level = logging.INFO if given.wait >= 1 else logging.DEBUG
            logger.log(level, "%s waits %.3f s for %s", operation, given.wait, given.budget)
            yield from pause(self.clock, given.wait)
            waited += given.wait

    def settle(self, reservation: Reservation, observed: Mapping[str, Observation], source: str) -> Iterable[Effect]:
        """The call was answered, or may have been executed. Done when this returns, but for the effects it gives."""
        if isinstance(self.ledger, LocalLedger):
            self.ledger.settle(reservation, observed, source)
            return ()
        return self._ask(
            partial(self.ledger.settle, reservation, observed, source),
            partial(self.ledger.settle_async, reservation, observed, source),
        )

    def abandon(self, reservation: Reservation, source: str) -> None:
        """The call was cancelled on its way. A ledger across a network finds out by itself, when the time is over."""
        if isinstance(self.ledger, LocalLedger):
            self.ledger.settle(reservation, {}, source)

    def cancel(self, reservation: Reservation) -> Iterable[Effect]:
        """The call was surely never sent. Done when this returns, but for the effects it gives."""
        if isinstance(self.ledger, LocalLedger):
            self.ledger.cancel(reservation)
            return ()
        return self._ask(
            partial(self.ledger.cancel, reservation),
            partial(self.ledger.cancel_async, reservation),
        )

    def block(self, charges: tuple[Charge, ...], error: ApiError) -> Flow[None]:
        """Stops the budgets that an error is about: those that name its code, else those of the address."""
        if isinstance(error, Banned):
            # The weight budget is part of every call, so a ban on it stops them all.
            yield from self._block(charges[:1], error.retry_after or 0.0, banned=True)
            return
        named = [charge for charge in charges if error.code in charge.budget.codes]
        about = named or [
            charge
            for charge in charges
            if charge.budget.scope == "ip" and (charge.cost or charge.budget.name == self.product.weight_budget)
        ]
        for charge in about:
            untold = min(LONGEST_UNTOLD_BLOCK, charge.budget.interval_ms / 1000)
            yield from self._block([charge], untold if error.retry_after is None else error.retry_after)

    def observed(self, reply: Reply) -> Mapping[str, Observation]:
        """What a reply says of budgets: in its headers, or as a WebSocket API reply."""
        if reply.observed is not None:
            return reply.observed
        observed = {}
        for name, value in reply.headers:
            budget = self.headers.get(name.lower())
            if budget is not None and value.isdigit():
                observed[budget] = Observation(int(value))
        return observed

    def _block(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> Flow[None]:
        if isinstance(self.ledger, LocalLedger):
            self.ledger.block(charges, seconds, banned=banned)
            return
        yield from self._ask(
            partial(self.ledger.block, charges, seconds, banned=banned),
            partial(self.ledger.block_async, charges, seconds, banned=banned),
        )

    def _error(self, refusal: Refusal, operation: str) -> Banned | BudgetExceeded:
        if refusal.banned and refusal.wait is not None:
            return Banned(
                f"this address is banned for another {refusal.wait:.0f} s; nothing was sent",
                operation=operation,
                execution="not_executed",
                retry_after=refusal.wait,
                until=self.clock.time() + refusal.wait,
            )
        return BudgetExceeded(
            refusal.budget, cost=refusal.cost, used=refusal.used, limit=refusal.limit, retry_after=refusal.wait
        )

    @staticmethod
    def _ask(ask: Callable[[], _T], ask_async: Callable[[], Awaitable[_T]]) -> Flow[_T]:
        return cast("_T", (yield Consult(ask, ask_async)))
