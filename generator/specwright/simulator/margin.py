"""What an account is worth and how much of it is bound, at the present mark prices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .accounts import Account, Position
    from .market import Market
    from .orders import Order

_ZERO = Decimal(0)
_EIGHT = Decimal("0.00000001")


@define
class AssetMargin:
    """One asset's part of an account (all in that asset)."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    unrealized: Decimal
    cross_unrealized: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    updated_ms: int
    cross_position_margin: Decimal = _ZERO

    @property
    def margin_balance(self) -> Decimal:
        return self.wallet + self.unrealized

    @property
    def initial_margin(self) -> Decimal:
        return self.position_margin + self.order_margin

    @property
    def available(self) -> Decimal:
        free = self.cross_wallet + self.cross_unrealized - self.cross_position_margin - self.order_margin
        return max(_ZERO, free)


def order_margin(order: Order, leverage: int) -> Decimal:
    """Margin that an open order binds until it is filled or gone (margin asset)."""
    return _ZERO if order.reduces else (order.remaining * order.price / leverage).quantize(_EIGHT)


def asset_margin(
    account: Account, asset: str, markets: Mapping[str, Market], open_orders: Iterable[Order]
) -> AssetMargin:
    """One asset's part of an account."""
    balance = account.balance(asset)
    isolated = account.isolated_wallets(asset)
    result = AssetMargin(
        asset, balance.wallet, balance.wallet - isolated, _ZERO, _ZERO, _ZERO, _ZERO, _ZERO, balance.updated_ms
    )
    for position in account.positions.values():
        if position.amount and position.instrument.quote == asset:
            _add_position(result, account, position, markets[position.instrument.symbol].mark_price)
    for order in open_orders:
        if order.instrument.quote == asset:
            result.order_margin += order_margin(order, account.symbol_settings(order.instrument.symbol).leverage)
    return result


def _add_position(result: AssetMargin, account: Account, position: Position, mark_price: Decimal) -> None:
    unrealized = position.unrealized(mark_price)
    initial = account.initial_margin(position, mark_price)
    result.unrealized += unrealized
    result.position_margin += initial
    result.maintenance += account.maintenance_margin(position, mark_price)
    if not account.is_isolated(position.instrument.symbol):
        result.cross_unrealized += unrealized
        result.cross_position_margin += initial


def liquidation_price(account: Account, position: Position, cross_balance: Decimal) -> Decimal:
    """The mark price at which the position's margin would be used up, its other positions left as they are.

    Args:
        account: Whose position it is.
        position: An open position.
        cross_balance: Wallet and profits that stand behind it (margin asset) when it is not isolated.
    """
    if not position.amount:
        return _ZERO
    behind = position.isolated_wallet if account.is_isolated(position.instrument.symbol) else cross_balance
    bracket = position.instrument.bracket(abs(position.notional(position.entry_price)))
    size = abs(position.amount)
    direction = 1 if position.amount > 0 else -1
    price = (behind + bracket.cumulative - direction * size * position.entry_price) / (
        size * (bracket.maintenance - direction)
    )
    return max(_ZERO, price)
