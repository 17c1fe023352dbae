"""The local order book of a symbol as a trader has it: opens it, reads it, and waits for its changes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from .order_book_arguments import number_of_levels, read_price, wants_bids
from .order_book_feed import OrderBookFeed, OrderBookState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ..clock import Clock
    from ..product import LocalOrderBook as Procedure
    from ..values import DecimalInput
    from .book import Level
    from .streams import Stream
    from .user_data_feed import CallById

__all__ = ["LocalOrderBook", "OrderBookOptions", "OrderBookState"]


class OrderBookOptions(TypedDict, total=False):
    """How a local order book is kept."""

    update_speed: str
    """As the depth stream takes it, "100ms" or "500ms"; default: the exchange's."""
    limit: int
    """Levels of a snapshot; fewer cost less weight, and the book knows no more than these until they change."""


class LocalOrderBook:
    """An order book that follows the exchange's and heals by itself.

        async with client.order_book("BTCUSDT") as book:
            book.best_bid, book.best_ask
            while True:
                await book.changed()

    Entering it waits until the book is live. From the moment in which its events fail to come until it has been built
    anew, `state` is "waiting" and the levels are the last known ones. An event or a snapshot that cannot be read is a
    gap too. A book that cannot be kept any more is "failed", and `changed` says why.

    Args:
        symbol: The symbol.
        procedure: Where the product's snapshot and events have their ids.
        events: Opens the stream of depth events.
        call: Calls operations over REST, for snapshots.
        clock: Local time.
        options: See `OrderBookOptions`.
    """

    def __init__(
        self,
        symbol: str,
        procedure: Procedure,
        *,
        events: Callable[[], Stream[Any]],
        call: CallById,
        clock: Clock,
        options: OrderBookOptions,
    ) -> None:
        unknown = set(options) - OrderBookOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"unknown order book options: {', '.join(sorted(unknown))}")
        self.symbol = symbol
        self._feed = OrderBookFeed(
            symbol,
            procedure,
            events=events,
            call=call,
            clock=clock,
            limit=options.get("limit", procedure.limit),
        )
        self._book = self._feed.book

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.symbol}: {self.state}>"

    # --- Life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Subscribes, fetches the snapshot, and waits until the book is live.

        Raises:
            BinanceError: The stream or the snapshot was refused.
        """
        await self._feed.start()

    async def close(self) -> None:
        """Unsubscribes; whoever waits for a change gets `ClientClosed`."""
        await self._feed.close()

    async def __aenter__(self) -> LocalOrderBook:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # --- Reading ------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> OrderBookState:
        """`live`, `waiting` for a snapshot, `failed`, or `closed`: only a live book follows the exchange."""
        return self._feed.state

    @property
    def last_id(self) -> int | None:
        """Final update id of the last event that is in the book."""
        return self._book.last_id

    @property
    def resynchronizations(self) -> int:
        """How often the book had to be built anew after it was live."""
        return self._book.resynchronizations

    @property
    def best_bid(self) -> Level | None:
        """The highest bid."""
        return self._book.bids.best()

    @property
    def best_ask(self) -> Level | None:
        """The lowest ask."""
        return self._book.asks.best()

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid; None: a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else ask.price - bid.price

    def top(self, levels: int) -> tuple[list[Level], list[Level]]:
        """The best levels of bids and asks, best first.

        Raises:
            InvalidParameter: `levels` is no int above 0.
        """
        levels = number_of_levels("top", levels)
        bids = [level for _, level in zip(range(levels), self._book.bids, strict=False)]
        return bids, [level for _, level in zip(range(levels), self._book.asks, strict=False)]

    def depth(self, side: Literal["bids", "asks"], price: DecimalInput) -> Decimal:
        """The quantity from the best price to `price`, both included, in the symbol's base asset.

        Raises:
            InvalidParameter: There is no such side, or `price` is nothing that a call takes for a price.
        """
        total = Decimal(0)
        is_bids, limit = wants_bids("depth", side), read_price("depth", price)
        for level in self._book.bids if is_bids else self._book.asks:
            if level.price < limit if is_bids else level.price > limit:
                break
            total += level.quantity
        return total

    def quantity(self, side: Literal["bids", "asks"], price: DecimalInput) -> Decimal:
        """What stands at a price; 0: nothing.

        Raises:
            InvalidParameter: As for `depth`.
        """
        levels = self._book.bids if wants_bids("quantity", side) else self._book.asks
        return levels.quantity(read_price("quantity", price)) or Decimal(0)

    def checksum(self, levels: int = 100) -> int:
        """CRC-32 over the best levels of both sides.

        Raises:
            InvalidParameter: `levels` is no int above 0.
        """
        return self._book.checksum(number_of_levels("checksum", levels))

    # --- Waiting ------------------------------------------------------------------------------------------------------

    async def changed(self) -> None:
        """Waits until the book changes, or its state does.

        Raises:
            ClientClosed: The book was closed.
            BinanceError: The book cannot be kept any more; says why. A fault of this package is raised as it is.
        """
        await self._feed.changed()

    async def verify(self, levels: int = 100) -> bool:
        """Fetches a snapshot and builds a second book from it; says whether both are equal when they stand at one id.

        Args:
            levels: Best levels of each side to compare; at most as many as a snapshot has.

        Raises:
            InvalidParameter: `levels` is no int above 0.
            BinanceError: The snapshot was refused or cannot be read, or the book was closed.
        """
        return await self._feed.verify(number_of_levels("verify", levels))
