"""What the exchange says on a connection that is no payload: answers and announcements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..lenient_json import read_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ControlMessage", "shutdown_notice"]


class Fault(msgspec.Struct):
    """The error of an answer."""

    code: int | None = None
    msg: str | None = None


class ControlMessage(msgspec.Struct):
    """Whatever a message that is no payload may hold; an answer's error stands below `error`, or beside the id."""

    id: Any = None
    code: int | None = None
    msg: str | None = None
    error: Fault | None = None

    @property
    def fault(self) -> Fault | None:
        """The error of an answer; None: it is none."""
        fault = self.error if self.error is not None else Fault(self.code, self.msg)
        return None if fault.code is None else fault

    @classmethod
    def read(cls, message: bytes) -> ControlMessage | None:
        """Parses a message; None: it is no JSON object, or one that is nested beyond reading."""
        return read_or_none(_decode, message)


_decode = msgspec.json.Decoder(ControlMessage).decode


class _Announcement(msgspec.Struct):
    """A message in which an event of the server may stand: bare, or in one of the envelopes that it uses."""

    e: Any = None
    event: Any = None
    data: Any = None


_decode_announcement = msgspec.json.Decoder(_Announcement).decode


def shutdown_notice(event: str | None) -> Callable[[bytes], bool]:
    """What tells whether a message says that the server is about to go.

    Args:
        event: The event that says so; None: none does.
    """
    if event is None:
        return lambda message: False
    quoted = f'"{event}"'.encode()

    def is_said_by(message: bytes) -> bool:
        # Parsed is only what the words stand in, which a client's order may have for its id.
        if quoted not in message[:200]:
            return False
        said = read_or_none(_decode_announcement, message)
        if said is None:
            return False
        within = (each.get("e") for each in (said.event, said.data) if isinstance(each, dict))
        return event in (said.e, *within)

    return is_said_by
