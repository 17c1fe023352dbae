"""Where frames wait for their consumer: undecoded, bounded, and counted.

Notices wait in their places between the events and take no room from them: there are a few for each place at most.

Whoever receives must never fail or wait for the consumer's sake, so what happens when the buffer is full is a policy
that the consumer chose:

- `raise`: the stream ends with `BufferOverflow`, behind the events that fitted.
- `drop_oldest`: the oldest event goes; a `Dropped` notice says how many.
- `latest`: when room is needed, only the newest waiting event of each key of each stream stays. Of events without a key
  (a frame that tells of many symbols) the newest half stays. There is always room for twice as many events as there are
  keys.
- `wait`: the connection is not read until there is room, and the exchange waits; some dozen events that were read
  together with the last one that fitted still get in. Its pings are not read either: it ends
  the connection of a consumer that takes longer than it waits for their answers (ten minutes), and a gap is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ..errors import BinanceError
from ..option_checks import check_count
from .joining import put_together
from .notices import Dropped, Notice, Reconnected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Buffer", "BufferOverflow", "Entry", "OnFull"]

OnFull: TypeAlias = Literal["raise", "drop_oldest", "latest", "wait"]

Entry: TypeAlias = "bytes | tuple[Callable[[bytes], object], bytes] | Notice"
"""A payload; one with its own decoder, where streams of several types share a buffer; or a notice."""


class BufferOverflow(BinanceError):
    """The consumer was too slow for its stream, and `on_full` is "raise"."""

    capacity: int

    def __init__(self, capacity: int) -> None:
        super().__init__(
            f"{capacity} events wait and none was taken in time: take them faster, raise buffer_size, or set on_full "
            'to "drop_oldest", "latest" or "wait"'
        )
        self.capacity = capacity


class Buffer:
    """A bounded queue for one consumer.

    Args:
        capacity: Events that may wait.
        on_full: What happens to one more.
        key: The key of an entry for `latest`; None: the entry has none.
        hold: Called when the sender should pause (`wait`).
        release: Called when it may go on.
    """

    __slots__ = (
        "_capacity",
        "_compacted",
        "_ended",
        "_error",
        "_hold",
        "_key",
        "_on_full",
        "_release",
        "_waiter",
        "dropped",
        "entries",
        "is_held",
        "missing",
        "notices",
        "received",
        "reconnects",
    )

    def __init__(
        self,
        capacity: int,
        on_full: OnFull,
        *,
        key: Callable[[Entry], object | None] | None = None,
        hold: Callable[[], None] | None = None,
        release: Callable[[], None] | None = None,
    ) -> None:
        check_count("buffer_size", capacity)
        self.entries: deque[Entry] = deque()
        """What waits, oldest first. The consumer takes from the left, and calls `taken` at once."""
        self.notices = 0
        """How many of them are notices; whoever takes one out counts it off."""
        self.received = 0
        self.dropped = 0
        self.missing = 0
        """Events dropped since the consumer was last told."""
        self.reconnects = 0
        self._capacity = capacity
        self._compacted = capacity
        self._on_full = on_full
        self._key = key
        self._hold = hold
        self._release = release
        self.is_held = False
        """The sender pauses."""
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._error: BaseException | None = None

    # --- The receiving side -------------------------------------------------------------------------------------------

    def put(self, events: Sequence[bytes | tuple[Callable[[bytes], object], bytes]]) -> None:
        """Takes events in, whatever that needs; never fails and never waits."""
        self.received += len(events)
        entries = self.entries
        if len(entries) - self.notices + len(events) <= self._capacity:
            entries.extend(events)
        else:
            for event in events:
                if len(entries) - self.notices >= self._capacity and not self._make_room():
                    self.dropped += 1
                else:
                    entries.append(event)
        if self._waiter is not None:
            self._wake()

    def tell(self, notice: Notice) -> None:
        """Puts a notice in its place between the events; notices always fit."""
        if self._ended:
            return
        if isinstance(notice, Reconnected) and not notice.is_continued:
            self.reconnects += 1
        self._place(notice)
        self._wake()

    def pause(self) -> None:
        """Stops the sender, as a full buffer does, until the consumer has taken something and there is room."""
        if not self.is_held and self._hold is not None:
            self.is_held = True
            self._hold()

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more comes; the consumer gets what waits, and then the error."""
        if not self._ended:
            self._ended = True
            self._error = error
            self._capacity = 0
            self._wake()

    def clear(self) -> None:
        """Lets go of what waits; its events count as dropped."""
        self.dropped += len(self.entries) - self.notices
        self.notices = 0
        self.entries.clear()

    # --- The consuming side -------------------------------------------------------------------------------------------

    @property
    def is_awaited(self) -> bool:
        """Whether a consumer waits for more."""
        return self._waiter is not None

    async def more(self) -> bool:
        """Waits until something is there; False: the end.

        Raises:
            BaseException: What `end` was given.
        """
        while not self.entries:
            self._let_go()
            if self.entries:
                break  # Letting the sender go on brings what it had kept, maybe so much that it is paused again.
            if self._ended:
                if self._error is not None:
                    raise self._error
                return False
            self._waiter = waiter = asyncio.get_running_loop().create_future()
            try:
                await waiter
            finally:
                self._waiter = None
        return True

    def taken(self) -> None:
        """To be called by a consumer that has taken from `entries`: lets a paused sender go on where there is room."""
        if self.is_held and (len(self.entries) - self.notices) * 2 <= self._capacity:
            self._let_go()

    def report(self) -> Dropped | None:
        """What the consumer has to be told about dropped events before the next entry."""
        if not self.missing:
            return None
        missing, self.missing = self.missing, 0
        return Dropped(missing)

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _let_go(self) -> None:
        if self.is_held:
            self.is_held = False
            if self._release is not None:
                self._release()

    def _make_room(self) -> bool:
        """Applies the policy to a full buffer; False: the new event does not get in."""
        if self._ended:
            return False
        if self._on_full == "wait":
            # What is on its way already still gets in; the sender stops behind it.
            self.pause()
        elif self._on_full == "raise":
            self.end(BufferOverflow(self._capacity))
            return False
        elif self._on_full == "latest":
            if len(self.entries) - self.notices >= self._compacted:
                self._compact()
        else:
            self._drop_oldest()
        return True

    def _drop_oldest(self) -> None:
        before = self._leading_notices()
        self.entries.popleft()
        self.dropped += 1
        self.missing += 1
        if before:
            # What stood on both sides of the event stands together now.
            together = put_together(before + self._leading_notices())
            self.entries.extendleft(reversed(together))
            self.notices += len(together)

    def _compact(self) -> None:
        """Keeps the newest event of each key, in the order of arrival.

        It runs when the number of entries has doubled since the last time, so its cost per event is constant, and keys
        are looked for in overload only.
        """
        key = cast("Callable[[Entry], object | None]", self._key)
        seen: set[object] = set()
        kept: list[Entry] = []
        keyless = 0
        for entry in reversed(self.entries):
            if isinstance(entry, (bytes, tuple)):
                name = key(entry)
                if name is None:
                    keyless += 1
                    if keyless * 2 > self._capacity:
                        continue
                elif name in seen:
                    continue
                else:
                    seen.add(name)
            kept.append(entry)
        gone = len(self.entries) - len(kept)
        self.entries.clear()
        self.notices = 0
        for entry in reversed(kept):
            if isinstance(entry, (bytes, tuple)):
                self.entries.append(entry)
            else:
                self._place(entry)
        self.dropped += gone
        self.missing += gone
        self._compacted = max(self._capacity, 2 * (len(self.entries) - self.notices))

    # --- Notices ------------------------------------------------------------------------------------------------------

    def _place(self, notice: Notice) -> None:
        """Puts a notice behind what waits, together with those that stand there already."""
        entries = self.entries
        run = [notice]
        while entries and not isinstance(last := entries[-1], (bytes, tuple)):
            run.append(last)
            entries.pop()
        together = put_together(run[::-1])
        entries.extend(together)
        self.notices += len(together) - (len(run) - 1)

    def _leading_notices(self) -> list[Notice]:
        """Takes out the notices that stand before the oldest event."""
        found: list[Notice] = []
        while self.entries and not isinstance(first := self.entries[0], (bytes, tuple)):
            found.append(first)
            self.entries.popleft()
        self.notices -= len(found)
        return found
