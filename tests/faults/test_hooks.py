"""Hooks hear of every attempt, can keep a call back, and lose nothing when they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives.errors import ExecutionUnknown
from specwright.simulator import Drop

from .trader import BOOK, ORDER, OWN_WAYS, Trader

if TYPE_CHECKING:
    from binance_derivatives._runtime.settings import CallEvent
    from specwright.simulator import Simulator

    from .trader import Way


@pytest.mark.parametrize("way", OWN_WAYS)
def test_hooks_hear_of_every_attempt(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    exchange.faults.add(Drop(), operation="order_book")
    asked: list[CallEvent] = []
    told: list[CallEvent] = []
    with Trader(way, **options, event_hooks={"request": [asked.append], "response": [told.append]}) as trader:
        trader.do(BOOK)

    assert [(event.operation, event.attempt, event.costs) for event in asked] == [
        ("order_book", 1, {"request_weight": 2}),
        ("order_book", 2, {"request_weight": 2}),
    ]
    assert [(event.status, event.used.get("request_weight")) for event in told] == [(None, None), (200, 2)]
    assert told[0].error is not None
    assert told[1].error is None


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_hook_that_fails_after_the_reply_loses_neither_result_nor_error(
    way: Way, exchange: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: CallEvent) -> None:
        raise RuntimeError("the hook is broken")

    with Trader(way, **options, event_hooks={"response": [fail]}) as trader:
        assert trader.do(ORDER).order_id
        exchange.faults.add(Drop(executed=True), operation="new_order")
        with pytest.raises(ExecutionUnknown):
            trader.do(ORDER)

    assert "a response hook failed" in caplog.text


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_hook_can_keep_a_call_back(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    def refuse(event: CallEvent) -> None:
        if event.operation == "new_order":
            raise PermissionError("no trading today")

    logged = len(exchange.order_log)
    with Trader(way, **options, event_hooks={"request": [refuse]}) as trader:
        with pytest.raises(PermissionError, match="no trading today"):
            trader.do(ORDER)
        assert trader.client.limits["orders_1m"].used == 0

    assert len(exchange.order_log) == logged
