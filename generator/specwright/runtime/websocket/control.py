"""What the exchange says on a connection that is no payload: answers and announcements."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["ControlMessage", "announces_shutdown"]


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
        try:
            return _decode(message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


_decode = msgspec.json.Decoder(ControlMessage).decode


def announces_shutdown(message: bytes) -> bool:
    """Whether the server says that it is about to go."""
    return b'"serverShutdown"' in message[:200]
