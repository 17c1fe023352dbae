"""Stream names as the spec's patterns describe them: which stream a name means, and with which parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define

from specwright.spec.dialect.types import Named, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specwright.spec.dialect.params import Param
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.streams import Stream
    from specwright.spec.dialect.vocabulary import Enum

_PIECE = re.compile(r"<(\w+)>|\[|\]|[^<\[\]]+")


@define(frozen=True)
class StreamName:
    """A name that was understood."""

    text: str
    stream: Stream
    params: Mapping[str, str]
    """Parameter → value in the case that the market uses: symbols in upper case."""


class StreamNames:
    """Understands the stream names of a product.

    Args:
        product: Whose patterns.
    """

    def __init__(self, product: Product) -> None:
        self._patterns = [(stream, _compile(stream, product.enums)) for stream in product.streams.values()]

    def parse(self, text: str) -> StreamName | None:
        """The stream that a name means; None for a name that no pattern allows, or not in these letters."""
        for stream, pattern in self._patterns:
            match = pattern.fullmatch(text)
            if match is not None:
                sent = {name: value for name, value in match.groupdict().items() if value is not None}
                lowered = {param.wire for param in stream.params if param.case == "lower"}
                if any(value != value.lower() for name, value in sent.items() if name in lowered):
                    return None
                return StreamName(text, stream, {n: v.upper() if n in lowered else v for n, v in sent.items()})
        return None


def _compile(stream: Stream, enums: Mapping[str, Enum]) -> re.Pattern[str]:
    params = {param.wire: param for param in stream.params}
    pieces: list[str] = []
    for match in _PIECE.finditer(stream.pattern):
        name, text = match.group(1), match.group(0)
        if name is not None:
            pieces.append(f"(?P<{name}>{_values(params.get(name), enums)})")
        else:
            pieces.append({"[": "(?:", "]": ")?"}.get(text) or re.escape(text))
    return re.compile("".join(pieces))


def _values(param: Param | None, enums: Mapping[str, Enum]) -> str:
    if param is None:
        return "[^@!]+"
    allowed: Iterable[object] | None = param.one_of
    if allowed is None and isinstance(param.type, Named) and param.type.name in enums:
        allowed = [value.value for value in enums[param.type.name].values]
    if allowed is None:
        return "[0-9]+" if isinstance(param.type, Scalar) and param.type.kind == "int" else "[^@!]+"
    # Longer values first, so that none is taken for the beginning of another.
    texts = sorted((str(value) for value in allowed), key=len, reverse=True)
    if param.case == "lower":
        texts = [text.lower() for text in texts]
    return "|".join(map(re.escape, texts))
