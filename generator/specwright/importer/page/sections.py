"""A document cut into the parts that the recognisers look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import define, field

from .document import Code, Heading, Items, Paragraph, Table, plain
from .wording import inline_part, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Block, Document
    from .wording import Part

__all__ = ["Sections", "cut", "is_request_line"]


@define
class Sections:
    """The blocks of a page by the part that they stand in; "other" is what stands in none."""

    title: str
    blocks: dict[Part, list[Block]] = field(factory=dict)

    def of(self, *parts: Part) -> list[Block]:
        """The blocks of parts, in the order of the parts."""
        return [block for part in parts for block in self.blocks.get(part, ())]

    def has(self, part: Part) -> bool:
        """Whether the page has this part, be it empty."""
        return part in self.blocks

    def texts(self, *parts: Part) -> list[str]:
        """Paragraphs and points of parts; all of the page's where no part is named."""
        texts: list[str] = []
        for block in self.of(*parts) if parts else self.all():
            if isinstance(block, Paragraph):
                texts.append(block.text)
            elif isinstance(block, Items):
                texts.extend(item.text for item in block.items)
        return texts

    def codes(self, *parts: Part) -> list[str]:
        """Code blocks of parts; all of the page's where no part is named."""
        return [block.text for block in (self.of(*parts) if parts else self.all()) if isinstance(block, Code)]

    def tables(self, *parts: Part) -> list[Table]:
        """Tables of parts; all of the page's where no part is named."""
        return [block for block in (self.of(*parts) if parts else self.all()) if isinstance(block, Table)]

    def all(self) -> Iterator[Block]:
        """All blocks, part by part."""
        for blocks in self.blocks.values():
            yield from blocks


_REQUEST_LINE = re.compile(r"(?:HTTP\s+)?(?:GET|POST|PUT|DELETE)\s+/\S+(?:\s+\([A-Z0-9 ]+\))?")


def is_request_line(text: str) -> bool:
    """Whether a text is a method and a path and nothing else."""
    return _REQUEST_LINE.fullmatch(plain(text)) is not None


def cut(document: Document) -> Sections:
    """Finds the parts of a page by their headings, bold paragraphs and labels."""
    sections = Sections(document.title)
    current: Part = "description"
    titled = False
    for block in document.blocks:
        if isinstance(block, Heading):
            part = part_of(block.text)
            if part is None:
                current = "description" if not titled or block.text == document.title else "other"
                titled = True
            else:
                current = part
                sections.blocks.setdefault(part, [])
            continue
        if isinstance(block, Paragraph):
            if current == "response" and is_request_line(block.text):
                # The oldest pages show the reply first; the request and what it is for follow.
                current = "description"
            part = part_of(block.text)
            if part is not None and (block.strong or block.text.rstrip().endswith((":", "：")) or len(block.text) < 20):
                current = part
                sections.blocks.setdefault(part, [])
                continue
            inline = inline_part(block.text)
            if inline is not None:
                current = inline[0]
                sections.blocks.setdefault(current, []).append(Paragraph(inline[1]))
                continue
        sections.blocks.setdefault(current, []).append(block)
    return sections
