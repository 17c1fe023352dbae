"""Descriptors of trading."""

from __future__ import annotations

from specwright.runtime.operation import Carrier, FixedWeight, Operation, Param, Resolution

LISTEN_KEY = Operation(
    id="listen_key",
    group="trade",
    security="KEY",
    retry="safe",
    rest=Carrier(
        method="POST", path="/v1/listenKey", params=(), costs={"weight": FixedWeight(1)}, returns=lambda: "ListenKey"
    ),
    ws=Carrier(method="listenKey.start", params=(), costs={"weight": FixedWeight(1)}, returns=lambda: "ListenKey"),
)

_ORDER = (
    Param(wire="symbol", python="symbol", kind="string", required=True),
    Param(wire="side", python="side", kind="string", required=True, one_of=("BUY", "SELL")),
    Param(wire="quantity", python="quantity", kind="decimal", required=True),
    Param(wire="price", python="price", kind="decimal"),
    Param(wire="newClientOrderId", python="new_client_order_id", kind="string", generated="client_order_id"),
)
NEW_ORDER = Operation(
    id="new_order",
    group="trade",
    security="TRADE",
    retry="never",
    rest=Carrier(
        method="POST",
        path="/v1/order",
        params=_ORDER,
        costs={"weight": FixedWeight(0), "orders": FixedWeight(1)},
        returns=lambda: "Order",
    ),
    ws=Carrier(
        method="order.place",
        params=_ORDER,
        costs={"weight": FixedWeight(0), "orders": FixedWeight(1)},
        returns=lambda: "Order",
    ),
    resolve=Resolution(
        operation="query_order",
        params={"symbol": "symbol", "orig_client_order_id": "new_client_order_id"},
        absent=(-2013,),
        status="status",
        filled=("FILLED",),
    ),
)
QUERY_ORDER = Operation(
    id="query_order",
    group="trade",
    security="TRADE",
    retry="safe",
    rest=Carrier(
        method="GET",
        path="/v1/order",
        params=(
            Param(wire="symbol", python="symbol", kind="string", required=True),
            Param(wire="origClientOrderId", python="orig_client_order_id", kind="string"),
        ),
        costs={"weight": FixedWeight(1)},
        returns=lambda: "Order",
    ),
)
