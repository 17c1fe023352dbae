"""Reads a saved file, whatever its format, as the documents of the entries that it describes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .document import Code, Document, Heading, Paragraph, plain
from .html import read_html
from .markdown import is_markdown, read_markdown
from .text import read_text
from .wording import part_of

if TYPE_CHECKING:
    from pathlib import Path

    from .document import Block

__all__ = ["MAXIMUM_BYTES", "UnreadablePage", "read_file", "read_page"]

MAXIMUM_BYTES: Final = 8_000_000
_HTML = re.compile(r"<!doctype html|<html[\s>]|<(?:h1|h2|table|body|article|pre)[\s>]", re.IGNORECASE)
_REQUEST = re.compile(r"`?\b(?:GET|POST|PUT|DELETE)\b`?\s+`?/[a-z0-9]+/", re.IGNORECASE)
_FENCES = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


class UnreadablePage(Exception):
    """A file that is not text, or too much of it; the message says which."""


def read_file(path: Path) -> list[Document]:
    """The documents of a file.

    Raises:
        UnreadablePage: The file is missing, too large, or not text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadablePage(error.strerror or type(error).__name__) from error
    if len(data) > MAXIMUM_BYTES:
        raise UnreadablePage(f"it has {len(data):,} bytes, of at most {MAXIMUM_BYTES:,}")
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadablePage("it is not a text")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return read_page(data.decode(encoding, "replace"))


def read_page(text: str) -> list[Document]:
    """The documents of a page; the older sites have many entries on one page, each under a heading of its own."""
    if _HTML.search(_FENCES.sub("", text)):
        document = read_html(text)
    elif is_markdown(text):
        document = read_markdown(text)
    else:
        document = read_text(text)
    return _split(document)


def _split(document: Document) -> list[Document]:
    """One document for each heading of a level that several requests stand under."""
    for level in range(1, 5):
        chunks = _chunks(document.blocks, level)
        speaking = [chunk for chunk in chunks if _describes_request(chunk)]
        if len(speaking) > 1:
            return [Document(chunk, document.address, document.language) for chunk in speaking]
    return [document]


def _chunks(blocks: list[Block], level: int) -> list[list[Block]]:
    chunks: list[list[Block]] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level == level and part_of(block.text) is None:
            chunks.append([])
        if chunks:
            chunks[-1].append(block)
    return chunks


def _describes_request(blocks: list[Block]) -> bool:
    """Whether a request line stands alone in a paragraph or code block, as on the page of one operation."""
    for block in blocks:
        if isinstance(block, Paragraph | Code) and len(block.text) < 200 and _REQUEST.match(plain_start(block.text)):
            return True
        if isinstance(block, Heading) and part_of(block.text) in ("ws_method", "stream_name", "event_name"):
            return True
    return False


def plain_start(text: str) -> str:
    """Text without the marks and labels before a request line."""
    return plain(text).removeprefix("HTTP").lstrip(" :")
