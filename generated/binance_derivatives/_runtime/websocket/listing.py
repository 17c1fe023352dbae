"""Which of the listed streams a wire name is of: the opposite of `stream_name`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .source import cased

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..operation import Param
    from ..operation import Stream as Descriptor

__all__ = ["listed_stream"]

_TOKEN = re.compile(r"<(\w+)>|([\[\]])")


def listed_stream(name: str, descriptors: Iterable[Descriptor]) -> Descriptor | None:
    """The stream that has this name for some arguments; None: there is none, or it cannot be said which.

    Args:
        name: On the wire.
        descriptors: The listed streams.
    """
    found = [each for each in descriptors if _names_of(each.pattern, each.params).fullmatch(name)]
    # Of several the first will do, as long as they come over one route.
    return found[0] if len({each.route for each in found}) == 1 else None


@cache
def _names_of(pattern: str, params: tuple[Param, ...]) -> re.Pattern[str]:
    """All names that the pattern gives."""
    by_name = {param.python: param for param in params}
    source, end = "", 0
    for token in _TOKEN.finditer(pattern):
        source += re.escape(pattern[end : token.start()])
        param, bracket = token.groups()
        source += _values(by_name[param]) if param else "(?:" if bracket == "[" else ")?"
        end = token.end()
    return re.compile(source + re.escape(pattern[end:]))


def _values(param: Param) -> str:
    if param.one_of is None:
        return "[^@!]+"
    return f"(?:{'|'.join(re.escape(cased(param, value)) for value in param.one_of)})"
