"""Finds where something stands in a JSON text: a value, the name of a member, what is not JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .check.fit import Path

__all__ = ["offset_of", "offset_of_constant", "offset_of_repeated_name"]

_DECODER: Final = json.JSONDecoder()
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_TOKEN: Final = re.compile(r"""("(?:[^"\\]|\\.)*")(?=[ \t\r\n]*(:)?)|([{}])|(NaN|-?Infinity)""")


def offset_of(text: str, path: Path, *, at_name: bool = False) -> int:
    """The offset of what stands at `path` in a valid JSON text; of its parent where `path` leads nowhere.

    `at_name` asks for the name of the last member instead of its value.
    """
    offset = _skip_blank(text, 0)
    for depth, step in enumerate(path):
        members = _members(text, offset) if text[offset : offset + 1] in ("{", "[") else []
        found = next(((name, value) for key, name, value in members if key == step), None)
        if found is None:
            return offset
        offset = found[0] if at_name and depth == len(path) - 1 else found[1]
    return offset


def offset_of_constant(text: str) -> int:
    """The offset of the first NaN or Infinity, which JSON does not have; 0 where there is none."""
    return next((token.start() for token in _TOKEN.finditer(text) if token[4]), 0)


def offset_of_repeated_name(text: str) -> int:
    """The offset of the first name that stands in its object already; 0 where there is none."""
    objects: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token[3] == "{":
            objects.append(set())
        elif token[3] == "}" and objects:
            objects.pop()
        elif token[2] and objects:
            if token[1] in objects[-1]:
                return token.start()
            objects[-1].add(token[1])
    return 0


def _members(text: str, offset: int) -> list[tuple[str | int, int, int]]:
    """Key or index, offset of the name (or value), offset of the value: of each member of an object or a list."""
    is_object = text[offset] == "{"
    members: list[tuple[str | int, int, int]] = []
    offset = _skip_blank(text, offset + 1)
    while text[offset] not in "}]":
        name = offset
        key: str | int = len(members)
        if is_object:
            key, offset = _DECODER.raw_decode(text, offset)
            offset = _skip_blank(text, offset)
            offset = _skip_blank(text, offset + 1)  # The colon.
        members.append((key, name, offset))
        _, offset = _DECODER.raw_decode(text, offset)
        offset = _skip_blank(text, offset)
        if text[offset] == ",":
            offset = _skip_blank(text, offset + 1)
    return members


def _skip_blank(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset
