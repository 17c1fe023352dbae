"""An order book at an exchange that is edited by hand, and what a local book has of it."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, field

from specwright.runtime.websocket.book import BookMachine, BookUpdate
from specwright.runtime.websocket.book_side import Level

__all__ = ["PRICES", "EditedBook", "known_of", "levels_of"]

PRICES = [Decimal(number) / 10 for number in range(990, 1010)]


@define
class EditedBook:
    """An order book that tells of each change as the exchange does."""

    bids: dict[Decimal, Decimal] = field(factory=dict)
    asks: dict[Decimal, Decimal] = field(factory=dict)
    last_id: int = 1_000

    def change(self, levels: list[tuple[int, int]], ids: int) -> BookUpdate:
        """Sets quantities (0: none) at prices; the event covers so many update ids."""
        bids: list[tuple[Decimal, Decimal]] = []
        asks: list[tuple[Decimal, Decimal]] = []
        for index, quantity in levels:
            price = PRICES[index]
            side, told = (self.bids, bids) if index < 10 else (self.asks, asks)
            if quantity:
                side[price] = Decimal(quantity)
            else:
                side.pop(price, None)
            # Zero has many spellings: "0", "0.000", "0E-8".
            told.append((price, Decimal(quantity) if quantity else Decimal("0.000")))
        previous, self.last_id = self.last_id, self.last_id + ids
        return BookUpdate(previous + 1, self.last_id, previous, bids, asks)

    def snapshot(self, limit: int | None = None) -> tuple[int, list[Level], list[Level]]:
        bids, asks = self.levels
        return self.last_id, bids[:limit], asks[:limit]

    @property
    def levels(self) -> tuple[list[Level], list[Level]]:
        bids = [Level(price, self.bids[price]) for price in sorted(self.bids, reverse=True)]
        return bids, [Level(price, self.asks[price]) for price in sorted(self.asks)]


def levels_of(book: BookMachine) -> tuple[list[Level], list[Level]]:
    return list(book.bids), list(book.asks)


def known_of(book: BookMachine, levels: tuple[list[Level], list[Level]]) -> tuple[list[Level], list[Level]]:
    """What of the exchange's levels is not beyond the book's horizon."""
    bids, asks = levels
    lowest, highest = book.bids.horizon, book.asks.horizon
    return (
        [level for level in bids if lowest is None or level.price >= lowest],
        [level for level in asks if highest is None or level.price <= highest],
    )
