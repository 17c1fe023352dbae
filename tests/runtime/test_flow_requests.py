"""What a call sends: its parameters, key, signature and timestamp, and when it asks for the exchange's time."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from corner_exchange import errors, models
from corner_exchange.rehearsal import API_KEY, API_SECRET, BOOK, ORDER, PLACED, Rehearsal, patient, refusal
from specwright.runtime.effects import HttpRequest, WsRequest
from specwright.runtime.errors import (
    ConnectError,
    InvalidParameter,
)


def test_an_unsigned_call_is_its_path_and_query() -> None:
    stage = Rehearsal([BOOK])
    result = stage.call("order_book", {"symbol": "币安人生USDT", "limit": 5})

    assert result == models.OrderBook(last_update_id=1, bids=[])
    request = stage.requests[0]
    assert isinstance(request, HttpRequest)
    assert (request.method, request.body) == ("GET", b"")
    assert request.target == b"/v1/depth?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&limit=5"
    assert b"X-MBX-APIKEY" not in dict(request.headers)


def test_a_signed_order_travels_as_a_form_that_ends_with_its_signature() -> None:
    stage = Rehearsal([PLACED], ahead_ms=250)
    stage.call("new_order", {**ORDER, "price": "9000.10"})

    request = stage.requests[0]
    assert isinstance(request, HttpRequest)
    payload, _, signature = request.body.decode().rpartition("&signature=")
    timestamp = int(stage.clock.time() * 1000) + 250
    assert payload == (
        f"symbol=BTCUSDT&side=BUY&quantity=1&newClientOrderId=mine&price=9000.10&recvWindow=5000&timestamp={timestamp}"
    )
    assert signature == hmac.new(API_SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert request.target == b"/v1/order"
    headers = dict(request.headers)
    assert headers[b"X-MBX-APIKEY"] == API_KEY.encode()
    assert headers[b"Content-Type"] == b"application/x-www-form-urlencoded"
    assert headers[b"Content-Length"] == str(len(request.body)).encode()


def test_a_signed_question_has_its_signature_at_the_end_of_the_query() -> None:
    stage = Rehearsal([PLACED])
    stage.call("query_order", {"symbol": "A B+币"}, recv_window=1234)

    request = stage.requests[0]
    assert isinstance(request, HttpRequest)
    payload, _, signature = request.target.decode().partition("?")[2].rpartition("&signature=")
    assert payload.startswith("symbol=A%20B%2B%E5%B8%81&recvWindow=1234&timestamp=")
    assert signature == hmac.new(API_SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()


def test_an_order_gets_a_client_order_id_when_the_caller_gives_none() -> None:
    stage = Rehearsal([PLACED])
    stage.call("new_order", {**ORDER, "new_client_order_id": None})

    assert len(stage.sent()["newClientOrderId"]) >= 16


def test_the_websocket_api_gets_key_and_signature_in_the_frame() -> None:
    stage = Rehearsal([PLACED])
    operation = stage.flow.operation("new_order")
    assert operation.ws is not None
    stage.play(stage.flow.perform(stage.flow.call(operation, operation.ws, ORDER)))

    request = stage.requests[0]
    assert isinstance(request, WsRequest)
    params = dict(request.params)
    signature = params.pop("signature")
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
    assert request.method == "order.place"
    assert params["apiKey"] == API_KEY
    assert signature == hmac.new(API_SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()


def test_a_connection_that_is_logged_on_needs_neither() -> None:
    stage = Rehearsal([PLACED])
    operation = stage.flow.operation("new_order")
    assert operation.ws is not None
    call = stage.flow.call(operation, operation.ws, ORDER, authenticated=lambda: True)
    stage.play(stage.flow.perform(call))

    request = stage.requests[0]
    assert isinstance(request, WsRequest)
    assert {"apiKey", "signature"}.isdisjoint(request.params)
    assert "timestamp" in request.params


@pytest.mark.parametrize("window", [0, -1, 60_001])
def test_a_receive_window_that_the_exchange_does_not_take_is_refused_here(window: int) -> None:
    stage = Rehearsal([])
    with pytest.raises(InvalidParameter, match="recv_window must be between 1 and 60000 ms"):
        stage.call("new_order", ORDER, recv_window=window)
    assert stage.effects == []


# --- The clock --------------------------------------------------------------------------------------------------------


def test_the_clock_is_measured_before_the_first_signed_call_and_not_before_the_second() -> None:
    stage = Rehearsal([PLACED, PLACED])
    stage.call("new_order", ORDER)
    stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "POST /v1/order", "POST /v1/order"]


def test_unsigned_calls_need_no_clock() -> None:
    stage = Rehearsal([BOOK])
    stage.call("order_book", {"symbol": "BTCUSDT"})

    assert stage.effects == ["GET /v1/depth"]


def test_a_slow_first_measurement_is_made_again() -> None:
    stage = Rehearsal([PLACED], latency=0.5)
    stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "GET /v1/time", "POST /v1/order"]


def test_an_old_measurement_is_refreshed_by_a_question_rather_than_by_an_order() -> None:
    stage = Rehearsal([PLACED, PLACED, PLACED])
    stage.call("new_order", ORDER)
    stage.clock.now += 1200
    stage.call("new_order", ORDER)
    stage.call("query_order", {"symbol": "BTCUSDT"})

    assert stage.effects == ["GET /v1/time", "POST /v1/order", "POST /v1/order", "GET /v1/time", "GET /v1/order"]


def test_the_timestamp_is_made_after_the_wait_for_a_budget() -> None:
    stage = Rehearsal([PLACED] * 11, settings=patient())
    for _ in range(11):
        stage.call("new_order", ORDER)

    slept = [float(effect.split()[1]) for effect in stage.effects if effect.startswith("sleep")]
    assert sum(slept) == pytest.approx(10.01)
    assert stage.sent()["timestamp"] == str(int(stage.clock.time() * 1000))


def test_after_a_refused_timestamp_the_clock_is_measured_and_the_order_sent_once_more() -> None:
    stage = Rehearsal([refusal(400, -1021, "Timestamp for this request is outside of the recvWindow."), PLACED])
    stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "POST /v1/order", "GET /v1/time", "POST /v1/order"]


def test_a_timestamp_that_is_refused_twice_is_an_error() -> None:
    late = refusal(400, -1021, "Timestamp for this request is outside of the recvWindow.")
    stage = Rehearsal([late, late])
    with pytest.raises(errors.InvalidTimestamp):
        stage.call("new_order", ORDER)

    assert stage.effects.count("POST /v1/order") == 2


def test_a_clock_that_cannot_be_measured_does_not_keep_an_order_back() -> None:
    stage = Rehearsal([ConnectError("no route"), PLACED], tells_time=False)
    stage.call("new_order", ORDER)

    assert stage.sent()["timestamp"] == str(int(stage.clock.time() * 1000))
