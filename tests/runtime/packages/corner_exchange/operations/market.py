"""Descriptors of market data."""

from __future__ import annotations

from specwright.runtime.operation import Carrier, FixedWeight, Operation, Param, WeightByValue
from specwright.runtime.wire import JSON

SERVER_TIME = Operation(
    id="server_time",
    group="market",
    security="NONE",
    retry="safe",
    rest=Carrier(
        method="GET",
        path="/v1/time",
        params=(),
        costs={"weight": FixedWeight(1)},
        returns=lambda: "ServerTime",
    ),
)
ORDER_BOOK = Operation(
    id="order_book",
    group="market",
    security="NONE",
    retry="safe",
    rest=Carrier(
        method="GET",
        path="/v1/depth",
        params=(
            Param(wire="symbol", python="symbol", kind="string", required=True),
            Param(wire="limit", python="limit", kind="int", default=500),
        ),
        costs={"weight": WeightByValue("limit", up_to=((50, 2), (100, 5), (500, 10), (1000, 20)))},
        returns=lambda: "OrderBook",
    ),
)
STATISTICS = Operation(
    id="statistics",
    group="market",
    security="NONE",
    retry="safe",
    rest=Carrier(
        method="GET",
        path="/v1/statistics",
        params=(),
        costs={"weight": FixedWeight(0), "statistics": FixedWeight(1)},
        returns=lambda: JSON,
    ),
)
