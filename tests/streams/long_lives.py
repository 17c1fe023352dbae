"""Consumers that live for long: each checks what it is told at once, counts it, and keeps nothing of it."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import define, field

from binance_derivatives import Reconnected, Resynchronized
from specwright.simulator.matching import RestingOrder

from ..conditions import until
from .tape import SYMBOL, Tape, delivered_ids

if TYPE_CHECKING:
    from binance_derivatives import LocalOrderBook, Stream
    from specwright.simulator import ManualClock, Simulator

__all__ = ["Mirror", "Sleeper", "Tally"]

TICKS = 300
"""How far from the best price orders are placed."""


@define
class Tally:
    """Counts what a stream delivers, where no trade may be missing."""

    trades: int = 0
    last_trade: int | None = None
    gaps: int = 0
    states: int = 0
    expiries: int = 0
    others: int = 0

    def take(self, item: Any) -> None:
        if hasattr(item, "aggregate_trade_id"):
            assert self.last_trade in (None, item.aggregate_trade_id - 1), "each trade follows the one before it"
            self.last_trade = item.aggregate_trade_id
            self.trades += 1
        elif isinstance(item, Reconnected):
            self.gaps += 1
        elif isinstance(item, Resynchronized):
            self.states += 1
        elif getattr(item, "event_type", None) == "listenKeyExpired":
            self.expiries += 1
        else:
            self.others += 1


@define
class Sleeper:
    """Sleeps most of the time, and its stream waits; what is missing must lie in a gap that was announced."""

    stream: Stream[Any]
    tape: Tape
    missed: int = 0
    gaps: int = 0
    _items: list[Any] = field(factory=list)
    _next_trade: int | None = None
    _awake: asyncio.Event = field(factory=asyncio.Event)

    def is_held(self) -> bool:
        """Whether the exchange has to wait for it."""
        return self.stream._buffer.is_held

    async def live(self) -> None:
        """Takes what comes whenever it is awake."""
        await self.stream.run(self._take, self._take)

    async def catch_up(self) -> None:
        """Wakes up until it has the newest trade."""
        self._awake.set()
        await until(lambda: delivered_ids(self._items[-1:]) == [self.tape.last])
        self._awake.clear()
        first = self._next_trade or min(self.tape.times)
        self.missed += self.tape.check(self._items, first=first, batch=len(self._items))
        self.gaps += sum(isinstance(item, Reconnected) for item in self._items)
        self._items.clear()
        self._next_trade = self.tape.last + 1

    async def _take(self, item: Any) -> None:
        await self._awake.wait()
        self._items.append(item)


@define
class Mirror:
    """A local book beside the exchange's own, in which orders come and go."""

    exchange: Simulator
    clock: ManualClock
    book: LocalOrderBook
    _chance: Random = field(factory=lambda: Random(5))
    _placed: list[int] = field(factory=list)
    _next_id: int = -1

    async def edit(self) -> None:
        """Places an order, takes another one back, and waits until the book has been told of all that happened."""
        theirs = self.exchange.market(SYMBOL).book
        self.exchange.call(self._edit)
        await until(lambda: self.book.state == "live" and self.book.last_id == theirs.update_id)

    def compare(self) -> None:
        """A book that is in step is the exchange's book, level by level."""
        theirs = self.exchange.market(SYMBOL).book
        bids, asks = self.book.top(10_000)
        assert bids == theirs.levels("BUY")
        assert asks == theirs.levels("SELL")

    def _edit(self) -> None:
        market = self.exchange.market(SYMBOL)
        side: Any = self._chance.choice(["BUY", "SELL"])
        best, _ = market.book.best(side) or (market.last_price, 0)
        distance = self._chance.randrange(TICKS) * market.instrument.tick
        quantity = self._chance.randrange(1, 100) * market.instrument.step
        price = best - distance if side == "BUY" else best + distance
        market.book.rest(RestingOrder(self._next_id, side, price, quantity))
        self._placed.append(self._next_id)
        self._next_id -= 1
        if len(self._placed) > TICKS // 10:
            market.book.cancel(self._placed.pop(self._chance.randrange(len(self._placed))))
        self.clock.advance(ms=500)
