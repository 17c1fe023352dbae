"""Timestamps: a client whose clock is wrong finds out, and what is signed carries the moment of sending."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives.usds_futures import errors
from specwright.simulator import Reply

from .trader import ORDER, OWN_WAYS, Call, ExchangeTime, Trader

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from .proxy import FaultProxy
    from .trader import Way

BEHIND = json.dumps({"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."})
MINUTES = [-300.0, 300.0]
"""Seconds by which a clock is wrong."""


def made(exchange: Simulator, since: int) -> list[tuple[str, int | None, bool]]:
    """What the exchange was asked: operation, error code, and whether it was carried out."""
    return [(entry.operation, entry.code, entry.executed) for entry in exchange.requests[since:]]


@pytest.mark.parametrize("ahead", MINUTES)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_wall_clock_that_is_wrong_by_minutes_does_no_harm(
    way: Way, ahead: float, exchange: Simulator, time: ExchangeTime, options: dict[str, Any]
) -> None:
    options["clock"] = ExchangeTime(time.exchange, ahead=ahead)
    since = len(exchange.requests)
    with Trader(way, **options) as trader:
        trader.do(ORDER)
        assert trader.client.exchange_clock.offset_ms == pytest.approx(-ahead * 1000, abs=1)

    assert made(exchange, since) == [("server_time", None, True), ("new_order", None, True)]


@pytest.mark.parametrize("jump", MINUTES)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_after_a_jump_of_the_clock_the_first_order_is_repeated_once(
    way: Way, jump: float, exchange: Simulator, time: ExchangeTime, options: dict[str, Any]
) -> None:
    with Trader(way, **options) as trader:
        trader.finish(trader.client.warm_up)
        since = len(exchange.requests)
        time.jump(jump)
        order = trader.do(ORDER)
        trader.do(ORDER)

    assert order.status in ("NEW", "FILLED")
    assert made(exchange, since) == [
        ("new_order", -1021, False),
        ("server_time", None, True),
        ("new_order", None, True),
        ("new_order", None, True),
    ]
    ids = [entry.parameters["newClientOrderId"] for entry in exchange.order_log[-3:]]
    assert ids[0] == ids[1] == order.client_order_id != ids[2]


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_timestamp_that_is_refused_again_is_an_error(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    exchange.faults.add(Reply(400, BEHIND), operation="new_order", times=3)
    since = len(exchange.order_log)
    with Trader(way, **options) as trader, pytest.raises(errors.InvalidTimestamp):
        trader.do(ORDER)

    assert len(exchange.order_log) == since + 2


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_first_measurement_that_was_lost_is_made_good_after_the_refusal(
    way: Way, exchange: Simulator, time: ExchangeTime, proxy: FaultProxy, through_proxy: dict[str, Any]
) -> None:
    through_proxy["clock"] = ExchangeTime(time.exchange, ahead=300.0)
    proxy.ruin("GET /fapi/v1/time", "cut after forwarding")
    since = len(exchange.order_log)
    with Trader(way, **through_proxy) as trader:
        trader.do(ORDER)

    assert [(entry.code, entry.executed) for entry in exchange.order_log[since:]] == [(-1021, False), (None, True)]


@pytest.mark.parametrize("way", OWN_WAYS)
def test_the_receive_window_is_that_of_the_call_else_that_of_the_client(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    query = Call("account", "futures_account_balance_v3")
    since = len(exchange.requests)
    with Trader(way, **options, recv_window=7000) as trader:
        trader.do(query)
        trader.do(query, recv_window=1234)
    with Trader(way, **options) as trader:
        trader.do(query)

    windows = [
        entry.parameters["recvWindow"] for entry in exchange.requests[since:] if entry.operation != "server_time"
    ]
    assert windows == ["7000", "1234", "5000"]
