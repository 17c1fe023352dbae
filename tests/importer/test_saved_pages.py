"""Pages of the exchange that were saved beside the project; without them there is nothing to try."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from specwright.importer.compare import compare
from specwright.importer.draft import draft_of, known_entry
from specwright.importer.knowledge import Knowledge, read_products
from specwright.importer.page.reading import read_file
from specwright.importer.page.recognise import recognise
from specwright.importer.workspace import Workspace
from specwright.importer.writing import write_files

PROJECT = Path(__file__).parents[2]
SAVED = PROJECT.parent / "shared/pages"
FILES = sorted(SAVED.glob("*.*")) if SAVED.is_dir() else []
SEEDS = [path for path in FILES if path.name.startswith("seed_")]
NOTICES = ("Important-WebSocket-Change-Notice",)
"""Pages that describe nothing by themselves."""

pytestmark = pytest.mark.skipif(not FILES, reason="no pages are saved beside the project")


@pytest.fixture(scope="module")
def products() -> list[Knowledge]:
    return read_products(PROJECT / "spec")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_page_is_recognised(path: Path) -> None:
    entries = [entry for document in read_file(path) for entry in recognise(document, Knowledge())]

    assert bool(entries) != any(notice in path.name for notice in NOTICES)
    for entry in entries:
        assert entry.title
        assert entry.summary
        assert entry.examples or entry.kind == "stream"
        if entry.kind in ("rest", "ws"):
            assert entry.params is not None
            assert entry.weight is not None or entry.unread
        else:
            assert entry.route


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_seed_page_says_exactly_what_the_spec_says(path: Path, products: list[Knowledge]) -> None:
    knowledge = next(product for product in products if product.name == "usds_futures")
    (document,) = read_file(path)
    (page,) = recognise(document, knowledge)
    entry = known_entry(page, knowledge)
    assert entry is not None

    comparison = compare(draft_of(page, knowledge, set(knowledge.models)), entry, knowledge)

    assert (comparison.additions, comparison.differences, comparison.lacking) == ([], [], [])


def test_importing_the_seed_pages_changes_no_byte_of_the_spec(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "spec", tmp_path / "spec")
    before = {path: path.read_bytes() for path in (tmp_path / "spec").rglob("*.yaml")}
    knowledge = next(product for product in read_products(tmp_path / "spec") if product.name == "usds_futures")
    workspace = Workspace(knowledge, merging=True)

    for path in SEEDS:
        for document in read_file(path):
            for entry in recognise(document, knowledge):
                assert not workspace.take(entry).is_new
    write_files(workspace.texts())

    assert {path: path.read_bytes() for path in (tmp_path / "spec").rglob("*.yaml")} == before
    assert SEEDS
