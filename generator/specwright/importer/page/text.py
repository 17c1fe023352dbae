"""Plain text pages, as a browser copies them, as documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from .document import Block, Code, Document, Heading, Item, Items, Paragraph, Table, language_of
from .wording import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read_text"]

_POINT = re.compile(r"(\s*)[-*•·◦]\s+(.*)")
_GAP = re.compile(r"\t+| {3,}|\s*\|\s*")
_ADDRESS = re.compile(r"https?://\S+")
_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|//.*')


def read_text(text: str) -> Document:
    """The document of a text without marks: its headings are known by their words, its code by its brackets."""
    lines = text.replace("\ufeff", "").replace("\u200b", "").splitlines()
    reader = _Reader(lines)
    reader.read()
    document = Document(blocks=reader.blocks)
    address = _ADDRESS.search(text)
    if address is not None:
        document.address = address.group().rstrip(".,;)")
    document.language = language_of(document)
    return document


@define
class _Reader:
    lines: Sequence[str]
    blocks: list[Block] = field(factory=list)
    index: int = 0

    def read(self) -> None:
        titled = False
        while self.index < len(self.lines):
            line = self.lines[self.index].strip()
            if not line or _ADDRESS.fullmatch(line):
                self.index += 1
            elif part_of(line) is not None:
                self.blocks.append(Heading(2, line.rstrip(":：")))
                self.index += 1
            elif not titled:
                titled = True
                self.blocks.append(Heading(1, line))
                self.index += 1
            elif line[0] in "{[":
                self._code()
            elif len(_cells(line)) > 1:
                self._table()
            elif _POINT.match(self.lines[self.index]):
                self._items()
            else:
                self.blocks.append(Paragraph(line))
                self.index += 1

    def _code(self) -> None:
        """Lines until every bracket is closed."""
        start, depth = self.index, 0
        while self.index < len(self.lines):
            bare = _STRINGS.sub("", self.lines[self.index])
            depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
            self.index += 1
            if depth <= 0:
                break
        self.blocks.append(Code("\n".join(line.rstrip() for line in self.lines[start : self.index])))

    def _table(self) -> None:
        """Lines with gaps; a line without one goes on with the last cell of a row, or ends the table."""
        rows: list[tuple[str, ...]] = []
        while self.index < len(self.lines) and len(_cells(self.lines[self.index])) > 1:
            rows.append(_cells(self.lines[self.index]))
            self.index += 1
        self.blocks.append(Table(tuple(rows)))

    def _items(self) -> None:
        items: list[Item] = []
        while self.index < len(self.lines) and (point := _POINT.match(self.lines[self.index])):
            items.append(Item(len(point[1].expandtabs(4)) // 2, point[2].strip()))
            self.index += 1
        self.blocks.append(Items(tuple(items)))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in _GAP.split(line.strip(" |")))
