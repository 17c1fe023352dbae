"""Calls that the spec lacks are made with everything else in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives.errors import ConfigurationError, ExecutionUnknown
from specwright.simulator import Drop

from .trader import EVERY_WAY, OWN_WAYS, Trader

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from .trader import Way


@pytest.mark.parametrize("way", EVERY_WAY)
def test_what_the_spec_lacks_is_called_with_everything_else_in_force(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    with Trader(way, **options) as trader:
        request = trader.client.request
        order = trader.finish(
            lambda: request(
                "POST",
                "/fapi/v1/order",
                params={"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.01, "x": None},
                security="TRADE",
                weight=0,
                costs={"orders_1m": 1, "orders_10s": 1},
            )
        )
        found = trader.finish(
            lambda: request(
                "GET",
                "/fapi/v1/order",
                params={"symbol": "BTCUSDT", "orderId": order.result["orderId"]},
                security="USER_DATA",
            )
        )
        used = {name: state.used for name, state in trader.client.limits.items() if state.used}

    assert (found.status, found.result["orderId"], found.headers["X-MBX-USED-WEIGHT-1M"]) == (
        200,
        order.result["orderId"],
        "2",
    )
    assert used == {"request_weight": 2, "orders_1m": 1, "orders_10s": 1}


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_lost_call_that_the_spec_lacks_is_unknown_and_says_how_to_find_out(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    logged = len(exchange.order_log)
    exchange.faults.add(Drop(executed=True), operation="new_order")
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    with Trader(way, **options) as trader:
        with pytest.raises(ExecutionUnknown) as raised:
            trader.finish(lambda: trader.client.request("POST", "/fapi/v1/order", params=params, security="TRADE"))
        with pytest.raises(ConfigurationError, match="look at orders or positions yourself"):
            trader.resolve(raised.value)

    assert raised.value.parameters == params
    assert len(exchange.order_log) == logged + 1
