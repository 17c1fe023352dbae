"""Keeps a local order book the exchange's: follows its events, and fetches a snapshot whenever it needs one."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..errors import BinanceError, ClientClosed, ConfigurationError, DecodeError
from .backoff import can_pass, is_refused_on_the_way
from .book import BookMachine, BookState, read_snapshot, read_update
from .closing import Closing
from .notices import Dropped, Malformed, Notice, Reconnected
from .one_loop import OneLoop
from .timing import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..clock import Clock
    from ..product import LocalOrderBook as Procedure
    from .streams import Stream
    from .user_data_feed import CallById

__all__ = ["OrderBookFeed", "OrderBookState"]

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
"""Seconds between two attempts at a snapshot."""
_LONGEST_PAUSE_RUNNING_OUT = 2.0
"""The same for a book that runs out again and again, because the market is fast or the limit small: here each snapshot
serves for a while, other than with a stream that has drifted for good."""
_STABLE_AFTER = 10.0
"""Seconds for which a book must be live for its losses to be counted anew."""
_QUICK_LOSSES = 8
"""Losses in a row that cost no pause, or times of running out: a bad moment is over soon, the book is wanted back."""

OrderBookState: TypeAlias = "Literal['new', 'failed', 'closed'] | BookState"


class OrderBookFeed:
    """Feeds one local order book.

    Args:
        symbol: The symbol.
        procedure: Where the product's snapshot and events have their ids.
        events: Opens the stream of depth events.
        call: Calls operations over REST, for snapshots.
        clock: Local time.
        limit: Levels of a snapshot.

    Raises:
        ConfigurationError: The package that keeps a side sorted is missing.
    """

    def __init__(
        self,
        symbol: str,
        procedure: Procedure,
        *,
        events: Callable[[], Stream[Any]],
        call: CallById,
        clock: Clock,
        limit: int,
    ) -> None:
        self.book = BookMachine(limit)
        self._symbol = symbol
        self._procedure = procedure
        self._limit = limit
        self._events = events
        self._call = call
        self._clock = clock
        self._shadows: set[BookMachine] = set()
        """Books that are built from a fresh snapshot to check this one against."""
        self._stream: Stream[Any] | None = None
        self._starting = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._comparisons: set[asyncio.Task[bool]] = set()
        """Of `verify`; those end with the book."""
        self._news = asyncio.Event()
        self._wants_snapshot = asyncio.Event()
        self._error: BaseException | None = None
        self._is_closed = False
        self._home = OneLoop()
        self._closing = Closing(self._end, self._home)

    @property
    def state(self) -> OrderBookState:
        """The book's, or what keeps it from having one."""
        if self._is_closed:
            return "closed"
        if self._error is not None:
            return "failed"
        return self.book.state if self._stream is not None else "new"

    @property
    def _is_cut_off(self) -> bool:
        """Whether no events come: a snapshot would be out of date as soon as it is there."""
        return self._stream is not None and bool(self._stream._intake.missing)

    async def start(self) -> None:
        """Subscribes, and waits until the book is live; see `LocalOrderBook`."""
        self._home.enter()
        async with self._starting:
            # Whoever has waited for an attempt that failed makes another one.
            await self._begin()
        while self.state != "live":
            await self.changed()

    async def _begin(self) -> None:
        if self._is_closed:
            raise ClientClosed("this order book was closed; open another one")
        if self._tasks:
            return
        self._stream = stream = self._events()
        stream._intake.on_loss = lambda: self._lose("the stream was lost", logging.INFO)
        try:
            await stream.start()
        except BaseException:
            self._stream = None  # It closes itself; another attempt opens another one.
            self._wake()
            raise
        self._tasks = [
            asyncio.create_task(self._guard(self._follow(stream))),
            asyncio.create_task(self._guard(self._fetch_snapshots())),
        ]

    async def close(self) -> None:
        """Unsubscribes; see `LocalOrderBook`."""
        self._is_closed = True
        await self._closing.finish()

    async def _end(self) -> None:
        working = [*self._tasks, *self._comparisons]
        for task in working:
            task.cancel()
        try:
            if self._stream is not None:
                await self._stream.close()
        finally:
            if working:
                await asyncio.wait(working)
            self._wake()

    async def changed(self) -> None:
        """Waits until the book changes, or its state does; see `LocalOrderBook`."""
        self._home.check()
        self._check()
        await self._news.wait()
        self._check()

    async def verify(self, levels: int) -> bool:
        """Builds a second book and compares it with this one; see `LocalOrderBook`."""
        self._home.check()
        self._check()
        # A task of its own: a book that ends can end it wherever it waits, as for a reply that does not come.
        comparing = asyncio.create_task(self._compare(levels))
        self._comparisons.add(comparing)
        comparing.add_done_callback(self._compared)
        try:
            await asyncio.wait([comparing])
        except asyncio.CancelledError:
            comparing.cancel()
            await asyncio.wait([comparing])
            raise
        if comparing.cancelled():
            self._check()
        return comparing.result()

    async def _compare(self, levels: int) -> bool:
        shadow = BookMachine(self._limit)
        self._shadows.add(shadow)
        try:
            while not shadow.is_live or self.state != "live" or shadow.last_id != self.book.last_id:
                if not shadow.is_live and await self._take_snapshot(shadow):
                    continue
                await self.changed()
            return self.book.agrees(shadow, levels)
        finally:
            self._shadows.discard(shadow)

    def _compared(self, comparing: asyncio.Task[bool]) -> None:
        self._comparisons.discard(comparing)
        if not comparing.cancelled():
            comparing.exception()  # Looked at, should nobody wait for it any more.

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
        if self._is_closed:
            raise ClientClosed("the order book was closed")
        if self._stream is None:
            raise ConfigurationError(
                "this order book was not started: enter it with `async with`, or await its start()"
            )

    def _wake(self) -> None:
        """Lets everybody go who waits now, and nobody who comes later."""
        self._news.set()
        self._news = asyncio.Event()

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Does one half of the work; when it fails, the book ends, and whoever waits for it is told why."""
        try:
            await work
        except Exception as error:
            if not isinstance(error, BinanceError):
                logger.exception("the order book of %s ends by a fault", self._symbol)
            self._error = self._error or error
            for task in (*self._tasks, *self._comparisons):
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
        is_changed = self.book.event(update)
        for shadow in self._shadows:
            shadow.event(update)
        if self.book.needs_snapshot:
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
            self._symbol,
            reason,
        )
        self.book.gap()
        for shadow in self._shadows:
            shadow.gap()
        self._wants_snapshot.set()
        self._wake()

    async def _fetch_snapshots(self) -> None:
        """Fetches a snapshot whenever the book needs one.

        One that fails, is too old or cannot be read is followed by a longer pause. So is the loss of a book that is
        lost, or runs out, again and again: neither a stream that has drifted for good nor a small limit in a fast
        market must use up the weight.
        """
        failures = losses = times_run_out = 0
        while True:
            refused_for = await self._attempt()
            if refused_for is not None:
                failures += 1
                pause = max(refused_for, _pause(failures))
            else:
                failures = 0
                if await self._time_without_need() >= _STABLE_AFTER:
                    losses = times_run_out = 0
                # Counted apart: a gap in a fast market is not to wait for what the market has cost.
                if self.book.is_running_out:
                    times_run_out += 1
                    pause = min(_LONGEST_PAUSE_RUNNING_OUT, _pause(times_run_out - _QUICK_LOSSES))
                else:
                    losses += 1
                    pause = _pause(losses - _QUICK_LOSSES)
            await wait_until(self._clock, self._clock.monotonic() + pause, asyncio.Event())

    async def _attempt(self) -> float | None:
        """Tries to give the book a snapshot; None: it is live. Else the seconds that exchange or budget ask to wait."""
        try:
            is_live = await self._take_snapshot(self.book)
        except BinanceError as error:
            # Before there was a book, an answer that is not the exchange's means a wrong address.
            if not can_pass(error) or (self.book.last_id is None and is_refused_on_the_way(error)):
                raise
            logger.warning("no snapshot of %s: %s", self._symbol, error)
            return getattr(error, "retry_after", None) or 0.0
        if is_live:
            self._wake()
        return None if is_live else 0.0

    async def _time_without_need(self) -> float:
        """Waits until the book needs a snapshot; gives the seconds for which it needed none."""
        since = self._clock.monotonic()
        while not self.book.needs_snapshot:
            await self._wants_snapshot.wait()
            self._wants_snapshot.clear()
        return self._clock.monotonic() - since

    async def _take_snapshot(self, book: BookMachine) -> bool:
        while self._is_cut_off:
            await self.changed()
        gaps = book.gaps
        reply = await self._call(self._procedure.snapshot, {"symbol": self._symbol, "limit": self._limit})
        return book.snapshot(*read_snapshot(reply, self._procedure), gaps=gaps)


def _pause(attempts: int) -> float:
    """Seconds after so many attempts; none after none, or after those that are free."""
    if attempts <= 0:
        return 0.0
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts, 16))
