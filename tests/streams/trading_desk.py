"""An account that is traded from elsewhere, and a consumer that follows it by its stream."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import define, field

from .account_mirror import AccountMirror, account_of
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from binance_derivatives import UsdsFutures
    from specwright.simulator import Simulator

    from .reader import Reader

__all__ = ["Desk"]


@define
class Desk:
    """An account that is traded from elsewhere, and a consumer that follows it by its stream."""

    exchange: Simulator
    elsewhere: UsdsFutures
    """Another client of the account. While it works the consumer's own stands still, so what it does is in the gap."""
    reader: Reader
    begun: int = 0
    """Items that had been delivered when the test began."""
    _names: Iterator[int] = field(factory=itertools.count)

    def trade(self) -> None:
        """Leaves orders resting and waiting, fills some and cancels some, changes positions, and moves money."""
        turn = next(self._names)
        price = self.exchange.market(SYMBOL).last_price.quantize(Decimal("0.1"))
        orders = self.elsewhere.trade
        for number in range(3):
            orders.new_order(
                symbol=SYMBOL,
                side="BUY",
                type="LIMIT",
                time_in_force="GTC",
                quantity="0.010",
                price=price - 1_000 - number,
                new_client_order_id=f"resting-{turn}-{number}",
            )
        orders.cancel_order(symbol=SYMBOL, orig_client_order_id=f"resting-{turn}-1")
        orders.new_algo_order(
            algo_type="CONDITIONAL",
            symbol=SYMBOL,
            side="SELL",
            type="STOP_MARKET",
            quantity="0.010",
            trigger_price=price - 5_000,
            client_algo_id=f"stop-{turn}",
        )
        side: Any = "BUY" if turn % 3 else "SELL"
        orders.new_order(symbol=SYMBOL, side=side, type="MARKET", quantity="0.020")
        if turn % 2:
            orders.new_order(symbol="ETHUSDT", side=side, type="MARKET", quantity="0.5")
            orders.cancel_order(symbol=SYMBOL, orig_client_order_id=f"resting-{turn - 1}-0")
            orders.cancel_algo_order(client_algo_id=f"stop-{turn - 1}")
        self.exchange.transfer(10 + turn)

    async def in_step(self) -> None:
        """Waits until the consumer's picture is the exchange's account."""
        account = account_of(self.exchange)
        await self.reader.until(lambda: AccountMirror.of(self.reader.items) == account)

    @property
    def items(self) -> list[Any]:
        """What was delivered since the test began."""
        return self.reader.items[self.begun :]
