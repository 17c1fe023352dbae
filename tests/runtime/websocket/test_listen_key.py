"""A listen key is renewed with margin, replaced when it is gone, and no failure of a renewal ends its care."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import AuthenticationError, ConnectionLost, RateLimited, RequestRejected
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.listen_key import ListenKeeper

from .doubles import ManualClock
from .tiny import PRODUCT

HOUR = 3600.0


class Care:
    """A keeper whose requests are answered by the test."""

    def __init__(self) -> None:
        assert PRODUCT.user_data is not None
        self.clock = ManualClock()
        self.keeper = ListenKeeper(PRODUCT.user_data, self.clock, ReconnectPolicy(base=1.0), jitter=lambda: 1.0)
        self.asked: list[tuple[float, str]] = []

    def until_asked(self) -> str:
        """Lets time pass until the keeper wants something; says what."""
        deadline = self.keeper.deadline()
        assert deadline is not None
        self.clock.now = max(self.clock.now, deadline)
        request = self.keeper.next_request()
        assert request is not None
        self.asked.append((self.clock.now - 100.0, request))
        return request

    def held(self) -> Care:
        self.until_asked()
        self.keeper.answered("k1")
        return self


def test_a_key_is_made_at_once_and_renewed_every_25_of_60_minutes() -> None:
    care = Care()
    for _ in range(4):
        care.until_asked()
        care.keeper.answered("k1")

    assert care.asked == [(0.0, "start"), (1500.0, "keepalive"), (3000.0, "keepalive"), (4500.0, "keepalive")]
    assert (care.keeper.renewals, care.keeper.replacements) == (3, 0)


def test_one_request_at_a_time() -> None:
    care = Care()
    care.until_asked()
    care.clock.advance(HOUR)

    assert care.keeper.next_request() is None
    assert care.keeper.deadline() is None


def test_a_failed_renewal_is_tried_again_with_growing_pauses_while_the_key_lives() -> None:
    care = Care().held()
    care.until_asked()
    pauses = []
    for _ in range(6):
        before = care.clock.now
        assert care.keeper.refused(ConnectionLost("cut"))
        assert care.until_asked() == "keepalive"
        pauses.append(care.clock.now - before)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]


def test_a_renewal_that_fails_for_an_hour_ends_in_a_new_key() -> None:
    care = Care().held()
    while care.until_asked() == "keepalive":
        care.keeper.refused(ConnectionLost("cut"))
    care.keeper.answered("k2")

    assert HOUR <= care.asked[-1][0] < HOUR + 60
    assert (care.keeper.key, care.keeper.replacements) == ("k2", 1)


def test_a_key_that_the_exchange_does_not_know_is_replaced_at_once() -> None:
    care = Care().held()
    care.until_asked()

    assert care.keeper.refused(RequestRejected("This listenKey does not exist.", code=-1125))

    assert care.keeper.key is None
    assert care.until_asked() == "start"
    assert care.asked[-1][0] == care.asked[-2][0]


def test_a_limit_is_waited_for_as_long_as_the_exchange_asks() -> None:
    care = Care().held()
    care.until_asked()
    care.keeper.refused(RateLimited("slow down", retry_after=120.0))
    care.until_asked()

    assert care.asked[-1][0] - care.asked[-2][0] == 120.0


def test_a_fault_of_our_own_does_not_end_the_care() -> None:
    care = Care().held()
    care.until_asked()

    assert care.keeper.refused(AttributeError("a bug"))
    assert care.until_asked() == "keepalive"


@pytest.mark.parametrize("error", [ConnectionLost("cut"), AuthenticationError("no such key"), AttributeError("a bug")])
def test_the_very_first_request_that_fails_is_an_error(error: Exception) -> None:
    care = Care()
    care.until_asked()

    assert not care.keeper.refused(error)


def test_a_revoked_api_key_is_an_error() -> None:
    care = Care().held()
    care.until_asked()

    assert not care.keeper.refused(AuthenticationError("Invalid API-key", code=-2015))


def test_thirty_days_with_an_expiry_a_day_are_renewed_and_replaced_as_often_as_it_takes() -> None:
    care = Care()
    keys = 0
    while care.clock.now < 100.0 + 30 * 24 * HOUR:
        request = care.until_asked()
        if request == "start":
            keys += 1
        care.keeper.answered(f"k{keys}")
        if care.clock.now > 100.0 + keys * 24 * HOUR:
            care.keeper.gone()

    assert keys == 30
    assert care.keeper.replacements == 29
    assert care.keeper.renewals + care.keeper.replacements == pytest.approx(30 * 24 * 60 / 25, abs=30)
