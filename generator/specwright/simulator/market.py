"""The market in one contract: its book, its trades, and the prices that follow from them."""

from __future__ import annotations

import math
from collections import deque
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from attrs import define

from .candles import Candle, CandleSeries
from .history import PriceHistory
from .matching import Fill, Match, OrderBook, SelfTradePrevention

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .clock import Clock
    from .instruments import Instrument, Side

FUNDING_INTERVAL_MS = 8 * 3_600_000
INTEREST_RATE = Decimal("0.00010000")
_TRADES_KEPT = 20_000
_DAY_MS = 86_400_000
_EIGHT = Decimal("0.00000001")


@define(frozen=True)
class Trade:
    """One fill, as everybody sees it."""

    id: int
    price: Decimal
    quantity: Decimal
    time_ms: int
    buyer_is_maker: bool


@define(frozen=True)
class AggregateTrade:
    """The fills of one taker at one price."""

    id: int
    price: Decimal
    quantity: Decimal
    first_id: int
    last_id: int
    time_ms: int
    buyer_is_maker: bool


@define(frozen=True)
class Liquidation:
    """An order that closed a position for want of margin."""

    side: Side
    quantity: Decimal
    price: Decimal
    average: Decimal
    time_ms: int


class Market:
    """Book, trades and prices of one contract.

    Args:
        instrument: The contract.
        clock: The exchange's time.
        seed: What the prices before the start are drawn from.
        begin_ms: When trading began.
    """

    def __init__(self, instrument: Instrument, clock: Clock, seed: str, begin_ms: int) -> None:
        self.instrument = instrument
        self.clock = clock
        self.book = OrderBook(first_update_id=begin_ms)
        self.history = PriceHistory(seed, begin_ms, instrument.start_price)
        self.begin_ms = begin_ms
        self.candles = CandleSeries(instrument, self.history, begin_ms)
        self.index_candles = CandleSeries(instrument, self.history, begin_ms)
        self.trades: deque[Trade] = deque(maxlen=_TRADES_KEPT)
        self.aggregates: deque[AggregateTrade] = deque(maxlen=_TRADES_KEPT)
        self.index_price = instrument.start_price
        self.last_price = instrument.start_price
        self.last_quantity = instrument.step
        self.last_trade_id = 100_000
        self._last_aggregate_id = 50_000
        self.on_maker_fill: Callable[[Fill, Trade], None] | None = None
        """Called for every resting order of an account that was traded."""
        self.on_makers_expired: Callable[[Match], None] | None = None
        self.aggregate_listeners: list[Callable[[AggregateTrade], None]] = []
        self.price_listeners: list[Callable[[], None]] = []
        """Called after the last price or the mark price has moved."""
        self.liquidation_listeners: list[Callable[[Liquidation], None]] = []

    def take(
        self,
        side: Side,
        quantity: Decimal,
        limit: Decimal | None = None,
        party: Hashable | None = None,
        prevention: SelfTradePrevention = "NONE",
    ) -> tuple[Match, list[Trade]]:
        """Trades a taker against the book and makes the trades known.

        Returns:
            What the book did, and one trade for each of its fills.
        """
        match = self.book.match(side, quantity, limit, party, prevention)
        trades = [self._record(fill) for fill in match.fills]
        for fill, trade in zip(match.fills, trades, strict=True):
            if fill.maker_party is not None and self.on_maker_fill is not None:
                self.on_maker_fill(fill, trade)
        if match.expired_makers and self.on_makers_expired is not None:
            self.on_makers_expired(match)
        for _, group in groupby(trades, key=lambda trade: trade.price):
            self._aggregate(list(group))
        if trades:
            self.announce_prices()
        return match, trades

    def set_index_price(self, price: Decimal) -> None:
        """The contract's worth elsewhere has changed, and with it the mark price."""
        self.index_price = price.quantize(_EIGHT)
        self.index_candles.record(self.clock.now_ms(), self.index_price, Decimal(0), False, -1)

    def announce_prices(self) -> None:
        """Tells those who wait for a price that one has moved."""
        for listener in list(self.price_listeners):
            listener()

    def liquidate(self, liquidation: Liquidation) -> None:
        """Makes a liquidation known."""
        for listener in list(self.liquidation_listeners):
            listener(liquidation)

    def premium(self, at_ms: int) -> Decimal:
        """How far the mark price stands from the index price at a time (relative): a slow wave."""
        phase = sum(map(ord, self.instrument.symbol))
        return Decimal(0.0004 * math.sin(at_ms / 5_400_000 + phase)).quantize(_EIGHT)

    @property
    def mark_price(self) -> Decimal:
        """The price that profits, margin and liquidations are computed with."""
        return (self.index_price * (1 + self.premium(self.clock.now_ms()))).quantize(_EIGHT)

    def funding_rate(self, at_ms: int) -> Decimal:
        """The rate that is paid at the end of the funding interval of a time."""
        return (INTEREST_RATE + self.premium(at_ms) / 4).quantize(_EIGHT)

    def next_funding_ms(self, at_ms: int) -> int:
        """When funding is paid next after a time (ms)."""
        return at_ms // FUNDING_INTERVAL_MS * FUNDING_INTERVAL_MS + FUNDING_INTERVAL_MS

    def day(self) -> Candle:
        """The last 24 hours as one candle, in whole minutes."""
        now_ms = self.clock.now_ms()
        end_ms = now_ms // 60_000 * 60_000 + 60_000
        day = self.candles.span(end_ms - _DAY_MS, end_ms)
        day.close_ms = now_ms
        day.open_ms = now_ms - _DAY_MS
        day.close = self.last_price
        return day

    def price_of(self, working_type: str) -> Decimal:
        """The price that a conditional order watches: `MARK_PRICE` or `CONTRACT_PRICE`."""
        return self.mark_price if working_type == "MARK_PRICE" else self.last_price

    def _record(self, fill: Fill) -> Trade:
        self.last_trade_id += 1
        now_ms = self.clock.now_ms()
        buyer_is_maker = fill.taker_side == "SELL"
        trade = Trade(self.last_trade_id, fill.price, fill.quantity, now_ms, buyer_is_maker)
        self.trades.append(trade)
        self.last_price, self.last_quantity = fill.price, fill.quantity
        self.candles.record(now_ms, fill.price, fill.quantity, not buyer_is_maker, trade.id)
        return trade

    def _aggregate(self, trades: list[Trade]) -> None:
        self._last_aggregate_id += 1
        first, last = trades[0], trades[-1]
        quantity = sum((trade.quantity for trade in trades), Decimal(0))
        aggregate = AggregateTrade(
            self._last_aggregate_id, first.price, quantity, first.id, last.id, last.time_ms, first.buyer_is_maker
        )
        self.aggregates.append(aggregate)
        for listener in list(self.aggregate_listeners):
            listener(aggregate)
