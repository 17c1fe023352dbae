"""JSON that others have written: read, or found to be unreadable, but never the end of who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UNREADABLE", "read_or_none"]

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for text that is no JSON, of another shape, of broken UTF-8, or nested beyond reading."""


def read_or_none(decode: Callable[[bytes], T], text: bytes) -> T | None:
    """What a decoder makes of a text; None: it cannot be read."""
    try:
        return decode(text)
    except UNREADABLE:
        return None
