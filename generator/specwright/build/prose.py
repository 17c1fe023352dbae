"""Sentences laid out: wrapping by display width (a Chinese character is two columns wide), and docstrings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from ..spec.names import snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["display_width", "docstring", "sentence", "with_facts", "wrap"]

_WIDE = "\u2e80-\u9fff\uff00-\uffef\u3000-\u303f"
_CLOSING = "，。；：、！？）》」』”’…,.;:!?)\\]}"
_ATOM = re.compile(rf"\s+|(?:`[^`]*`|[^\s`{_WIDE}]+|.)[{_CLOSING}]*", re.DOTALL)
"""What is never broken: a word, a piece of code, a Chinese character; each with the closing punctuation behind it."""
_WIRE_NAME = re.compile("`([a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+)`")


class _Columns(dict[str, int]):
    """Character → the columns that it takes; each is looked up once."""

    def __missing__(self, character: str) -> int:
        columns = 2 if east_asian_width(character) in "WF" else 1
        self[character] = columns
        return columns


_COLUMNS = _Columns()


def display_width(text: str) -> int:
    """Columns that the text takes, as the formatter and the linter count them."""
    if text.isascii():
        return len(text)
    return sum(map(_COLUMNS.__getitem__, text))


def wrap(text: str, width: int, *, first: str = "", hanging: str = "") -> list[str]:
    """Breaks a paragraph into lines of at most `width` columns; they begin with `first`, later ones with `hanging`.

    Lines break at white space and between Chinese characters; a word that is longer than a line stays whole.
    """
    if display_width(first) + display_width(text) <= width and "\n" not in text:
        return [first + text]
    lines: list[str] = []
    line = first
    gap = ""
    for atom in _ATOM.findall(text):
        if atom.isspace():
            gap = " "
            continue
        fits = display_width(line) + len(gap) + display_width(atom) <= width
        if not line.strip() or fits:
            line += (gap if line.strip() else "") + atom
        else:
            lines.append(line)
            line = hanging + atom
        gap = ""
    return [*lines, line]


def sentence(text: str) -> str:
    """A text of the spec as a sentence of a docstring: with a full stop, and names as they are in Python.

    The spec names parameters and fields as the wire does; who reads a docstring knows them by their Python names.
    """
    return _with_stop(_WIRE_NAME.sub(lambda found: f"`{snake_case(found[1])}`", text))


def _with_stop(text: str) -> str:
    """The text with a full stop, unless it ends with one of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?。！？…:" else f"{text}."


def with_facts(text: str, facts: Sequence[str]) -> str:
    """A sentence with facts in parentheses before its full stop; they join parentheses that it ends with.

    Without a text the facts are the sentence.
    """
    text = _with_stop(text)
    if not facts:
        return text
    joined = "; ".join(facts)
    if not text:
        return _with_stop(joined[0].upper() + joined[1:])
    bare = text.removesuffix(".").removesuffix("。")
    return f"{bare[:-1]}; {joined})." if bare.endswith(")") else f"{bare} ({joined})."


def docstring(lines: Iterable[str], *, indent: int) -> str:
    """A docstring from its lines; the first line is not indented (its template does that), the others are."""
    content = [line.rstrip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    margin = " " * indent
    if len(content) == 1 and not content[0].endswith('"'):
        return f'"""{content[0]}"""'
    body = [f'"""{content[0]}', *(margin + line if line else "" for line in content[1:]), f'{margin}"""']
    return "\n".join(body)
