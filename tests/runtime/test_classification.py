"""What an error reply means, by status, code and message."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from corner_exchange import errors
from corner_exchange.product import PRODUCT
from corner_exchange.rehearsal import refusal, reply
from specwright.runtime.classification import api_error, item_error, redact
from specwright.runtime.errors import (
    ApiError,
    AuthenticationError,
    Banned,
    LimitError,
    RateLimited,
    RequestRejected,
    ServerError,
)

if TYPE_CHECKING:
    from specwright.runtime.effects import Reply

NOW = 1_700_000_000.0
UNKNOWN = "Unknown error, please check your request or try again later."


def error_of(answer: Reply) -> ApiError:
    return api_error(PRODUCT, answer, operation="new_order", request="POST /v1/order", now=NOW)


@pytest.mark.parametrize(
    ("answer", "kind", "execution"),
    [
        (refusal(503, None, UNKNOWN), errors.ExecutionStatusUnknown, "unknown"),
        (refusal(503, None, "Service Unavailable."), errors.ServiceUnavailable, "not_executed"),
        (refusal(503, None, "Internal error; unable to process your request."), errors.InternalError, "not_executed"),
        (refusal(503, -1008, "Request throttled by system-level protection."), errors.RequestThrottled, "not_executed"),
        (refusal(503, -1000, UNKNOWN), errors.Unknown, "unknown"),
        (refusal(503, -1000, "Service Unavailable."), errors.Unknown, "not_executed"),
        (refusal(503, None, "Something else"), ServerError, "unknown"),
        (reply(503, b"<html>"), ServerError, "unknown"),
        (refusal(408, -1007, "Timeout"), errors.Timeout, "unknown"),
        (reply(408, b""), errors.BackendTimeout, "unknown"),
        (refusal(400, -2019, "Margin is insufficient."), errors.InsufficientMargin, "rejected"),
        (refusal(500, -2019, "Margin is insufficient."), errors.InsufficientMargin, "unknown"),
        (refusal(400, -424242, "New code"), RequestRejected, "rejected"),
        (refusal(500, -424242, "New code"), ServerError, "unknown"),
        (refusal(401, None, "?"), AuthenticationError, "rejected"),
        (refusal(429, None, "?"), RateLimited, "not_executed"),
        (refusal(429, -1003, "?"), errors.TooManyRequests, "not_executed"),
        (refusal(418, -1003, "?"), errors.IpBanned, "not_executed"),
        (refusal(429, -1003, "IP banned until 1700000060000."), errors.IpBanned, "not_executed"),
        (reply(403, b"<html>"), errors.FirewallLimit, "not_executed"),
        (reply(302, b""), ServerError, "unknown"),
        (reply(400, b'["a list"]'), RequestRejected, "rejected"),
        (reply(400, b'{"code": "text", "msg": 5}'), RequestRejected, "rejected"),
    ],
)
def test_a_reply_has_one_meaning(answer: Reply, kind: type[ApiError], execution: str) -> None:
    error = error_of(answer)
    assert (type(error), error.execution) == (kind, execution)


@pytest.mark.parametrize(
    ("answer", "retry_after", "until"),
    [
        (refusal(429, -1003, "?", retry_after=7), 7.0, None),
        (refusal(429, -1003, "?"), None, None),
        (refusal(429, -1003, "?", retry_after="soon"), None, None),
        (refusal(429, -1003, "?", retry_after="Tue, 14 Nov 2023 22:14:20 GMT"), 60.0, None),
        (refusal(418, -1003, "?", retry_after=300), 300.0, NOW + 300),
        (refusal(418, -1003, "IP banned until 1700000090000.", retry_after=300), 90.0, NOW + 90),
        (refusal(418, -1003, "?"), 120.0, NOW + 120),
    ],
)
def test_limits_say_when_to_ask_again(answer: Reply, retry_after: float | None, until: float | None) -> None:
    error = error_of(answer)
    assert isinstance(error, LimitError)
    assert (error.retry_after, error.until) == (retry_after, until)
    assert isinstance(error, Banned) == (until is not None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html><head><TITLE>502\n Bad Gateway</TITLE></head></html>", "reply is not JSON: 502 Bad Gateway"),
        (b"upstream  connect error", "reply is not JSON: upstream connect error"),
        (b"\xff\xfe", "reply is not JSON: \ufffd\ufffd"),
        (b'{"code":-1,"msg":"\xff"}', '{"code":-1,"msg":"\ufffd"}'),
        (b"[" * 100_000, "[" * 200),
        (b"", "empty reply"),
        (b"x" * 10_000, "reply is not JSON: " + "x" * 200),
    ],
)
def test_what_is_not_json_is_still_readable(body: bytes, message: str) -> None:
    assert error_of(reply(502, body)).message == message


def test_an_error_survives_pickling_with_everything_on_it() -> None:
    error = error_of(refusal(429, -1003, "Too many requests.", retry_after=7))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_an_item_of_a_batch_has_an_error_of_its_own() -> None:
    error = item_error("corner_exchange", -2013, "Order does not exist.")
    assert (type(error), error.code, error.status) == (errors.NoSuchOrder, -2013, None)
    assert type(item_error("corner_exchange", -424242, "New")) is RequestRejected


def test_echoed_secrets_are_taken_out() -> None:
    body = b'GET /x?a=1&signature=abc123&b=2 {"listenKey": "xyz"} apiKey=k1 "my-key"'
    assert redact(body, b"my-key") == b'GET /x?a=1&signature=***&b=2 {"listenKey": "***"} apiKey=*** "***"'
