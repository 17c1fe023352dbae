"""One subscribed thing of a stream: its name on the wire, its route, and how its payloads are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

from attrs import field, frozen

from ..errors import InvalidParameter
from ..former_names import former_names, renewed
from ..values import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..operation import Param
    from ..operation import Stream as Descriptor

__all__ = ["Source", "cased", "is_part_of_name", "key_finder", "stream_name"]

_PLACEHOLDER = re.compile(r"<(\w+)>")
_NO_CHARACTERS = ("Cc", "Cs")
"""Unicode's categories of control characters and of halves of characters."""
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


@frozen
class Source:
    """What a stream consumer is subscribed to."""

    name: str
    route: str
    decode: Callable[[bytes], object] = field(repr=False)
    silence: float | None = None
    """Seconds without a payload after which it is taken for stalled."""
    key: Callable[[bytes], bytes | None] | None = field(default=None, repr=False)
    """Finds what a payload is about; None: payloads do not replace each other."""
    decode_from: Callable[[int], Callable[[bytes], object]] | None = field(default=None, repr=False)
    """Time of arrival in ms since 1970 → what decodes the payloads that came then, and equals `decode`; None: it is
    `decode`, because events do not tell when they came."""


def stream_name(descriptor: Descriptor, arguments: Mapping[str, object]) -> str:
    """The stream's name on the wire.

    Args:
        descriptor: The stream.
        arguments: By Python names; None stands for absent.

    Raises:
        InvalidParameter: An argument is missing, unknown, or not what the stream takes.
    """
    params = {param.python: param for param in descriptor.params}
    try:
        arguments = renewed(arguments, former_names(descriptor.params))
    except Refused as refusal:
        raise InvalidParameter(descriptor.id, refusal.inside, refusal.rule) from None
    texts: dict[str, str] = {}
    for name, value in arguments.items():
        if name not in params:
            raise InvalidParameter(descriptor.id, name, "is not a parameter of this stream")
        if value is not None:
            texts[name] = _text(descriptor.id, params[name], value)
    for param in descriptor.params:
        if param.required and param.python not in texts:
            raise InvalidParameter(descriptor.id, param.python, "is required")

    def part(match: re.Match[str]) -> str:
        inside = match.group(1)
        return inside if all(name in texts for name in _PLACEHOLDER.findall(inside)) else ""

    return _PLACEHOLDER.sub(lambda match: texts[match.group(1)], _OPTIONAL.sub(part, descriptor.pattern))


def _text(stream: str, param: Param, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidParameter(stream, param.python, f"must be text or a whole number, not {type(value).__name__}")
    text = cased(param, value)
    # The values are told as the exchange documents them, which is not always as they stand in a stream's name.
    if param.one_of is not None and text not in {cased(param, each) for each in param.one_of}:
        raise InvalidParameter(stream, param.python, f"must be one of {', '.join(str(each) for each in param.one_of)}")
    if not is_part_of_name(text) or "@" in text:
        raise InvalidParameter(stream, param.python, "must not be empty or hold blanks, quotes or any of / ? & # @")
    return text


def is_part_of_name(text: str) -> bool:
    """Whether text can stand in a stream's name. A slash would name another stream, and blanks or quotes none."""
    return bool(text) and not any(
        character in '/?&#"\\' or character.isspace() or category(character) in _NO_CHARACTERS for character in text
    )


def cased(param: Param, value: object) -> str:
    """A value in the letters that stand in a stream's name."""
    text = str(value)
    return text if param.case is None else text.lower() if param.case == "lower" else text.upper()


def key_finder(wire_name: str) -> Callable[[bytes], bytes | None]:
    """Finds the text of a field in a payload without parsing it; None for payloads about many things (arrays)."""
    start = f'"{wire_name}":"'.encode()

    def find(payload: bytes) -> bytes | None:
        if payload[:1] != b"{":
            return None
        begin = payload.find(start)
        if begin < 0:
            return None
        begin += len(start)
        return payload[begin : payload.find(b'"', begin)]

    return find
