"""A saved page as a sequence of blocks, whatever format it was saved in."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from attrs import define, field

__all__ = ["Block", "Code", "Document", "Heading", "Item", "Items", "Language", "Paragraph", "Table", "plain"]

Language: TypeAlias = Literal["en", "zh"]

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]")
_MARKS = re.compile(r"`+|\*\*")


@define(frozen=True)
class Heading:
    """A heading; level 1 is the page's title."""

    level: int
    text: str


@define(frozen=True)
class Paragraph:
    """Running text. Code within it stands between backticks, as `plain` removes them."""

    text: str
    strong: bool = False
    """All of it is bold: older pages set their headings so."""


@define(frozen=True)
class Code:
    """A block of code, mostly JSON with comments."""

    text: str


@define(frozen=True)
class Table:
    """Rows of cells, the header first."""

    rows: tuple[tuple[str, ...], ...]


@define(frozen=True)
class Item:
    """One point of a list; depth 0 is the outermost."""

    depth: int
    text: str


@define(frozen=True)
class Items:
    """A list with all that is nested in it."""

    items: tuple[Item, ...]


Block: TypeAlias = "Heading | Paragraph | Code | Table | Items"


@define
class Document:
    """The content of a page, without navigation."""

    blocks: list[Block] = field(factory=list)
    address: str | None = None
    """Where the page was saved from."""
    language: Language = "en"

    @property
    def title(self) -> str:
        """The first heading of the highest level, or an empty text."""
        headings = [block for block in self.blocks if isinstance(block, Heading)]
        return min(headings, key=lambda heading: heading.level).text if headings else ""


def language_of(document: Document) -> Language:
    """The language of a page by the script of its headings and paragraphs; comments in code do not count."""
    told = "".join(plain(block.text) for block in document.blocks if isinstance(block, Heading | Paragraph))
    letters = len(_LETTERS.findall(told))
    return "zh" if len(_CHINESE.findall(told)) * 5 > letters else "en"


def plain(text: str) -> str:
    """Text without the marks of code and emphasis, in one line."""
    return " ".join(_MARKS.sub("", text).split())
