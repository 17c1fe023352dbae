"""Edits touch the lines that they are about, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwright.importer.editing import append_entry, set_value
from specwright.importer.knowledge import Plain, UnusableSpec, to_plain
from specwright.spec.findings import Findings
from specwright.spec.load import decode, load_nodes

TEXT = """\
# What the exchange does.
operations:

  # --- First -----

  first:
    summary:
      en: One.   # short
      zh: TODO
    security: NONE
    rest: {method: GET, path: /v1/one, weight: TODO}   # told by telephone
    params:
      symbol: string
      limit: {type: int, max: 5}

      # Rarely used.
      side: {type: Side}
    rules:
      - require: [symbol]
        when: {limit: present}
    tags: [a, b]
    response: Order
    # Digit for digit.
    example: |
      {"a": 1}

  second:
    summary: {en: Two., zh: 二。}
    example: |
      {}
"""


def read(text: str) -> Plain:
    findings = Findings()
    source = decode("spec.yaml", text.encode(), findings)
    assert source is not None
    node = load_nodes(source, findings)
    assert node is not None
    assert list(findings) == []
    return to_plain(node)


def at(text: str, *path: str) -> Plain:
    value = read(text)
    for step in path:
        assert isinstance(value, dict)
        value = value[step]
    return value


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that are gone, lines that are new."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


FIRST = ("operations", "first")


@pytest.mark.parametrize(
    ("path", "value", "gone", "new"),
    [
        (("summary", "zh"), "一。", ["      zh: TODO"], ["      zh: 一。"]),
        (
            ("rest", "weight"),
            7,
            ["    rest: {method: GET, path: /v1/one, weight: TODO}   # told by telephone"],
            ["    rest: {method: GET, path: /v1/one, weight: 7}   # told by telephone"],
        ),
        (("params", "time"), {"type": "timestamp"}, [], ["      time: {type: timestamp}"]),
        (
            ("params", "limit", "default"),
            3,
            ["      limit: {type: int, max: 5}"],
            ["      limit: {type: int, max: 5, default: 3}"],
        ),
        (
            ("params", "symbol"),
            {"type": "string", "required": True},
            ["      symbol: string"],
            ["      symbol: {type: string, required: true}"],
        ),
        (("rules", "-"), {"forbid": ["side"]}, [], ["      - {forbid: [side]}"]),
        (("tags", "-"), "c", ["    tags: [a, b]"], ["    tags: [a, b, c]"]),
        (("documentation",), "/One", [], ["    documentation: /One"]),
        (("ws",), {"method": "one", "weight": 1}, [], ["    ws: {method: one, weight: 1}"]),
        (("response",), ["Order"], ["    response: Order"], ["    response: [Order]"]),
        (("example",), '{"a": 2}\n', ['      {"a": 1}'], ['      {"a": 2}']),
    ],
)
def test_one_edit(path: tuple[str, ...], value: Plain, gone: list[str], new: list[str]) -> None:
    after = set_value(TEXT, (*FIRST, *path), value)

    assert changed_lines(TEXT, after) == (gone, new)
    expected = value
    if path[-1] == "-":
        listed = at(after, *FIRST, *path[:-1])
        assert isinstance(listed, list)
        assert listed[-1] == expected
    else:
        assert at(after, *FIRST, *path) == expected


def test_a_new_key_stands_where_the_dialect_documents_it() -> None:
    after = set_value(TEXT, (*FIRST, "documentation"), "/One")

    keys = at(after, *FIRST)
    assert isinstance(keys, dict)
    assert list(keys)[:3] == ["summary", "documentation", "security"]


def test_what_gets_too_long_for_its_line_gets_lines_of_its_own() -> None:
    after = set_value(
        TEXT, (*FIRST, "params", "side", "summary"), {"en": ("Which side. " * 12).strip(), "zh": "方向。"}
    )

    assert at(after, *FIRST, "params", "side", "type") == "Side"
    assert max(len(line) for line in after.splitlines()) <= 120


def test_missing_parents_are_made() -> None:
    after = set_value(TEXT, ("operations", "second", "rest", "costs", "orders"), 1)

    assert at(after, "operations", "second", "rest") == {"costs": {"orders": 1}}


def test_a_new_entry_stands_at_the_end_of_its_section() -> None:
    text = TEXT + "\nevents:\n\n  E: {route: private}\n"

    after = append_entry(text, "operations", "third", {"summary": {"en": "Three.", "zh": "三。"}})

    entry = "\n  third:\n    summary:\n      en: Three.\n      zh: 三。\n"
    assert after == text.replace("      {}\n", f"      {{}}\n{entry}")


def test_a_file_is_begun() -> None:
    after = append_entry("", "models", "Order", {"fields": {"a": "int"}})

    assert after == "models:\n\n  Order:\n    fields:\n      a: int\n"


def test_what_is_not_yaml_is_told() -> None:
    with pytest.raises(UnusableSpec, match="not YAML"):
        set_value("a: [", ("a",), 1)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp")), max_size=200)
SCALARS = st.booleans() | st.integers(-(10**12), 10**12) | WORDS.filter(lambda text: "\ufeff" not in text)
NAMES = st.from_regex(r"[a-z][A-Za-z0-9_]{0,12}", fullmatch=True)
CONTENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [("summary", "zh"), ("rest", "weight"), ("params", "new"), ("params", "limit", "x"), ("rules", "-")]
    ),
    CONTENTS,
)
def test_any_value_is_read_as_it_was_written(path: tuple[str, ...], value: Plain) -> None:
    after = set_value(TEXT, (*FIRST, *path), value)

    read_back = at(after, *FIRST, *(path[:-1] if path[-1] == "-" else path))
    assert (read_back[-1] if path[-1] == "-" and isinstance(read_back, list) else read_back) == value
    assert at(after, "operations", "second") == at(TEXT, "operations", "second")
    kept = [line for line in TEXT.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in kept if line not in after.splitlines()] == []


@settings(deadline=None, max_examples=50)
@given(NAMES, st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=4))
def test_any_entry_is_read_as_it_was_appended(name: str, content: dict[str, Plain]) -> None:
    after = append_entry(TEXT, "operations", f"x_{name}", content)

    assert after.startswith(TEXT)
    assert at(after, "operations", f"x_{name}") == content
