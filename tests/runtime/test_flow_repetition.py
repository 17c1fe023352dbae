"""Which failed calls are sent again: questions with growing pauses, orders never."""

from __future__ import annotations

import pytest

from corner_exchange import errors
from corner_exchange.rehearsal import BOOK, ORDER, Rehearsal, refusal, reply
from specwright.runtime.errors import (
    BinanceError,
    CallTimeout,
    ClientClosed,
    ConnectError,
    ConnectionLost,
    ExecutionUnknown,
    ServerError,
    TransportError,
)
from specwright.runtime.retry import NO_RETRY
from specwright.runtime.settings import CallSettings

UNKNOWN = "Unknown error, please check your request or try again later."


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
