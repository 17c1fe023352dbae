"""Budgets shared between processes and machines through Redis (extra `redis`).

The counting is that of `limits`, done inside Redis by one script a step, on Redis' own clock. A process that dies with
calls on their way leaves their cost behind only for `GRACE`. When Redis does not answer, this process goes on with what
it knows by itself (its own calls are always counted locally too), says so once, and tries Redis again every second.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import weakref
from typing import TYPE_CHECKING, Any, cast

from .charges import BudgetState, Refusal, Reservation
from .clock import SystemClock
from .counter import HOLD_MARGIN
from .errors import ConfigurationError
from .extras import how_to_install
from .limits import LocalLedger
from .redis_scripts import ALL, BLOCK, CANCEL, RESERVE, SETTLE, STATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .charges import Charge, Observation
    from .clock import Clock

__all__ = ["RedisLedger"]

logger = logging.getLogger(__name__)

GRACE = 60.0
"""Seconds after which a call that was never settled counts as answered: its process has died."""
TIMEOUT = 0.5
"""Seconds for which Redis is waited for."""
RECOVERY = 1.0
"""Seconds between two attempts to reach a Redis that is away."""


class RedisLedger:
    """Keeps budgets in Redis.

    Args:
        url: Where Redis is, `redis://host:6379/0`.
        prefix: What its keys start with.
        timeout: Seconds for which Redis is waited for before a call goes on without it.
        clock: Source of local time.

    Raises:
        ConfigurationError: The `redis` package is missing, or the address is none.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "binance_derivatives",
        timeout: float = TIMEOUT,
        clock: Clock | None = None,
    ) -> None:
        try:
            import redis
            import redis.asyncio
        except ImportError as error:
            raise ConfigurationError(
                f"RedisLedger needs the redis package: {how_to_install('redis', 'redis')}"
            ) from error
        self._url = url
        self._prefix = prefix
        self._options = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        self._clock: Clock = clock or SystemClock()
        self._local = LocalLedger(self._clock)
        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError, asyncio.TimeoutError)
        self._asyncio = redis.asyncio
        try:
            self._client: Any = redis.Redis.from_url(url, **cast("dict[str, Any]", self._options))
            self._scripts: dict[str, Any] = {text: self._client.register_script(text) for text in ALL}
        except ValueError as error:
            raise ConfigurationError(f"the address of Redis is wrong: {error}") from None
        self._async_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Any, dict[str, Any]]] = (
            weakref.WeakKeyDictionary()
        )
        self._away_since: float | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<RedisLedger {self._prefix}>"

    # --- Synchronous --------------------------------------------------------------------------------------------------

    def reserve(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal:
        """Takes all charges or none; see `LedgerLike.reserve`."""
        number = secrets.token_hex(8)
        answer = self._ask(RESERVE, *self._reserving(charges, number, force=force))
        return self._reserved(charges, number, answer, force=force)

    def settle(self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest") -> None:
        """The call was answered; see `LedgerLike.settle`."""
        if self._settled_here(reservation, observed, source):
            self._ask(SETTLE, *self._settling(reservation, observed, source))

    def cancel(self, reservation: Reservation) -> None:
        """The call was never sent; see `LedgerLike.cancel`."""
        if self._cancelled_here(reservation):
            self._ask(CANCEL, *self._cancelling(reservation))

    def block(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None:
        """Refuses everything on these counters for a time; see `LedgerLike.block`."""
        listed = list(charges)
        self._local.block(listed, seconds, banned=banned)
        self._ask(BLOCK, self._keys(listed), [int(seconds * 1000), int(banned)])

    def state(self, charges: Sequence[Charge]) -> list[BudgetState]:
        """How the counters stand."""
        answer = self._ask(STATE, self._keys(charges), [charge.budget.limit for charge in charges])
        if answer is None:
            return self._local.state(charges)
        return [
            BudgetState(charge.budget.name, int(row[0]), int(row[1]), int(row[2]) / 1000, int(row[3]) / 1000)
            for charge, row in zip(charges, cast("list[list[int]]", answer), strict=True)
        ]

    def close(self) -> None:
        """Closes the connections to Redis of the synchronous side."""
        self._client.close()

    # --- Asynchronous -------------------------------------------------------------------------------------------------

    async def reserve_async(self, charges: Sequence[Charge], *, force: bool = False) -> Reservation | Refusal:
        """`reserve`, without blocking the event loop."""
        number = secrets.token_hex(8)
        answer = await self._ask_async(RESERVE, *self._reserving(charges, number, force=force))
        return self._reserved(charges, number, answer, force=force)

    async def settle_async(
        self, reservation: Reservation, observed: Mapping[str, Observation], source: str = "rest"
    ) -> None:
        """`settle`, without blocking the event loop."""
        if self._settled_here(reservation, observed, source):
            await self._ask_async(SETTLE, *self._settling(reservation, observed, source))

    async def cancel_async(self, reservation: Reservation) -> None:
        """`cancel`, without blocking the event loop."""
        if self._cancelled_here(reservation):
            await self._ask_async(CANCEL, *self._cancelling(reservation))

    async def block_async(self, charges: Iterable[Charge], seconds: float, *, banned: bool = False) -> None:
        """`block`, without blocking the event loop."""
        listed = list(charges)
        self._local.block(listed, seconds, banned=banned)
        await self._ask_async(BLOCK, self._keys(listed), [int(seconds * 1000), int(banned)])

    async def aclose(self) -> None:
        """Closes the connections to Redis of the running event loop."""
        known = self._async_clients.pop(asyncio.get_running_loop(), None)
        if known is not None:
            await known[0].aclose()

    # --- What both say and hear ---------------------------------------------------------------------------------------

    def _reserving(self, charges: Sequence[Charge], number: str, *, force: bool) -> tuple[list[str], list[object]]:
        arguments: list[object] = [number, int(force), int(GRACE * 1000)]
        for charge in charges:
            arguments += [charge.cost, charge.budget.limit, _hold(charge)]
        return self._keys(charges), arguments

    def _reserved(
        self, charges: Sequence[Charge], number: str, answer: object, *, force: bool
    ) -> Reservation | Refusal:
        if answer is None:
            return self._local.reserve(charges, force=force)
        row = cast("list[int]", answer)
        if row[0] == 0:
            charge, wait = charges[row[1] - 1], row[4]
            seconds = None if wait < 0 else wait / 1000
            return Refusal(charge.budget.name, charge.cost, row[2], row[3], seconds, banned=bool(row[5]))
        local = self._local.reserve(charges, force=True)
        assert isinstance(local, Reservation)  # forced
        return Reservation(charges, tuple(row[2:]), row[1], number, local)

    def _settling(
        self, reservation: Reservation, observed: Mapping[str, Observation], source: str
    ) -> tuple[list[str], list[object]]:
        arguments: list[object] = [reservation.number, source, reservation.moment]
        for charge, answered in zip(reservation.charges, reservation.answered_before, strict=True):
            figure = observed.get(charge.budget.name)
            arguments += [charge.cost, answered, _hold(charge)]
            arguments += [-1, -1] if figure is None else [figure.used, figure.limit or -1]
        return self._keys(reservation.charges), arguments

    def _settled_here(self, reservation: Reservation, observed: Mapping[str, Observation], source: str) -> bool:
        """Settles this process's own account; whether Redis has to be told too."""
        if reservation.settled:
            return False
        if reservation.local is None:
            self._local.settle(reservation, observed, source)
            return False
        reservation.settled = True
        self._local.settle(reservation.local, observed, source)
        return True

    def _cancelling(self, reservation: Reservation) -> tuple[list[str], list[object]]:
        return self._keys(reservation.charges), [reservation.number, *(charge.cost for charge in reservation.charges)]

    def _cancelled_here(self, reservation: Reservation) -> bool:
        if reservation.settled:
            return False
        if reservation.local is None:
            self._local.cancel(reservation)
            return False
        reservation.settled = True
        self._local.cancel(reservation.local)
        return True

    def _keys(self, charges: Iterable[Charge]) -> list[str]:
        """One common key, then three for each counter; the braces keep them on one node of a cluster."""
        root = f"{{{self._prefix}}}"
        keys = [f"{root}:moment"]
        for charge in charges:
            name = f"{root}:{charge.scope}:{charge.budget.name}"
            keys += [name, f"{name}:flying", f"{name}:aging"]
        return keys

    # --- Reaching Redis -----------------------------------------------------------------------------------------------

    def _ask(self, script: str, keys: list[str], arguments: Sequence[object]) -> object | None:
        """The script's answer; None while Redis is away."""
        if self._is_away():
            return None
        try:
            answer: object = self._scripts[script](keys=keys, args=arguments)
        except self._failures as error:
            self._lost(error)
            return None
        self._found()
        return answer

    async def _ask_async(self, script: str, keys: list[str], arguments: Sequence[object]) -> object | None:
        if self._is_away():
            return None
        loop = asyncio.get_running_loop()
        known = self._async_clients.get(loop)
        if known is None:
            client: Any = self._asyncio.Redis.from_url(self._url, **cast("dict[str, Any]", self._options))
            known = self._async_clients[loop] = (client, {text: client.register_script(text) for text in ALL})
        try:
            answer: object = await known[1][script](keys=keys, args=arguments)
        except self._failures as error:
            self._lost(error)
            return None
        self._found()
        return answer

    def _is_away(self) -> bool:
        """Whether Redis was away a moment ago; after `RECOVERY` one call looks again."""
        with self._lock:
            if self._away_since is None:
                return False
            now = self._clock.monotonic()
            if now - self._away_since < RECOVERY:
                return True
            self._away_since = now
            return False

    def _lost(self, error: Exception) -> None:
        with self._lock:
            first = self._away_since is None
            self._away_since = self._clock.monotonic()
        if first:
            logger.warning(
                "Redis is away (%s): budgets are kept by this process alone until it is back", type(error).__name__
            )

    def _found(self) -> None:
        if self._away_since is not None:
            with self._lock:
                self._away_since = None
            logger.info("Redis is back: budgets are shared again")


def _hold(charge: Charge) -> int:
    return int(charge.budget.interval_ms * HOLD_MARGIN) + 1
