"""A trader at the WebSocket API whose connections end."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import define

from ..conditions import until
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import Simulator


@define
class ApiDesk:
    """A trader, and what the exchange saw of it."""

    exchange: Simulator
    client: AsyncUsdsFutures

    async def place(self, name: str, **more: Any) -> Any:
        """Places an order that rests far below the market."""
        price = (self.exchange.market(SYMBOL).last_price * Decimal("0.9")).quantize(Decimal("0.1"))
        order: dict[str, Any] = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC"}
        order |= {"quantity": "0.010", "price": price, "new_client_order_id": name}
        return await self.client.ws_api.trade.new_order(**{**order, **more})

    async def connected(self) -> None:
        """Returns when there is a connection that works: questions are asked until one does, orders are not."""
        await self.client.ws_api.market_data.ticker_price(symbol=SYMBOL)

    def sent(self, operation: str) -> list[Any]:
        """Requests of an operation that the exchange received over the WebSocket API."""
        return [each for each in self.exchange.requests if (each.transport, each.operation) == ("ws_api", operation)]

    async def received(self, operation: str, count: int) -> None:
        """Waits until the exchange has so many requests of an operation."""
        await until(lambda: len(self.sent(operation)) >= count)

    @property
    def placed(self) -> list[str]:
        """Client order ids of the orders that were executed, in order."""
        return [str(each.parameters["newClientOrderId"]) for each in self.exchange.order_log if each.executed]


ENDS: dict[str, Callable[[Simulator], None]] = {
    "cut": lambda exchange: exchange.faults.close_sockets("ws_api", None),
    "closed": lambda exchange: exchange.faults.close_sockets("ws_api", 1001),
}
"""How the exchange ends every connection of the WebSocket API."""
