"""A local order book that follows the exchange's: sides, and the documented procedure that keeps them right. No I/O.

    wait for a snapshot, keeping events ──snapshot──▶ live ──gap, or an event that does not follow──▶ wait again
    live, and running out: events are applied and kept ──snapshot──▶ live, or ──nothing known is left──▶ wait again

A book runs out when the market moves towards the horizon of its snapshot (see `book_side`) and less than a quarter of
the levels that were asked for is left: three quarters have served before it costs another snapshot, and at the same
speed the rest lasts a third of the time that those did. The snapshot replaces everything, and the kept events are
applied to it. A side that is thinner than what was asked for is known whole and never runs out: a thin market costs no
snapshots.

The decoder passes on what has drifted as it came. `read_update` and `read_snapshot` decide what a book can be kept
with; all else is a gap.
"""

from __future__ import annotations

import math
import zlib
from collections import deque
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ..errors import DecodeError
from .book_side import BookSide, Level, Levels

if TYPE_CHECKING:
    from ..product import LocalOrderBook as Procedure

__all__ = [
    "BookMachine",
    "BookSnapshot",
    "BookState",
    "BookUpdate",
    "Level",
    "read_snapshot",
    "read_update",
]

BookState: TypeAlias = Literal["waiting", "live"]

_MOST_KEPT = 5_000
"""Events kept while waiting for a snapshot; older ones are of no use to any snapshot that is still to come."""


class BookUpdate(NamedTuple):
    """One event of the depth stream."""

    first_id: int
    final_id: int
    previous_id: int
    bids: Levels
    asks: Levels


class BookSnapshot(NamedTuple):
    """The exchange's book at one update id."""

    last_id: int
    bids: Levels
    asks: Levels


def read_update(event: object, procedure: Procedure) -> BookUpdate:
    """What an event of the depth stream says: all of it, or nothing.

    Raises:
        DecodeError: Something that a book needs is missing, of another type, or not finite. Says what, not its value.
    """
    return BookUpdate(
        _id(event, procedure.first_id),
        _id(event, procedure.final_id),
        _id(event, procedure.previous_id),
        _levels(event, "bids"),
        _levels(event, "asks"),
    )


def read_snapshot(reply: object, procedure: Procedure) -> BookSnapshot:
    """What a snapshot says: all of it, or nothing.

    Raises:
        DecodeError: As for an event.
    """
    return BookSnapshot(_id(reply, procedure.snapshot_id), _levels(reply, "bids"), _levels(reply, "asks"))


def _id(source: object, name: str) -> int:
    value = getattr(source, name, None)
    if type(value) is not int:  # A bool is an int too.
        raise _unreadable("an id", value, name)
    return value


def _levels(source: object, side: str) -> list[tuple[Decimal, Decimal]]:
    levels = getattr(source, side, None)
    if not isinstance(levels, list):
        raise _unreadable("levels", levels, side)
    read = []
    for position, level in enumerate(levels):
        price, quantity = getattr(level, "price", None), getattr(level, "quantity", None)
        if type(price) is not Decimal or not price.is_finite():
            raise _unreadable("a finite price", price, f"{side}[{position}]")
        # Only a quantity that says zero removes a level.
        if type(quantity) is not Decimal or not quantity.is_finite():
            raise _unreadable("a finite quantity", quantity, f"{side}[{position}]")
        read.append((price, quantity))
    return read


def _unreadable(expected: str, found: object, place: str) -> DecodeError:
    return DecodeError(f"expected {expected}, found {'nothing' if found is None else type(found).__name__}", path=place)


class BookMachine:
    """Both sides and the procedure: feed it events and snapshots in any order, and it says when it needs a snapshot.

    Args:
        limit: How many levels of a side its snapshots are asked for; None: for all that there are.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.bids = BookSide(is_bids=True)
        self.asks = BookSide(is_bids=False)
        self.state: BookState = "waiting"
        self.last_id: int | None = None
        """Final update id of the last event, or of the snapshot before any event; None: there is no book yet."""
        self.is_running_out = False
        """Whether few levels, or none, are left of what the last snapshot knew."""
        self._limit = limit
        self._reserve = -(-(limit or 0) // 4)
        """With fewer levels left of a side, it is running out; rounded up, so that 5 levels have one to wait with."""
        self._to_spare: float = 0
        """Levels that may go before they must be counted again: an event takes no more than it tells of."""
        self._follows_event = False
        self._kept: deque[BookUpdate] = deque(maxlen=_MOST_KEPT)
        self.resynchronizations = 0
        """How often the book had to be built anew after it was live."""
        self.updates = 0
        self.gaps = 0
        """How often events may have been missed; a snapshot that was asked for before the last time is of no use."""

    @property
    def is_live(self) -> bool:
        """Whether the book is the exchange's."""
        return self.state == "live"

    @property
    def needs_snapshot(self) -> bool:
        """Whether a snapshot is needed; it must be asked for after the stream was subscribed to, else one may miss."""
        return self.is_running_out or not self.is_live

    def event(self, update: BookUpdate) -> bool:
        """Takes an event; True: the book changed."""
        if self.state == "waiting":
            self._kept.append(update)
            return False
        assert self.last_id is not None
        if update.final_id <= self.last_id and (self._follows_event or update.final_id < self.last_id):
            return False  # Seen already, or part of the snapshot.
        if not self._continues(update, self.last_id):
            self._start_over()
            self._kept.append(update)
            return False
        self.bids.apply(update.bids)
        self.asks.apply(update.asks)
        self.last_id = update.final_id
        self._follows_event = True
        self.updates += 1
        self._to_spare -= len(update.bids) + len(update.asks)
        if self._to_spare < 0:
            self._look_ahead(update)
        return True

    def snapshot(self, last_id: int, bids: Levels, asks: Levels, *, gaps: int | None = None) -> bool:
        """Takes a snapshot; True: the book is live. False: it is older than the events, or than a gap: ask again.

        Args:
            last_id: Update id at which it was taken.
            bids: All that it has.
            asks: Likewise.
            gaps: What `gaps` was when it was asked for; None: as now.
        """
        if gaps is not None and gaps != self.gaps:
            return False
        kept = [update for update in self._kept if update.final_id >= last_id]
        if kept and not self._continues_snapshot(kept[0], last_id):
            return False
        self.bids.replace(bids, self._limit)
        self.asks.replace(asks, self._limit)
        self.state, self.last_id, self._follows_event, self.is_running_out = "live", last_id, False, False
        self._to_spare = 0
        self._kept.clear()
        for position, update in enumerate(kept):
            self.event(update)
            if not self.is_live:
                self._kept.extend(kept[position + 1 :])
                return False
        return True

    def gap(self) -> None:
        """Events may be missing: what is known is not to be trusted until the next snapshot."""
        if self.state == "live":
            self._start_over()
        self._kept.clear()
        self.gaps += 1

    def checksum(self, levels: int) -> int:
        """CRC-32 over the best levels of both sides, as far as they are known; equal books have equal checksums."""
        text = ";".join(
            f"{level.price.normalize():f}:{level.quantity.normalize():f}"
            for side in (self.bids, self.asks)
            for level in islice(side, levels)
        )
        return zlib.crc32(text.encode())

    def agrees(self, other: BookMachine, levels: int) -> bool:
        """Whether the best levels of both sides are the same, as far as both books know them."""
        for one, another in ((self.bids, other.bids), (self.asks, other.asks)):
            known = one.horizon
            if known is None or (another.horizon is not None and not another.knows(known)):
                known = another.horizon
            if list(islice(one.within(known), levels)) != list(islice(another.within(known), levels)):
                return False
        return True

    def _continues(self, update: BookUpdate, last_id: int) -> bool:
        if self._follows_event:
            return update.previous_id == last_id
        return self._continues_snapshot(update, last_id)

    def _continues_snapshot(self, update: BookUpdate, last_id: int) -> bool:
        """The first event has the snapshot's id within it; or it follows an event that ended there."""
        return update.first_id <= last_id <= update.final_id or update.previous_id == last_id

    def _look_ahead(self, update: BookUpdate) -> None:
        """Finds out whether the book runs out; if so, events are kept from here for the next snapshot."""
        left = min((len(side) for side in (self.bids, self.asks) if side.horizon is not None), default=math.inf)
        if left >= self._reserve and not self.is_running_out:
            self._to_spare = left - self._reserve
            return
        self.is_running_out = True
        self._kept.append(update)
        if not left:  # Nor is a best price known.
            self.state = "waiting"
            self.resynchronizations += 1

    def _start_over(self) -> None:
        self.state = "waiting"
        self._kept.clear()
        self.resynchronizations += 1
