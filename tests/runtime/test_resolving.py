"""What became of an order whose reply was lost."""

from __future__ import annotations

import pytest

from corner_exchange import errors
from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.product import PRODUCT
from corner_exchange.rehearsal import ORDER, Rehearsal, refusal, reply
from corner_exchange.server import Server, json_reply
from specwright.runtime.errors import ConfigurationError, ConnectionLost, ExecutionUnknown
from specwright.runtime.resolving import Outcome, _search
from specwright.runtime.response import Results

ABSENT = refusal(400, -2013, "Order does not exist.")


def found(status: str) -> object:
    return reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": status})


def lose(stage: Rehearsal) -> ExecutionUnknown:
    stage.script.insert(0, ConnectionLost("cut"))
    with pytest.raises(ExecutionUnknown) as raised:
        stage.call("new_order", ORDER)
    stage.effects.clear()
    return raised.value


def resolve(stage: Rehearsal, error: ExecutionUnknown, timeout: float | None = None) -> Outcome:
    return stage.play(_search(stage.flow, Results(PRODUCT, stage.settings), error, timeout))


@pytest.mark.parametrize(("status", "state"), [("NEW", "placed"), ("PARTIALLY_FILLED", "placed"), ("FILLED", "filled")])
def test_an_order_that_the_exchange_has_is_placed_or_filled(status: str, state: str) -> None:
    stage = Rehearsal([found(status)])  # type: ignore[list-item]
    outcome = resolve(stage, lose(stage))

    assert (outcome.state, getattr(outcome.order, "order_id", None)) == (state, 7)
    assert stage.sent()["origClientOrderId"] == "mine"


def test_an_order_that_appears_late_is_found() -> None:
    stage = Rehearsal([ABSENT, ABSENT, found("NEW")])  # type: ignore[list-item]
    assert resolve(stage, lose(stage)).state == "placed"
    assert stage.effects == ["GET /v1/order", "sleep 0.1", "GET /v1/order", "sleep 0.2", "GET /v1/order"]


def test_absence_is_believed_only_when_the_lost_request_would_be_refused_for_its_age() -> None:
    stage = Rehearsal([ABSENT] * 100)
    error = lose(stage)
    lost_at = stage.clock.now

    assert resolve(stage, error) == Outcome("absent")
    assert stage.clock.now - lost_at > 6.0, "its receive window of five seconds, and one for unequal clocks"


def test_failures_of_the_question_are_not_taken_for_an_answer() -> None:
    stage = Rehearsal([*[refusal(503, None, "Service Unavailable.")] * 5, found("FILLED")])  # type: ignore[list-item]
    assert resolve(stage, lose(stage)).state == "filled"


def test_what_stays_unknown_is_raised_again() -> None:
    stage = Rehearsal([ConnectionLost("cut")] * 1000)
    error = lose(stage)
    with pytest.raises(ExecutionUnknown) as raised:
        resolve(stage, error, timeout=10.0)
    assert raised.value is error


def test_a_question_that_is_refused_is_an_error() -> None:
    stage = Rehearsal([refusal(400, -1022, "Signature for this request is not valid.")])
    with pytest.raises(errors.InvalidSignature):
        resolve(stage, lose(stage))


def test_an_operation_that_cannot_be_asked_about_says_so() -> None:
    error = ExecutionUnknown("POST /v1/new", {}, None, reason="cut")
    with pytest.raises(ConfigurationError, match="does not say how"):
        resolve(Rehearsal([]), error)


FOUND = json_reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": "FILLED"})


def test_a_group_of_the_synchronous_client_resolves() -> None:
    with Server(["close", FOUND]) as server, CornerExchange(rest_url=server.url, api_key="k", api_secret="s") as client:
        with pytest.raises(ExecutionUnknown) as raised:
            client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
        assert client.trade.resolve(raised.value).state == "filled"
        assert f"origClientOrderId={raised.value.client_order_id}" in server.requests[1].line


async def test_a_group_of_the_asynchronous_client_resolves() -> None:
    with Server(["close", FOUND]) as server:
        async with AsyncCornerExchange(rest_url=server.url, api_key="k", api_secret="s") as client:
            with pytest.raises(ExecutionUnknown) as raised:
                await client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
            assert (await client.trade.resolve(raised.value)).state == "filled"
