"""Balances, settings, fees and the income history."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..accounts import MAKER_RATE, TAKER_RATE
from ..limits import interval_name
from ..margin import AssetMargin, asset_margin
from .history_requests import window
from .positions import position_view, positions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from . import Call, Handler

_SUCCESS = {"code": 200, "msg": "success"}
_RPI_RATE = Decimal("0.00005")


def _margins(call: Call) -> list[AssetMargin]:
    account, exchange = call.account, call.exchange
    orders = exchange.trading.store(account).open()
    return [asset_margin(account, asset, exchange.markets, orders) for asset in account.balances]


def futures_account_balance(call: Call) -> object:
    """One line an asset."""
    return [
        {
            "accountAlias": call.account.alias,
            "asset": margin.asset,
            "balance": f"{margin.wallet:.8f}",
            **_cross_view(margin),
        }
        for margin in _margins(call)
    ]


def _asset_view(margin: AssetMargin) -> dict[str, object]:
    return {
        "asset": margin.asset,
        "walletBalance": f"{margin.wallet:.8f}",
        "unrealizedProfit": f"{margin.unrealized:.8f}",
        "marginBalance": f"{margin.margin_balance:.8f}",
        "maintMargin": f"{margin.maintenance:.8f}",
        "initialMargin": f"{margin.initial_margin:.8f}",
        "positionInitialMargin": f"{margin.position_margin:.8f}",
        "openOrderInitialMargin": f"{margin.order_margin:.8f}",
        **_cross_view(margin),
    }


def _cross_view(margin: AssetMargin) -> dict[str, object]:
    """What stands behind crossed positions, and what of it is free."""
    return {
        "crossWalletBalance": f"{margin.cross_wallet:.8f}",
        "crossUnPnl": f"{margin.cross_unrealized:.8f}",
        "availableBalance": f"{margin.available:.8f}",
        "maxWithdrawAmount": f"{margin.available:.8f}",
        "marginAvailable": True,
        "updateTime": margin.updated_ms,
    }


def _totals(margins: list[AssetMargin]) -> dict[str, object]:
    def total(name: str) -> str:
        return f"{sum((getattr(margin, name) for margin in margins), Decimal(0)):.8f}"

    return {
        "totalInitialMargin": total("initial_margin"),
        "totalMaintMargin": total("maintenance"),
        "totalWalletBalance": total("wallet"),
        "totalUnrealizedProfit": total("unrealized"),
        "totalMarginBalance": total("margin_balance"),
        "totalPositionInitialMargin": total("position_margin"),
        "totalOpenOrderInitialMargin": total("order_margin"),
        "totalCrossWalletBalance": total("cross_wallet"),
        "totalCrossUnPnl": total("cross_unrealized"),
        "availableBalance": total("available"),
        "maxWithdrawAmount": total("available"),
    }


def account_configuration(call: Call) -> dict[str, object]:
    """The account's settings."""
    account = call.account
    return {
        "feeTier": 0,
        "feeBurn": account.fee_burn,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": True,
        "dualSidePosition": account.hedge_mode,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets_mode,
        "tradeGroupId": -1,
    }


def account_information(call: Call, *, every: bool) -> dict[str, object]:
    """Totals, assets and positions; `every` shows flat positions too."""
    margins = _margins(call)
    # The totals are those of the stablecoins: other assets are worth something else.
    stable = [margin for margin in margins if margin.asset in ("USDT", "USDC")]
    totals = _totals(stable if call.account.multi_assets_mode else [m for m in margins if m.asset == "USDT"])
    ordered = {order.instrument.symbol for order in call.exchange.trading.store(call.account).open()}
    shown = [
        position_view(call, position)
        for position in positions(call.account, call.exchange.markets.values())
        if every or position.amount or position.instrument.symbol in ordered
    ]
    assets = [_asset_view(margin) for margin in margins]
    return {**account_configuration(call), **totals, "assets": assets, "positions": shown}


def account_information_v2(call: Call) -> object:
    """The account with the positions of all contracts."""
    return account_information(call, every=True)


def account_information_v3(call: Call) -> object:
    """The account with the positions that are open or have open orders."""
    return account_information(call, every=False)


def symbol_configuration(call: Call) -> object:
    """Leverage and margin type of contracts."""
    symbol = call.arguments.optional_text("symbol")
    markets = call.exchange.markets.values() if symbol is None else [call.exchange.market(symbol)]
    rows = []
    for market in markets:
        settings = call.account.symbol_settings(market.instrument.symbol)
        rows.append(
            {
                "symbol": market.instrument.symbol,
                "marginType": settings.margin_type,
                "isAutoAddMargin": False,
                "leverage": settings.leverage,
                "maxNotionalValue": f"{market.instrument.max_notional(settings.leverage):f}",
            }
        )
    return rows


def position_mode(call: Call) -> object:
    """Whether there is one position a side."""
    return {"dualSidePosition": call.account.hedge_mode}


def multi_assets_mode(call: Call) -> object:
    """Whether several assets serve as margin."""
    return {"multiAssetsMargin": call.account.multi_assets_mode}


def bnb_burn_status(call: Call) -> object:
    """Whether fees are paid in BNB."""
    return {"feeBurn": call.account.fee_burn}


def toggle_bnb_burn(call: Call) -> object:
    """Sets whether fees are paid in BNB. Here they are paid in the margin asset all the same."""
    call.account.fee_burn = call.arguments.flag("feeBurn")
    return _SUCCESS


def leverage_brackets(call: Call) -> object:
    """Notional brackets of one contract or all."""
    symbol = call.arguments.optional_text("symbol")
    markets = call.exchange.markets.values() if symbol is None else [call.exchange.market(symbol)]
    rows = [
        {
            "symbol": market.instrument.symbol,
            "brackets": [
                {"bracket": bracket.number, "initialLeverage": bracket.leverage, "notionalCap": bracket.cap,
                 "notionalFloor": bracket.floor, "maintMarginRatio": bracket.maintenance, "cum": bracket.cumulative}
                for bracket in market.instrument.brackets
            ],
        }
        for market in markets
    ]  # fmt: skip
    return rows if symbol is None else rows[0]


def order_rate_limit(call: Call) -> object:
    """The account's order count limits."""
    rows = []
    for name in call.exchange.product.budgets:
        budget = call.exchange.limits.budgets[name]
        if budget.rate_limit_type == "ORDERS":
            unit, number = interval_name(budget.interval_ms)
            rows.append({"rateLimitType": "ORDERS", "interval": unit, "intervalNum": number, "limit": budget.limit})
    return rows


def commission_rate(call: Call) -> object:
    """Fees of a contract."""
    return {
        "symbol": call.exchange.market(call.arguments.text("symbol")).instrument.symbol,
        "makerCommissionRate": f"{MAKER_RATE:f}",
        "takerCommissionRate": f"{TAKER_RATE:f}",
        "rpiCommissionRate": f"{_RPI_RATE:f}",
    }


def income_history(call: Call) -> object:
    """Profits, fees, funding and transfers, oldest first."""
    arguments, (start_ms, end_ms) = call.arguments, window(call)
    symbol, kind = arguments.optional_text("symbol"), arguments.optional_text("incomeType")
    rows = [
        {"symbol": line.symbol, "incomeType": line.kind, "income": f"{line.amount:.8f}", "asset": line.asset,
         "info": line.trade_id or line.kind, "time": line.time_ms, "tranId": line.transaction_id,
         "tradeId": line.trade_id}
        for line in call.account.incomes
        if symbol in (None, line.symbol) and kind in (None, line.kind) and start_ms <= line.time_ms <= end_ms
    ]  # fmt: skip
    limit = arguments.integer("limit", 100)
    return rows[:limit] if "startTime" in arguments else rows[-limit:]


HANDLERS: Mapping[str, Handler] = {
    "futures_account_balance_v2": futures_account_balance,
    "futures_account_balance_v3": futures_account_balance,
    "account_information_v2": account_information_v2,
    "account_information_v3": account_information_v3,
    "account_configuration": account_configuration,
    "symbol_configuration": symbol_configuration,
    "position_mode": position_mode,
    "multi_assets_mode": multi_assets_mode,
    "bnb_burn_status": bnb_burn_status,
    "toggle_bnb_burn": toggle_bnb_burn,
    "leverage_brackets": leverage_brackets,
    "order_rate_limit": order_rate_limit,
    "commission_rate": commission_rate,
    "income_history": income_history,
}
