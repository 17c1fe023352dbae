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

__all__ = ["listed_stream", "spelt"]

_TOKEN = re.compile(r"<(\w+)>|([\[\]])")


def listed_stream(name: str, descriptors: Iterable[Descriptor]) -> Descriptor | None:
    """The stream that has this name for some arguments; None: there is none, or it cannot be said which.

    Args:
        name: On the wire; its arguments may be in other letters than the exchange wants, see `spelt`.
        descriptors: The listed streams.
    """
    found = [each for each in descriptors if _names_of(each.pattern, each.params)[0].fullmatch(name)]
    # Of several the first will do, as long as they come over one route.
    return found[0] if len({each.route for each in found}) == 1 else None


def spelt(name: str, descriptor: Descriptor) -> str:
    """A name of the stream with its arguments in the letters that the exchange wants: lower case for a symbol.

    Args:
        name: On the wire.
        descriptor: The stream that `listed_stream` has found for it.
    """
    names, params = _names_of(descriptor.pattern, descriptor.params)
    found = names.fullmatch(name)
    assert found is not None
    text, end = "", 0
    for group, param in enumerate(params, start=1):
        if found[group] is not None:
            text += name[end : found.start(group)] + cased(param, found[group])
            end = found.end(group)
    return text + name[end:]


@cache
def _names_of(pattern: str, params: tuple[Param, ...]) -> tuple[re.Pattern[str], list[Param]]:
    """All names that the pattern gives, with a group for each of the arguments, and whose argument each group is."""
    by_name = {param.python: param for param in params}
    source, end = "", 0
    groups: list[Param] = []
    for token in _TOKEN.finditer(pattern):
        source += re.escape(pattern[end : token.start()])
        param, bracket = token.groups()
        if param:
            groups.append(by_name[param])
            source += f"({_values(by_name[param])})"
        else:
            source += "(?:" if bracket == "[" else ")?"
        end = token.end()
    return re.compile(source + re.escape(pattern[end:])), groups


def _values(param: Param) -> str:
    if param.one_of is None:
        return "[^@!]+"
    values = "|".join(re.escape(cased(param, value)) for value in param.one_of)
    return values if param.case is None else f"(?i:{values})"
