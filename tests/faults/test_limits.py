"""Budgets against an exchange that enforces them, in its own time: nothing here waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import LocalLedger
from binance_derivatives.errors import Banned, BudgetExceeded
from binance_derivatives.usds_futures import errors
from specwright.simulator import Reply

from .trader import BOOK, ORDER, OWN_WAYS, Call, Trader

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from .trader import ExchangeTime, Way

HEAVY_BOOK = Call("market_data", "order_book", symbol="BTCUSDT", limit=1000)
TOO_MANY = json.dumps({"code": -1003, "msg": "Too many requests."})


@pytest.fixture
def shared(options: dict[str, Any], time: ExchangeTime) -> dict[str, Any]:
    """Options of clients that share their budgets, as those of one process do."""
    return {**options, "ledger": LocalLedger(time)}


@pytest.mark.parametrize("way", OWN_WAYS)
def test_after_429_every_client_of_the_process_waits_for_retry_after(
    way: Way, exchange: Simulator, time: ExchangeTime, shared: dict[str, Any]
) -> None:
    exchange.faults.add(Reply(429, TOO_MANY, {"Retry-After": "7"}), operation="order_book")
    with Trader(way, **shared, limits="raise") as first, Trader(way, **shared) as second:
        with pytest.raises(errors.TooManyRequests) as told:
            first.do(BOOK)
        refused = exchange.clock.now_ms()
        asked = len(exchange.requests)
        with pytest.raises(BudgetExceeded) as kept_back:
            first.do(BOOK)
        assert len(exchange.requests) == asked, "nothing was sent"
        second.do(BOOK)

    assert told.value.retry_after == 7.0
    assert kept_back.value.budget == "request_weight"
    assert kept_back.value.retry_after == pytest.approx(7.0)
    assert exchange.requests[-1].time_ms - refused == pytest.approx(7000, abs=2)
    assert sum(time.slept) == pytest.approx(7.0, abs=0.002)


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_question_that_meets_429_waits_and_is_asked_again(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    started = exchange.clock.now_ms()
    exchange.faults.add(Reply(429, TOO_MANY, {"Retry-After": "7"}), operation="order_book")
    with Trader(way, **options) as trader:
        assert trader.do(BOOK).bids

    assert 7000 <= exchange.requests[-1].time_ms - started < 7100


@pytest.mark.parametrize("way", OWN_WAYS)
def test_too_many_orders_stop_orders_and_nothing_else(
    way: Way, exchange: Simulator, time: ExchangeTime, shared: dict[str, Any]
) -> None:
    body = json.dumps({"code": -1015, "msg": "Too many new orders; current limit is 300 orders per 10 SECOND."})
    exchange.faults.add(Reply(429, body, {"Retry-After": "4"}), operation="new_order")
    with Trader(way, **shared) as trader:
        with pytest.raises(errors.TooManyOrders):
            trader.do(ORDER)
        refused = exchange.clock.now_ms()
        trader.do(BOOK)
        assert exchange.requests[-1].time_ms == refused, "questions go on"
        order = trader.do(ORDER)

    last = exchange.order_log[-1]
    assert (last.parameters["newClientOrderId"], last.executed) == (order.client_order_id, True)
    assert last.time_ms - refused == pytest.approx(4000, abs=2)
    assert int(str(last.parameters["timestamp"])) == pytest.approx(last.time_ms, abs=1), "stamped after the wait"


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_ban_keeps_everything_back_until_it_ends(
    way: Way, exchange: Simulator, time: ExchangeTime, shared: dict[str, Any]
) -> None:
    until = exchange.clock.now_ms() + 180_000
    body = json.dumps({"code": -1003, "msg": f"Way too many requests; IP banned until {until}."})
    exchange.faults.add(Reply(418, body, {"Retry-After": "180"}), operation="order_book")
    with Trader(way, **shared) as first, Trader(way, **shared) as second:
        with pytest.raises(errors.IpBanned) as told:
            first.do(BOOK)
        asked = len(exchange.requests)
        for trader in (first, second):
            for call in (BOOK, ORDER):
                with pytest.raises(Banned) as kept_back:
                    trader.do(call)
                assert kept_back.value.until == pytest.approx(until / 1000, abs=0.01)
        assert len(exchange.requests) == asked, "nothing was sent"
        time.sleep(180.0)
        assert second.do(BOOK).bids

    assert told.value.until == until / 1000


@pytest.mark.parametrize("way", OWN_WAYS)
def test_what_is_kept_within_the_budget_is_never_refused(
    way: Way, exchange: Simulator, time: ExchangeTime, options: dict[str, Any]
) -> None:
    asked = len(exchange.requests)
    with Trader(way, **options) as trader:
        for _ in range(250):
            trader.do(HEAVY_BOOK)

    assert {entry.status for entry in exchange.requests[asked:]} == {200}
    assert len(exchange.requests) == asked + 250
    assert 60 < sum(time.slept) < 130, "a minute for each 120 calls of weight 20"


@pytest.mark.parametrize("way", OWN_WAYS)
def test_without_limits_the_exchange_says_when_it_is_too_much(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    with Trader(way, **options, limits="off", retry=None) as trader, pytest.raises(errors.TooManyRequests) as raised:
        for _ in range(121):
            trader.do(HEAVY_BOOK)

    assert (raised.value.weight_used, raised.value.status) == (2420, 429)
    assert 0 < (raised.value.retry_after or 0) <= 60
