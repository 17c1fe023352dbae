"""Patterns of stream names."""

from __future__ import annotations

import pytest

from specwright.spec.patterns import MalformedPattern, Segment, parse_pattern


def test_a_pattern_is_fixed_text_and_parameters() -> None:
    assert parse_pattern("<symbol>@depth<levels>[@<updateSpeed>]") == [
        Segment(text=None, param="symbol", optional=False),
        Segment(text="@depth", param=None, optional=False),
        Segment(text=None, param="levels", optional=False),
        Segment(text="@", param=None, optional=True),
        Segment(text=None, param="updateSpeed", optional=True),
    ]


def test_a_pattern_may_have_no_parameter() -> None:
    assert parse_pattern("!ticker@arr") == [Segment(text="!ticker@arr", param=None, optional=False)]


@pytest.mark.parametrize(
    ("pattern", "offset"),
    [("<symbol", 0), ("symbol>", 6), ("a[@<x>", 1), ("a]", 1), ("a[[<x>]]", 2), ("a[b]", 1), ("<>", 0), ("<1>", 0)],
)
def test_a_malformed_pattern_is_told_by_its_character(pattern: str, offset: int) -> None:
    with pytest.raises(MalformedPattern) as caught:
        parse_pattern(pattern)
    assert caught.value.offset == offset
