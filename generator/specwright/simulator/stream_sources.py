"""What the market streams push: one source for each stream that follows the market; the others repeat their example."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from . import views
from .depth_feeds import BookTickers, DiffDepth, PartialDepth
from .exchange import Exchange
from .instruments import ONBOARD_MS, PERPETUAL_DELIVERY_MS
from .kline_feed import Klines
from .stream_names import StreamName

if TYPE_CHECKING:
    from .clock import Period
    from .market import AggregateTrade, Liquidation, Market

Emit: TypeAlias = Callable[[object], None]

_UM = 1
"""`st` of a symbol that is margined in its quote asset."""

_SPEED = re.compile(r"(\d+)\s*(ms|s|m)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000}
_EXAMPLE_MS = 1_000
_KLINE_MS = 250


class Feed:
    """One stream that somebody listens to; it runs until it is closed."""

    def __init__(self, *stops: Callable[[], None]) -> None:
        self._stops = stops

    def close(self) -> None:
        """Ends the stream."""
        for stop in self._stops:
            stop()


_Source: TypeAlias = Callable[[Exchange, StreamName, Emit], Feed]


def open_feed(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    """Starts a stream.

    Args:
        exchange: Where its data come from.
        name: What it is.
        emit: Takes each payload, with every field that it may have.
    """
    symbol = name.params.get("symbol") or name.params.get("pair")
    source = SOURCES.get(name.stream.id)
    if source is None:
        return _repeat_example(exchange, name, emit)
    if symbol is not None and symbol not in exchange.markets:
        # Nothing is ever said of a contract that does not exist.
        return Feed()
    return source(exchange, name, emit)


def interval_ms(name: StreamName, default: int = _EXAMPLE_MS) -> int:
    """How often a stream is pushed, by its `updateSpeed`, else as documented."""
    match = _SPEED.fullmatch(name.params.get("updateSpeed") or name.stream.update_speed or "")
    return int(match.group(1)) * _UNITS[match.group(2)] if match else default


def _market(exchange: Exchange, name: StreamName) -> Market:
    return exchange.markets[name.params["symbol"]]


def _every(exchange: Exchange, period_ms: int, push: Callable[[], None]) -> Feed:
    period: Period = exchange.clock.every(period_ms, push)
    return Feed(period.cancel)


def _repeat_example(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    def push() -> None:
        stream = name.stream
        emit(exchange.examples.message(stream.payload, stream.examples, name.params, exchange.clock.now_ms()))

    return _every(exchange, interval_ms(name), push)


def _agg_trade(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    market = _market(exchange, name)

    def push(one: AggregateTrade) -> None:
        view = views.aggregate(market.instrument, one)
        emit({"e": "aggTrade", "E": exchange.clock.now_ms(), "s": market.instrument.symbol, **view, "st": _UM})

    market.aggregate_listeners.append(push)
    return Feed(lambda: market.aggregate_listeners.remove(push))


def _mark(market: Market) -> dict[str, object]:
    view = views.mark(market)
    return {
        "e": "markPriceUpdate", "E": view["time"], "s": view["symbol"], "p": view["markPrice"],
        "ap": view["markPrice"], "i": view["indexPrice"], "P": view["estimatedSettlePrice"],
        "r": view["lastFundingRate"], "T": view["nextFundingTime"], "st": _UM,
    }  # fmt: skip


def _mark_price(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    market = _market(exchange, name)
    return _every(exchange, interval_ms(name), lambda: emit(_mark(market)))


def _mark_price_all(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    return _every(exchange, interval_ms(name), lambda: emit([_mark(market) for market in exchange.markets.values()]))


def _kline(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    market = _market(exchange, name)

    def push(candle: dict[str, object]) -> None:
        emit({"e": "kline", "E": exchange.clock.now_ms(), "s": market.instrument.symbol, "k": candle})

    return _every(exchange, _KLINE_MS, Klines(market, name.params["interval"], push).run)


def _continuous_kline(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    contract = name.params["contractType"].upper()
    markets = [m for m in exchange.markets.values()
               if m.instrument.pair == name.params["pair"] and m.instrument.contract_type == contract]  # fmt: skip
    if not markets:
        return Feed()

    def push(candle: dict[str, object]) -> None:
        pair = name.params["pair"]
        emit({"e": "continuous_kline", "E": exchange.clock.now_ms(), "ps": pair, "ct": contract, "k": candle})

    return _every(exchange, _KLINE_MS, Klines(markets[0], name.params["interval"], push).run)


def _ticker_fields(market: Market) -> dict[str, object]:
    view = views.ticker(market)
    return {
        "s": view["symbol"], "p": view["priceChange"], "P": view["priceChangePercent"], "w": view["weightedAvgPrice"],
        "c": view["lastPrice"], "Q": view["lastQty"], "o": view["openPrice"], "h": view["highPrice"],
        "l": view["lowPrice"], "v": view["volume"], "q": view["quoteVolume"], "O": view["openTime"],
        "C": view["closeTime"], "F": view["firstId"], "L": view["lastId"], "n": view["count"],
        "ps": market.instrument.pair, "st": _UM,
    }  # fmt: skip


def _ticker_source(event: str) -> _Source:
    def source(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
        market = _market(exchange, name)

        def push() -> None:
            emit({"e": event, "E": exchange.clock.now_ms(), **_ticker_fields(market)})

        return _every(exchange, interval_ms(name), push)

    return source


def _tickers_source(event: str) -> _Source:
    """All contracts that were traded since the last message."""

    def source(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
        seen: dict[str, int] = {}

        def push() -> None:
            now_ms = exchange.clock.now_ms()
            changed = [m for s, m in exchange.markets.items() if seen.get(s) != m.last_trade_id]
            seen.update({m.instrument.symbol: m.last_trade_id for m in changed})
            if changed:
                emit([{"e": event, "E": now_ms, **_ticker_fields(market)} for market in changed])

        return _every(exchange, interval_ms(name), push)

    return source


def _liquidations(exchange: Exchange, markets: list[Market], period_ms: int, emit: Emit) -> Feed:
    """The largest liquidation of each contract in each period."""
    waiting: dict[str, tuple[Market, Liquidation]] = {}
    stops: list[Callable[[], None]] = []
    for market in markets:

        def note(one: Liquidation, market: Market = market) -> None:
            known = waiting.get(market.instrument.symbol)
            if known is None or one.quantity > known[1].quantity:
                waiting[market.instrument.symbol] = (market, one)

        def stop(market: Market = market, listener: Callable[[Liquidation], None] = note) -> None:
            market.liquidation_listeners.remove(listener)

        market.liquidation_listeners.append(note)
        stops.append(stop)

    def push() -> None:
        for market, one in list(waiting.values()):
            emit(_liquidation(market, one, exchange.clock.now_ms()))
        waiting.clear()

    return Feed(*stops, exchange.clock.every(period_ms, push).cancel)


def _liquidation(market: Market, one: Liquidation, now_ms: int) -> dict[str, object]:
    price, quantity = market.instrument.price_text, market.instrument.quantity_text(one.quantity)
    order = {
        "s": market.instrument.symbol, "S": one.side, "o": "LIMIT", "f": "IOC", "q": quantity, "p": price(one.price),
        "ap": price(one.average), "X": "FILLED", "l": quantity, "z": quantity, "T": one.time_ms,
    }  # fmt: skip
    return {"e": "forceOrder", "E": now_ms, "o": order, "ps": market.instrument.pair, "st": _UM}


def _liquidation_one(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    return _liquidations(exchange, [_market(exchange, name)], interval_ms(name), emit)


def _liquidation_all(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    return _liquidations(exchange, list(exchange.markets.values()), interval_ms(name), emit)


def _diff_depth(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    # The stream of orders with price improvement has its speed in its name, not in a parameter.
    depth = DiffDepth(_market(exchange, name), emit)
    return Feed(depth.close, exchange.clock.every(interval_ms(name), depth.flush).cancel)


def _partial_depth(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    depth = PartialDepth(_market(exchange, name), int(name.params["levels"]), emit)
    return _every(exchange, interval_ms(name), depth.flush)


def _book_ticker(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    tickers = BookTickers([_market(exchange, name)], emit)
    tickers.follow()
    return Feed(tickers.close)


def _book_ticker_all(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    tickers = BookTickers(list(exchange.markets.values()), emit)
    return _every(exchange, interval_ms(name), tickers.flush)


def _contract_info(exchange: Exchange, name: StreamName, emit: Emit) -> Feed:
    def push() -> None:
        for market in exchange.markets.values():
            brackets = [
                {"bs": b.number, "bnf": b.floor, "bnc": b.cap, "mmr": b.maintenance, "cf": b.cumulative,
                 "mi": 1, "ma": b.leverage}
                for b in market.instrument.brackets
            ]  # fmt: skip
            symbol, contract = market.instrument.symbol, market.instrument.contract_type
            emit(
                {"e": "contractInfo", "E": exchange.clock.now_ms(), "s": symbol, "ps": market.instrument.pair,
                 "ct": contract, "dt": PERPETUAL_DELIVERY_MS, "ot": ONBOARD_MS, "cs": "TRADING", "bks": brackets,
                 "st": _UM}
            )  # fmt: skip

    return _every(exchange, _EXAMPLE_MS * 10, push)


SOURCES: Mapping[str, _Source] = {
    "agg_trade": _agg_trade,
    "mark_price": _mark_price,
    "mark_price_all": _mark_price_all,
    "kline": _kline,
    "continuous_kline": _continuous_kline,
    "mini_ticker": _ticker_source("24hrMiniTicker"),
    "mini_ticker_all": _tickers_source("24hrMiniTicker"),
    "ticker": _ticker_source("24hrTicker"),
    "ticker_all": _tickers_source("24hrTicker"),
    "book_ticker": _book_ticker,
    "book_ticker_all": _book_ticker_all,
    "liquidation": _liquidation_one,
    "liquidation_all": _liquidation_all,
    "partial_depth": _partial_depth,
    "diff_depth": _diff_depth,
    "rpi_diff_depth": _diff_depth,
    "contract_info": _contract_info,
}
"""Stream id → source."""
