"""What callers have used of each budget, and who is banned for using too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.exchange import Budget

    from .clock import Clock

TOLERATED_AFTER_LIMIT = 10
"""Requests that are answered with 429 before the address is banned."""

_FIRST_BAN_MS = 120_000
_LONGEST_BAN_MS = 3 * 86_400_000

_UNITS = ((86_400_000, "DAY", "D"), (3_600_000, "HOUR", "H"), (60_000, "MINUTE", "M"), (1_000, "SECOND", "S"))


def interval_name(interval_ms: int) -> tuple[str, int]:
    """An interval as `rateLimits` writes it: unit and number of them."""
    for unit_ms, name, _ in _UNITS:
        if interval_ms % unit_ms == 0:
            return name, interval_ms // unit_ms
    raise ValueError(f"{interval_ms} ms is no whole number of seconds")


@define
class _Counter:
    window: int = 0
    used: int = 0


@define
class _Offender:
    refused: int = 0
    banned_until_ms: int = 0
    bans: int = 0


class Limits:
    """Counts what is used in fixed windows, as the exchange does, and refuses what is too much.

    Args:
        clock: The exchange's time.
        budgets: The exchange's budgets by name; products share those that they both name.
    """

    def __init__(self, clock: Clock, budgets: Mapping[str, Budget]) -> None:
        self.budgets = budgets
        self._clock = clock
        self._counters: dict[tuple[str, str], _Counter] = {}
        self._offenders: dict[str, _Offender] = {}
        self.enabled = True
        """False counts on but refuses nothing."""

    def used(self, budget: str, owner: str) -> int:
        """What an address or account has used of a budget in the present window."""
        counter = self._counters.get((budget, owner))
        return counter.used if counter and counter.window == self._window(budget) else 0

    def spend(self, budget: str, owner: str, amount: int) -> None:
        """Counts `amount` on a budget, whether or not there is so much left."""
        counter = self._counters.setdefault((budget, owner), _Counter())
        window = self._window(budget)
        if counter.window != window:
            counter.window, counter.used = window, 0
        counter.used += amount

    def refuse_banned(self, address: str) -> None:
        """Turns away a banned address.

        Raises:
            Rejection: -1003 with status 418.
        """
        offender = self._offenders.get(address)
        if offender and offender.banned_until_ms > self._clock.now_ms():
            raise self._banned(offender)

    def refuse_excess(self, budget: str, owner: str, address: str) -> None:
        """Turns away a request that took a budget beyond its limit; after some of those the address is banned.

        Raises:
            Rejection: -1003 (429, then 418) on budgets of an address, -1015 on order counts.
        """
        limit = self.budgets[budget]
        if not self.enabled or self.used(budget, owner) <= limit.limit:
            return
        if limit.rate_limit_type == "ORDERS":
            raise Rejection(-1015, limit.limit, _words(limit.interval_ms), status=429)
        offender = self._offenders.setdefault(address, _Offender())
        offender.refused += 1
        if offender.refused > TOLERATED_AFTER_LIMIT:
            self.ban(address, min(_FIRST_BAN_MS << offender.bans, _LONGEST_BAN_MS))
            raise self._banned(offender)
        wait_ms = limit.interval_ms - self._clock.now_ms() % limit.interval_ms
        retry_after = {"Retry-After": str(-(-wait_ms // 1000))}
        raise Rejection(-1003, address, limit.limit, status=429, headers=retry_after)

    def ban(self, address: str, duration_ms: int) -> None:
        """Bans an address from now on; the next ban of the same address will last longer."""
        offender = self._offenders.setdefault(address, _Offender())
        offender.banned_until_ms = self._clock.now_ms() + duration_ms
        offender.refused = 0
        offender.bans += 1

    def forgive(self) -> None:
        """Lifts every ban and empties every counter."""
        self._offenders.clear()
        self._counters.clear()

    def report(self, budgets: list[str], owners: Mapping[str, str]) -> list[dict[str, object]]:
        """The `rateLimits` of a WebSocket API reply.

        Args:
            budgets: Names of budgets that have a public name.
            owners: Budget name → whose counter to tell.
        """
        lines: list[dict[str, object]] = []
        for name in budgets:
            budget = self.budgets[name]
            unit, number = interval_name(budget.interval_ms)
            lines.append(
                {
                    "rateLimitType": budget.rate_limit_type,
                    "interval": unit,
                    "intervalNum": number,
                    "limit": budget.limit,
                    "count": self.used(name, owners[name]),
                }
            )
        return lines

    def _window(self, budget: str) -> int:
        return self._clock.now_ms() // self.budgets[budget].interval_ms

    def _banned(self, offender: _Offender) -> Rejection:
        until_ms = offender.banned_until_ms
        message = (
            f"Way too many requests; IP banned until {until_ms}. "
            "Please use the websocket for live updates to avoid bans."
        )
        wait_s = -(-(until_ms - self._clock.now_ms()) // 1000)
        return Rejection(-1003, message=message, status=418, headers={"Retry-After": str(wait_s)})


def _words(interval_ms: int) -> str:
    unit, number = interval_name(interval_ms)
    return unit if number == 1 else f"{number} {unit}S"
