"""Margin calls and liquidations of accounts whose margin no longer covers what it must keep."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .margin import asset_margin
from .market import Liquidation, Market
from .orders import Order, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .accounts import Account, Position
    from .trading import Trading

_CALL_AT = Decimal("1.25")
"""A margin call is made when the margin balance falls below this multiple of the maintenance margin."""


class Liquidator:
    """Watches open positions against mark prices.

    Args:
        accounts: Whose positions.
        markets: The contracts' markets by symbol.
        trading: Where positions are closed.
    """

    def __init__(self, accounts: Mapping[str, Account], markets: Mapping[str, Market], trading: Trading) -> None:
        self._accounts = accounts
        self._markets = markets
        self._trading = trading
        self._warned: set[tuple[str, str, str]] = set()
        self._busy = False

    def watch(self, market: Market) -> Callable[[], None]:
        """What to call whenever this market's prices have moved."""
        return lambda: self._prices_moved(market)

    def _prices_moved(self, market: Market) -> None:
        # Closing a position moves prices in turn; that must not start over in the middle of it.
        if self._busy:
            return
        self._busy = True
        try:
            for account in self._accounts.values():
                for (symbol, _), position in list(account.positions.items()):
                    if symbol == market.instrument.symbol and position.amount:
                        self._check(account, position)
        finally:
            self._busy = False

    def _check(self, account: Account, position: Position) -> None:
        symbol, asset = position.instrument.symbol, position.instrument.quote
        mark = self._markets[symbol].mark_price
        if account.is_isolated(symbol):
            balance = position.isolated_wallet + position.unrealized(mark)
            maintenance = account.maintenance_margin(position, mark)
        else:
            margin = asset_margin(account, asset, self._markets, ())
            balance = margin.cross_wallet + margin.cross_unrealized
            maintenance = margin.maintenance
        name = (account.api_key, symbol, position.side)
        if balance <= maintenance:
            self._warned.discard(name)
            self._close(account, position)
        elif balance > maintenance * _CALL_AT:
            self._warned.discard(name)
        elif name not in self._warned:
            self._warned.add(name)
            self._trading.events.margin_call(account, position, maintenance)

    def _close(self, account: Account, position: Position) -> None:
        trading, instrument = self._trading, position.instrument
        market, now_ms = self._markets[instrument.symbol], trading.clock.now_ms()
        trading.cancel_all(account, instrument.symbol)
        ticket = Ticket(
            symbol=instrument.symbol,
            side="SELL" if position.amount > 0 else "BUY",
            type="MARKET",
            quantity=abs(position.amount),
            time_in_force="IOC",
            position_side=position.side,
            original_type="LIQUIDATION",
        )
        order = Order(
            order_id=trading.next_order_id(),
            client_order_id=f"autoclose-{now_ms}",
            account=account,
            instrument=instrument,
            ticket=ticket,
            quantity=ticket.quantity,
            price=Decimal(0),
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        trading.store(account).add(order)
        trading.events.order(order, "NEW")
        trading.run(order)
        if order.executed:
            market.liquidate(
                Liquidation(ticket.side, order.executed, market.mark_price, order.average_price, trading.clock.now_ms())
            )
