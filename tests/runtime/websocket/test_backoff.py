"""Waits grow, jitter spreads them, and only what can pass is tried again."""

from __future__ import annotations

from typing import Any

import pytest

from specwright.runtime.errors import (
    AuthenticationError,
    Banned,
    BinanceError,
    BudgetExceeded,
    ClientClosed,
    ClockError,
    ConfigurationError,
    ConnectError,
    ConnectionLost,
    DecodeError,
    ExecutionUnknown,
    HandshakeRejected,
    InvalidParameter,
    RateLimited,
    RequestRejected,
    ServerError,
)
from specwright.runtime.websocket.backoff import Attempts, Backoff, ReconnectPolicy, is_about_the_address

CUT = ConnectionLost("cut")


def never_less(policy: ReconnectPolicy) -> Backoff:
    """A backoff whose jitter always takes the longest wait, after a first connection."""
    backoff = Backoff(policy, jitter=lambda: 1.0)
    backoff.opened(0.0)
    return backoff


def test_waits_double_up_to_the_cap() -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, cap=6.0))

    assert [backoff.failed(1.0, CUT) for _ in range(5)] == [1.0, 2.0, 4.0, 6.0, 6.0]


def test_jitter_takes_any_part_of_a_wait() -> None:
    backoff = Backoff(ReconnectPolicy(base=8.0), jitter=lambda: 0.25)
    backoff.opened(0.0)

    assert backoff.failed(1.0, CUT) == 2.0


def test_only_a_connection_that_lasts_starts_the_count_anew() -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, stable_after=10.0))
    waits = [backoff.failed(1.0, CUT)]
    backoff.opened(2.0)
    waits.append(backoff.failed(3.0, CUT))
    backoff.opened(4.0)
    waits.append(backoff.failed(20.0, CUT))

    assert waits == [1.0, 2.0, 1.0]


def test_it_goes_on_for_ever_unless_told_otherwise() -> None:
    backoff = never_less(ReconnectPolicy())

    assert all(backoff.failed(1.0, CUT) is not None for _ in range(5_000))


@pytest.mark.parametrize(("limit", "waits"), [(1, [1.0, None]), (2, [1.0, 2.0, None]), (3, [1.0, 2.0, 4.0, None])])
def test_a_lost_connection_is_dialled_as_often_as_the_limit_says(limit: int, waits: list[float | None]) -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, attempts=limit))
    refused = ConnectError("no such host")

    assert [backoff.failed(1.0, CUT), *(backoff.failed(1.0, refused) for _ in range(limit))] == waits


def test_attempts_before_the_first_connection_do_not_count_against_those_after_it() -> None:
    backoff = Backoff(ReconnectPolicy(base=1.0, attempts=1, attempts_at_start=3), jitter=lambda: 1.0)
    waits = [backoff.failed(0.0, ConnectError("no such host")) for _ in range(2)]
    backoff.opened(1.0)
    waits += [backoff.failed(2.0, CUT), backoff.failed(3.0, ConnectError("no such host"))]

    assert waits == [1.0, 2.0, 1.0, None]


@pytest.mark.parametrize(
    "numbers",
    [
        {"base": -1},
        {"base": "1"},
        {"cap": -5},
        {"stable_after": float("nan")},
        {"attempts": 0},
        {"attempts": 1.5},
        {"attempts": True},
        {"attempts_at_start": 0},
        {"attempts_at_start": None},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_followed_is_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"^{next(iter(numbers))}=.* must be a"):
        ReconnectPolicy(**numbers)


def test_the_first_connection_is_not_tried_twice_unless_told() -> None:
    assert Backoff(ReconnectPolicy()).failed(0.0, ConnectError("no such host")) is None
    assert Backoff(ReconnectPolicy(attempts_at_start=2)).failed(0.0, ConnectError("no such host")) is not None


@pytest.mark.parametrize(
    ("status", "goes_on"), [(401, False), (404, False), (403, True), (418, True), (429, True), (503, True)]
)
def test_a_rejected_handshake_is_repeated_where_that_can_help(status: int, goes_on: bool) -> None:
    backoff = never_less(ReconnectPolicy())

    assert (backoff.failed(1.0, HandshakeRejected("no", status=status)) is not None) is goes_on


def test_the_exchange_may_ask_for_a_longer_wait() -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, cap=5.0))

    assert backoff.failed(1.0, HandshakeRejected("slow down", status=429, retry_after=60.0)) == 60.0


# --- Requests that are asked until they are answered ------------------------------------------------------------------


def patient() -> Attempts:
    """Attempts whose jitter always takes the longest wait."""
    return Attempts(ReconnectPolicy(base=1.0, cap=6.0), jitter=lambda: 1.0)


PASSING: list[BinanceError] = [
    CUT,
    ConnectError("no such host"),
    HandshakeRejected("refused", status=401),
    ServerError("overloaded"),
    RateLimited("slow down"),
    Banned("until later"),
    ClockError("outside of recvWindow"),
    DecodeError("a proxy's page"),
    ExecutionUnknown("start", {}, None, reason="no reply came"),
    RequestRejected("try again", execution="not_executed"),
    RequestRejected("reply is not JSON: 404 Not Found", status=404),
    RequestRejected("Service unavailable from a restricted location", code=0, status=451),
    AuthenticationError("reply is not JSON: Login", status=401),
    BudgetExceeded("weight", cost=40, used=2_390, limit=2_400, retry_after=9.0),
]
LASTING: list[BinanceError] = [
    AuthenticationError("no such key", code=-2015),
    RequestRejected("not for you", code=-4000),
    BudgetExceeded("weight", cost=4_000, used=0, limit=2_400, retry_after=None),
    ClientClosed("closed"),
    ConfigurationError("no key"),
    InvalidParameter("look", "symbol", "is required"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_another_attempt_can_change_is_asked_again_for_ever(error: BinanceError) -> None:
    attempts = patient()

    assert all(attempts.failed(error) is not None for _ in range(5_000))


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_no_attempt_changes_is_not_asked_again(error: BinanceError) -> None:
    assert patient().failed(error) is None


def test_pauses_grow_until_an_answer_comes_and_are_never_shorter_than_was_asked_for() -> None:
    attempts = patient()
    pauses = [attempts.failed(CUT) for _ in range(4)]
    pauses.append(attempts.failed(RateLimited("slow down", retry_after=60.0)))
    attempts.answered()
    pauses.append(attempts.failed(CUT))

    assert pauses == [1.0, 2.0, 4.0, 6.0, 60.0, 1.0]


def test_faults_of_this_package_are_tried_again_a_few_times() -> None:
    attempts = patient()
    bug = ZeroDivisionError("a bug")
    pauses = [attempts.failed(error) for error in (bug, bug, CUT, bug, bug, bug, bug, bug)]

    assert [pause is not None for pause in pauses] == [True] * 7 + [False]


@pytest.mark.parametrize(("status", "expected"), [(400, True), (401, True), (404, True), (403, False), (429, False)])
def test_which_refusals_are_about_what_a_handshake_asked_for(status: int, expected: bool) -> None:
    assert is_about_the_address(HandshakeRejected("refused", status=status)) == expected


@pytest.mark.parametrize("error", [CUT, HandshakeRejected("refused", status=503), HandshakeRejected("refused")])
def test_failures_that_say_nothing_of_the_address(error: ConnectionLost | HandshakeRejected) -> None:
    assert not is_about_the_address(error)
