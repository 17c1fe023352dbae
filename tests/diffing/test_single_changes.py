"""Every kind of change has one class, whoever looks at it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.diffing.classes import CLASSES
from specwright.diffing.compare import Change, compare_specs
from specwright.diffing.surface import surface
from specwright.diffing.trees import assembled

from .single_changes import SINGLE_CHANGES, SingleChange

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "spec" / "example_spec"


def read(folder: Path) -> Spec:
    """What a folder says; a single change may leave its examples behind."""
    tree = assembled(folder)
    assert tree.spec is not None
    assert tree.findings == []
    return tree.spec


@cache
def example() -> Spec:
    return read(EXAMPLE)


def told(change: Change) -> str:
    return f"{change.verdict.level} {change.kind} {change.path} {change.fact or change.action}"


@pytest.fixture
def spec_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "spec"))


@pytest.mark.parametrize("single", SINGLE_CHANGES, ids=lambda single: single.title)
def test_a_single_change_has_its_class(single: SingleChange, spec_folder: Path) -> None:
    before = example()
    path = spec_folder / single.file
    text = path.read_text("utf-8")
    assert single.old in text
    path.write_text(text.replace(single.old, single.new, 1) if single.old else text + single.new, "utf-8")

    changes = compare_specs(before, read(spec_folder))

    assert [told(change) for change in changes] == list(single.expected)


def test_a_spec_differs_from_itself_in_nothing() -> None:
    spec = read(ROOT / "spec")
    assert compare_specs(spec, spec) == []


@pytest.mark.parametrize("folder", [EXAMPLE, ROOT / "spec"], ids=lambda folder: folder.name)
def test_every_fact_of_every_thing_has_a_class(folder: Path) -> None:
    found = {(thing.kind, fact) for thing in surface(read(folder)).walk() for fact in thing.facts}
    classed = {(kind, fact) for kind, judged in CLASSES.items() for fact in judged.facts}
    assert found == classed


def test_a_renamed_type_is_one_change_wherever_it_is_used(spec_folder: Path) -> None:
    before = example()
    for path in spec_folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        text = text.replace("Ticker: {\n", "Ticker:").replace(
            "  Ticker:\n", "  PriceTicker:\n    renamed_from: Ticker\n"
        )
        path.write_text(
            text.replace("symbol: Ticker}", "symbol: PriceTicker}").replace("[Ticker]", "[PriceTicker]"), "utf-8"
        )

    changes = compare_specs(before, read(spec_folder))

    assert [told(change) for change in changes] == ["additive model models.PriceTicker name"]


def test_what_changed_over_both_carriers_alike_is_one_change(spec_folder: Path) -> None:
    before = example()
    path = spec_folder / "futures/operations/trade.yaml"
    text = path.read_text("utf-8")
    text = text.replace("      quantity: {type: decimal}\n", "      quantity: {type: decimal}\n      note: string\n", 1)
    path.write_text(text.replace("      without: [price]\n", "      without: [price, stopPrice]\n"), "utf-8")

    changes = compare_specs(before, read(spec_folder))

    assert [(told(change), change.over) for change in changes] == [
        ("breaking parameter trade.new_order(stop_price) removed", ("the WebSocket API",)),
        ("additive parameter trade.new_order(note) added", ()),
    ]
