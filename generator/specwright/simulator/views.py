"""How market data reads on the wire, for replies and streams alike: every field that any of them has."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .instruments import PERPETUAL_DELIVERY_MS, Instrument
from .market import INTEREST_RATE, AggregateTrade, Market, Trade

if TYPE_CHECKING:
    from .candles import Candle

_EIGHT = Decimal("0.00000001")

Levels = list[tuple[Decimal, Decimal]]


def levels(instrument: Instrument, chosen: Levels) -> list[list[str]]:
    """Price levels as pairs of texts."""
    return [[instrument.price_text(price), instrument.quantity_text(quantity)] for price, quantity in chosen]


def trade(instrument: Instrument, one: Trade) -> dict[str, object]:
    """A trade of the market."""
    return {
        "id": one.id,
        "price": instrument.price_text(one.price),
        "qty": instrument.quantity_text(one.quantity),
        "quoteQty": f"{one.price * one.quantity:.2f}",
        "time": one.time_ms,
        "isBuyerMaker": one.buyer_is_maker,
        "isRPITrade": False,
    }


def aggregate(instrument: Instrument, one: AggregateTrade) -> dict[str, object]:
    """Trades of one taker at one price."""
    quantity = instrument.quantity_text(one.quantity)
    return {
        "a": one.id,
        "p": instrument.price_text(one.price),
        "q": quantity,
        "nq": quantity,
        "f": one.first_id,
        "l": one.last_id,
        "T": one.time_ms,
        "m": one.buyer_is_maker,
    }


def kline(instrument: Instrument, candle: Candle) -> list[object]:
    """A candle as a positional array."""
    price, quantity = instrument.price_text, instrument.quantity_text
    return [
        candle.open_ms, price(candle.open), price(candle.high), price(candle.low), price(candle.close),
        quantity(candle.volume), candle.close_ms, f"{candle.quote_volume:.5f}", candle.trades,
        quantity(candle.buy_volume), f"{candle.buy_quote_volume:.5f}", "0",
    ]  # fmt: skip


def price_kline(candle: Candle, factor: tuple[Decimal, Decimal] = (Decimal(1), Decimal(1))) -> list[object]:
    """A candle of a price that nobody trades at; `factor` applies to its open and its close."""
    first, last = factor
    opening, closing = candle.open * first, candle.close * last
    high = max(candle.high * max(first, last), opening, closing)
    low = min(candle.low * min(first, last), opening, closing)
    texts = [f"{price:.8f}" for price in (opening, high, low, closing)]
    return [candle.open_ms, *texts, "0", candle.close_ms, "0", 60, "0", "0", "0"]


def mark(market: Market) -> dict[str, object]:
    """Mark price, index price and funding of a contract."""
    now_ms = market.clock.now_ms()
    return {
        "symbol": market.instrument.symbol,
        "markPrice": f"{market.mark_price:.8f}",
        "indexPrice": f"{market.index_price:.8f}",
        "estimatedSettlePrice": f"{market.index_price:.8f}",
        "lastFundingRate": f"{market.funding_rate(now_ms):.8f}",
        "interestRate": f"{INTEREST_RATE:.8f}",
        "nextFundingTime": market.next_funding_ms(now_ms),
        "time": now_ms,
    }


def ticker(market: Market) -> dict[str, object]:
    """The last 24 hours of a contract."""
    instrument, day = market.instrument, market.day()
    price, quantity = instrument.price_text, instrument.quantity_text
    change = day.close - day.open
    average = day.quote_volume / day.volume if day.volume else day.close
    return {
        "symbol": instrument.symbol,
        "priceChange": price(change),
        "priceChangePercent": f"{100 * change / day.open:.3f}",
        "weightedAvgPrice": price(average),
        "lastPrice": price(day.close),
        "lastQty": quantity(market.last_quantity),
        "openPrice": price(day.open),
        "highPrice": price(day.high),
        "lowPrice": price(day.low),
        "volume": quantity(day.volume),
        "quoteVolume": f"{day.quote_volume:.2f}",
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": max(0, day.first_trade_id),
        "lastId": market.last_trade_id,
        "count": day.trades,
    }


def book_ticker(market: Market) -> dict[str, object]:
    """Best bid and ask of a contract; an empty side is zero."""
    instrument, none = market.instrument, (Decimal(0), Decimal(0))
    bid, ask = market.book.best("BUY") or none, market.book.best("SELL") or none
    return {
        "lastUpdateId": market.book.update_id,
        "symbol": instrument.symbol,
        "bidPrice": instrument.price_text(bid[0]),
        "bidQty": instrument.quantity_text(bid[1]),
        "askPrice": instrument.price_text(ask[0]),
        "askQty": instrument.quantity_text(ask[1]),
        "time": market.clock.now_ms(),
    }


def symbol_information(instrument: Instrument, onboard_ms: int) -> dict[str, object]:
    """A contract and its trading rules."""
    price, quantity = instrument.price_text, instrument.quantity_text
    lots = {"minQty": quantity(instrument.min_quantity), "stepSize": quantity(instrument.step)}
    return {
        "symbol": instrument.symbol,
        "pair": instrument.pair,
        "contractType": instrument.contract_type,
        "deliveryDate": PERPETUAL_DELIVERY_MS,
        "onboardDate": onboard_ms,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": instrument.price_precision,
        "quantityPrecision": instrument.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.010000",
        "marketTakeBound": "0.05",
        "filters": [
            {"filterType": "PRICE_FILTER", "maxPrice": price(instrument.max_price),
             "minPrice": price(instrument.min_price), "tickSize": price(instrument.tick)},
            {"filterType": "LOT_SIZE", "maxQty": quantity(instrument.max_quantity), **lots},
            {"filterType": "MARKET_LOT_SIZE", "maxQty": quantity(instrument.market_max_quantity), **lots},
            {"filterType": "MAX_NUM_ORDERS", "limit": instrument.max_orders},
            {"filterType": "MIN_NOTIONAL", "notional": f"{instrument.min_notional}"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": f"{instrument.multiplier_up}",
             "multiplierDown": f"{instrument.multiplier_down}", "multiplierDecimal": "4"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
                       "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }  # fmt: skip
