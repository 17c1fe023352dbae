"""A client's text frame: one whole message, masked as RFC 6455 asks of clients.

`websockets` makes frames of every kind, by way of a dozen functions; a call over the WebSocket API needs this one kind.
"""

from __future__ import annotations

from os import urandom
from struct import pack

__all__ = ["text_frame"]

_WHOLE_TEXT = 0x81
_MASKED = 0x80


def text_frame(message: bytes) -> bytes:
    """The frame of a message in UTF-8, under a mask that nobody can foresee."""
    length = len(message)
    if length < 126:
        head = pack("!BB", _WHOLE_TEXT, _MASKED | length)
    elif length < 65536:
        head = pack("!BBH", _WHOLE_TEXT, _MASKED | 126, length)
    else:
        head = pack("!BBQ", _WHOLE_TEXT, _MASKED | 127, length)
    key = urandom(4)
    mask = key * (length >> 2) + key[: length & 3]
    # One number each: the interpreter has no faster way to combine bytes.
    masked = int.from_bytes(message, "little") ^ int.from_bytes(mask, "little")
    return head + key + masked.to_bytes(length, "little")
