"""Building again gives what building from nothing gives, and makes no file anew that could stay as it was."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import define, field

from specwright.build.incremental import IncrementalBuild
from specwright.build.keeping import keep_unchanged, same
from specwright.build.tree import build_tree
from specwright.spec import SpecReader, load_spec
from specwright.spec.dialect.types import Scalar
from specwright.spec.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from specwright.spec.dialect.exchange import Spec

GOLDEN = Path(__file__).parent / "golden"


@define
class Maintainer:
    """Somebody who edits a spec and builds it again and again."""

    folder: Path
    templates: Path | None = None
    made: set[str] = field(factory=set)
    """Files that the last build made anew."""
    _reader: SpecReader = field(init=False)
    _build: IncrementalBuild = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = SpecReader(self.folder)
        self._build = IncrementalBuild(self.templates)
        self.builds_what_a_cold_build_gives()

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new, 1))

    def spec(self) -> Spec | None:
        return self._reader.read().spec

    def builds_what_a_cold_build_gives(self) -> bool:
        """Builds, and compares; false where the spec has a mistake."""
        spec = self.spec()
        if spec is None:
            return False
        cold = load_spec(self.folder).spec
        assert cold is not None
        self.made.clear()
        tree = self._build.build(spec, progress=lambda planned: self.made.add(planned.path))
        assert list(tree.items()) == list(build_tree(cold, templates=self.templates).items())
        return True


@pytest.fixture
def maintainer(tmp_path: Path) -> Maintainer:
    shutil.copytree(GOLDEN / "spec", tmp_path / "spec")
    return Maintainer(tmp_path / "spec")


MUTATIONS: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"\b\d+\b": lambda match: str(int(match[0]) + 1),
    r"\btrue\b|\bfalse\b": lambda match: "false" if match[0] == "true" else "true",
    r"en: (\w+)": r"en: Truly \1",
    r"\bdecimal\b": "number",
    r"\bint\b": "string",
    r"required: true, ": "",
    r"weight: (\d)": r"weight: 3\1",
    r": string\b": ": decimal",
    r"method: (\w+)": r"method: \1",
    r"https://": "https://www.",
    r"(\w+)\.example\.com": r"\1.example.org",
    r"summary: \{[^}]*\}, ": "",
    r"rest: ": "rest:  ",
    r"\{limit: limit\}": "{limit: limit, order: descending}",
}
"""What stands in a spec → something else in its place."""


def mutants(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every spec file with one place changed: path and text."""
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text()
        for pattern, other in MUTATIONS.items():
            for match in re.finditer(pattern, text):
                changed = other(match) if callable(other) else match.expand(other)
                yield path, text[: match.start()] + changed + text[match.end() :]


def test_whatever_is_edited_the_tree_is_the_one_of_a_cold_build(maintainer: Maintainer) -> None:
    built = 0
    for path, text in list(mutants(maintainer.folder))[::13]:
        original = path.read_text()
        path.write_text(text)
        built += maintainer.builds_what_a_cold_build_gives()
        path.write_text(original)
    assert built > 15
    assert maintainer.builds_what_a_cold_build_gives()


def test_nothing_is_made_anew_where_nothing_changed(maintainer: Maintainer) -> None:
    maintainer.builds_what_a_cold_build_gives()
    assert maintainer.made == set()


def test_a_comment_changes_nothing_but_the_digest(maintainer: Maintainer) -> None:
    maintainer.edit(
        "margined/operations/trade.yaml", "operations:", "# Further down everything moves by a line.\noperations:"
    )
    maintainer.builds_what_a_cold_build_gives()
    assert maintainer.made == {"__init__.py"}


def test_an_edited_operation_has_only_its_own_group_made_anew(maintainer: Maintainer) -> None:
    maintainer.edit(
        "margined/operations/trade.yaml", "path: /v1/openOrders, weight: 1", "path: /v1/openOrders, weight: 7"
    )
    maintainer.builds_what_a_cold_build_gives()
    made = {path for path in maintainer.made if path.endswith("/trade.py")}
    assert made == {
        "margined/operations/trade.py",
        "margined/params/trade.py",
        "margined/rest/trade.py",
        "margined/rest_async/trade.py",
    }
    assert not {path for path in maintainer.made if path.endswith(("/market.py", "/session.py", "errors.py"))}


def test_what_uses_an_enum_is_made_anew_with_it_and_the_other_product_is_not(maintainer: Maintainer) -> None:
    maintainer.edit("margined/enums.yaml", "Side: [BUY, SELL]", "Side: [BUY, SELL, BOTH]")
    maintainer.builds_what_a_cold_build_gives()
    assert {"margined/enums.py", "margined/rest/trade.py"} <= maintainer.made
    assert not {path for path in maintainer.made if path.startswith(("plain/", "margined/streams/"))}


def test_a_file_of_operations_can_go_and_come_back(maintainer: Maintainer, tmp_path: Path) -> None:
    product = (maintainer.folder / "plain").rename(tmp_path / "away")
    assert maintainer.builds_what_a_cold_build_gives()
    product.rename(maintainer.folder / "plain")
    assert maintainer.builds_what_a_cold_build_gives()
    assert "plain/client.py" in maintainer.made


def test_a_new_group_gets_its_files(maintainer: Maintainer) -> None:
    maintainer.edit("plain/product.yaml", "groups:", "groups:\n  account: {en: The account., zh: 账户。}")
    market = maintainer.folder / "plain" / "operations" / "market.yaml"
    other = market.read_text().replace("  price:", "  balance:").replace("/price", "/balance")
    (market.parent / "account.yaml").write_text(other)
    assert maintainer.builds_what_a_cold_build_gives()
    assert {"plain/rest/account.py", "plain/client.py"} <= maintainer.made
    assert "plain/rest/market.py" not in maintainer.made


def test_a_template_that_is_edited_added_or_removed_counts_at_once(maintainer: Maintainer, tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    with_templates = Maintainer(maintainer.folder, templates)
    for text in ("# Ours.\n", "# Theirs.\n"):
        (templates / "package.py.jinja").write_text(text)
        with_templates.builds_what_a_cold_build_gives()
        assert "plain/operations/__init__.py" in with_templates.made
    (templates / "package.py.jinja").unlink()
    with_templates.builds_what_a_cold_build_gives()
    assert "plain/operations/__init__.py" in with_templates.made


def test_only_one_product_is_built(maintainer: Maintainer) -> None:
    spec = maintainer.spec()
    assert spec is not None
    assert IncrementalBuild().build(spec, only="plain") == build_tree(spec, only="plain")


# --- What is the same ---

HERE, THERE = Position("a.yaml", 1, 1), Position("a.yaml", 2, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, Decimal(1)),
        (Decimal("1"), Decimal("1.0")),
        (["a"], ["b"]),
        (["a"], ["a", "b"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Scalar(kind="int", position=HERE), Scalar(kind="bool", position=HERE)),
        ("", None),
    ],
)
def test_what_generated_code_would_show_is_different(one: object, other: object) -> None:
    assert not same(one, other)


def test_where_something_stands_makes_no_difference() -> None:
    assert same({"a": [Scalar(kind="int", position=HERE)]}, {"a": [Scalar(kind="int", position=THERE)]})


def test_unchanged_parts_of_a_reloaded_file_are_the_objects_of_before(maintainer: Maintainer) -> None:
    before = maintainer.spec()
    maintainer.edit("margined/operations/trade.yaml", "path: /v1/openOrders", "path: /v1/allOpenOrders")
    now = maintainer.spec()
    assert before is not None
    assert now is not None
    keep_unchanged(before, now)
    old, new = before.products["margined"], now.products["margined"]
    assert [name for name in new.operations if new.operations[name] is not old.operations[name]] == ["open_orders"]
    assert new.models is old.models
    assert new.budgets is old.budgets
