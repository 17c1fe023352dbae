"""Streams of the order book: what changed, the best levels, the best prices. Numbers follow on without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import views

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from .instruments import Side
    from .market import Market

_UM = 1


class DiffDepth:
    """Levels that changed since the last message.

    Args:
        market: Whose book.
        emit: Takes each message.
    """

    def __init__(self, market: Market, emit: Callable[[object], None]) -> None:
        self._market = market
        self._emit = emit
        self._changed: dict[Side, dict[Decimal, Decimal]] = {"BUY": {}, "SELL": {}}
        self._sent_id = market.book.update_id
        self._stop = market.book.listen(self._note)

    def close(self) -> None:
        """Notes no more changes."""
        self._stop()

    def flush(self) -> None:
        """Sends what has changed; nothing when nothing has."""
        book, now_ms = self._market.book, self._market.clock.now_ms()
        if book.update_id == self._sent_id:
            return
        bids = sorted(self._changed["BUY"].items(), reverse=True)
        asks = sorted(self._changed["SELL"].items())
        message = {
            "e": "depthUpdate",
            "E": now_ms,
            "T": now_ms,
            "s": self._market.instrument.symbol,
            "ps": self._market.instrument.pair,
            "U": self._sent_id + 1,
            "u": book.update_id,
            "pu": self._sent_id,
            "b": views.levels(self._market.instrument, bids),
            "a": views.levels(self._market.instrument, asks),
            "st": _UM,
        }
        self._sent_id = book.update_id
        for side in self._changed.values():
            side.clear()
        self._emit(message)

    def _note(self, side: Side, price: Decimal, quantity: Decimal) -> None:
        self._changed[side][price] = quantity


class PartialDepth:
    """The best levels, whole.

    Args:
        market: Whose book.
        levels: How many of each side.
        emit: Takes each message.
    """

    def __init__(self, market: Market, levels: int, emit: Callable[[object], None]) -> None:
        self._market = market
        self._levels = levels
        self._emit = emit
        self._sent_id = market.book.update_id

    def flush(self) -> None:
        """Sends the levels when anything in the book has changed."""
        market, now_ms = self._market, self._market.clock.now_ms()
        book, previous = market.book, self._sent_id
        if book.update_id == previous:
            return
        self._sent_id = book.update_id
        self._emit(
            {
                "e": "depthUpdate",
                "E": now_ms,
                "T": now_ms,
                "s": market.instrument.symbol,
                "ps": market.instrument.pair,
                "U": previous + 1,
                "u": book.update_id,
                "pu": previous,
                "b": views.levels(market.instrument, book.levels("BUY", self._levels)),
                "a": views.levels(market.instrument, book.levels("SELL", self._levels)),
                "st": _UM,
            }
        )


class BookTickers:
    """Best bids and asks of some contracts.

    Args:
        markets: Whose books.
        emit: Takes each message.
    """

    def __init__(self, markets: list[Market], emit: Callable[[object], None]) -> None:
        self._markets = markets
        self._emit = emit
        self._sent: dict[str, object] = {}
        self._stops: list[Callable[[], None]] = []

    def follow(self) -> None:
        """Sends at every change from now on."""
        for market in self._markets:

            def changed(side: Side, price: Decimal, quantity: Decimal, market: Market = market) -> None:
                best = market.book.best(side)
                # Only what happens at the top of the book, or took the top away, can have changed the ticker.
                if best is None or (price >= best[0] if side == "BUY" else price <= best[0]):
                    self._send(market)

            self._stops.append(market.book.listen(changed))

    def close(self) -> None:
        """Sends nothing more."""
        for stop in self._stops:
            stop()

    def flush(self) -> None:
        """Sends the contracts whose ticker has changed since it was sent."""
        for market in self._markets:
            self._send(market)

    def _send(self, market: Market) -> None:
        bid, ask = market.book.best("BUY"), market.book.best("SELL")
        symbol, best = market.instrument.symbol, (bid, ask)
        # While the quotes move, one side may be empty for a moment: no one is told of that.
        if bid is None or ask is None or self._sent.get(symbol) == best:
            return
        self._sent[symbol] = best
        price, quantity, now_ms = market.instrument.price_text, market.instrument.quantity_text, market.clock.now_ms()
        self._emit(
            {
                "e": "bookTicker", "u": market.book.update_id, "E": now_ms, "T": now_ms, "s": symbol,
                "ps": market.instrument.pair, "b": price(bid[0]), "B": quantity(bid[1]), "a": price(ask[0]),
                "A": quantity(ask[1]), "st": _UM,
            }
        )  # fmt: skip
