"""Patterns of stream names: `<symbol>@depth<levels>[@<updateSpeed>]`."""

from __future__ import annotations

import re
from typing import Final

from attrs import define

__all__ = ["MalformedPattern", "Segment", "parse_pattern"]

_TOKEN: Final = re.compile(r"<([A-Za-z][A-Za-z0-9_]*)>|([\[\]<>])|([^\[\]<>]+)")


@define(frozen=True)
class Segment:
    """A piece of a stream's name: fixed text, or the value of a parameter."""

    text: str | None
    param: str | None
    optional: bool
    """Stands in a bracket, which is left out as a whole when its parameter is."""


class MalformedPattern(ValueError):
    """The pattern's brackets or angles are out of order."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse_pattern(pattern: str) -> list[Segment]:
    """The pieces of a pattern, in order.

    Raises:
        MalformedPattern: A bracket or an angle is not closed, not opened or nested, or a bracket has no parameter.
    """
    segments: list[Segment] = []
    opened: int | None = None
    for token in _TOKEN.finditer(pattern):
        param, mark, text = token.groups()
        if mark == "[" and opened is None:
            opened = token.start()
            first_inside = len(segments)
        elif mark == "]" and opened is not None:
            if not any(segment.param for segment in segments[first_inside:]):
                raise MalformedPattern("a bracket needs a parameter inside it", opened)
            opened = None
        elif mark:
            raise MalformedPattern(f"'{mark}' does not belong there", token.start())
        else:
            segments.append(Segment(text, param, opened is not None))
    if opened is not None:
        raise MalformedPattern("a bracket is not closed", opened)
    return segments
