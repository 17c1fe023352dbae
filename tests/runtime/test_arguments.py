"""Arguments are written as the exchange reads them."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from enum import Enum
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.arguments import encode
from specwright.runtime.client_order_ids import new_client_order_id
from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import InputShape, Param

from .new_order import LIMIT, ORDER_ID, ORDER_PARAMS, ORDER_RULES, operation, order, refusal


def test_over_rest_everything_is_text() -> None:
    encoded = order(reduce_only=True, time_in_force="GTD", good_till_date=1700000000000)

    assert encoded.wire == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTD",
        "quantity": "0.001",
        "price": "43187.10",
        "newClientOrderId": "mine-1",
        "reduceOnly": "true",
        "goodTillDate": "1700000000000",
    }


def test_over_the_websocket_api_whole_numbers_are_numbers() -> None:
    encoded = order(over="ws", reduce_only=False, time_in_force="GTD", good_till_date=1700000000000)

    assert encoded.wire == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTD",
        "quantity": "0.001",
        "price": "43187.10",
        "newClientOrderId": "mine-1",
        "reduceOnly": "false",
        "goodTillDate": 1700000000000,
    }


def test_none_is_absent() -> None:
    encoded = order(price_match=None, reduce_only=None)

    assert encoded.arguments == LIMIT
    assert "priceMatch" not in encoded.wire


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.00000001"), "0.00000001"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("100"), "100"),
        (Decimal("0.10"), "0.10"),
        (5, "5"),
        (10**30, "1" + "0" * 30),
        ("0.50", "0.50"),
        ("1e-7", "0.0000001"),
        (".5", "0.5"),
        ("+5", "5"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (123456.789012345, "123456.789012345"),
    ],
)
def test_a_decimal_is_written_out_with_the_digits_that_it_has(value: object, text: str) -> None:
    assert order(price=value).wire["price"] == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8) | st.floats() | st.integers() | st.text())
def test_no_exponent_and_no_dust_ever_reaches_the_wire(value: object) -> None:
    try:
        text = order(price=value).wire["price"]
    except InvalidParameter:
        return

    assert isinstance(text, str)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)
    if isinstance(value, Decimal | int):
        assert Decimal(text) == value
    elif isinstance(value, float):
        assert float(text) == value


class Side(str, Enum):  # noqa: UP042 - the kind whose str() is not its text
    BUY = "BUY"


def test_a_member_of_a_text_enum_is_its_text() -> None:
    assert order(side=Side.BUY).wire["side"] == "BUY"


def test_a_list_is_compact_json_with_its_characters_as_they_are() -> None:
    symbols = Param(wire="symbols", python="symbols", kind="string", many=True)
    ids = Param(wire="orderIdList", python="order_id_list", kind="int", many=True)

    encoded = encode(*operation(symbols, ids), {"symbols": ["BTCUSDT", "币安人生USDT"], "order_id_list": (1, 2)})

    assert encoded.wire == {"symbols": '["BTCUSDT","币安人生USDT"]', "orderIdList": "[1,2]"}


def test_a_list_over_the_websocket_api_is_a_list() -> None:
    ids = Param(wire="orderIdList", python="order_id_list", kind="int", many=True)

    encoded = encode(*operation(ids, over="ws"), {"order_id_list": [1, 2]})

    assert encoded.wire == {"orderIdList": [1, 2]}


def test_a_case_is_converted() -> None:
    symbol = Param(wire="symbol", python="symbol", kind="string", case="lower")

    assert encode(*operation(symbol), {"symbol": "BTCUSDT"}).wire == {"symbol": "btcusdt"}


def test_json_is_sent_as_it_is() -> None:
    payload = Param(wire="payload", python="payload", kind="json")

    assert encode(*operation(payload), {"payload": {"a": [1, "币"]}}).wire == {"payload": '{"a":[1,"币"]}'}
    assert encode(*operation(payload, over="ws"), {"payload": {"a": [1]}}).wire == {"payload": {"a": [1]}}


# --- Client order ids -------------------------------------------------------------------------------------------------


def test_an_order_without_a_name_gets_one_that_it_can_be_asked_about_by() -> None:
    numbers = count(1)

    encoded = encode(
        *operation(*ORDER_PARAMS, rules=ORDER_RULES),
        LIMIT | {"new_client_order_id": None},
        new_client_order_id=lambda: f"id-{next(numbers)}",
    )

    assert encoded.client_order_id == "id-1"
    assert encoded.wire["newClientOrderId"] == encoded.arguments["new_client_order_id"] == "id-1"


def test_the_caller_s_own_name_is_kept() -> None:
    assert order().client_order_id == "mine-1"


def test_generated_names_are_valid_differ_and_carry_no_broker_s_mark() -> None:
    names = {new_client_order_id() for _ in range(1000)}

    assert len(names) == 1000
    assert all(re.fullmatch(ORDER_ID, name) and not name.startswith("x-") for name in names)


# --- Objects ----------------------------------------------------------------------------------------------------------

BATCH = Param(
    wire="batchOrders",
    python="batch_orders",
    kind="input",
    required=True,
    many=True,
    max_items=2,
    shape=InputShape("NewOrderItem", ORDER_PARAMS, ORDER_RULES),
)


def test_a_batch_is_json_of_its_orders_each_with_a_name() -> None:
    numbers = count(1)
    nameless = {name: value for name, value in LIMIT.items() if name != "new_client_order_id"}
    orders = [LIMIT | {"symbol": "币安人生USDT", "reduce_only": True}, nameless]

    encoded = encode(*operation(BATCH), {"batch_orders": orders}, new_client_order_id=lambda: f"id-{next(numbers)}")

    text = encoded.wire["batchOrders"]
    assert isinstance(text, str)
    assert "币安人生USDT" in text
    assert " " not in text
    limit = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.001", "price": "43187.10"}
    assert json.loads(text) == [
        {"symbol": "币安人生USDT", **limit, "newClientOrderId": "mine-1", "reduceOnly": "true"},
        {"symbol": "BTCUSDT", **limit, "newClientOrderId": "id-1"},
    ]
    assert encoded.arguments == {"batch_orders": [orders[0], nameless | {"new_client_order_id": "id-1"}]}
    assert "new_client_order_id" not in nameless


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ([], "batch_orders must not be empty"),
        ([LIMIT] * 3, "batch_orders must have at most 2 items, not 3"),
        ("BTCUSDT", "batch_orders must be a list, not str"),
        ([LIMIT, 5], "batch_orders[1] must be a dict, not int"),
        ([LIMIT, LIMIT | {"side": "buy"}], "batch_orders[1].side must be one of BUY, SELL, not 'buy'"),
        ([LIMIT | {"price": None}], "batch_orders[0].price or price_match is required when type is LIMIT"),
        ([{"timeInForce": "GTC"}], "batch_orders[0].timeInForce is no parameter of it; did you mean time_in_force?"),
        ([{"leverage": 5}], "batch_orders[0].leverage is no parameter of it"),
        (None, "batch_orders is required"),
    ],
)
def test_a_mistake_in_a_batch_is_named_with_its_place(orders: object, said: str) -> None:
    assert refusal(BATCH, batch_orders=orders) == said
