"""Items that a stream delivers between its events: what was missed, dropped, unreadable, fetched anew or not recorded.

They stand in the iteration at the very place where they hold: every event before a `Reconnected` was received before
the gap, every event after it was received after the gap. Those of one kind that no event separates are told as one,
which covers them all (`joining`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Dropped", "Malformed", "Notice", "Reconnected", "RecordingEnded", "Resynchronized", "Stalled"]


def _names(names: tuple[str, ...]) -> str:
    return f"<{len(names)} streams>" if len(names) > 3 else repr(names)


@frozen
class Reconnected:
    """The connection was replaced; events of `streams` that would have come between `since` and `until` may be missing.

    Both are times of arrival by the local clock, not event times: what happened shortly before `since` was still on its
    way then and may be missing too, and the exchange's clock may differ. To fetch what was missed, go on from the last
    id that was seen, or from a few seconds before `since`, and leave out what is known. The stream is whole again when
    this notice comes. User data fetches by itself: see `Resynchronized`.
    """

    streams: tuple[str, ...] = field(repr=_names)
    since: int
    """Local time in ms since 1970 when the last bytes came over the old connection, whichever stream's they were; when
    reading stopped (`on_full="wait"`), if it had not caught up since."""
    until: int
    """Local time in ms since 1970 when the exchange had acknowledged the streams again."""
    reason: str
    is_continued: bool = field(default=False, repr=False)
    """Whether the same reconnection was told of before, for others of the streams: the exchange acknowledges a great
    many streams in batches, and each batch is whole again at its own time."""


@frozen
class Stalled:
    """`streams` were acknowledged but stayed silent longer than their cadence allows; they are being dialled again."""

    streams: tuple[str, ...] = field(repr=_names)
    since: int
    """Local time in ms since 1970 from which on nothing came."""
    until: int


@frozen
class Dropped:
    """The consumer was too slow: `count` events were dropped here to make room."""

    count: int


@frozen
class Malformed:
    """A frame that cannot be delivered as an event; the stream goes on.

    With lenient decoding, the default, only what is no JSON or nested beyond reading cannot. Whatever else does not fit
    the stream's type is an event with what could be read of it, and is reported as drift. With `strict=True` it is one.
    """

    stream: str
    body: bytes = field(repr=lambda body: repr(body) if len(body) <= 80 else f"{body[:80]!r}… of {len(body)} bytes")
    error: Exception


@frozen
class Resynchronized:
    """After a gap in the user data stream: the account as the exchange reports it now.

    `state` has one entry per operation that the product names (open orders, positions, balances); each is also an
    attribute. All events that follow were received after the gap, and some of them may be older than the state: those
    whose `event_time` is before `asked_at` had happened when the state was asked for, and are normally part of it.

    Who keeps a picture of the account takes the state, and then every event as it comes, older or not. An order's
    status and executed quantity, wallet balances and position amounts are told as they are, not as they changed, and
    events of one type come in the order in which they happened: the picture may go back for a moment, and is right with
    the last of them. To leave the older ones out is not safe, because the exchange warns that REST may lag behind in a
    volatile market. Who acts upon events compares `event_time` with `asked_at`, lest old news be taken for new.
    """

    since: int
    """Local time in ms since 1970 when the gap began."""
    until: int
    """Local time in ms since 1970 when the connection was whole again; the state was asked for after it."""
    reason: str
    state: Mapping[str, object] = field(repr=lambda state: f"<{', '.join(state)}>")
    asked_at: int
    """The exchange's time in ms since 1970, as well as it is known here, when the state was asked for: comparable with
    `event_time`. No part of the state was asked for earlier."""

    def __getattr__(self, name: str) -> object:
        if not name.startswith("_") and name in self.state:
            return self.state[name]
        raise AttributeError(f"Resynchronized has no {name!r}; it has {', '.join(self.state)}")


@frozen
class RecordingEnded:
    """The stream's recording cannot be written any more, as on a full disk, and lacks what follows; the stream goes on.

    What came in the last second before it may be missing too. A recording that is played does not hold this notice.
    """

    path: str
    """The file, as it was given to `record`."""
    error: OSError


Notice: TypeAlias = Reconnected | Stalled | Dropped | Malformed | Resynchronized | RecordingEnded
"""Whatever a stream delivers that is not an event."""
