"""The consuming end of a stream: takes out what waits, decodes it, and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..errors import DecodeError
from .notices import Malformed, Notice
from .statistics import StreamStatistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .buffer import Entry
    from .intake import Intake

__all__ = ["Outlet"]

_BREATHE = 256
"""Events between two looks at anything else: enough to be quick, few enough for other tasks."""
_LOOKED_AT = 8
"""The first events of a batch, among which one with an event time is looked for: others, as raw ones, have none."""


class Outlet:
    """Gives what an intake took in, in its order.

    Args:
        intake: The receiving end.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._buffer = intake.buffer
        self._next_notice: Notice | None = None
        self._malformed = 0
        self._lag_ms: float | None = None

    def batch(self) -> Iterator[Any]:
        """Events that wait, up to the next notice; not too many, so that now and then something else is looked at."""
        buffer, entries, shared = self._buffer, self._buffer.entries, self._intake.decode
        is_measured = False
        for number in range(min(len(entries), _BREATHE)):
            if not entries or buffer.missing:
                return  # The consumer has closed the stream, or must first be told.
            entry = entries.popleft()
            if type(entry) is bytes:
                decode, payload = shared, entry
            elif type(entry) is tuple:
                decode, payload = entry
            else:
                self._keep_notice(entry)
                return
            try:
                event = decode(payload)
            except DecodeError as error:
                self._keep_malformed(decode, payload, error)
                return
            # Before the consumer has it: it may take its time for it, or take no other one.
            if buffer.is_held:
                buffer.taken()
            if not is_measured:
                # One of a batch is enough: reading a clock costs.
                is_measured = self._measure_lag(event) or number + 1 >= _LOOKED_AT
            yield event

    def hand_out(self, take: Callable[[Any], object]) -> object:
        """Calls a function with each of such a batch, until it returns something: gives that, else None.

        It does what `batch` does, written out again: going back and forth between a generator and its loop would cost
        a callback as much as the call itself.
        """
        buffer, entries, shared = self._buffer, self._buffer.entries, self._intake.decode
        is_measured = False
        for number in range(min(len(entries), _BREATHE)):
            if not entries or buffer.missing:
                break
            entry = entries.popleft()
            if type(entry) is bytes:
                decode, payload = shared, entry
            elif type(entry) is tuple:
                decode, payload = entry
            else:
                self._keep_notice(entry)
                break
            try:
                event = decode(payload)
            except DecodeError as error:
                self._keep_malformed(decode, payload, error)
                break
            if buffer.is_held:
                buffer.taken()
            if not is_measured:
                is_measured = self._measure_lag(event) or number + 1 >= _LOOKED_AT
            result = take(event)
            if result is not None:
                return result
        return None

    def _keep_notice(self, entry: Entry) -> None:
        """Keeps what ends a batch for `notice`."""
        self._buffer.notices -= 1
        self._next_notice = cast("Notice", entry)

    def _keep_malformed(self, decode: Callable[[bytes], object], payload: bytes, error: DecodeError) -> None:
        self._malformed += 1
        self._next_notice = Malformed(self._intake.name_of(decode), payload, error)

    def notice(self) -> Notice | None:
        """What the consumer has to be told before the next event."""
        self._buffer.taken()
        notice, self._next_notice = self._next_notice, None
        return notice or self._buffer.report()

    def _measure_lag(self, event: object) -> bool:
        happened = getattr(event, "event_time", None)
        if not isinstance(happened, int):
            return False
        self._lag_ms = self._intake.feed.now_ms() - happened
        return True

    @property
    def statistics(self) -> StreamStatistics:
        """Counters, as of now. What was taken follows from what came and what is left, so nothing is counted twice."""
        buffer = self._buffer
        taken = buffer.received - buffer.dropped - (len(buffer.entries) - buffer.notices)
        return StreamStatistics(
            received=buffer.received,
            delivered=taken,
            dropped=buffer.dropped,
            decoded=taken - self._malformed,
            malformed=self._malformed,
            reconnects=buffer.reconnects,
            waiting=len(buffer.entries),
            lag_ms=self._lag_ms,
        )
