"""The local order book of a symbol as a trader has it: opens it, reads it, and waits for its changes."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ..errors import InvalidParameter
from .order_book_arguments import number_of_levels, read_price, wants_bids
from .order_book_feed import OrderBookFeed, OrderBookState

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ..clock import Clock
    from ..product import LocalOrderBook as Procedure
    from ..values import DecimalInput
    from .book_side import BookSide, Level
    from .streams import Stream
    from .user_data_feed import CallById

__all__ = ["LocalOrderBook", "OrderBookOptions", "OrderBookState"]


class OrderBookOptions(TypedDict, total=False):
    """How a local order book is kept."""

    update_speed: str
    """As the depth stream takes it, "100ms" or "500ms"; default: the exchange's."""
    limit: int
    """Levels of a snapshot, as its operation takes them; default: as documented. Fewer cost
    less weight, tell less of the book, and are used up sooner by the market."""


class LocalOrderBook:
    """An order book that follows the exchange's and heals by itself.

        async with client.order_book("BTCUSDT") as book:
            book.best_bid, book.best_ask
            while True:
                await book.changed()

    Entering it waits until the book is live. From the moment in which its events fail to come until it has been built
    anew, `state` is "waiting" and the levels are the last known ones. An event or a snapshot that cannot be read is a
    gap too. A book that cannot be kept any more is "failed", and `changed` says why.

    A snapshot has `limit` levels a side. What is beyond the worst of them, the side's `horizon`, is not known, and the
    readers say nothing of it. When fewer than a quarter of these levels are left, another snapshot is fetched while the
    book stays live; when the market is faster and none is left, it is "waiting" until that snapshot is there.

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
        self.limit = options.get("limit", procedure.limit)
        """How many levels a side its snapshots are asked for."""
        self._feed = OrderBookFeed(
            symbol,
            procedure,
            events=events,
            call=call,
            clock=clock,
            limit=self.limit,
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
        """Unsubscribes; whoever waits for a change, or for `verify`, gets `ClientClosed`."""
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
        """`new` until it is started, `live`, `waiting` for a snapshot, `failed`, or `closed`.

        Only a live book follows the exchange.
        """
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
        """The highest bid; None: there is none, or none that is known while the book waits."""
        return self._book.bids.best()

    @property
    def best_ask(self) -> Level | None:
        """The lowest ask; None: as for bids."""
        return self._book.asks.best()

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid; None: one of them is None."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else ask.price - bid.price

    def horizon(self, side: Literal["bids", "asks"]) -> Decimal | None:
        """The worst price up to which a side is known; None: all of it is.

        Raises:
            InvalidParameter: There is no such side.
        """
        return self._side("horizon", side).horizon

    def top(self, levels: int) -> tuple[list[Level], list[Level]]:
        """The best levels of bids and asks, best first; fewer where the side has fewer, or no more are known.

        Raises:
            InvalidParameter: `levels` is no int above 0.
        """
        levels = number_of_levels("top", levels)
        return list(islice(self._book.bids, levels)), list(islice(self._book.asks, levels))

    def depth(self, side: Literal["bids", "asks"], price: DecimalInput) -> Decimal:
        """The quantity from the best price to `price`, both included, in the symbol's base asset.

        Raises:
            InvalidParameter: There is no such side, `price` is nothing that a call takes for a price, or it is beyond
                the side's horizon.
        """
        levels, limit = self._known("depth", side, price)
        return sum((level.quantity for level in levels.within(limit)), Decimal(0))

    def quantity(self, side: Literal["bids", "asks"], price: DecimalInput) -> Decimal:
        """What stands at a price; 0: nothing.

        Raises:
            InvalidParameter: As for `depth`.
        """
        levels, read = self._known("quantity", side, price)
        return levels.quantity(read) or Decimal(0)

    def checksum(self, levels: int = 100) -> int:
        """CRC-32 over the best levels of both sides, those of `top(levels)`.

        Raises:
            InvalidParameter: `levels` is no int above 0.
        """
        return self._book.checksum(number_of_levels("checksum", levels))

    # --- Waiting ------------------------------------------------------------------------------------------------------

    async def changed(self) -> None:
        """Waits until the book changes, or its state does.

        Raises:
            ClientClosed: The book was closed.
            ConfigurationError: It was not started, or belongs to another event loop.
            BinanceError: The book cannot be kept any more; says why. A fault of this package is raised as it is.
        """
        await self._feed.changed()

    async def verify(self, levels: int = 100) -> bool:
        """Fetches a snapshot and builds a second book from it; says whether both are equal when they stand at one id.

        Args:
            levels: Best levels of each side to compare; fewer where not both books know as many.

        Raises:
            InvalidParameter: `levels` is no int above 0.
            ConfigurationError: As for `changed`.
            ClientClosed: The book was closed, also while its snapshot was waited for.
            BinanceError: The snapshot was refused or cannot be read, or the book cannot be kept any more.
        """
        return await self._feed.verify(number_of_levels("verify", levels))

    # --- Sides --------------------------------------------------------------------------------------------------------

    def _side(self, method: str, side: str) -> BookSide:
        return self._book.bids if wants_bids(method, side) else self._book.asks

    def _known(self, method: str, side: str, price: DecimalInput) -> tuple[BookSide, Decimal]:
        """A side, and a price up to its horizon: beyond, a sum would be too small, and no level would mean nothing."""
        known, read = self._side(method, side), read_price(method, price)
        if not known.knows(read):
            rule = f"is beyond the horizon: this book knows the {side} up to {known.horizon}"
            raise InvalidParameter(f"order_book.{method}", "price", rule)
        return known, read
