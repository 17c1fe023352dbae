"""Positions, and how they are margined: leverage, margin type, position mode, asset mode."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from ..margin import asset_margin, liquidation_price, order_margin
from ..rejections import Rejection
from .history_requests import window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..accounts import Account, MarginType, Position, PositionSide
    from ..market import Market
    from . import Call, Handler

_SUCCESS = {"code": 200, "msg": "success"}
_ADD, _REDUCE = 1, 2


def position_view(call: Call, position: Position) -> dict[str, object]:
    """A position as every version of account and position replies tells it."""
    exchange, account, instrument = call.exchange, call.account, position.instrument
    market, symbol = exchange.market(instrument.symbol), instrument.symbol
    settings, mark = account.symbol_settings(symbol), market.mark_price
    isolated = account.is_isolated(symbol)
    orders = [o for o in exchange.trading.store(account).open(symbol) if o.ticket.position_side == position.side]
    in_orders = sum((order_margin(order, settings.leverage) for order in orders), Decimal(0))
    bound = account.initial_margin(position, mark)
    unrealized = position.unrealized(mark)
    margin = asset_margin(account, instrument.quote, exchange.markets, exchange.trading.store(account).open())
    cross = margin.cross_wallet + margin.cross_unrealized - unrealized
    notional = {side: Decimal(0) for side in ("BUY", "SELL")}
    for order in orders:
        notional[order.ticket.side] += order.remaining * order.price
    isolated_margin = position.isolated_wallet + unrealized if isolated else Decimal(0)
    most = f"{instrument.max_notional(settings.leverage):f}"
    return {
        "symbol": symbol,
        "positionSide": position.side,
        "positionAmt": instrument.quantity_text(position.amount),
        "entryPrice": f"{position.entry_price:.{instrument.price_precision}f}",
        "breakEvenPrice": f"{position.break_even_price:.{instrument.price_precision + 2}f}",
        "markPrice": f"{mark:.8f}",
        "unRealizedProfit": f"{unrealized:.8f}",
        "unrealizedProfit": f"{unrealized:.8f}",
        "liquidationPrice": instrument.price_text(liquidation_price(account, position, cross)),
        "leverage": str(settings.leverage),
        "maxNotionalValue": most,
        "maxNotional": most,
        "marginType": "isolated" if isolated else "cross",
        "isolated": isolated,
        "isolatedMargin": f"{isolated_margin:.8f}",
        "isAutoAddMargin": "false",
        "isolatedWallet": f"{position.isolated_wallet:.8f}",
        "notional": f"{position.notional(mark):.8f}",
        "marginAsset": instrument.quote,
        "initialMargin": f"{bound + in_orders:.8f}",
        "maintMargin": f"{account.maintenance_margin(position, mark):.8f}",
        "positionInitialMargin": f"{bound:.8f}",
        "openOrderInitialMargin": f"{in_orders:.8f}",
        "adl": 1 if position.amount else 0,
        "bidNotional": f"{notional['BUY']:.8f}",
        "askNotional": f"{notional['SELL']:.8f}",
        "updateTime": position.updated_ms,
    }


def positions(account: Account, markets: Iterable[Market]) -> list[Position]:
    """The positions of an account's position mode, flat ones included."""
    sides: tuple[PositionSide, ...] = ("LONG", "SHORT") if account.hedge_mode else ("BOTH",)
    return [account.position(market.instrument, side) for market in markets for side in sides]


def _chosen(call: Call) -> list[Position]:
    symbol = call.arguments.optional_text("symbol")
    markets = call.exchange.markets.values() if symbol is None else [call.exchange.market(symbol)]
    return positions(call.account, markets)


def position_information_v2(call: Call) -> object:
    """Positions of all contracts, or of one."""
    return [position_view(call, position) for position in _chosen(call)]


def position_information_v3(call: Call) -> object:
    """Positions that are open or have open orders."""
    ordered = {
        (order.instrument.symbol, order.ticket.position_side)
        for order in call.exchange.trading.store(call.account).open()
    }
    return [
        position_view(call, position)
        for position in _chosen(call)
        if position.amount or (position.instrument.symbol, position.side) in ordered
    ]


def adl_quantile(call: Call) -> object:
    """How soon open positions would be taken to auto-deleverage others: never very soon here."""
    rows: list[dict[str, object]] = []
    for symbol in {position.instrument.symbol: None for position in _chosen(call) if position.amount}:
        held = {p.side: 1 if p.amount else 0 for p in call.account.positions_of(symbol)}
        last = "HEDGE" if call.account.hedge_mode else "BOTH"
        quantiles = {"LONG": held.get("LONG", 0), "SHORT": held.get("SHORT", 0), last: held.get("BOTH", 0)}
        rows.append({"symbol": symbol, "adlQuantile": quantiles})
    return rows


def change_initial_leverage(call: Call) -> object:
    """Sets a contract's leverage."""
    market, leverage = call.exchange.market(call.arguments.text("symbol")), call.arguments.integer("leverage")
    instrument, account = market.instrument, call.account
    if not 1 <= leverage <= instrument.brackets[0].leverage:
        raise Rejection(-4028, leverage)
    settings = account.symbol_settings(instrument.symbol)
    held = [position for position in account.positions_of(instrument.symbol) if position.amount]
    if held and account.is_isolated(instrument.symbol) and leverage < settings.leverage:
        raise Rejection(-4161)
    most = instrument.max_notional(leverage)
    if any(abs(position.notional(market.mark_price)) > most for position in held):
        raise Rejection(-2027)
    settings.leverage = leverage
    call.exchange.events.leverage(account, instrument.symbol)
    return {"symbol": instrument.symbol, "leverage": leverage, "maxNotionalValue": f"{most:f}"}


def change_margin_type(call: Call) -> object:
    """Sets whether a contract's positions share the account's margin."""
    symbol = call.exchange.market(call.arguments.text("symbol")).instrument.symbol
    wanted, account = cast("MarginType", call.arguments.text("marginType")), call.account
    settings = account.symbol_settings(symbol)
    if settings.margin_type == wanted:
        raise Rejection(-4046)
    if wanted == "ISOLATED" and account.multi_assets_mode:
        raise Rejection(-4168)
    if call.exchange.trading.store(account).open(symbol):
        raise Rejection(-4047)
    if any(position.amount for position in account.positions_of(symbol)):
        raise Rejection(-4048)
    settings.margin_type = wanted
    return _SUCCESS


def change_position_mode(call: Call) -> object:
    """Switches between one position a contract and one a side."""
    account, wanted = call.account, call.arguments.flag("dualSidePosition")
    if account.hedge_mode == wanted:
        raise Rejection(-4059)
    if call.exchange.trading.store(account).open() or call.exchange.algo_orders.waiting(account):
        raise Rejection(-4067)
    if any(position.amount for position in account.positions.values()):
        raise Rejection(-4068)
    account.hedge_mode = wanted
    return _SUCCESS


def change_multi_assets_mode(call: Call) -> object:
    """Switches between one margin asset and several."""
    account, wanted = call.account, call.arguments.flag("multiAssetsMargin")
    if account.multi_assets_mode == wanted:
        raise Rejection(-4171)
    if any(settings.margin_type == "ISOLATED" for settings in account.settings.values()):
        raise Rejection(-4167)
    if call.exchange.trading.store(account).open():
        raise Rejection(-4170)
    account.multi_assets_mode = wanted
    call.exchange.events.multi_assets_mode(account)
    return _SUCCESS


def modify_isolated_position_margin(call: Call) -> object:
    """Moves margin between the wallet and an isolated position."""
    market, account = call.exchange.market(call.arguments.text("symbol")), call.account
    instrument, amount, kind = market.instrument, call.arguments.number("amount"), call.arguments.integer("type")
    side = cast("PositionSide", call.arguments.text("positionSide", "BOTH"))
    if (side == "BOTH") == account.hedge_mode:
        raise Rejection(-4061)
    position = account.position(instrument, side)
    if amount <= 0:
        raise Rejection(-4055)
    if not position.amount or not account.is_isolated(instrument.symbol):
        raise Rejection(-4054)
    margin = asset_margin(account, instrument.quote, call.exchange.markets, call.exchange.trading.store(account).open())
    if kind == _ADD and amount > margin.available:
        raise Rejection(-4050)
    spare = position.isolated_wallet + min(Decimal(0), position.unrealized(market.mark_price))
    if kind == _REDUCE and spare - amount < account.initial_margin(position, market.mark_price):
        raise Rejection(-4051)
    change = amount if kind == _ADD else -amount
    position.isolated_wallet += change
    position.updated_ms = call.now_ms
    account.margin_changes.append((call.now_ms, instrument.symbol, side, instrument.quote, kind, amount))
    call.exchange.events.account(account, "MARGIN_TRANSFER", {instrument.quote: -change}, [position])
    return {"amount": amount, "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def position_margin_change_history(call: Call) -> object:
    """Margin that was moved to and from isolated positions."""
    symbol = call.exchange.market(call.arguments.text("symbol")).instrument.symbol
    wanted, (start_ms, end_ms) = call.arguments.optional_integer("type"), window(call)
    rows = [
        {"symbol": name, "type": kind, "deltaType": "USER_ADJUST", "amount": f"{amount:f}", "asset": asset,
         "time": time_ms, "positionSide": side}
        for time_ms, name, side, asset, kind, amount in call.account.margin_changes
        if name == symbol and wanted in (None, kind) and start_ms <= time_ms <= end_ms
    ]  # fmt: skip
    return rows[-call.arguments.integer("limit", 500) :]


HANDLERS: Mapping[str, Handler] = {
    "position_information_v2": position_information_v2,
    "position_information_v3": position_information_v3,
    "adl_quantile": adl_quantile,
    "change_initial_leverage": change_initial_leverage,
    "change_margin_type": change_margin_type,
    "change_position_mode": change_position_mode,
    "change_multi_assets_mode": change_multi_assets_mode,
    "modify_isolated_position_margin": modify_isolated_position_margin,
    "position_margin_change_history": position_margin_change_history,
}
