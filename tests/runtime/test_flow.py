"""One call from its arguments to its result or error: every decision, without any I/O."""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING

import pytest

from corner_exchange import errors, models
from corner_exchange.rehearsal import API_KEY, API_SECRET, Rehearsal, refusal, reply
from specwright.runtime.effects import HttpRequest, WsRequest
from specwright.runtime.errors import (
    Banned,
    BinanceError,
    BudgetExceeded,
    CallTimeout,
    ClientClosed,
    ConnectError,
    ConnectionLost,
    DecodeError,
    ExecutionUnknown,
    InvalidParameter,
    ServerError,
    TransportError,
)
from specwright.runtime.retry import NO_RETRY, RetryPolicy
from specwright.runtime.settings import CallEvent, CallSettings

if TYPE_CHECKING:
    from specwright.runtime.limits import LimitPolicy

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "1", "new_client_order_id": "mine"}
PLACED = reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": "NEW"})
BOOK = reply(200, {"lastUpdateId": 1, "bids": []})
UNKNOWN = "Unknown error, please check your request or try again later."


def patient(**changes: object) -> CallSettings:
    """Settings whose random pauses are as long as they can be."""
    return CallSettings(**{"retry": RetryPolicy(random=lambda: 1.0), **changes})  # type: ignore[arg-type]


def vars_of(order: models.Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in ("order_id", "client_order_id", "symbol", "status", "price")}


# --- What is sent -----------------------------------------------------------------------------------------------------


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
    stage.play(stage.flow.call(operation, operation.ws, ORDER))

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
    stage.play(stage.flow.call(operation, operation.ws, ORDER, authenticated=lambda: True))

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


# --- What is repeated, and what is not --------------------------------------------------------------------------------

FAILURES: list[tuple[str, object]] = [
    ("timeout", CallTimeout("no reply in time")),
    ("cut", ConnectionLost("connection lost")),
    ("503 unknown", refusal(503, None, UNKNOWN)),
    ("503 unknown with a code", refusal(503, -1000, UNKNOWN)),
    ("408", reply(408, b"")),
    ("-1007", refusal(408, -1007, "Timeout waiting for response from backend server.")),
    ("502 from a proxy", reply(502, b"<html><head><title>502 Bad Gateway</title></head></html>")),
    ("500 that no table knows", refusal(500, -9999, "?")),
    ("500 with a code for bad content", refusal(500, -2019, "Margin is insufficient.")),
    ("a redirect", reply(302, b"")),
    ("garbage", reply(200, b"\x00\x01 nonsense")),
    ("half a reply", reply(200, b'{"orderId": 7, "clientOr')),
]


@pytest.mark.parametrize("failure", [each for _, each in FAILURES], ids=[name for name, _ in FAILURES])
def test_an_order_whose_fate_is_not_known_is_sent_once_and_says_so(failure: object) -> None:
    stage = Rehearsal([failure])  # type: ignore[list-item]
    with pytest.raises(ExecutionUnknown) as raised:
        stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "POST /v1/order"]
    error = raised.value
    assert (error.operation, error.client_order_id) == ("new_order", "mine")
    assert error.parameters == ORDER
    assert (str(error.timestamp), error.recv_window) == (stage.sent()["timestamp"], 5000)
    assert error.__cause__ is not None
    assert not isinstance(error, (ServerError, TransportError))


NOT_EXECUTED: list[tuple[str, object, type[BinanceError]]] = [
    ("connect", ConnectError("refused"), ConnectError),
    ("no free connection", CallTimeout("pool", sent=False), CallTimeout),
    ("503 unavailable", refusal(503, None, "Service Unavailable."), errors.ServiceUnavailable),
    (
        "503 internal",
        refusal(503, None, "Internal error; unable to process your request. Please try again."),
        errors.InternalError,
    ),
    ("503 internal with a code", refusal(503, -1001, "Internal error; unable to process."), errors.Disconnected),
    ("503 throttled", refusal(503, -1008, "Request throttled by system-level protection."), errors.RequestThrottled),
    ("too many orders", refusal(429, -1015, "Too many new orders."), errors.TooManyOrders),
    ("too much weight", refusal(429, -1003, "Too many requests."), errors.TooManyRequests),
    ("insufficient margin", refusal(400, -2019, "Margin is insufficient."), errors.InsufficientMargin),
    ("bad signature", refusal(400, -1022, "Signature for this request is not valid."), errors.InvalidSignature),
    ("closed", ClientClosed("the client is closed"), ClientClosed),
]


@pytest.mark.parametrize(
    ("failure", "kind"), [each[1:] for each in NOT_EXECUTED], ids=[each[0] for each in NOT_EXECUTED]
)
def test_an_order_that_failed_for_certain_says_why_and_is_not_repeated_either(
    failure: object, kind: type[BinanceError]
) -> None:
    stage = Rehearsal([failure])  # type: ignore[list-item]
    with pytest.raises(kind):
        stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "POST /v1/order"]


@pytest.mark.parametrize(
    "failure",
    [
        ConnectError("refused"),
        ConnectionLost("cut"),
        CallTimeout("late"),
        refusal(503, None, UNKNOWN),
        refusal(503, -1008, "Request throttled"),
        reply(502, b"<html>"),
    ],
    ids=["connect", "cut", "timeout", "503 unknown", "503 throttled", "502"],
)
def test_a_question_is_repeated_with_growing_pauses(failure: object) -> None:
    stage = Rehearsal([failure, failure, BOOK])  # type: ignore[list-item]
    stage.call("order_book", {"symbol": "BTCUSDT"})

    assert stage.effects == ["GET /v1/depth", "sleep 0.2", "GET /v1/depth", "sleep 0.4", "GET /v1/depth"]


def test_a_question_is_not_repeated_for_ever() -> None:
    stage = Rehearsal([ConnectionLost("cut")] * 4)
    with pytest.raises(ConnectionLost):
        stage.call("order_book", {"symbol": "BTCUSDT"})

    assert stage.effects.count("GET /v1/depth") == 4


def test_a_question_that_was_refused_for_its_content_is_not_repeated() -> None:
    stage = Rehearsal([refusal(400, -2013, "Order does not exist.")])
    with pytest.raises(errors.NoSuchOrder):
        stage.call("query_order", {"symbol": "BTCUSDT"})

    assert stage.effects == ["GET /v1/time", "GET /v1/order"]


def test_no_repetition_starts_after_the_deadline() -> None:
    stage = Rehearsal([CallTimeout("late")] * 4, latency=20.0)
    with pytest.raises(CallTimeout):
        stage.call("order_book", {"symbol": "BTCUSDT"})

    assert stage.effects.count("GET /v1/depth") == 2


def test_repetition_can_be_switched_off() -> None:
    stage = Rehearsal([ConnectionLost("cut")], settings=CallSettings(retry=NO_RETRY))
    with pytest.raises(ConnectionLost):
        stage.call("order_book", {"symbol": "BTCUSDT"})


def test_every_repetition_draws_on_the_budget() -> None:
    stage = Rehearsal([ConnectionLost("cut"), ConnectError("refused"), BOOK])
    stage.call("order_book", {"symbol": "BTCUSDT"})

    state = stage.ledger.state(stage.flow.preparer.all_charges())[0]
    assert state.used == 20, "ten each for what was sent, nothing for what was not"


# --- Budgets ----------------------------------------------------------------------------------------------------------


def test_a_call_waits_until_its_cost_fits() -> None:
    stage = Rehearsal([BOOK] * 6)
    for _ in range(6):
        stage.call("order_book", {"symbol": "BTCUSDT", "limit": 1000})

    assert stage.effects == ["GET /v1/depth"] * 5 + ["sleep 60.06", "GET /v1/depth"]


@pytest.mark.parametrize(("policy", "longest"), [("raise", 65.0), ("wait", 30.0)])
def test_a_call_that_may_not_wait_so_long_is_refused_here(policy: LimitPolicy, longest: float) -> None:
    stage = Rehearsal([BOOK] * 5, settings=patient(limits=policy, max_wait=longest))
    for _ in range(5):
        stage.call("order_book", {"symbol": "BTCUSDT", "limit": 1000})
    with pytest.raises(BudgetExceeded, match="nothing was sent") as raised:
        stage.call("order_book", {"symbol": "BTCUSDT", "limit": 1000})

    error = raised.value
    assert (error.budget, error.cost, error.used, error.limit) == ("weight", 20, 100, 100)
    assert error.retry_after == pytest.approx(60.06)
    assert len(stage.effects) == 5


def test_budgets_that_are_switched_off_are_still_counted() -> None:
    stage = Rehearsal([BOOK] * 6, settings=patient(limits="off"))
    for _ in range(6):
        stage.call("order_book", {"symbol": "BTCUSDT", "limit": 1000})

    assert stage.effects == ["GET /v1/depth"] * 6
    assert stage.ledger.state(stage.flow.preparer.all_charges())[0].used == 120


def test_the_exchanges_own_figure_is_taken_over() -> None:
    stage = Rehearsal([reply(200, {"lastUpdateId": 1, "bids": []}, x_mbx_used_weight_1m=95)])
    stage.call("order_book", {"symbol": "BTCUSDT", "limit": 5})

    state = stage.ledger.state(stage.flow.preparer.all_charges())[0]
    assert (state.used, state.left) == (95, 5)


def test_after_429_nothing_of_that_budget_is_sent_until_retry_after() -> None:
    stage = Rehearsal([refusal(429, -1003, "Too many requests.", retry_after=17), PLACED])
    with pytest.raises(errors.TooManyRequests) as raised:
        stage.call("new_order", ORDER)
    stage.call("new_order", ORDER)

    assert raised.value.retry_after == 17
    assert stage.effects == ["GET /v1/time", "POST /v1/order", "sleep 17", "POST /v1/order"]


def test_a_question_meets_429_by_waiting() -> None:
    stage = Rehearsal([refusal(429, -1003, "Too many requests.", retry_after=3), BOOK])
    stage.call("order_book", {"symbol": "BTCUSDT"})

    assert stage.effects == ["GET /v1/depth", "sleep 3.2", "GET /v1/depth"]


def test_too_many_orders_stop_orders_but_not_questions() -> None:
    stage = Rehearsal([refusal(429, -1015, "Too many new orders.", retry_after=10), BOOK, PLACED])
    with pytest.raises(errors.TooManyOrders):
        stage.call("new_order", ORDER)
    stage.call("order_book", {"symbol": "BTCUSDT"})
    stage.call("new_order", ORDER)

    assert stage.effects == ["GET /v1/time", "POST /v1/order", "GET /v1/depth", "sleep 10", "POST /v1/order"]


def test_a_ban_refuses_every_call_here_until_it_ends() -> None:
    until_ms = (1_700_000_000 + 1000 + 180) * 1000
    stage = Rehearsal([refusal(418, -1003, f"Way too many requests; IP banned until {until_ms}.")])
    with pytest.raises(errors.IpBanned) as raised:
        stage.call("order_book", {"symbol": "BTCUSDT"})
    assert raised.value.until == until_ms / 1000

    with pytest.raises(Banned, match="nothing was sent") as refused:
        stage.call("new_order", ORDER)
    assert refused.value.until == pytest.approx(until_ms / 1000)
    assert stage.effects == ["GET /v1/depth"]


def test_an_abandoned_call_keeps_its_cost() -> None:
    stage = Rehearsal([])
    operation = stage.flow.operation("order_book")
    assert operation.rest is not None
    flow = stage.flow.call(operation, operation.rest, {"symbol": "BTCUSDT"})
    next(flow)
    flow.close()

    state = stage.ledger.state(stage.flow.preparer.all_charges())[0]
    assert state.used == 10
    assert state.resets_in == pytest.approx(60.06)


# --- What is told -----------------------------------------------------------------------------------------------------


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
