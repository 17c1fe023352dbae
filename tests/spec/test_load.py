"""YAML as the dialect reads it: values, places, and limits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from specwright.spec.findings import Findings
from specwright.spec.load import decode, load_nodes
from specwright.spec.nodes import MappingNode, Node, ScalarNode, SequenceNode


def nodes(text: str) -> Node:
    findings = Findings()
    source = decode("spec.yaml", text.encode(), findings)
    assert source is not None
    root = load_nodes(source, findings)
    assert list(findings) == []
    assert root is not None
    return root


def findings(text: str | bytes) -> list[str]:
    found = Findings()
    source = decode("spec.yaml", text.encode() if isinstance(text, str) else text, found)
    if source is not None:
        load_nodes(source, found)
    return [str(finding) for finding in found.sorted()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("5", 5),
        ("-1021", -1021),
        ("0.10", Decimal("0.10")),
        ("1e3", Decimal("1e3")),
        ("on", "on"),
        ("yes", "yes"),
        ("n", "n"),
        ("NO", "NO"),
        ("1m", "1m"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("12:30:45", "12:30:45"),
        (".inf", ".inf"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("9" * 60, "9" * 60),
    ],
)
def test_only_null_true_false_and_numbers_are_not_text(text: str, value: object) -> None:
    node = nodes(text)
    assert isinstance(node, ScalarNode)
    assert node.value() == value
    assert type(node.value()) is type(value)


def test_keys_are_text_whatever_they_look_like() -> None:
    node = nodes("{1: a, true: b, null: c, 1.50: d, on: e}")
    assert isinstance(node, MappingNode)
    assert list(node.entries) == ["1", "true", "null", "1.50", "on"]


def test_nodes_know_their_places() -> None:
    node = nodes("a:\n  - 行情: x\n    b: [1, 2]\n")
    assert isinstance(node, MappingNode)
    items = node.get("a")
    assert isinstance(items, SequenceNode)
    (item,) = items.items
    assert isinstance(item, MappingNode)
    places = [str(each.position) for pair in item.entries.values() for each in pair]
    assert [str(items.position), *places] == [
        "spec.yaml:2:3",
        "spec.yaml:2:5",
        "spec.yaml:2:9",
        "spec.yaml:3:5",
        "spec.yaml:3:8",
    ]


def test_a_character_of_a_block_has_its_place_in_the_file() -> None:
    node = nodes("a:\n  example: |\n\n    {\n      '行': 1\n    }\nb: 1\n")
    assert isinstance(node, MappingNode)
    outer = node.get("a")
    assert isinstance(outer, MappingNode)
    block = outer.get("example")
    assert isinstance(block, ScalarNode)
    assert str(block.position_of(block.text.index("1"))) == "spec.yaml:5:12"
    assert str(block.position_of(0)) == "spec.yaml:3:5"


def test_a_modest_anchor_is_repeated() -> None:
    node = nodes("a: &limits {x: 1}\nb: *limits\nc: &five 5\nd: *five\n")
    assert isinstance(node, MappingNode)
    assert node.get("a") is node.get("b")
    assert node.get("c") is node.get("d")


def test_an_anchor_counts_with_all_that_it_repeats() -> None:
    items = ", ".join(["x"] * 50)
    text = f"a: &a [{items}]\nb: &b [{', '.join(['*a'] * 40)}]\nc: [{', '.join(['*b'] * 20)}]\n"
    assert findings(text) == [
        "spec.yaml:3:37: alias-expansion: the file's aliases stand for more than 20,000 repeated values"
    ]


def test_a_deep_nesting_ends_reading_at_once() -> None:
    assert findings("[" * 1_000_000) == ["spec.yaml:1:41: too-deep: more than 40 levels are nested"]


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    found = Findings()
    source = decode("spec.yaml", b"\xef\xbb\xbfa: 1", found)
    assert source is not None
    root = load_nodes(source, found)
    assert isinstance(root, MappingNode)
    assert list(root.entries) == ["a"]


def test_the_pure_parser_gives_the_same_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: {b: [1, 'x']}\nc: |\n  text\nd: &x 1\ne: *x\n"
    with_c = nodes(text)
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    assert _plain(nodes(text)) == _plain(with_c)


def _plain(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.text, node.line, node.column
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.items]
    return {name: (_plain(key), _plain(value)) for name, (key, value) in node.entries.items()}
