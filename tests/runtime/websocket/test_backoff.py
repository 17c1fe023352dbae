"""Waits grow, jitter spreads them, and only what can pass is tried again."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import ConnectError, ConnectionLost, HandshakeRejected
from specwright.runtime.websocket.backoff import Backoff, ReconnectPolicy

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


def test_a_limit_of_attempts_gives_up() -> None:
    backoff = never_less(ReconnectPolicy(base=1.0, attempts=3))

    assert [backoff.failed(1.0, CUT) for _ in range(3)] == [1.0, 2.0, None]


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
