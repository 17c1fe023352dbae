"""JSON as documentation writes it, and as the spec sets it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwright.importer.layout import json_text
from specwright.importer.page.json_text import Path, parse_all

if TYPE_CHECKING:
    from specwright.spec.dialect.values import JsonValue

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=40,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": [true, null]}', {"a": 1, "b": [True, None]}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('[{"a": 1}\n{"a": 2}]', [{"a": 1}, {"a": 2}]),
        ('{"a": 1,}', {"a": 1}),
        ("[1, 2, ...]", [1, 2]),
        ('[{"a": 1}, // ... ...\n]', [{"a": 1}]),
        ('{“a”：“b”，"c": 1}', {"a": "b", "c": 1}),
        ("{a: 'b'}", {"a": "b"}),
        ('{"a": 0.00650}', {"a": Decimal("0.00650")}),
        ('{"a": "0\t"}', {"a": "0\t"}),
        ('{"a": /* one */ 1}', {"a": 1}),
    ],
)
def test_slips_are_forgiven(text: str, value: object) -> None:
    (parsed,) = parse_all(text)

    assert parsed.value == value


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a": }', "[1, 2", "{]}", "[" * 5000, '{"a": <number>}'])
def test_what_is_no_json_gives_nothing(text: str) -> None:
    assert parse_all(text) == []


def test_several_values_with_words_between_them() -> None:
    assert [parsed.value for parsed in parse_all('{"a": 1}\nOR\n[{"a": 1}]')] == [{"a": 1}, [{"a": 1}]]


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ('{"a": 1, // first\n "b": 2 // second\n}', {("a",): "first", ("b",): "second"}),
        ('{\n // before\n "a": 1}', {("a",): "before"}),
        ('{"o": { // the order\n "i": 1 // its id\n}}', {("o",): "the order", ("o", "i"): "its id"}),
        ("[[1, // time\n 2 // price\n]]", {(0, 0): "time", (0, 1): "price"}),
        ('{"a": 1, "b": 2 // about b\n}', {("b",): "about b"}),
        ('{"url": "http://x"}', {}),
    ],
)
def test_a_comment_belongs_to_what_it_stands_with(text: str, comments: dict[Path, str]) -> None:
    (parsed,) = parse_all(text)

    assert parsed.comments == comments


@settings(deadline=None)
@given(VALUES.filter(lambda value: isinstance(value, dict | list)))
def test_json_is_read_as_any_parser_reads_it(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False).replace("\u2028", " ").replace("\u2029", " ").replace("\x85", " ")

    assert [parsed.value for parsed in parse_all(text)] == [_stripped(json.loads(text))]


def _stripped(value: object) -> object:
    """Names without blanks around them, as no exchange means them."""
    if isinstance(value, dict):
        return {name.strip(): _stripped(member) for name, member in value.items()}
    return [_stripped(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None)
@given(VALUES)
def test_the_layout_keeps_every_value(value: object) -> None:
    assert json.loads(json_text(value)) == value  # type: ignore[arg-type]


def test_short_things_stand_in_one_line() -> None:
    value: JsonValue = {"id": "a", "rows": [["1", "2"], ["3", "4"]], "rate": Decimal("0.10")}

    assert json_text(value) == '{"id": "a", "rows": [["1", "2"], ["3", "4"]], "rate": 0.10}\n'


def test_long_things_have_a_line_for_each_row() -> None:
    value: JsonValue = {"id": "a", "rows": [["10", "20"], ["30", "40"]], "name": "b" * 20, "done": True}

    assert json_text(value, 40) == (
        '{\n  "id": "a",\n  "rows": [["10", "20"], ["30", "40"]],\n'
        '  "name": "bbbbbbbbbbbbbbbbbbbb",\n  "done": true\n}\n'
    )
    assert json_text(value, 30) == (
        '{\n  "id": "a",\n  "rows": [\n    ["10", "20"],\n    ["30", "40"]\n  ],\n'
        '  "name": "bbbbbbbbbbbbbbbbbbbb",\n  "done": true\n}\n'
    )
