"""A listen key is renewed with margin, replaced when it is gone, and no failure of a renewal ends its care."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import AuthenticationError, ConnectionLost, RateLimited, RequestRejected
from specwright.runtime.websocket.listen_key import ListenKeeper

from .listen_key_care import HOUR, RENEWAL, Care

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_key_is_made_at_once_and_renewed_every_5_of_60_minutes() -> None:
    care = Care()
    for _ in range(4):
        care.until_asked()
        care.keeper.answered("k1")

    assert care.asked == [(0.0, "start"), (300.0, "keepalive"), (600.0, "keepalive"), (900.0, "keepalive")]
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


@pytest.mark.parametrize("answer", ["renewed", "gone"])
def test_after_an_answer_pauses_begin_anew(answer: str) -> None:
    care = Care().held()
    care.until_asked()
    for _ in range(3):
        care.keeper.refused(ConnectionLost("cut"))
        care.until_asked()
    if answer == "renewed":
        care.keeper.answered("k1")
    else:
        care.keeper.refused(RequestRejected("This listenKey does not exist.", code=-1125))
    care.until_asked()
    before = care.clock.now

    care.keeper.refused(ConnectionLost("cut"))
    care.until_asked()

    assert care.clock.now - before == 1.0


@pytest.mark.parametrize("error", [ConnectionLost("cut"), AttributeError("a bug")], ids=repr)
def test_a_renewal_that_fails_for_an_hour_ends_in_a_new_key(error: Exception) -> None:
    care = Care().held()
    while care.until_asked() == "keepalive":
        assert care.keeper.refused(error)
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


def test_a_fault_of_our_own_that_comes_every_time_ends_it_when_a_key_is_needed() -> None:
    care = Care().held()
    care.keeper.refuse()
    outcomes = []
    for _ in range(5):
        assert care.until_asked() == "start"
        outcomes.append(care.keeper.refused(AttributeError("a bug")))

    assert outcomes == [True, True, True, True, False]


# --- Renewals that are refused ----------------------------------------------------------------------------------------


REFUSALS = [
    RequestRejected("odd", code=-4000),
    RequestRejected("a parameter is missing", code=-1102),
    AuthenticationError("Invalid API-key", code=-2015),
    AuthenticationError("Signature for this request is not valid.", code=-1022),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_a_renewal_that_is_refused_is_asked_again_until_the_time_of_the_key_is_over(refusal: Exception) -> None:
    care = Care().held()
    while care.until_asked() == "keepalive":
        assert care.keeper.refused(refusal)

    assert care.asked[-1] == (HOUR, "start")


def test_a_renewal_that_is_refused_is_asked_again_every_minute() -> None:
    care = Care().held()
    for _ in range(4):
        care.until_asked()
        care.keeper.refused(RequestRejected("odd", code=-4000))

    first = care.asked[1][0]
    assert [at - first for at, _ in care.asked[1:]] == [0.0, 60.0, 120.0, 180.0]


def test_a_key_whose_renewals_are_refused_is_replaced_when_its_time_is_over_and_not_a_minute_later() -> None:
    care = Care().held()
    while care.until_asked() == "keepalive":
        care.clock.advance(25)  # So long its answer takes.
        care.keeper.refused(AuthenticationError("Invalid API-key.", code=-2015))

    assert care.asked[-1] == (HOUR, "start")


def test_a_renewal_that_is_answered_after_a_refusal_renews_the_key_as_ever() -> None:
    care = Care().held()
    care.until_asked()
    care.keeper.refused(RequestRejected("odd", code=-4000))
    renewed_at = care.clock.now
    care.until_asked()

    assert not care.keeper.answered("k1")
    assert (care.keeper.key, care.keeper.renewals, care.keeper.failed_requests) == ("k1", 1, 1)
    assert care.clock.now - renewed_at == 60.0


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_another_key_that_is_refused_when_the_time_of_the_old_one_is_over_is_an_error(refusal: Exception) -> None:
    care = Care().held()
    while care.until_asked() == "keepalive":
        assert care.keeper.refused(refusal)

    assert not care.keeper.refused(refusal)


def test_a_key_that_expires_behind_a_refused_renewal_is_replaced_at_once() -> None:
    care = Care().held()
    care.until_asked()
    care.keeper.refused(RequestRejected("odd", code=-4000))
    care.hear(listenKey="k1")

    assert care.until_asked() == "start"
    assert care.asked[-1][0] == care.asked[-2][0]


def test_a_key_that_expires_while_its_renewal_is_being_refused_is_replaced_at_once() -> None:
    care = Care().held()
    care.until_asked()
    care.hear(listenKey="k1")
    care.keeper.refused(RequestRejected("odd", code=-4000))

    assert care.until_asked() == "start"
    assert care.asked[-1][0] == care.asked[-2][0]


# --- Validity ---------------------------------------------------------------------------------------------------------


def test_a_key_holds_for_an_hour_from_when_it_was_asked_for_at_the_earliest() -> None:
    care = Care()
    care.until_asked()
    care.clock.advance(9.0)
    care.keeper.answered("k1")
    assert care.until_asked() == "keepalive"
    care.keeper.refused(RateLimited("slow down", retry_after=HOUR - RENEWAL))
    assert care.until_asked() == "start"

    assert [at for at, _ in care.asked] == [0.0, RENEWAL, HOUR]


def test_a_renewal_that_is_answered_without_a_key_renews_the_one_that_holds() -> None:
    care = Care().held()
    care.until_asked()

    assert not care.keeper.answered(None)
    assert (care.keeper.key, care.keeper.renewals) == ("k1", 1)


def test_a_renewal_that_names_another_key_needs_another_connection() -> None:
    care = Care().held()
    care.until_asked()

    assert care.keeper.answered("somebody else's"), "an account has one key, and somebody made it anew"


# --- Doubts -----------------------------------------------------------------------------------------------------------


def test_a_doubt_is_looked_into_at_once_however_fresh_the_key_is() -> None:
    care = Care().held()
    care.keeper.doubt()

    assert care.until_asked() == "keepalive"
    assert care.asked[-1][0] == care.asked[-2][0]


@pytest.mark.parametrize("request_on_its_way", ["start", "keepalive"])
def test_a_doubt_that_comes_up_while_a_request_is_on_its_way_is_looked_into_afterwards(request_on_its_way: str) -> None:
    care = Care().held()
    if request_on_its_way == "start":
        care.keeper.refuse()
    assert care.until_asked() == request_on_its_way
    care.keeper.doubt()
    care.keeper.answered("k1")

    assert care.until_asked() == "keepalive", "the answer may be older than the doubt"
    assert care.asked[-1][0] == care.asked[-2][0]
    care.keeper.answered("k1")
    care.until_asked()
    assert care.asked[-1][0] - care.asked[-2][0] == RENEWAL


@pytest.mark.parametrize("reason", [ListenKeeper.doubt, ListenKeeper.refuse])
def test_a_pause_that_the_exchange_asked_for_is_kept_whatever_comes_up(reason: Callable[[ListenKeeper], None]) -> None:
    care = Care().held()
    care.until_asked()
    care.keeper.refused(RateLimited("slow down", retry_after=120.0))
    reason(care.keeper)
    care.until_asked()

    assert care.asked[-1][0] - care.asked[-2][0] == 120.0


# --- The first request ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ConnectionLost("cut"), AuthenticationError("no such key"), AttributeError("a bug")])
def test_the_very_first_request_that_fails_is_an_error(error: Exception) -> None:
    care = Care()
    care.until_asked()

    assert not care.keeper.refused(error)


# --- A month ----------------------------------------------------------------------------------------------------------


def test_thirty_days_with_an_expiry_a_day_are_renewed_and_replaced_as_often_as_it_takes() -> None:
    care = Care()
    keys = 0
    while care.clock.now < 100.0 + 30 * 24 * HOUR:
        request = care.until_asked()
        if request == "start":
            keys += 1
        care.keeper.answered(f"k{keys}")
        if care.clock.now > 100.0 + keys * 24 * HOUR:
            care.hear(listenKey=f"k{keys}")

    assert keys == 30
    assert care.keeper.replacements == 29
    assert care.keeper.renewals + care.keeper.replacements == pytest.approx(30 * 24 * HOUR / RENEWAL, abs=30)
