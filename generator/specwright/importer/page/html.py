"""HTML pages as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bs4 import BeautifulSoup, Comment
from bs4.element import NavigableString, Tag

from .document import Block, Code, Document, Heading, Item, Items, Paragraph, Table, language_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_html"]

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SKIPPED: Final = frozenset(
    ("script", "style", "nav", "footer", "button", "svg", "head", "noscript", "template", "iframe", "form")
)
_BLOCKS: Final = frozenset(
    (
        *_HEADINGS,
        "p",
        "pre",
        "table",
        "ul",
        "ol",
        "div",
        "blockquote",
        "section",
        "article",
        "aside",
        "main",
        "dl",
        "hr",
    )
)
_CONTENT: Final = (".theme-doc-markdown", "article", "main", ".content", "[role=main]", "body")
"""Where the content of a page may be, the surest place first."""
_MAXIMUM_DEPTH: Final = 200


def read_html(text: str) -> Document:
    """The document of an HTML page; broken markup is read as far as it goes."""
    soup = BeautifulSoup(text, "html.parser")
    root: Tag = soup
    for selector in _CONTENT:
        found = soup.select_one(selector)
        if found is not None and found.get_text(strip=True):
            root = found
            break
    document = Document(address=_address(soup))
    document.blocks = list(_blocks(root, 0))
    document.language = language_of(document)
    return document


def _address(soup: BeautifulSoup) -> str | None:
    for selector, attribute in (
        ('meta[property="og:url"]', "content"),
        ('link[rel="canonical"]', "href"),
    ):
        found = soup.select_one(selector)
        value = found.get(attribute) if found is not None else None
        if isinstance(value, str) and value.startswith("http"):
            return value
    return None


def _blocks(tag: Tag, depth: int) -> Iterator[Block]:
    """The blocks below a tag, in order. Text between blocks is a paragraph of its own."""
    if depth > _MAXIMUM_DEPTH:
        return
    loose: list[str] = []
    for child in tag.children:
        if isinstance(child, Comment):
            continue
        if isinstance(child, NavigableString):
            loose.append(str(child))
            continue
        if not isinstance(child, Tag) or child.name in _SKIPPED or _is_hidden(child):
            continue
        if child.name not in _BLOCKS and child.find(_BLOCKS) is None:
            loose.append(_inline(child))
            continue
        yield from _paragraph("".join(loose))
        loose.clear()
        yield from _block(child, depth)
    yield from _paragraph("".join(loose))


def _block(tag: Tag, depth: int) -> Iterator[Block]:
    if tag.name in _HEADINGS:
        text = plain(_inline(tag)).strip("\u200b #¶")
        if text:
            yield Heading(_HEADINGS[tag.name], text)
    elif tag.name == "p":
        yield from _paragraph(_inline(tag), strong=_all_strong(tag))
    elif tag.name == "pre":
        yield Code(_code(tag))
    elif tag.name == "table":
        rows = [tuple(_cell(cell) for cell in row.find_all(("td", "th"))) for row in tag.find_all("tr")]
        if any(rows):
            yield Table(tuple(row for row in rows if row))
    elif tag.name in ("ul", "ol"):
        items = tuple(_items(tag, 0))
        if items:
            yield Items(items)
    else:
        yield from _blocks(tag, depth + 1)


def _paragraph(text: str, *, strong: bool = False) -> Iterator[Paragraph]:
    text = "\n".join(" ".join(line.split()) for line in text.replace("\u200b", "").splitlines()).strip()
    if text:
        yield Paragraph(text, strong)


def _inline(tag: Tag) -> str:
    """Text with code between backticks; a line break stays one."""
    parts: list[str] = []
    for node in tag.descendants:
        if isinstance(node, Tag) and node.name == "br":
            parts.append("\n")
        if not isinstance(node, NavigableString):
            continue
        if isinstance(node, Comment) or any(parent.name in _SKIPPED for parent in _parents(node, tag)):
            continue
        text = str(node)
        is_code = tag.name == "code" or any(parent.name == "code" for parent in _parents(node, tag))
        parts.append(f"`{text}`" if is_code and text.strip() else text.replace("\n", " "))
    return "".join(parts).replace("``", "")


def _parents(node: NavigableString, top: Tag) -> Iterator[Tag]:
    parent = node.parent
    while parent is not None and parent is not top:
        yield parent
        parent = parent.parent


def _all_strong(tag: Tag) -> bool:
    children = [child for child in tag.children if not (isinstance(child, NavigableString) and not child.strip())]
    return bool(children) and all(isinstance(child, Tag) and child.name in ("strong", "b", "em") for child in children)


def _is_hidden(tag: Tag) -> bool:
    classes = tag.get("class") or ()
    return "theme-doc-toc-mobile" in classes or "hash-link" in classes or "theme-doc-breadcrumbs" in classes


def _code(tag: Tag) -> str:
    for line_break in tag.find_all("br"):
        line_break.replace_with("\n")
    lines = [line.rstrip() for line in tag.get_text().replace("\xa0", " ").splitlines()]
    return "\n".join(lines).strip("\n")


def _cell(tag: Tag) -> str:
    return " ".join(_inline(tag).split())


def _items(tag: Tag, depth: int) -> Iterator[Item]:
    for point in tag.find_all("li", recursive=False):
        nested = point.find_all(("ul", "ol"))
        own = [each for each in nested if each.find_parent("li") is point]
        for each in own:
            each.extract()
        text = " ".join(_inline(point).split())
        if text:
            yield Item(depth, text)
        if depth < _MAXIMUM_DEPTH:
            for each in own:
                yield from _items(each, depth + 1)
