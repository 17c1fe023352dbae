"""Expressions are laid out as the formatter leaves them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from specwright.build.layout import (
    Node,
    alternatives,
    call,
    flat,
    literal,
    mapping,
    statement,
    string_literal,
    subscript,
    tuple_of,
)

LONG = ["x" * 40, "y" * 40, "z" * 40]


@pytest.mark.parametrize(
    ("node", "source"),
    [
        (call("f"), "f()"),
        (call("f", "1", "x", key="2", none=None), "f(1, x, key=2)"),
        (tuple_of([]), "()"),
        (tuple_of(["1"]), "(1,)"),
        (tuple_of(["1", "2"]), "(1, 2)"),
        (subscript("Literal", ['"A"']), 'Literal["A"]'),
        (mapping([('"a"', call("f", "1"))]), '{"a": f(1)}'),
    ],
)
def test_short_expressions_stand_on_one_line(node: Node, source: str) -> None:
    assert flat(node) == source
    assert statement("x = ", node) == f"x = {source}"


def test_long_calls_have_one_argument_a_line() -> None:
    assert statement("value = ", call("f", *LONG)) == f"value = f(\n    {LONG[0]},\n    {LONG[1]},\n    {LONG[2]},\n)"


def test_a_line_of_exactly_the_limit_is_not_broken() -> None:
    room = 120 - len("v = f()")
    assert "\n" not in statement("v = ", call("f", "x" * room))
    assert "\n" in statement("v = ", call("f", "x" * (room + 1)))


def test_only_the_parts_that_do_not_fit_are_broken() -> None:
    node = call("outer", call("inner", "1"), call("inner", *LONG))
    lines = statement("v = ", node, indent=4).splitlines()
    assert lines[:4] == ["v = outer(", "        inner(1),", "        inner(", f"            {LONG[0]},"]
    assert lines[-2:] == ["        ),", "    )"]


def test_what_follows_needs_its_room() -> None:
    node = call("f", "x" * 100)
    assert "\n" not in statement("", node)
    assert "\n" in statement("", node, suffix=" -> SomethingLonger:")


def test_wide_characters_count_as_two_columns() -> None:
    assert "\n" not in statement("v = ", call("f", string_literal("中" * 50)))
    assert "\n" in statement("v = ", call("f", string_literal("中" * 60)))


def test_some_calls_are_always_open() -> None:
    assert statement("v = ", call("f", "1", open_always=True)) == "v = f(\n    1,\n)"
    assert statement("v = ", call("f", open_always=True)) == "v = f()"


@pytest.mark.parametrize(
    ("count", "source"),
    [
        (2, "U: TypeAlias = " + " | ".join(["A" * 30] * 2)),
        (3, "U: TypeAlias = (\n    " + " | ".join(["A" * 36] * 3) + "\n)"),
        (5, "U: TypeAlias = (\n    " + "\n    | ".join(["A" * 30] * 5) + "\n)"),
    ],
)
def test_alternatives_go_into_parentheses_when_they_must(count: int, source: str) -> None:
    width = 36 if count == 3 else 30
    assert alternatives("U: TypeAlias = ", ["A" * width] * count) == source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("BTC", '"BTC"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("a\\d", '"a\\\\d"'),
        ("中", '"中"'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_strings_are_quoted_as_the_formatter_does(text: str, source: str) -> None:
    assert string_literal(text) == source


def test_scalars() -> None:
    values: list[str | int | Decimal | bool | None] = ["x", 5, Decimal("0.10"), True, None]
    assert [literal(value) for value in values] == ['"x"', "5", 'Decimal("0.10")', "True", "None"]
