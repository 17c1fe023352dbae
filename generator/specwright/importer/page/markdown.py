"""Markdown pages as documents: the dialect that page savers write, with its slips."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import define, field

from .document import Block, Code, Document, Heading, Item, Items, Paragraph, Table, language_of, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_markdown", "read_markdown"]

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_POINT = re.compile(r"(\s*)(?:[-*+]|\d{1,3}[.)])\s+(.*)")
_RULE_ROW = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>~|=\-])")
_STRONG = re.compile(r"\*\*[^*]+\*\*[:：]?|__[^_]+__[:：]?")
_SOURCE = re.compile(r"^(?:source|url)\s*:\s*[\"']?(https?://[^\s\"']+)", re.IGNORECASE)
_PAGE_LINK = re.compile(r"\((https?://[^)\s#]+)#[^)]*\)")
_MAXIMUM_QUOTES: Final = 20


def is_markdown(text: str) -> bool:
    """Whether a text has the marks of Markdown: headings, fences, or tables with their rule."""
    return bool(re.search(r"^#{1,6}\s+\S|^\s*```|^\s*\|?\s*:?-{3,}:?\s*\|", text, re.MULTILINE))


def read_markdown(text: str) -> Document:
    """The document of a Markdown page; navigation before its title is left out."""
    lines = text.replace("\ufeff", "").splitlines()
    document = Document()
    lines = _without_front_matter(lines, document)
    reader = _Reader()
    document.address = document.address or _address(lines)
    reader.read([line for line in lines if not _SOURCE.match(line.strip().lstrip("> "))], 0)
    document.blocks = reader.blocks
    first = next((index for index, block in enumerate(document.blocks) if isinstance(block, Heading)), 0)
    del document.blocks[:first]
    document.language = language_of(document)
    return document


def _without_front_matter(lines: list[str], document: Document) -> list[str]:
    if not lines or lines[0].strip() != "---":
        return lines
    end = next((index for index, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        return lines
    for line in lines[1:end]:
        found = _SOURCE.match(line.strip())
        if found:
            document.address = found[1]
    return lines[end + 1 :]


def _address(lines: Sequence[str]) -> str | None:
    """The page's own address: beside "Source:", or in the links of its headings."""
    for line in lines:
        found = _SOURCE.match(line.strip().lstrip("> "))
        if found:
            return found[1]
    for line in lines:
        if line.startswith("#"):
            link = _PAGE_LINK.search(line)
            if link:
                return link[1]
    return None


@define
class _Reader:
    blocks: list[Block] = field(factory=list)

    def read(self, lines: Sequence[str], quotes: int) -> None:
        index = 0
        while index < len(lines):
            line = lines[index]
            if _FENCE.match(line):
                index = self._fence(lines, index)
            elif not line.strip():
                index += 1
            elif heading := _HEADING.match(line):
                text = plain(_inline(heading[2]))
                if text:
                    self.blocks.append(Heading(len(heading[1]), text))
                index += 1
            elif line.lstrip().startswith(">") and quotes < _MAXIMUM_QUOTES:
                index = self._quote(lines, index, quotes)
            elif self._is_table(lines, index):
                index = self._table(lines, index)
            elif _POINT.match(line):
                index = self._items(lines, index)
            else:
                index = self._paragraph(lines, index)

    def _fence(self, lines: Sequence[str], start: int) -> int:
        opening = _FENCE.match(lines[start])
        fence = opening[1] if opening else "```"
        end = start + 1
        while end < len(lines) and not lines[end].strip().startswith(fence):
            end += 1
        self.blocks.append(Code("\n".join(line.rstrip() for line in lines[start + 1 : end]).strip("\n")))
        return end + 1

    def _quote(self, lines: Sequence[str], start: int, quotes: int) -> int:
        end = start
        while end < len(lines) and lines[end].lstrip().startswith(">"):
            end += 1
        inner = [re.sub(r"^\s*>\s?", "", line) for line in lines[start:end]]
        self.read(inner, quotes + 1)
        return end

    def _is_table(self, lines: Sequence[str], index: int) -> bool:
        following = lines[index + 1] if index + 1 < len(lines) else ""
        return "|" in lines[index] and "-" in following and _RULE_ROW.fullmatch(following) is not None

    def _table(self, lines: Sequence[str], start: int) -> int:
        """A row goes on over the next lines until its last bar, as cells with line breaks are saved."""
        rows = [_cells(lines[start])]
        index = start + 2
        framed = lines[start].strip().startswith("|")
        while index < len(lines) and "|" in lines[index] and lines[index].strip():
            row = lines[index].strip()
            index += 1
            while framed and not row.endswith("|") and index < len(lines) and lines[index].strip():
                if lines[index].lstrip().startswith("|"):
                    break
                row += " " + lines[index].strip()
                index += 1
            rows.append(_cells(row))
        self.blocks.append(Table(tuple(rows)))
        return index

    def _items(self, lines: Sequence[str], start: int) -> int:
        items: list[Item] = []
        indents: list[int] = []
        index = start
        while index < len(lines):
            line = lines[index]
            point = _POINT.match(line)
            if point:
                indent = len(point[1].expandtabs(4))
                while indents and indents[-1] > indent:
                    indents.pop()
                if not indents or indents[-1] < indent:
                    indents.append(indent)
                items.append(Item(len(indents) - 1, _inline(point[2])))
            elif line.strip() and line[:1] in " \t" and not _FENCE.match(line) and items:
                last = items[-1]
                items[-1] = Item(last.depth, f"{last.text} {_inline(line.strip())}")
            elif line.strip() or not self._goes_on(lines, index):
                break
            index += 1
        self.blocks.append(Items(tuple(item for item in items if item.text.strip())))
        return index

    def _goes_on(self, lines: Sequence[str], index: int) -> bool:
        following = next((line for line in lines[index:] if line.strip()), "")
        return bool(_POINT.match(following)) or following[:2] in ("  ", "\t")

    def _paragraph(self, lines: Sequence[str], start: int) -> int:
        end = start
        while end < len(lines) and lines[end].strip():
            if end > start and (_FENCE.match(lines[end]) or _HEADING.match(lines[end]) or self._is_table(lines, end)):
                break
            if end > start and (lines[end].lstrip().startswith(">") or _POINT.match(lines[end])):
                break
            end += 1
        raw = "\n".join(line.strip() for line in lines[start:end])
        text = _inline(raw).strip()
        if text:
            strong = "\n" not in raw and _STRONG.fullmatch(raw.strip()) is not None
            self.blocks.append(Paragraph(text, strong))
        return end


def _cells(row: str) -> tuple[str, ...]:
    row = row.strip().removeprefix("|")
    cells = re.split(r"(?<!\\)\|", row)
    if cells and not cells[-1].strip():
        cells.pop()
    return tuple(" ".join(_inline(cell).split()) for cell in cells)


def _inline(text: str) -> str:
    """Text without links, emphasis and escapes; code keeps its backticks, and what stands in it."""
    parts = re.split(r"(`+[^`]*`+)", text)
    for index in range(0, len(parts), 2):
        part = _LINK.sub(r"\1", parts[index])
        part = re.sub(r"(?<!\\)(\*\*|__)", "", part)
        part = re.sub(r"<br\s*/?>", " ", part)
        parts[index] = _ESCAPE.sub(r"\1", part)
    return "".join(parts)
