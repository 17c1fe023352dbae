"""Who moves the prices: quotes on both sides of a wandering price, and takers that come and go. Seeded."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from typing import TYPE_CHECKING

from .market import Liquidation, Market
from .matching import RestingOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Instrument, Side

LEVELS = 40
"""Price levels that are quoted on each side."""

_SPACING = Decimal("0.00005")
"""Distance of two quoted levels, relative to the price."""

_LEVEL_NOTIONAL = 40_000
_TAKER_NOTIONAL = 3_000
_PULL = 0.00002
"""How strongly (per second) the price is drawn back to where it began, so that a long run does not leave the grid."""

_LONGEST_STEP_S = 60.0
"""A jump in time moves the price no further than this many seconds would."""

_LIQUIDATED = 0.08
"""Share of takers that are somebody's liquidation."""


class MarketMaker:
    """One market's quotes and takers.

    Args:
        market: Where it trades.
        seed: What its decisions are drawn from; equal seeds and equal times give equal markets.
        next_order_id: Gives numbers to its orders.
    """

    def __init__(self, market: Market, seed: str, next_order_id: Callable[[], int]) -> None:
        self._market = market
        self._instrument: Instrument = market.instrument
        self._draw = random.Random(f"market:{seed}")
        self._next_order_id = next_order_id
        self._fair = float(market.instrument.start_price)
        self._anchor = self._fair
        self._last_ms = market.clock.now_ms()
        self._quotes: dict[Side, dict[Decimal, int]] = {"BUY": {}, "SELL": {}}
        self._volatility = market.instrument.volatility
        self._quoted: tuple[Decimal, int] | None = None
        """Best bid and last trade when the book was last quoted in full."""
        self._requote()

    def step(self) -> None:
        """Lets the price wander for the time since the last step, quotes around it, and sends takers."""
        now_ms = self._market.clock.now_ms()
        elapsed_s = min((now_ms - self._last_ms) / 1000, _LONGEST_STEP_S)
        self._last_ms = now_ms
        drift = -_PULL * elapsed_s * math.log(self._fair / self._anchor)
        self._fair *= math.exp(drift + self._draw.gauss(0, self._volatility * math.sqrt(elapsed_s)))
        self._market.set_index_price(Decimal(self._fair))
        self._requote()
        self._refresh()
        if self._draw.random() < 0.6:
            self._send_taker()
        else:
            self._market.announce_prices()

    def move_to(self, price: Decimal) -> None:
        """Carries the market to a price at once, trading with every order in between."""
        self._fair = self._anchor = float(price)
        self._market.set_index_price(price)
        self._requote()
        side: Side = "BUY" if price >= self._market.last_price else "SELL"
        self._market.take(side, self._instrument.round_quantity(_TAKER_NOTIONAL / price))

    def _requote(self) -> None:
        spacing = self._spacing()
        fair = Decimal(self._fair)
        best_bid = fair // spacing * spacing
        # As long as neither the price has left its place on the grid nor anything was traded, every quote still stands.
        if self._quoted == (best_bid, self._market.last_trade_id):
            return
        moved = self._quoted is None or self._quoted[0] != best_bid
        bids = [price for step in range(LEVELS) if (price := best_bid - spacing * step) > 0]
        asks = [best_bid + spacing * (step + 1) for step in range(LEVELS)]
        if moved:
            self._withdraw("BUY", set(bids))
            self._withdraw("SELL", set(asks))
        # Trades eat the book from its best price on: what stands behind the first quote that is left, stands.
        self._fill_up("BUY", bids, every=moved)
        self._fill_up("SELL", asks, every=moved)
        self._quoted = (best_bid, self._market.last_trade_id)

    def _fill_up(self, side: Side, prices: list[Decimal], *, every: bool) -> None:
        for distance, price in enumerate(prices):
            if self._market.book.order(self._quotes[side].get(price, -1)) is None:
                self._quote(side, price, distance)
            elif not every:
                return

    def _withdraw(self, side: Side, kept: set[Decimal]) -> None:
        quotes = self._quotes[side]
        for price in [price for price in quotes if price not in kept]:
            self._market.book.cancel(quotes.pop(price))

    def _quote(self, side: Side, price: Decimal, distance: int) -> None:
        quantity = self._quantity(price, distance)
        if self._market.book.crosses(side, price):
            # Orders of accounts stand in the way: the quote trades with them, and what is left of it is quoted.
            match, _ = self._market.take(side, quantity, price)
            quantity = match.remaining
        if quantity > 0:
            order_id = self._next_order_id()
            self._market.book.rest(RestingOrder(order_id, side, price, quantity))
            self._quotes[side][price] = order_id

    def _refresh(self) -> None:
        """Puts other quantities at two places of the book."""
        for side in ("BUY", "SELL"):
            quotes = self._quotes[side]
            if quotes:
                distance = min(int(self._draw.expovariate(0.25)), len(quotes) - 1)
                price = sorted(quotes, reverse=side == "BUY")[distance]
                self._market.book.cancel(quotes.pop(price))
                self._quote(side, price, distance)

    def _send_taker(self) -> None:
        side: Side = "BUY" if self._draw.random() < 0.5 else "SELL"
        price = self._market.last_price
        wanted = Decimal(_TAKER_NOTIONAL * self._draw.lognormvariate(0, 1.5)) / price
        quantity = min(self._instrument.round_quantity(wanted), self._market.book.available(side, None) / 2)
        quantity = self._instrument.round_quantity(quantity)
        liquidated = self._draw.random() < _LIQUIDATED
        _, trades = self._market.take(side, quantity)
        if liquidated and trades:
            filled = sum((trade.quantity for trade in trades), Decimal(0))
            average = sum((trade.price * trade.quantity for trade in trades), Decimal(0)) / filled
            bankruptcy = self._instrument.round_price(average * (Decimal("1.01") if side == "BUY" else Decimal("0.99")))
            self._market.liquidate(Liquidation(side, filled, bankruptcy, average, trades[-1].time_ms))

    def _quantity(self, price: Decimal, distance: int) -> Decimal:
        notional = Decimal(_LEVEL_NOTIONAL * self._draw.uniform(0.3, 1.7) * (1 + distance / 10))
        return self._instrument.round_quantity(notional / price)

    def _spacing(self) -> Decimal:
        tick = self._instrument.tick
        return max(Decimal(1), (Decimal(self._anchor) * _SPACING / tick).to_integral_value()) * tick
