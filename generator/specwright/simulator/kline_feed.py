"""The stream of one candle as it grows, and once more when it has closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .market import Market


class Klines:
    """Pushes a candle whenever it has changed, and once more when it has closed.

    Args:
        market: Whose trades.
        interval: Length of the candles, as the exchange writes it.
        push: Takes the candle with every field that a message may have.
    """

    def __init__(self, market: Market, interval: str, push: Callable[[dict[str, object]], None]) -> None:
        self._market = market
        self._interval = interval
        self._push = push
        self._open_ms: int | None = None
        self._last: tuple[int, int] | None = None

    def run(self) -> None:
        """Pushes what has happened since the last time."""
        now_ms = self._market.clock.now_ms()
        candle = self._market.candles.candle(self._interval, now_ms)
        if self._open_ms is not None and candle.open_ms != self._open_ms:
            self._send(self._open_ms, closed=True)
        self._open_ms = candle.open_ms
        state = (candle.open_ms, candle.trades)
        if state != self._last:
            self._last = state
            self._send(now_ms, closed=False)

    def _send(self, at_ms: int, *, closed: bool) -> None:
        instrument = self._market.instrument
        candle = self._market.candles.candle(self._interval, at_ms)
        price, quantity = instrument.price_text, instrument.quantity_text
        self._push(
            {
                "t": candle.open_ms, "T": candle.close_ms, "s": instrument.symbol, "i": self._interval,
                "f": candle.first_trade_id, "L": candle.last_trade_id, "o": price(candle.open),
                "c": price(candle.close), "h": price(candle.high), "l": price(candle.low),
                "v": quantity(candle.volume), "n": candle.trades, "x": closed, "q": f"{candle.quote_volume:.5f}",
                "V": quantity(candle.buy_volume), "Q": f"{candle.buy_quote_volume:.5f}", "B": "0",
            }
        )  # fmt: skip
