"""The order book: price-time priority, and what a taker meets in it. No accounts, no clock, no I/O."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Literal, TypeAlias

from attrs import Factory, define

from .instruments import Side

SelfTradePrevention: TypeAlias = Literal["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]
LevelChanged: TypeAlias = Callable[[Side, Decimal, Decimal], None]
"""Called with the side of the book (BUY: bids), a price, and the quantity that now rests there (0: level gone)."""


@define(eq=False)
class RestingOrder:
    """An order that waits in the book."""

    order_id: int
    side: Side
    price: Decimal
    remaining: Decimal
    party: Hashable | None = None
    """Who placed it, for self-trade prevention; None is the market at large."""


@define(frozen=True)
class Fill:
    """One meeting of a taker with one resting order."""

    maker_order_id: int
    maker_party: Hashable | None
    price: Decimal
    quantity: Decimal
    taker_side: Side


@define
class Match:
    """What became of a taker."""

    fills: list[Fill] = Factory(list)
    remaining: Decimal = Decimal(0)
    expired_makers: list[RestingOrder] = Factory(list)
    """Resting orders of the taker's own party that gave way."""
    taker_expired: bool = False
    """The taker gave way to a resting order of its own party."""


class _Level:
    __slots__ = ("orders", "total")

    def __init__(self) -> None:
        # A dict keeps the order of arrival, and lets an order leave from the middle at once.
        self.orders: dict[int, RestingOrder] = {}
        self.total = Decimal(0)


class _Half:
    """One side of the book. Prices are kept ascending; the best bid is the last, the best ask the first."""

    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.prices: list[Decimal] = []
        self.levels: dict[Decimal, _Level] = {}

    def best(self) -> Decimal | None:
        if not self.prices:
            return None
        return self.prices[-1] if self.side == "BUY" else self.prices[0]

    def from_best(self) -> Iterator[Decimal]:
        return reversed(self.prices) if self.side == "BUY" else iter(self.prices)

    def add(self, order: RestingOrder) -> None:
        level = self.levels.get(order.price)
        if level is None:
            level = self.levels[order.price] = _Level()
            insort(self.prices, order.price)
        level.orders[order.order_id] = order
        level.total += order.remaining

    def reduce(self, order: RestingOrder, quantity: Decimal) -> None:
        """Takes `quantity` off an order, and the order off the book when nothing is left of it."""
        level = self.levels[order.price]
        order.remaining -= quantity
        level.total -= quantity
        if order.remaining <= 0:
            del level.orders[order.order_id]
            if not level.orders:
                del self.levels[order.price]
                del self.prices[bisect_left(self.prices, order.price)]

    def total(self, price: Decimal) -> Decimal:
        level = self.levels.get(price)
        return level.total if level else Decimal(0)


class OrderBook:
    """Bids and asks of one contract.

    Args:
        first_update_id: Number that the first change of the book follows on.
    """

    def __init__(self, first_update_id: int = 0) -> None:
        self.update_id = first_update_id
        """Number of the latest change; every change of a level counts one on."""
        self._bids = _Half("BUY")
        self._asks = _Half("SELL")
        self._orders: dict[int, RestingOrder] = {}
        self._listeners: list[LevelChanged] = []

    def listen(self, listener: LevelChanged) -> Callable[[], None]:
        """Calls `listener` at every change of a level; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def best(self, side: Side) -> tuple[Decimal, Decimal] | None:
        """Price and quantity of the best bid (BUY) or ask (SELL); None when that side is empty."""
        half = self._half(side)
        price = half.best()
        return None if price is None else (price, half.total(price))

    def levels(self, side: Side, limit: int | None = None) -> list[tuple[Decimal, Decimal]]:
        """Prices and quantities of one side, best first."""
        half = self._half(side)
        return [(price, half.levels[price].total) for price in islice(half.from_best(), limit)]

    def order(self, order_id: int) -> RestingOrder | None:
        """The resting order of this number."""
        return self._orders.get(order_id)

    def crosses(self, side: Side, price: Decimal) -> bool:
        """Whether a limit order would trade at once."""
        best = self._half("SELL" if side == "BUY" else "BUY").best()
        return best is not None and (price >= best if side == "BUY" else price <= best)

    def available(self, side: Side, limit: Decimal | None) -> Decimal:
        """How much a taker of this side could trade, at `limit` or better."""
        half = self._half("SELL" if side == "BUY" else "BUY")
        total = Decimal(0)
        for price in half.from_best():
            if limit is not None and (price > limit if side == "BUY" else price < limit):
                break
            total += half.levels[price].total
        return total

    def match(
        self,
        side: Side,
        quantity: Decimal,
        limit: Decimal | None = None,
        party: Hashable | None = None,
        prevention: SelfTradePrevention = "NONE",
    ) -> Match:
        """Trades a taker against the book, best price first and, at one price, first come first served.

        Args:
            side: The taker's side.
            quantity: What it wants at most (base asset).
            limit: Its worst price; None takes any.
            party: Who it belongs to; None never prevents a trade with itself.
            prevention: Which of two orders of one party gives way.
        """
        half = self._half("SELL" if side == "BUY" else "BUY")
        result = Match(remaining=quantity)
        while result.remaining > 0 and not result.taker_expired:
            price = half.best()
            if price is None or (limit is not None and (price > limit if side == "BUY" else price < limit)):
                break
            self._match_level(half, price, result, side, party, prevention)
            self._changed(half.side, price, half.total(price))
        return result

    def rest(self, order: RestingOrder) -> None:
        """Puts an order behind those of its price.

        Raises:
            ValueError: The order would trade, so it does not belong in the book, or its number is taken.
        """
        if self.crosses(order.side, order.price) or order.order_id in self._orders:
            raise ValueError(f"order {order.order_id} at {order.price} cannot rest")
        self._orders[order.order_id] = order
        half = self._half(order.side)
        half.add(order)
        self._changed(order.side, order.price, half.total(order.price))

    def cancel(self, order_id: int) -> RestingOrder | None:
        """Takes an order off the book; None when it does not rest there."""
        order = self._orders.get(order_id)
        return None if order is None else self.reduce(order_id, order.remaining)

    def reduce(self, order_id: int, quantity: Decimal) -> RestingOrder | None:
        """Takes `quantity` off a resting order, which keeps its place in the queue."""
        order = self._orders.get(order_id)
        if order is None:
            return None
        half = self._half(order.side)
        half.reduce(order, min(quantity, order.remaining))
        if order.remaining <= 0:
            del self._orders[order_id]
        self._changed(order.side, order.price, half.total(order.price))
        return order

    def _match_level(
        self, half: _Half, price: Decimal, result: Match, side: Side, party: Hashable | None, prevention: str
    ) -> None:
        for maker in list(half.levels[price].orders.values()):
            if result.remaining <= 0:
                return
            if party is not None and maker.party == party and prevention != "NONE":
                if prevention in ("EXPIRE_MAKER", "EXPIRE_BOTH"):
                    result.expired_makers.append(maker)
                    self._take(half, maker, maker.remaining)
                if prevention in ("EXPIRE_TAKER", "EXPIRE_BOTH"):
                    result.taker_expired = True
                    return
                continue
            quantity = min(maker.remaining, result.remaining)
            result.fills.append(Fill(maker.order_id, maker.party, price, quantity, side))
            result.remaining -= quantity
            self._take(half, maker, quantity)

    def _take(self, half: _Half, maker: RestingOrder, quantity: Decimal) -> None:
        half.reduce(maker, quantity)
        if maker.remaining <= 0:
            del self._orders[maker.order_id]

    def _half(self, side: Side) -> _Half:
        return self._bids if side == "BUY" else self._asks

    def _changed(self, side: Side, price: Decimal, total: Decimal) -> None:
        self.update_id += 1
        for listener in self._listeners:
            listener(side, price, total)
