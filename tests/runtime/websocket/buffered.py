"""What stands in a buffer, events with a symbol and notices, and how a consumer takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.runtime.websocket.notices import Reconnected
from specwright.runtime.websocket.source import key_finder

if TYPE_CHECKING:
    from specwright.runtime.websocket.buffer import Buffer, Entry

GAP = Reconnected(("btcusdt@trade",), since=1, until=2, reason="cut")
_find_symbol = key_finder("s")


def symbol_of(entry: Entry) -> object | None:
    """The symbol of an event; a notice has none."""
    return _find_symbol(entry) if isinstance(entry, bytes) else None


def take_event(buffer: Buffer) -> None:
    """Takes the next event out, and the notices before it."""
    while buffer.entries:
        entry = buffer.entries.popleft()
        if isinstance(entry, bytes):
            break
        buffer.notices -= 1
    buffer.taken()
