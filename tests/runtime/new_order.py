"""The operation that places an order, as a spec describes it, and its arguments encoded or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from specwright.runtime.arguments import Encoded, encode
from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import Carrier, Condition, Operation, Param, Rule

ORDER_ID = r"[.A-Z:/a-z0-9_-]{1,36}"
LIMIT_ORDER = Condition({"type": ("LIMIT",)})
ORDER_PARAMS = (
    Param(wire="symbol", python="symbol", kind="string", required=True),
    Param(wire="side", python="side", kind="string", required=True, one_of=("BUY", "SELL")),
    Param(wire="type", python="type", kind="string", required=True, one_of=("LIMIT", "MARKET")),
    Param(wire="timeInForce", python="time_in_force", kind="string"),
    Param(wire="quantity", python="quantity", kind="decimal"),
    Param(wire="price", python="price", kind="decimal"),
    Param(wire="priceMatch", python="price_match", kind="string"),
    Param(wire="reduceOnly", python="reduce_only", kind="bool", default=False),
    Param(
        wire="newClientOrderId",
        python="new_client_order_id",
        kind="string",
        pattern=ORDER_ID,
        generated="client_order_id",
    ),
    Param(wire="goodTillDate", python="good_till_date", kind="timestamp", maximum=253402300798999),
)
ORDER_RULES = (
    Rule("require", (("time_in_force",), ("quantity",)), when=LIMIT_ORDER),
    Rule("require_any", (("price",), ("price_match",)), when=LIMIT_ORDER),
    Rule("exclusive", (("price",), ("price_match",))),
    Rule("forbid", (("price_match",),), unless=LIMIT_ORDER),
    Rule("require", (("good_till_date",),), when=Condition({"time_in_force": ("GTD",)})),
)
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": Decimal("0.001"),
    "price": "43187.10",
    "new_client_order_id": "mine-1",
}


def operation(*params: Param, rules: tuple[Rule, ...] = (), over: str = "rest") -> tuple[Operation, Carrier]:
    path = "/fapi/v1/order" if over == "rest" else ""
    carrier = Carrier(method="POST", path=path, params=params, costs={}, returns=lambda: None)
    named = Operation(id="new_order", group="trade", security="TRADE", retry="never", rest=carrier, rules=rules)
    return named, carrier


def order(over: str = "rest", **changes: object) -> Encoded:
    return encode(*operation(*ORDER_PARAMS, rules=ORDER_RULES, over=over), LIMIT | changes)


def refusal(*params: Param, rules: tuple[Rule, ...] = (), **arguments: object) -> str:
    with pytest.raises(InvalidParameter) as caught:
        encode(*operation(*params, rules=rules), arguments)
    assert caught.value.operation == "new_order"
    return f"{caught.value.parameter} {caught.value.rule}"
