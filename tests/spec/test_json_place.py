"""Where something stands in a JSON text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.spec.json_place import offset_of, offset_of_constant, offset_of_repeated_name

TEXT = '{"a": {"b c": [1, {"d": "]"}]}, "e": null}'


@pytest.mark.parametrize(
    ("path", "at_name", "found"),
    [
        ((), False, "{"),
        (("a",), False, '{"b c"'),
        (("a",), True, '"a"'),
        (("a", "b c", 0), False, "1"),
        (("a", "b c", 1, "d"), False, '"]"'),
        (("a", "b c", 1, "d"), True, '"d"'),
        (("e",), False, "null"),
        (("a", "missing", "deeper"), False, '{"b c"'),
        (("e", 0), False, "null"),
    ],
)
def test_a_path_leads_to_a_character(path: tuple[str | int, ...], at_name: bool, found: str) -> None:
    assert TEXT[offset_of(TEXT, path, at_name=at_name) :].startswith(found)


def test_a_repeated_name_is_found_in_its_own_object() -> None:
    text = '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}], "c\\"": "a", "a" : 3}'
    assert text[offset_of_repeated_name(text) :] == '"a" : 3}'


def test_a_constant_is_found_outside_of_texts() -> None:
    text = '{"NaN": "Infinity", "a": [-Infinity]}'
    assert text[offset_of_constant(text) :] == "-Infinity]}"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_JSON, st.sampled_from([None, 1, "\t"]))
def test_every_value_of_a_document_is_found(document: object, indent: int | str | None) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    for path, value in _values(document):
        decoded, _ = json.JSONDecoder().raw_decode(text, offset_of(text, path))
        assert decoded == value


def _values(document: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    found: list[tuple[tuple[str | int, ...], object]] = [(path, document)]
    if isinstance(document, dict):
        for name, value in document.items():
            found += _values(value, (*path, name))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            found += _values(value, (*path, index))
    return found
