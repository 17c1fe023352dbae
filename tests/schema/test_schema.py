"""The schema for editors and the reading of files take the same, and refuse the same."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from specwright.cli import app
from specwright.schema.document import schema_document, schema_text
from specwright.spec.bind.files import EXCHANGE_FILE, FOLDER_FILES, PRODUCT_FILES
from specwright.spec.bind.part import bind_file
from specwright.spec.findings import Code, Findings
from specwright.spec.load import decode, load_nodes
from specwright.spec.nodes import MappingNode, Node, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.spec.bind.shape import Entry

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "spec" / "example_spec"
VALIDATOR = Draft202012Validator(schema_document())
FILES = sorted(path for folder in (ROOT / "spec", EXAMPLE) for path in folder.rglob("*.yaml"))
EXAMPLE_FILES = [path for path in FILES if path.is_relative_to(EXAMPLE)]

SHAPE = {
    Code.UNKNOWN_KEY,
    Code.MISSING_KEY,
    Code.CONFLICTING_KEYS,
    Code.WRONG_TYPE,
    Code.WRONG_VALUE,
    Code.MALFORMED_NAME,
    Code.MALFORMED_DURATION,
    Code.MALFORMED_TYPE,
    Code.MALFORMED_URL,
    Code.EMPTY,
}
"""What a schema can tell: keys, and the outer form of values."""

IN_AGREEMENT = (("response", "with"), ("response", "without"))
"""Places whose keys must be those of another place, which a schema cannot tell."""

Json: TypeAlias = "dict[str, Any] | list[Any] | str | int | float | bool | None"
Place: TypeAlias = "tuple[str | int, ...]"


def entry_of(path: Path) -> Entry[Any]:
    if path.name == "exchange.yaml":
        return EXCHANGE_FILE
    return PRODUCT_FILES.get(path.name) or FOLDER_FILES[path.parent.name]


def data_of(path: Path) -> Json:
    """A file as a validator sees it."""
    findings = Findings()
    source = decode(str(path), path.read_bytes(), findings)
    assert source is not None
    return plain(load_nodes(source, findings))


def plain(node: Node | None) -> Json:
    if isinstance(node, MappingNode):
        return {name: plain(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    value = None if node is None else node.value()
    return float(value) if isinstance(value, Decimal) else value


def findings_of(path: Path, data: Json) -> set[Code]:
    """What the reading of a file says against its data."""
    text = yaml.dump(with_plain_numbers(data), Dumper=Dumper, allow_unicode=True)
    part = bind_file(str(path), path.stem, text.encode(), entry_of(path))
    return {finding.code for finding in part.binding.findings}


class Dumper(yaml.CSafeDumper):
    """Writes everything in full."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def with_plain_numbers(data: Json) -> Any:
    """The same with numbers for keys that look like numbers: so they are written without quotes."""
    if isinstance(data, list):
        return [with_plain_numbers(item) for item in data]
    if isinstance(data, dict):
        return {int(name) if name.isdigit() else name: with_plain_numbers(value) for name, value in data.items()}
    return data


def places(data: Json, place: Place = ()) -> Iterator[Place]:
    """All places inside data."""
    inner: Iterator[tuple[str | int, Json]] = iter(())
    if isinstance(data, dict):
        inner = iter(data.items())
    elif isinstance(data, list):
        inner = iter(enumerate(data))
    for name, value in inner:
        yield (*place, name)
        yield from places(value, (*place, name))


DATA = {path: data_of(path) for path in EXAMPLE_FILES}
PLACES = [(path, place) for path, data in DATA.items() for place in places(data)]

VALUES: list[Json] = [
    None, True, 5, 0.5, "", " ", "x", "Order", "7d", "int", "LIMIT", "GET", "https://x.test", [], ["x"], [5], [["x"]],
    {}, {"x": "y"}, {"x": 5}, {"en": "A.", "zh": "甲。"}, {"string": "int"}, {"result": "Order"}, {"by": "x"},
]  # fmt: skip


def parent_of(data: Json, place: Place) -> Any:
    for step in place[:-1]:
        data = data[step]  # type: ignore[index]
    return data


def replaced(data: Json, place: Place, value: Json) -> Json:
    changed = copy.deepcopy(data)
    parent_of(changed, place)[place[-1]] = value
    return changed


def removed(data: Json, place: Place) -> Json:
    changed = copy.deepcopy(data)
    del parent_of(changed, place)[place[-1]]
    return changed


def renamed(data: Json, place: Place, name: str) -> Json:
    changed = copy.deepcopy(data)
    parent = parent_of(changed, place)
    if isinstance(parent, dict):
        parent[name] = parent.pop(place[-1])
    return changed


def test_the_file_beside_the_spec_is_what_the_dialect_gives() -> None:
    assert (ROOT / "spec" / "schema.json").read_text("utf-8") == schema_text()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema_document())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_spec_file_is_valid(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(data_of(path))] == []


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.one_of(
        st.tuples(st.just(replaced), st.sampled_from(VALUES)),
        st.tuples(st.just(renamed), st.sampled_from(["x", "name", "type", "summary", "without", "Order", "9"])),
        st.tuples(st.just(removed)),
    ),
)
def test_what_reading_refuses_for_its_shape_the_schema_refuses_too(
    where: tuple[Path, Place], mutation: tuple[Any, ...]
) -> None:
    path, place = where
    assume(place[-3:-1] not in IN_AGREEMENT and place[-2:] not in IN_AGREEMENT)
    change, *arguments = mutation
    mutated = change(DATA[path], place, *arguments)

    refused = findings_of(path, mutated)

    if refused <= SHAPE:  # What else reading refuses (JSON in a text, a regular expression) a schema cannot tell.
        assert VALIDATOR.is_valid(mutated) == (not refused), refused


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("futures/operations/market.yaml", ("operations", "order_book", "params", "limit", "min_limit")),
        ("futures/operations/market.yaml", ("operations", "order_book", "rest", "wait")),
        ("futures/models/market.yaml", ("models", "Ticker", "colour")),
        ("futures/product.yaml", ("product", "name")),
        ("futures/streams/market.yaml", ("events", "ORDER", "patern")),
        ("exchange.yaml", ("budgets", "request_weight", "limits")),
    ],
)
def test_an_unknown_key_is_named_where_it_stands(file: str, place: Place) -> None:
    data = copy.deepcopy(DATA[EXAMPLE / file])
    within: Any = data
    for step in place[:-1]:
        within = within.setdefault(step, {})
    within[place[-1]] = "x"

    messages = [error.message for error in VALIDATOR.iter_errors(data)]

    assert any(f"'{place[-1]}' was unexpected" in text for text in messages + contexts(data))


def contexts(data: Json) -> list[str]:
    """Messages inside alternatives, which editors show too."""
    return [inner.message for error in VALIDATOR.iter_errors(data) for inner in error.context or ()]


@pytest.fixture
def spec_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "spec"
    folder.mkdir()
    return folder


def test_the_command_writes_the_file_once(spec_folder: Path) -> None:
    first, second = (CliRunner().invoke(app, ["schema"]) for _ in range(2))

    assert [first.stdout, second.stdout] == ["spec/schema.json: written\n", "spec/schema.json: nothing to change\n"]
    assert (spec_folder / "schema.json").read_text("utf-8") == schema_text()


def test_the_command_can_check_only(spec_folder: Path) -> None:
    (spec_folder / "schema.json").write_text("{}")

    result = CliRunner().invoke(app, ["schema", "--check"])

    assert (result.exit_code, result.stdout) == (1, "spec/schema.json: is not what the dialect gives\n")
    assert (spec_folder / "schema.json").read_text() == "{}"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", "--spec", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "No such file or directory" in result.stderr
