"""What the exchange says when it fails: each reply is its documented error, and says whether to ask or to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from binance_derivatives.errors import ApiError, ExecutionUnknown
from binance_derivatives.usds_futures import errors
from specwright.simulator import (
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
    THROTTLED,
    UNKNOWN_EXECUTION,
    Reply,
    unavailable,
)

from .trader import BOOK, ORDER, OWN_WAYS, Call, Trader

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from .trader import Way

ALGO_ORDER = Call(
    "trade",
    "new_algo_order",
    algo_type="CONDITIONAL",
    symbol="BTCUSDT",
    side="SELL",
    type="STOP_MARKET",
    quantity="0.010",
    trigger_price="50000",
)
PAGE = "<html><head><title>502 Bad Gateway</title></head><body>CloudFront</body></html>"


class Failure(NamedTuple):
    """A reply, and the error that it stands for."""

    status: int
    body: str
    error: type[ApiError]


OPEN_OUTCOMES = {
    "503 unknown": Failure(503, UNKNOWN_EXECUTION, errors.ExecutionStatusUnknown),
    "503 undocumented": Failure(503, '{"msg":"Request occur unknown error."}', errors.ServerError),
    "408": Failure(408, '{"code":-1007,"msg":"Timeout waiting for response from backend server."}', errors.Timeout),
    "408 without a body": Failure(408, "", errors.BackendTimeout),
    "-1000": Failure(500, '{"code":-1000,"msg":"An unknown error occurred."}', errors.Unknown),
    "-1006": Failure(500, '{"code":-1006,"msg":"An unexpected response was received."}', errors.UnexpectedResp),
    "500": Failure(500, "{}", errors.InternalServerError),
    "502 page": Failure(502, PAGE, errors.ServerError),
    "504": Failure(504, "", errors.GatewayTimeout),
}
"""The order may have been executed."""

KNOWN_FAILURES = {
    "503 unavailable": Failure(503, SERVICE_UNAVAILABLE, errors.ServiceUnavailable),
    "503 internal": Failure(503, INTERNAL_ERROR, errors.InternalError),
    "503 throttled": Failure(503, THROTTLED, errors.RequestThrottled),
    "-1001": Failure(503, INTERNAL_ERROR.replace("{", '{"code":-1001,', 1), errors.Disconnected),
    "-1008": Failure(400, '{"code":-1008,"msg":"Server is currently overloaded."}', errors.RequestThrottled),
}
"""The order was certainly not executed."""

REJECTIONS = {
    "-2019": Failure(400, '{"code":-2019,"msg":"Margin is insufficient."}', errors.MarginNotSufficien),
    "-1022": Failure(400, '{"code":-1022,"msg":"Signature is not valid."}', errors.InvalidSignature),
    "401": Failure(401, '{"code":-2015,"msg":"Invalid API-key."}', errors.RejectedMbxKey),
    "-99999": Failure(400, '{"code":-99999,"msg":"Never heard of."}', errors.BadRequest),
}
"""Refused for what was asked."""

FAILURES = OPEN_OUTCOMES | KNOWN_FAILURES | REJECTIONS


@pytest.mark.parametrize("executed", [True, False], ids=["executed", "lost"])
@pytest.mark.parametrize("name", OPEN_OUTCOMES)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_with_an_open_outcome_is_unknown_until_it_is_asked_about(
    way: Way, name: str, executed: bool, exchange: Simulator, options: dict[str, Any]
) -> None:
    failure = OPEN_OUTCOMES[name]
    logged = len(exchange.order_log)
    exchange.faults.add(Reply(failure.status, failure.body, executed=executed), operation="new_order")
    with Trader(way, **options) as trader:
        with pytest.raises(ExecutionUnknown) as raised:
            trader.do(ORDER)
        outcome = trader.resolve(raised.value)

    assert isinstance(raised.value.__cause__, failure.error)
    assert outcome.state == ("filled" if executed else "absent")
    assert [entry.operation for entry in exchange.order_log[logged:]] == ["new_order"]


@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_algo_order_with_an_open_outcome_is_asked_about_by_its_own_id(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    exchange.faults.add(unavailable(executed=True), operation="new_algo_order")
    exchange.faults.add(unavailable(executed=False), operation="new_algo_order")
    with Trader(way, **options) as trader:
        lost: list[ExecutionUnknown] = []
        for _ in range(2):
            with pytest.raises(ExecutionUnknown) as raised:
                trader.do(ALGO_ORDER)
            lost.append(raised.value)
        outcomes = [trader.resolve(error) for error in lost]

    assert [outcome.state for outcome in outcomes] == ["placed", "absent"]
    assert outcomes[0].order.client_algo_id == lost[0].client_order_id


@pytest.mark.parametrize("name", KNOWN_FAILURES | REJECTIONS)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_that_failed_says_why_and_is_not_sent_again(
    way: Way, name: str, exchange: Simulator, options: dict[str, Any]
) -> None:
    failure = FAILURES[name]
    logged = len(exchange.order_log)
    exchange.faults.add(Reply(failure.status, failure.body, {"X-Request-Id": "42"}), operation="new_order")
    with Trader(way, **options) as trader, pytest.raises(ApiError) as raised:
        trader.do(ORDER)

    error = raised.value
    assert type(error) is failure.error
    assert error.execution == ("not_executed" if name in KNOWN_FAILURES else "rejected")
    assert (error.status, error.operation, error.request) == (failure.status, "new_order", "POST /fapi/v1/order")
    assert error.headers["x-request-id"] == error.headers["X-REQUEST-ID"] == "42"
    assert [entry.operation for entry in exchange.order_log[logged:]] == ["new_order"]


@pytest.mark.parametrize("name", OPEN_OUTCOMES | KNOWN_FAILURES)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_question_is_asked_again_whatever_failed(
    way: Way, name: str, exchange: Simulator, options: dict[str, Any]
) -> None:
    failure = FAILURES[name]
    exchange.faults.add(Reply(failure.status, failure.body), operation="order_book", times=2)
    asked = len(exchange.requests)
    with Trader(way, **options) as trader:
        assert trader.do(BOOK).bids

    assert len(exchange.requests) == asked + 3


@pytest.mark.parametrize("name", REJECTIONS)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_question_that_was_refused_is_not_asked_again(
    way: Way, name: str, exchange: Simulator, options: dict[str, Any]
) -> None:
    failure = FAILURES[name]
    exchange.faults.add(Reply(failure.status, failure.body), operation="order_book")
    asked = len(exchange.requests)
    with Trader(way, **options) as trader, pytest.raises(failure.error):
        trader.do(BOOK)

    assert len(exchange.requests) == asked + 1


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_page_of_a_firewall_is_a_readable_limit(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    page = PAGE.replace("502 Bad Gateway", "403 Forbidden")
    exchange.faults.add(Reply(403, page, {"Content-Type": "text/html"}), operation="new_order")
    with Trader(way, **options) as trader, pytest.raises(errors.FirewallLimit, match="403 Forbidden") as raised:
        trader.do(ORDER)

    assert raised.value.headers["content-type"] == "text/html"
