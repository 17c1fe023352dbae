"""What a call costs is kept within the budgets, and what the exchange says of them is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corner_exchange import errors
from corner_exchange.rehearsal import BOOK, ORDER, PLACED, Rehearsal, patient, refusal, reply
from manual_clock import EPOCH
from specwright.runtime.errors import (
    Banned,
    BudgetExceeded,
)

if TYPE_CHECKING:
    from specwright.runtime.limits import LimitPolicy


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
    until_ms = (int(EPOCH) + 180) * 1000
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
    flow = stage.flow.perform(stage.flow.call(operation, operation.rest, {"symbol": "BTCUSDT"}))
    next(flow)
    flow.close()

    state = stage.ledger.state(stage.flow.preparer.all_charges())[0]
    assert state.used == 10
    assert state.resets_in == pytest.approx(60.06)
