"""Whole pages become the entries that stand in entries.golden.

After a deliberate change, write them anew with `UPDATE_GOLDEN=1 pytest tests/importer/test_entries.py` and read the
difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.importer.page.reading import read_page
from specwright.importer.page.recognise import recognise
from specwright.importer.workspace import Workspace

from . import pages

if TYPE_CHECKING:
    from specwright.importer.knowledge import Knowledge

GOLDEN = Path(__file__).with_name("entries.golden")
MISSING = "UPDATE_GOLDEN" in os.environ


def entries_of(page: str, knowledge: Knowledge) -> str:
    """What `specwright import page` prints for a page, and what it says of it."""
    workspace = Workspace(knowledge, merging=False)
    said: list[str] = []
    for document in read_page(page):
        for entry in recognise(document, workspace.knowledge):
            outcome = workspace.take(entry)
            said.extend(f"not taken over: {sentence}" for sentence in outcome.draft.page.unread)
            said.extend(outcome.notes)
            said.extend(f"{each.what}: {each.spec} / {each.page}" for each in outcome.differences)
    folder = str(knowledge.folder)
    texts = [f"# {name.replace(folder, 'futures')}\n{text}" for name, text in workspace.fresh_texts().items()]
    return "\n".join([*texts, *said])


def read_golden() -> dict[str, str]:
    sections = re.split(r"^=== (\w+) ===\n", GOLDEN.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(sections[::2], sections[1::2], strict=True))


@pytest.mark.skipif(MISSING, reason="the expected entries are being written")
@pytest.mark.parametrize("name", pages.__all__)
def test_a_page_becomes_its_entry(name: str, futures: Knowledge) -> None:
    assert entries_of(getattr(pages, name), futures).rstrip() == read_golden()[name].rstrip()


@pytest.mark.skipif(not MISSING, reason="only on request")
def test_write_the_expected_entries(futures: Knowledge, spec: Path) -> None:
    from specwright.importer.knowledge import read_products

    sections = [
        f"=== {name} ===\n{entries_of(getattr(pages, name), read_products(spec)[0]).rstrip()}\n"
        for name in pages.__all__
    ]
    GOLDEN.write_text("\n".join(sections), "utf-8")


def test_one_page_in_three_formats_is_one_entry(futures: Knowledge, spec: Path) -> None:
    from specwright.importer.knowledge import read_products

    markdown, text, old_site = (
        entries_of(page, read_products(spec)[0]) for page in (pages.BOOK_MARKDOWN, pages.BOOK_TEXT, pages.BOOK_OLD_SITE)
    )

    assert text == markdown
    assert markdown.partition("depth_of_a_contract:")[2] == old_site.partition("depth_of_a_contract:")[2]
