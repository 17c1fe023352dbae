"""Prices, trades, books and tickers, read from the markets as they are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .. import views
from ..instruments import ONBOARD_MS
from ..limits import interval_name
from ..market import FUNDING_INTERVAL_MS, Market

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from . import Call, Handler

_DEFAULT_LIMIT = 500


def _market(call: Call) -> Market:
    return call.exchange.market(call.arguments.text("symbol"))


def _one_or_all(call: Call, view: Callable[[Market], object]) -> object:
    """One contract's view when a symbol is given, else those of all."""
    if "symbol" in call.arguments:
        return view(_market(call))
    return [view(market) for market in call.exchange.markets.values()]


def ping(call: Call) -> object:
    """Nothing, to show that somebody is there."""
    return {}


def server_time(call: Call) -> object:
    """The exchange's time."""
    return {"serverTime": call.now_ms}


def exchange_information(call: Call) -> object:
    """Trading rules, as the spec's budgets and the contracts have them."""
    exchange = call.exchange
    limits = []
    for name in exchange.product.budgets:
        budget = exchange.limits.budgets[name]
        if budget.rate_limit_type is not None:
            unit, number = interval_name(budget.interval_ms)
            kind = budget.rate_limit_type
            limits.append({"rateLimitType": kind, "interval": unit, "intervalNum": number, "limit": budget.limit})
    assets = {asset for market in exchange.markets.values() for asset in (market.instrument.quote, "BTC", "BNB")}
    return {
        "exchangeFilters": [],
        "rateLimits": limits,
        "serverTime": call.now_ms,
        "assets": [{"asset": asset, "marginAvailable": True, "autoAssetExchange": "-0.10"} for asset in sorted(assets)],
        "symbols": [views.symbol_information(m.instrument, ONBOARD_MS) for m in exchange.markets.values()],
        "timezone": "UTC",
    }


def order_book(call: Call) -> object:
    """The book's best levels."""
    market, limit = _market(call), call.arguments.integer("limit", _DEFAULT_LIMIT)
    return {
        "lastUpdateId": market.book.update_id,
        "E": call.now_ms,
        "T": call.now_ms,
        "bids": views.levels(market.instrument, market.book.levels("BUY", limit)),
        "asks": views.levels(market.instrument, market.book.levels("SELL", limit)),
    }


def recent_trades(call: Call) -> object:
    """The last trades, oldest first."""
    market, limit = _market(call), call.arguments.integer("limit", _DEFAULT_LIMIT)
    return [views.trade(market.instrument, trade) for trade in list(market.trades)[-limit:]]


def historical_trades(call: Call) -> object:
    """Trades from an id on, else the last ones."""
    first_id = call.arguments.optional_integer("fromId")
    if first_id is None:
        return recent_trades(call)
    market, limit = _market(call), call.arguments.integer("limit", _DEFAULT_LIMIT)
    return [views.trade(market.instrument, trade) for trade in market.trades if trade.id >= first_id][:limit]


def aggregate_trades(call: Call) -> object:
    """Aggregated trades from an id, or of a time window, else the last ones."""
    market, arguments = _market(call), call.arguments
    limit = arguments.integer("limit", _DEFAULT_LIMIT)
    first_id, start_ms = arguments.optional_integer("fromId"), arguments.optional_integer("startTime")
    end_ms = arguments.integer("endTime", call.now_ms)
    chosen = [
        one
        for one in market.aggregates
        if (first_id is None or one.id >= first_id) and (start_ms is None or one.time_ms >= start_ms)
        and one.time_ms <= end_ms
    ]  # fmt: skip
    chosen = chosen[-limit:] if first_id is None and start_ms is None else chosen[:limit]
    return [views.aggregate(market.instrument, one) for one in chosen]


def _window(call: Call) -> tuple[str, int | None, int, int]:
    arguments = call.arguments
    end_ms = min(arguments.integer("endTime", call.now_ms), call.now_ms)
    limit = arguments.integer("limit", _DEFAULT_LIMIT)
    return arguments.text("interval"), arguments.optional_integer("startTime"), end_ms, limit


def _pair_market(call: Call) -> Market:
    return call.exchange.market_of_pair(
        call.arguments.text("pair"), call.arguments.text("contractType", "PERPETUAL").upper()
    )


def klines(call: Call) -> object:
    """Candles of what was traded."""
    market = _market(call)
    return [views.kline(market.instrument, candle) for candle in market.candles.window(*_window(call))]


def continuous_klines(call: Call) -> object:
    """Candles of a pair's contract."""
    market = _pair_market(call)
    return [views.kline(market.instrument, candle) for candle in market.candles.window(*_window(call))]


def index_price_klines(call: Call) -> object:
    """Candles of a pair's index price."""
    return [views.price_kline(candle) for candle in _pair_market(call).index_candles.window(*_window(call))]


def mark_price_klines(call: Call) -> object:
    """Candles of a contract's mark price."""
    market = _market(call)
    return [
        views.price_kline(candle, (1 + market.premium(candle.open_ms), 1 + market.premium(candle.close_ms)))
        for candle in market.index_candles.window(*_window(call))
    ]


def premium_index_klines(call: Call) -> object:
    """Candles of the distance between mark price and index price."""
    market, rows = _market(call), []
    for candle in market.index_candles.window(*_window(call)):
        opening, closing = market.premium(candle.open_ms), market.premium(candle.close_ms)
        candle.open, candle.close = opening, closing
        candle.high, candle.low = max(opening, closing), min(opening, closing)
        rows.append(views.price_kline(candle))
    return rows


def mark_price(call: Call) -> object:
    """Mark price, index price and funding."""
    return _one_or_all(call, views.mark)


def funding_rate_history(call: Call) -> object:
    """Funding that was paid, before the exchange was started too."""
    arguments, markets = call.arguments, call.exchange.markets
    limit = arguments.integer("limit", 100)
    end_ms = min(arguments.integer("endTime", call.now_ms), call.now_ms)
    start_ms = arguments.optional_integer("startTime")
    rows: list[dict[str, object]] = []
    for market in [_market(call)] if "symbol" in arguments else markets.values():
        rows.extend(_funding(call, market, start_ms, end_ms, limit))
    rows.sort(key=lambda row: int(str(row["fundingTime"])))
    return rows[:limit] if start_ms is not None else rows[-limit:]


def _funding(call: Call, market: Market, start_ms: int | None, end_ms: int, limit: int) -> list[dict[str, object]]:
    last_ms = end_ms // FUNDING_INTERVAL_MS * FUNDING_INTERVAL_MS
    first_ms = last_ms - (limit - 1) * FUNDING_INTERVAL_MS
    if start_ms is not None:
        first_ms = -(-start_ms // FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS
        last_ms = min(last_ms, first_ms + (limit - 1) * FUNDING_INTERVAL_MS)
    paid = {time_ms: (rate, mark) for time_ms, rate, mark in call.exchange.funding[market.instrument.symbol]}
    rows: list[dict[str, object]] = []
    for time_ms in range(first_ms, last_ms + 1, FUNDING_INTERVAL_MS):
        past = Decimal(market.history.price(time_ms)) * (1 + market.premium(time_ms))
        rate, mark = paid.get(time_ms, (market.funding_rate(time_ms), past))
        rows.append(
            {
                "symbol": market.instrument.symbol,
                "fundingRate": f"{rate:.8f}",
                "fundingTime": time_ms,
                "markPrice": f"{mark:.8f}",
                "rateType": "Regular",
            }
        )
    return rows


def funding_info(call: Call) -> object:
    """Bounds and interval of funding rates."""
    return [
        {
            "symbol": symbol,
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": FUNDING_INTERVAL_MS // 3_600_000,
            "disclaimer": False,
        }
        for symbol in call.exchange.markets
    ]


def ticker_24hr(call: Call) -> object:
    """The last 24 hours."""
    return _one_or_all(call, views.ticker)


def ticker_price(call: Call) -> object:
    """The last price."""

    def view(market: Market) -> object:
        price = market.instrument.price_text(market.last_price)
        time_ms = market.trades[-1].time_ms if market.trades else market.begin_ms
        return {"symbol": market.instrument.symbol, "price": price, "time": time_ms}

    return _one_or_all(call, view)


def book_ticker(call: Call) -> object:
    """Best bid and ask."""
    return _one_or_all(call, views.book_ticker)


HANDLERS: Mapping[str, Handler] = {
    "ping": ping,
    "server_time": server_time,
    "exchange_information": exchange_information,
    "order_book": order_book,
    "rpi_order_book": order_book,
    "recent_trades": recent_trades,
    "historical_trades": historical_trades,
    "aggregate_trades": aggregate_trades,
    "klines": klines,
    "continuous_klines": continuous_klines,
    "index_price_klines": index_price_klines,
    "mark_price_klines": mark_price_klines,
    "premium_index_klines": premium_index_klines,
    "mark_price": mark_price,
    "funding_rate_history": funding_rate_history,
    "funding_info": funding_info,
    "ticker_24hr": ticker_24hr,
    "ticker_price": ticker_price,
    "ticker_price_v2": ticker_price,
    "book_ticker": book_ticker,
}
