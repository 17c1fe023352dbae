"""Sentences are wrapped by what a reader sees: a Chinese character takes two columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.build.prose import display_width, docstring, sentence, with_facts, wrap


def test_words_stay_whole_and_lines_within_the_width() -> None:
    assert wrap("The quick brown fox jumps", 10) == ["The quick", "brown fox", "jumps"]


def test_code_is_not_broken_at_its_spaces() -> None:
    assert wrap("Send `POST /order` now", 14) == ["Send", "`POST /order`", "now"]


def test_chinese_breaks_between_characters_and_never_before_punctuation() -> None:
    assert wrap("订单簿，最优价在前。", 12) == ["订单簿，最优", "价在前。"]
    assert wrap("订单簿最优价，在前。", 12) == ["订单簿最优", "价，在前。"]


def test_a_word_that_is_longer_than_a_line_stays_whole() -> None:
    assert wrap("see https://docs.example.com/page now", 10) == ["see", "https://docs.example.com/page", "now"]


def test_later_lines_hang() -> None:
    assert wrap("limit: how many of them", 16, first="    ", hanging="        ") == [
        "    limit: how",
        "        many of",
        "        them",
    ]


@given(st.text(st.sampled_from("ab `，。中文字 "), max_size=80), st.integers(8, 40))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    def letters(string: str) -> str:
        return "".join(string.split())

    assert letters("".join(wrap(text, width))) == letters(text)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("订单", 4), ("a，", 3), ("USDⓈ-M", 6)])
def test_width_of_a_text(text: str, width: int) -> None:
    assert display_width(text) == width


@pytest.mark.parametrize(("text", "said"), [("Order", "Order."), ("Order.", "Order."), ("订单。", "订单。")])
def test_a_sentence_ends_with_one_full_stop(text: str, said: str) -> None:
    assert sentence(text) == said


@pytest.mark.parametrize(
    ("text", "facts", "said"),
    [
        ("How many", [], "How many."),
        ("How many.", ["default 500"], "How many (default 500)."),
        ("How many (at once).", ["default 500", "at most 5"], "How many (at once; default 500; at most 5)."),
        ("", ["ms", "since 2025"], "Ms; since 2025."),
    ],
)
def test_facts_stand_in_one_pair_of_parentheses(text: str, facts: list[str], said: str) -> None:
    assert with_facts(text, facts) == said


def test_docstrings_of_one_line_and_of_several() -> None:
    assert docstring(["One."], indent=4) == '"""One."""'
    assert docstring(["One.", "", "Two."], indent=4) == '"""One.\n\n    Two.\n    """'


def test_docstrings_hold_quotes_and_backslashes() -> None:
    for text in ['ends with "quotes"', r"a \d back\slash", 'three """ quotes']:
        source = docstring([text], indent=0)
        assert eval(source).strip() == text


def test_a_parameter_is_named_as_in_python() -> None:
    assert sentence("As `origClientOrderId` says, not as `<symbol>@bookTicker` or `LIMIT`") == (
        "As `orig_client_order_id` says, not as `<symbol>@bookTicker` or `LIMIT`."
    )
