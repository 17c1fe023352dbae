"""A consumer's own picture of an account, kept by what the user data stream delivers and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from binance_derivatives import Resynchronized

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from specwright.simulator import Simulator

__all__ = ["AccountMirror", "account_of"]


@define
class AccountMirror:
    """Open orders, waiting conditional orders, positions and balances."""

    orders: dict[str, Decimal] = field(factory=dict)
    """Client order id → executed quantity, of open orders."""
    conditional_orders: set[str] = field(factory=set)
    """Client ids of those that have not triggered."""
    positions: dict[str, Decimal] = field(factory=dict)
    """Symbol → signed amount, of positions that are not flat."""
    balances: dict[str, Decimal] = field(factory=dict)
    """Asset → wallet balance."""

    @classmethod
    def of(cls, items: Iterable[Any]) -> AccountMirror:
        """The picture after these items, which begin with the account empty but for its money."""
        mirror = cls()
        for item in items:
            mirror.take(item)
        return mirror

    def take(self, item: Any) -> None:
        """Takes over one item of the stream."""
        if isinstance(item, Resynchronized):
            state: Any = item
            self.orders = {order.client_order_id: order.executed_qty for order in state.open_orders}
            self.conditional_orders = {order.client_algo_id for order in state.open_algo_orders}
            self.positions = {each.symbol: each.position_amt for each in state.positions if each.position_amt}
            self.balances = {each.asset: each.balance for each in state.balances if each.balance}
            return
        match getattr(item, "event_type", None):
            case "ORDER_TRADE_UPDATE":
                order = item.order
                if order.order_status in ("NEW", "PARTIALLY_FILLED"):
                    self.orders[order.client_order_id] = order.accumulated_filled_quantity
                else:
                    self.orders.pop(order.client_order_id, None)
            case "ALGO_UPDATE":
                if item.order.algo_status == "NEW":
                    self.conditional_orders.add(item.order.client_algo_id)
                else:
                    self.conditional_orders.discard(item.order.client_algo_id)
            case "ACCOUNT_UPDATE":
                for balance in item.update_data.balances:
                    self.balances[balance.asset] = balance.wallet_balance
                for position in item.update_data.positions or ():
                    self.positions[position.symbol] = position.position_amount
                    if not position.position_amount:
                        del self.positions[position.symbol]


def account_of(exchange: Simulator) -> AccountMirror:
    """The account as the exchange keeps it."""

    def look() -> AccountMirror:
        account = exchange.account()
        return AccountMirror(
            {order.client_order_id: order.executed for order in exchange.exchange.trading.store(account).open()},
            {order.client_algo_id for order in exchange.exchange.algo_orders.waiting(account)},
            {each.instrument.symbol: each.amount for each in account.positions.values() if each.amount},
            {each.asset: each.wallet for each in account.balances.values() if each.wallet},
        )

    return exchange.call(look)
