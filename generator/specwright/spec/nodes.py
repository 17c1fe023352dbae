"""YAML as a tree of nodes that know their place in a file."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from attrs import define

from .position import Position

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "Source", "describe"]

ScalarValue: TypeAlias = "bool | int | Decimal | str | None"

_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "null": None, "~": None, "true": True, "false": False}


@define(eq=False, slots=False)
class Source:
    """A spec file: its path as it is printed, and its text."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, as YAML counts them."""
        return re.split(r"\r\n|[\n\r\x85\u2028\u2029]", self.text)


@define(eq=False)
class _Node:
    source: Source
    line: int
    """Counted from 0, as the parser does."""
    column: int

    @property
    def position(self) -> Position:
        """The node's place, counted from 1."""
        return Position(self.source.path, self.line + 1, self.column + 1)


@define(eq=False)
class ScalarNode(_Node):
    """One value."""

    text: str
    style: str | None
    """The quote or block indicator; None or empty: plain, which alone can stand for something else than text."""

    def value(self) -> ScalarValue:
        """What the text stands for in YAML 1.2: only null, true, false and numbers are not text."""
        text = self.text
        if self.style or len(text) > 64:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text[0] in "+-.0123456789":
            if _INTEGER.fullmatch(text):
                return int(text)
            if _DECIMAL.fullmatch(text):
                return Decimal(text)
        return text

    @property
    def is_null(self) -> bool:
        """Nothing is written, or `null`."""
        return not self.style and _WORDS.get(self.text, False) is None

    def position_of(self, offset: int) -> Position:
        """The place in the file of a character of a literal block; of any other style, the place of the scalar."""
        if self.style != "|":
            return self.position
        before = self.text[:offset]
        row = before.count("\n")
        lines = self.source.lines
        first = self.line + 1
        block = lines[first : first + self.text.rstrip("\n").count("\n") + 1]
        indent = min((len(line) - len(line.lstrip(" ")) for line in block if line.strip()), default=0)
        column = offset - (before.rfind("\n") + 1)
        return Position(self.source.path, first + row + 1, indent + column + 1)


@define(eq=False)
class SequenceNode(_Node):
    """A list."""

    items: list[Node]


@define(eq=False)
class MappingNode(_Node):
    """A mapping; keys are text whatever they look like."""

    entries: dict[str, tuple[ScalarNode, Node]]

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]


Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode"


def describe(node: Node) -> str:
    """What stands there, for a message: "the text 'abc'", "a list" …"""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    value = node.value()
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return node.text
    if isinstance(value, str):
        return f"the text '{_shortened(value)}'"
    return f"the number {node.text}"


def _shortened(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= 40 and line == text.strip() else line[:37] + "…"
