"""Candles of every interval, added up from those of a second and of a minute."""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import define, evolve

from .intervals import bounds, starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .history import PriceHistory
    from .instruments import Instrument

_SECOND_MS = 1_000
_MINUTE_MS = 60_000
_SECONDS_KEPT = 4_000
_MINUTES_KEPT = 60_000
_TRIM_AT = 1_000


@define
class Candle:
    """Prices and volumes of one span. A candle without trades repeats the last price."""

    open_ms: int
    close_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)
    quote_volume: Decimal = Decimal(0)
    trades: int = 0
    buy_volume: Decimal = Decimal(0)
    buy_quote_volume: Decimal = Decimal(0)
    first_trade_id: int = -1
    last_trade_id: int = -1

    def join(self, later: Candle) -> None:
        """Makes this candle cover `later` too."""
        self.high, self.low, self.close = max(self.high, later.high), min(self.low, later.low), later.close
        self.volume += later.volume
        self.quote_volume += later.quote_volume
        self.trades += later.trades
        self.buy_volume += later.buy_volume
        self.buy_quote_volume += later.buy_quote_volume
        if self.first_trade_id < 0:
            self.first_trade_id = later.first_trade_id
        self.last_trade_id = max(self.last_trade_id, later.last_trade_id)


class _Base:
    """Candles of one short span, only where something was traded, oldest first."""

    def __init__(self, length_ms: int, kept: int) -> None:
        self._length_ms = length_ms
        self._kept = kept
        self._starts: list[int] = []
        self._candles: list[Candle] = []

    def record(self, at_ms: int, price: Decimal, quantity: Decimal, buyer_took: bool, trade_id: int) -> None:
        start_ms = at_ms // self._length_ms * self._length_ms
        quote = price * quantity
        trade = Candle(start_ms, start_ms + self._length_ms - 1, price, price, price, price, quantity, quote,
                       1 if trade_id >= 0 else 0, quantity if buyer_took else Decimal(0),
                       quote if buyer_took else Decimal(0), trade_id, trade_id)  # fmt: skip
        if self._starts and self._starts[-1] == start_ms:
            self._candles[-1].join(trade)
            return
        self._starts.append(start_ms)
        self._candles.append(trade)
        if len(self._starts) > self._kept + _TRIM_AT:
            del self._starts[:_TRIM_AT], self._candles[:_TRIM_AT]

    def between(self, start_ms: int, end_ms: int) -> list[Candle]:
        return self._candles[bisect_left(self._starts, start_ms) : bisect_left(self._starts, end_ms)]

    def last_before(self, at_ms: int) -> Candle | None:
        index = bisect_left(self._starts, at_ms)
        return self._candles[index - 1] if index else None


class CandleSeries:
    """What was traded (or quoted) in one contract, as candles.

    Args:
        instrument: The contract, for the grid of invented prices.
        history: Prices before `begin_ms`.
        begin_ms: When recording began.
    """

    def __init__(self, instrument: Instrument, history: PriceHistory, begin_ms: int) -> None:
        self._instrument = instrument
        self._history = history
        self._begin_ms = begin_ms
        self._seconds = _Base(_SECOND_MS, _SECONDS_KEPT)
        self._minutes = _Base(_MINUTE_MS, _MINUTES_KEPT)

    def record(self, at_ms: int, price: Decimal, quantity: Decimal, buyer_took: bool, trade_id: int) -> None:
        """Adds one trade; `trade_id` -1 is a price that nobody traded at."""
        self._seconds.record(at_ms, price, quantity, buyer_took, trade_id)
        self._minutes.record(at_ms, price, quantity, buyer_took, trade_id)

    def candle(self, interval: str, at_ms: int) -> Candle:
        """The candle that covers a moment, as far as it is known."""
        return self.span(*bounds(interval, at_ms))

    def window(self, interval: str, start_ms: int | None, end_ms: int, limit: int) -> list[Candle]:
        """Candles of a window, ascending.

        Raises:
            Rejection: -1120, the interval does not exist.
        """
        return [self.candle(interval, at_ms) for at_ms in starts(interval, start_ms, end_ms, limit)]

    def span(self, start_ms: int, end_ms: int) -> Candle:
        """One candle over [start_ms, end_ms)."""
        base = self._seconds if end_ms - start_ms < _MINUTE_MS else self._minutes
        total: Candle | None = None
        for part in self._parts(base, start_ms, end_ms):
            if total is None:
                total = evolve(part, open_ms=start_ms, close_ms=end_ms - 1)
            else:
                total.join(part)
        if total is not None:
            return total
        previous = base.last_before(start_ms)
        price = previous.close if previous else self._past(start_ms)
        return Candle(start_ms, end_ms - 1, price, price, price, price)

    def _parts(self, base: _Base, start_ms: int, end_ms: int) -> Iterator[Candle]:
        if start_ms < self._begin_ms:
            yield self._invented(start_ms, min(end_ms, self._begin_ms))
        yield from base.between(max(start_ms, self._begin_ms), end_ms)

    def _invented(self, start_ms: int, end_ms: int) -> Candle:
        high, low = self._history.extremes(start_ms, end_ms)
        count, quote_volume, buyers = self._history.activity(start_ms, end_ms)
        opening, closing = self._past(start_ms), self._past(end_ms)
        volume = self._instrument.round_quantity(Decimal(quote_volume) / opening)
        bought = self._instrument.round_quantity(volume * Decimal(buyers))
        price = self._instrument.round_price
        return Candle(
            start_ms, end_ms - 1, opening, max(price(Decimal(high)), opening, closing),
            min(price(Decimal(low)), opening, closing), closing, volume, volume * opening, count, bought,
            bought * opening, 0, 0,
        )  # fmt: skip

    def _past(self, at_ms: int) -> Decimal:
        return self._instrument.round_price(Decimal(self._history.price(at_ms)))
