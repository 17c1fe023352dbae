"""What a call tells of itself: to hooks, to the log, in its errors, and as its result."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from corner_exchange import errors, models
from corner_exchange.rehearsal import API_KEY, API_SECRET, ORDER, PLACED, Rehearsal, patient, refusal, reply
from specwright.runtime.errors import (
    ConnectionLost,
    DecodeError,
)

if TYPE_CHECKING:
    from specwright.runtime.settings import CallEvent


def test_hooks_are_told_of_every_attempt() -> None:
    events: list[CallEvent] = []
    settings = patient(on_request=(events.append,), on_response=(events.append,))
    stage = Rehearsal(
        [ConnectionLost("cut"), reply(200, {"lastUpdateId": 1, "bids": []}, x_mbx_used_weight_1m=12)],
        settings=settings,
        latency=0.25,
    )
    stage.call("order_book", {"symbol": "BTCUSDT"})

    assert [(event.attempt, event.status, event.duration, dict(event.used)) for event in events] == [
        (1, None, None, {}),
        (1, None, 0.25, {}),
        (2, None, None, {}),
        (2, 200, 0.25, {"weight": 12}),
    ]
    assert [type(event.error) for event in events] == [type(None), ConnectionLost, type(None), type(None)]
    assert {(event.operation, event.request, event.costs["weight"]) for event in events} == {
        ("order_book", "GET /v1/depth", 10)
    }


def test_a_response_hook_that_fails_does_not_lose_the_order(caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: CallEvent) -> None:
        raise ZeroDivisionError

    order = Rehearsal([PLACED], settings=patient(on_response=(fail,))).call("new_order", ORDER)

    assert isinstance(order, models.Order)
    assert "a response hook failed" in caplog.text


def test_a_request_hook_that_fails_keeps_the_order_from_being_sent() -> None:
    def veto(event: CallEvent) -> None:
        if event.operation == "new_order":
            raise PermissionError("not today")

    stage = Rehearsal([PLACED], settings=patient(on_request=(veto,)))
    with pytest.raises(PermissionError):
        stage.call("new_order", ORDER)
    assert stage.effects == ["GET /v1/time"]


def test_logs_tell_duration_and_weight_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stage = Rehearsal([reply(200, {"listenKey": "the-listen-key"}, x_mbx_used_weight_1m=3), PLACED], latency=0.0125)
    stage.call("listen_key")
    stage.call("new_order", ORDER)

    text = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "POST /v1/listenKey: 200 in 12.5 ms, weight {'weight': 1}, used {'weight': 3}" in text
    signature = stage.sent()["signature"]
    for secret in (API_KEY, API_SECRET, signature, "the-listen-key"):
        assert secret not in text


def test_an_error_names_what_was_asked_and_what_was_said() -> None:
    stage = Rehearsal([refusal(400, -2019, "Margin is insufficient.", x_mbx_used_weight_1m=31)])
    with pytest.raises(errors.InsufficientMargin) as raised:
        stage.call("new_order", ORDER)

    error = raised.value
    assert str(error) == "new_order: Margin is insufficient. (code -2019, status 400, POST /v1/order)"
    assert (error.code, error.status, error.weight_used, error.execution) == (-2019, 400, 31, "rejected")
    assert error.headers["x-mbx-used-weight-1m"] == "31"


def test_a_question_answered_with_garbage_is_a_decoding_error() -> None:
    stage = Rehearsal([reply(200, b"<html>")])
    with pytest.raises(DecodeError, match="no JSON"):
        stage.call("order_book", {"symbol": "BTCUSDT"})


def vars_of(order: models.Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in ("order_id", "client_order_id", "symbol", "status", "price")}


def test_a_placed_order_is_returned_even_if_its_reply_has_drifted() -> None:
    stage = Rehearsal([reply(200, {"orderId": "seven", "symbol": None, "surprise": [1]})])
    order = stage.call("new_order", ORDER)

    assert isinstance(order, models.Order)
    assert vars_of(order) == {
        "order_id": "seven",
        "client_order_id": None,
        "symbol": None,
        "status": None,
        "price": None,
    }
