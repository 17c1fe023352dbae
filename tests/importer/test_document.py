"""Pages of any format become the same document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.importer.page.document import Code, Heading, Item, Items, Paragraph, Table
from specwright.importer.page.html import read_html
from specwright.importer.page.markdown import read_markdown
from specwright.importer.page.reading import UnreadablePage, read_file, read_page
from specwright.importer.page.text import read_text

from .pages import BOOK_MARKDOWN, BOOK_OLD_SITE, BOOK_TEXT, CANCEL_CHINESE, TICKER_HTML

if TYPE_CHECKING:
    from pathlib import Path


def test_markdown_without_its_navigation() -> None:
    document = read_markdown(BOOK_MARKDOWN)

    assert document.address == "https://docs.bourse.example/futures/market/rest-api/Depth"
    assert document.title == "Depth of a Contract"
    assert document.blocks[:5] == [
        Heading(1, "Depth of a Contract"),
        Heading(2, "API Description"),
        Paragraph("Shows the resting orders of one contract. Levels are summed by price."),
        Heading(2, "HTTP Request"),
        Paragraph("GET `/v1/depth`"),
    ]


def test_a_cell_goes_on_over_the_line_break_in_it() -> None:
    tables = [block for block in read_markdown(BOOK_MARKDOWN).blocks if isinstance(block, Table)]

    assert tables[1].rows == (
        ("Name", "Type", "Mandatory", "Description"),
        ("symbol", "STRING", "YES", ""),
        ("limit", "INT", "NO", "Default 100; Valid limits:[5, 10, 50, 100, 500]"),
    )


def test_a_quoted_list_keeps_its_depths() -> None:
    document = read_markdown("# T\n\n> - One `a`\n>   goes on\n>     - Two\n> - Three\\_3\n")

    assert document.blocks[1:] == [Items((Item(0, "One `a` goes on"), Item(1, "Two"), Item(0, "Three_3")))]


def test_html_without_navigation_footer_and_anchors() -> None:
    document = read_html(TICKER_HTML)

    assert document.title == "Latest Price Ticker"
    assert document.blocks[:3] == [
        Heading(1, "Latest Price Ticker"),
        Heading(2, "API Description"),
        Paragraph("Last prices."),
    ]
    assert not any("elsewhere" in str(block) for block in document.blocks)


def test_code_of_a_highlighter_is_put_together_again() -> None:
    codes = [block.text for block in read_html(TICKER_HTML).blocks if isinstance(block, Code)]

    assert codes[0].split() == [
        "{",
        '"symbol":',
        '"BTC",',
        '"price":',
        '"6000.01",',
        "//",
        "last",
        "price",
        '"meta":',
        '{"source":',
        "null,",
        '"tags":',
        "[]}",
        "}",
    ]


def test_plain_text_has_the_blocks_of_the_same_page_in_markdown() -> None:
    text, markdown = read_text(BOOK_TEXT), read_markdown(BOOK_MARKDOWN)

    def kinds(blocks: list[object]) -> list[str]:
        return [type(block).__name__ for block in blocks]

    assert kinds([*text.blocks]) == kinds([*markdown.blocks])
    assert text.address == markdown.address
    assert [block for block in text.blocks if isinstance(block, Table)] == [
        block for block in markdown.blocks if isinstance(block, Table)
    ]


@pytest.mark.parametrize(
    ("page", "language"), [(BOOK_MARKDOWN, "en"), (TICKER_HTML, "en"), (BOOK_TEXT, "en"), (CANCEL_CHINESE, "zh")]
)
def test_the_language_is_told_by_the_script(page: str, language: str) -> None:
    (document,) = read_page(page)

    assert document.language == language


def test_a_page_of_many_operations_is_cut_at_their_headings() -> None:
    assert [document.title for document in read_page(BOOK_OLD_SITE)] == ["Ping", "Depth of a Contract"]


def test_markup_within_markdown_code_does_not_make_it_html() -> None:
    (document,) = read_page("# Time\n\n```\n<html><body><table>\n```\n")

    assert document.blocks == [Heading(1, "Time"), Code("<html><body><table>")]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")

    with pytest.raises(UnreadablePage, match="not a text"):
        read_file(picture)


def test_bytes_of_another_encoding_are_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes("# Caf\xe9\n\ntext\n".encode("latin-1"))

    (document,) = read_file(page)

    assert document.title == "Caf\ufffd"
