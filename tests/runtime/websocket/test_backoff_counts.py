"""What counts as one more attempt in a row, what begins the count anew, and where the kinds of answers divide."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import BudgetExceeded, ConnectError, ConnectionLost, HandshakeRejected
from specwright.runtime.websocket.backoff import Attempts, Backoff, ReconnectPolicy, is_about_the_address

CUT = ConnectionLost("cut")
REFUSED = ConnectError("no such host")


def never_less(policy: ReconnectPolicy) -> Backoff:
    """A backoff whose jitter always takes the longest wait."""
    return Backoff(policy, jitter=lambda: 1.0)


@pytest.mark.parametrize(("lasted", "wait"), [(9.9, 2.0), (10.0, 1.0)])
def test_a_connection_lasts_when_it_has_been_there_for_as_long_as_the_policy_says(lasted: float, wait: float) -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, stable_after=10.0))
    backoff.opened(0.0)
    backoff.failed(1.0, CUT)
    backoff.opened(2.0)

    assert backoff.failed(2.0 + lasted, CUT) == wait


def test_after_a_connection_that_lasted_the_waits_of_one_long_outage_grow() -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, attempts=4))
    backoff.opened(0.0)
    waits = [backoff.failed(3_600.0, CUT)]
    waits += [backoff.failed(3_700.0 + 100.0 * number, REFUSED) for number in range(4)]

    assert waits == [1.0, 2.0, 4.0, 8.0, None]


def test_a_takeover_is_tried_for_ever_and_as_if_there_had_been_a_connection() -> None:
    policy = ReconnectPolicy(base=1.0, cap=2.0, attempts=1, attempts_at_start=1)
    backoff = Backoff.of_takeovers(policy, lambda: 1.0)

    assert [backoff.failed(0.0, REFUSED) for _ in range(4)] == [1.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize("status", [401, 403])
def test_a_first_connection_that_is_refused_for_good_is_not_tried_again_whatever_the_policy_says(status: int) -> None:
    backoff = never_less(ReconnectPolicy(attempts_at_start=5, retry_rejected=True))

    assert backoff.failed(0.0, HandshakeRejected("refused", status=status)) is None


@pytest.mark.parametrize(("status", "is_retried"), [(499, False), (500, True), (503, True)])
def test_a_server_in_trouble_is_dialled_again(status: int, is_retried: bool) -> None:
    backoff = never_less(ReconnectPolicy(attempts_at_start=5))
    error = HandshakeRejected("refused", status=status)

    assert (backoff.failed(0.0, error) is not None) == is_retried
    assert is_about_the_address(error) == (not is_retried)


def test_faults_of_this_package_are_counted_from_the_last_answer_on() -> None:
    attempts = Attempts(ReconnectPolicy(), jitter=lambda: 1.0)
    for _ in range(4):
        attempts.failed(ZeroDivisionError("a bug"))
    attempts.answered()

    pauses = [attempts.failed(ZeroDivisionError("a bug")) for _ in range(5)]

    assert [pause is not None for pause in pauses] == [True] * 4 + [False]


@pytest.mark.parametrize(("cost", "is_retried"), [(100, True), (101, False)])
def test_what_fits_into_an_empty_budget_is_asked_again(cost: int, is_retried: bool) -> None:
    attempts = Attempts(ReconnectPolicy(), jitter=lambda: 1.0)
    error = BudgetExceeded("weight", cost=cost, used=1, limit=100, retry_after=1.0)

    assert (attempts.failed(error) is not None) == is_retried
