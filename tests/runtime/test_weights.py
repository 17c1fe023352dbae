"""What a call costs is known before it is sent."""

from __future__ import annotations

import pytest

from specwright.runtime.operation import (
    Carrier,
    FixedWeight,
    Param,
    Weight,
    WeightByPresence,
    WeightByValue,
    WeightPerItem,
)
from specwright.runtime.weights import costs, judge

LIMIT = Param(wire="limit", python="limit", kind="int", default=500)
INTERVAL = Param(wire="interval", python="interval", kind="string")
BY_LIMIT = WeightByValue("limit", up_to=((50, 2), (100, 5), (500, 10), (1000, 20)))
BY_LIMIT_AND_ABOVE = WeightByValue("limit", up_to=((100, 1), (500, 5)), above=10)
BY_INTERVAL = WeightByValue("interval", values={"1m": 1, "1d": 3}, otherwise=2)


@pytest.mark.parametrize(
    ("weight", "arguments", "expected"),
    [
        (FixedWeight(5), {}, 5),
        (BY_LIMIT, {"limit": 5}, 2),
        (BY_LIMIT, {"limit": 50}, 2),
        (BY_LIMIT, {"limit": 51}, 5),
        (BY_LIMIT, {"limit": 1000}, 20),
        (BY_LIMIT, {"limit": 5000}, 20),
        (BY_LIMIT, {}, 10),
        (BY_LIMIT, {"limit": None}, 10),
        (BY_LIMIT, {"limit": "many"}, 20),
        (BY_LIMIT_AND_ABOVE, {"limit": 501}, 10),
        (BY_LIMIT_AND_ABOVE, {"limit": "many"}, 10),
        (BY_INTERVAL, {"interval": "1d"}, 3),
        (BY_INTERVAL, {"interval": "1w"}, 2),
        (BY_INTERVAL, {}, 2),
        (WeightByValue("flag", values={"true": 7}, otherwise=1), {"flag": True}, 7),
        (WeightByValue("interval", values={"1m": 1, "1d": 3}), {"interval": "1w"}, 3),
        (WeightByPresence({"symbol": 1}, absent=40), {"symbol": "BTCUSDT"}, 1),
        (WeightByPresence({"symbol": 1}, absent=40), {"symbol": None}, 40),
        (WeightByPresence({"symbol": 1, "symbols": 2}, absent=40), {"symbols": ["A"]}, 2),
        (WeightPerItem("symbols", each=2), {"symbols": ["A", "B", "C"]}, 6),
        (WeightPerItem("symbols", each=2), {}, 2),
    ],
)
def test_a_cost_follows_from_the_arguments(weight: Weight, arguments: dict[str, object], expected: int) -> None:
    assert judge(weight, (LIMIT, INTERVAL))(arguments) == expected


def test_a_call_draws_on_each_of_its_budgets() -> None:
    carrier = Carrier(
        method="POST",
        path="/fapi/v1/batchOrders",
        params=(LIMIT,),
        costs={"request_weight": BY_LIMIT, "orders_10s": WeightPerItem("orders", each=1)},
        returns=lambda: None,
    )

    assert costs(carrier, {"orders": [1, 2], "limit": 100}) == {"request_weight": 5, "orders_10s": 2}
