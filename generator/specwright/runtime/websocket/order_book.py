"""The local order book of a symbol, kept right in the background: what a trader reads and waits for."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ..errors import BinanceError, ClientClosed, DecodeError, LimitError, ServerError, TransportError
from .book import BookMachine, BookState, Level, read_snapshot, read_update
from .notices import Dropped, Malformed, Notice, Reconnected
from .timing import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from ..clock import Clock
    from ..product import LocalOrderBook as Procedure
    from .streams import Stream
    from .user_data_feed import CallById

__all__ = ["LocalOrderBook", "OrderBookOptions", "OrderBookState"]

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
"""Seconds between two attempts at a snapshot."""
_STABLE_AFTER = 10.0
"""Seconds for which a book must be live for its losses to be counted anew."""
_QUICK_LOSSES = 8
"""Losses in a row that cost no pause: a bad moment of the network is over soon, and the book is wanted back."""

OrderBookState: TypeAlias = "BookState | Literal['failed', 'closed']"


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

    Entering it waits until the book is live. While it is being built anew after a gap, `state` is "waiting" and the
    levels are the last known ones. An event or a snapshot that cannot be read is a gap too. A book that cannot be kept
    any more is "failed", and `changed` says why.

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
        self._procedure = procedure
        self._limit = options.get("limit", procedure.limit)
        self._events = events
        self._call = call
        self._clock = clock
        self._machine = BookMachine()
        self._shadows: set[BookMachine] = set()
        """Books that are built from a fresh snapshot to check this one against."""
        self._stream: Stream[Any] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._wants_snapshot = asyncio.Event()
        self._error: BaseException | None = None
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.symbol}: {self.state}>"

    # --- Life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Subscribes, fetches the snapshot, and waits until the book is live.

        Raises:
            BinanceError: The stream or the snapshot was refused.
        """
        if self._is_closed:
            raise ClientClosed("this order book was closed; open another one")
        if self._stream is None:
            self._stream = self._events()
            await self._stream.start()
            self._tasks = [
                asyncio.create_task(self._guard(self._follow(self._stream))),
                asyncio.create_task(self._guard(self._fetch_snapshots())),
            ]
        while self.state != "live":
            await self.changed()

    async def close(self) -> None:
        """Unsubscribes; whoever waits for a change gets `ClientClosed`."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        if self._stream is not None:
            await self._stream.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._wake()

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
        if self._is_closed:
            return "closed"
        return self._machine.state if self._error is None else "failed"

    @property
    def last_id(self) -> int | None:
        """Final update id of the last event that is in the book."""
        return self._machine.last_id

    @property
    def resynchronizations(self) -> int:
        """How often the book had to be built anew after it was live."""
        return self._machine.resynchronizations

    @property
    def best_bid(self) -> Level | None:
        """The highest bid."""
        return self._machine.bids.best()

    @property
    def best_ask(self) -> Level | None:
        """The lowest ask."""
        return self._machine.asks.best()

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid; None: a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else ask.price - bid.price

    def top(self, levels: int) -> tuple[list[Level], list[Level]]:
        """The best levels of bids and asks, best first."""
        machine = self._machine
        bids = [level for _, level in zip(range(levels), machine.bids, strict=False)]
        return bids, [level for _, level in zip(range(levels), machine.asks, strict=False)]

    def depth(self, side: Literal["bids", "asks"], price: Decimal) -> Decimal:
        """The quantity from the best price to `price`, both included, in the symbol's base asset."""
        total = Decimal(0)
        is_bids = side == "bids"
        for level in self._machine.bids if is_bids else self._machine.asks:
            if level.price < price if is_bids else level.price > price:
                break
            total += level.quantity
        return total

    def quantity(self, side: Literal["bids", "asks"], price: Decimal) -> Decimal:
        """What stands at a price; 0: nothing."""
        return (self._machine.bids if side == "bids" else self._machine.asks).quantity(price) or Decimal(0)

    def checksum(self, levels: int = 100) -> int:
        """CRC-32 over the best levels of both sides."""
        return self._machine.checksum(levels)

    # --- Waiting ------------------------------------------------------------------------------------------------------

    async def changed(self) -> None:
        """Waits until the book changes, or its state does.

        Raises:
            ClientClosed: The book was closed.
            BinanceError: The book cannot be kept any more; says why. A fault of this package is raised as it is.
        """
        self._check()
        await self._news.wait()
        self._check()

    async def verify(self, levels: int = 100) -> bool:
        """Fetches a snapshot and builds a second book from it; says whether both are equal when they stand at one id.

        Args:
            levels: Best levels of each side to compare; at most as many as a snapshot has.

        Raises:
            BinanceError: The snapshot was refused or cannot be read, or the book was closed.
        """
        shadow = BookMachine()
        self._shadows.add(shadow)
        try:
            while shadow.needs_snapshot or self.state != "live" or shadow.last_id != self.last_id:
                if shadow.needs_snapshot and await self._take_snapshot(shadow):
                    continue
                await self.changed()
            return shadow.checksum(levels) == self._machine.checksum(levels)
        finally:
            self._shadows.discard(shadow)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
        if self._is_closed:
            raise ClientClosed("the order book was closed")

    def _wake(self) -> None:
        """Lets everybody go who waits now, and nobody who comes later."""
        self._news.set()
        self._news = asyncio.Event()

    # --- Keeping it right ---------------------------------------------------------------------------------------------

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Does one half of the work; when it fails, the book ends, and whoever waits for it is told why."""
        try:
            await work
        except Exception as error:
            if not isinstance(error, BinanceError):
                logger.exception("the order book of %s ends by a fault", self.symbol)
            self._error = self._error or error
            for task in self._tasks:
                if task is not asyncio.current_task():
                    task.cancel()
            self._wake()

    async def _follow(self, stream: Stream[Any]) -> None:
        await stream.run(self._on_event, self._on_notice)
        if not self._is_closed:
            raise ClientClosed("the stream of the order book has ended")

    def _on_event(self, event: Any) -> None:
        try:
            update = read_update(event, self._procedure)
        except DecodeError as error:
            self._lose(f"an event cannot be read: {error}", logging.WARNING)
            return
        was_live = self.state == "live"
        is_changed = self._machine.event(update)
        for shadow in self._shadows:
            shadow.event(update)
        if self._machine.needs_snapshot:
            self._wants_snapshot.set()
        if is_changed or was_live != (self.state == "live") or self._shadows:
            self._wake()

    def _on_notice(self, notice: Notice) -> None:
        if isinstance(notice, Malformed):
            self._lose(f"an event cannot be read: {notice.error}", logging.WARNING)
        elif isinstance(notice, (Reconnected, Dropped)):
            self._lose(type(notice).__name__, logging.INFO)

    def _lose(self, reason: str, level: int) -> None:
        """Events are missing from here: builds the book anew."""
        # A book that waits already has said why; each event of a stream that has drifted for good would say it again.
        logger.log(
            level if self.state == "live" else logging.DEBUG,
            "the order book of %s is built anew: %s",
            self.symbol,
            reason,
        )
        self._machine.gap()
        for shadow in self._shadows:
            shadow.gap()
        self._wants_snapshot.set()
        self._wake()

    async def _fetch_snapshots(self) -> None:
        """Fetches a snapshot whenever the book needs one.

        One that fails, is too old or cannot be read is followed by a longer pause. So is the loss of a book that is
        lost again and again: a stream that has drifted for good must not use up the weight.
        """
        failures = losses = 0
        while True:
            asked = await self._attempt()
            if self._machine.needs_snapshot:
                failures += 1
                pause = max(asked, _pause(failures))
            else:
                failures = 0
                losses = 1 + (losses if await self._live_time() < _STABLE_AFTER else 0)
                if losses <= _QUICK_LOSSES:
                    continue
                pause = _pause(losses - _QUICK_LOSSES)
            await wait_until(self._clock, self._clock.monotonic() + pause, asyncio.Event())

    async def _attempt(self) -> float:
        """Tries to make the book live; gives the seconds that the exchange, or the budget, asks to wait."""
        try:
            if await self._take_snapshot(self._machine):
                self._wake()
        except (TransportError, LimitError, ServerError, DecodeError) as error:
            logger.warning("no snapshot of %s: %s", self.symbol, error)
            return getattr(error, "retry_after", None) or 0.0
        return 0.0

    async def _live_time(self) -> float:
        """Waits until the book needs a snapshot; gives the seconds for which it needed none."""
        since = self._clock.monotonic()
        while not self._machine.needs_snapshot:
            await self._wants_snapshot.wait()
            self._wants_snapshot.clear()
        return self._clock.monotonic() - since

    async def _take_snapshot(self, machine: BookMachine) -> bool:
        gaps = machine.gaps
        reply = await self._call(self._procedure.snapshot, {"symbol": self.symbol, "limit": self._limit})
        return machine.snapshot(*read_snapshot(reply, self._procedure), gaps=gaps)


def _pause(attempts: int) -> float:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts, 16))
