"""Which failed calls may be sent again, and after which pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.errors import (
    Banned,
    BinanceError,
    BudgetExceeded,
    ClientClosed,
    ConnectError,
    ConnectionLost,
    DecodeError,
    ExecutionUnknown,
    InvalidParameter,
    RateLimited,
    RequestRejected,
    ServerError,
)
from specwright.runtime.retry import RetryPolicy


@given(st.integers(1, 20), st.floats(0, 1, exclude_max=True), st.floats(0.01, 1), st.floats(1, 60))
def test_a_pause_is_a_random_part_of_what_doubles_up_to_a_bound(
    attempt: int, luck: float, first: float, longest: float
) -> None:
    pause = RetryPolicy(first_pause=first, longest_pause=longest, random=lambda: luck).pause(attempt)
    assert 0 <= pause <= min(longest, first * 2 ** (attempt - 1))
    assert pause == pytest.approx(luck * min(longest, first * 2 ** (attempt - 1)))


@pytest.mark.parametrize(
    ("error", "repeats"),
    [
        (ConnectError("refused"), True),
        (ConnectionLost("cut"), True),
        (ServerError("503"), True),
        (RateLimited("429"), True),
        (RequestRejected("throttled", execution="not_executed"), True),
        (RequestRejected("bad symbol"), False),
        (Banned("418"), False),
        (BudgetExceeded("weight", cost=1, used=1, limit=1, retry_after=1.0), False),
        (InvalidParameter("new_order", "price", "is required"), False),
        (DecodeError("no JSON"), False),
        (ExecutionUnknown("new_order", {}, None, reason="cut"), False),
        (ClientClosed("closed"), False),
    ],
)
def test_only_failures_that_may_pass_are_worth_a_repetition(error: BinanceError, repeats: bool) -> None:
    assert RetryPolicy().repeats(error) is repeats
