"""Arguments are checked against the spec before anything is sent, and written as the exchange reads them."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from enum import Enum
from itertools import count

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.arguments import Encoded, encode
from specwright.runtime.client_order_ids import new_client_order_id
from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import Carrier, Condition, InputShape, Operation, Param, Rule

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


# --- What is sent -----------------------------------------------------------------------------------------------------


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


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"symbol": None}, "symbol is required"),
        ({"symbol": ""}, "symbol must not be empty"),
        ({"symbol": 5}, "symbol must be text, not int (5)"),
        ({"symbol": "\ud800"}, "symbol holds half of a surrogate pair, which no text encoding can say"),
        ({"side": "HOLD"}, "side must be one of BUY, SELL, not 'HOLD'"),
        ({"pric": 1}, "pric is no parameter of it; did you mean price?"),
        ({"price": 0.1 + 0.2}, "price is a float with rounding dust (0.30000000000000004): pass a Decimal or text"),
        ({"price": float("nan")}, "price must be a finite number, not NaN"),
        ({"price": Decimal("Infinity")}, "price must be a finite number, not Infinity"),
        ({"price": "abc"}, "price must be a decimal number, not 'abc'"),
        ({"price": "1_000"}, "price must be a decimal number, not '1_000'"),
        ({"price": "NaN"}, "price must be a decimal number, not 'NaN'"),
        ({"price": Decimal("1E+99999")}, "price is beyond every number that the exchange knows"),
        ({"price": True}, "price must be a decimal number, not a bool"),
        ({"price": [1]}, "price must be a Decimal, text or an int, not list"),
        ({"reduce_only": "true"}, "reduce_only must be True or False, not str ('true')"),
        ({"reduce_only": 1}, "reduce_only must be True or False, not int (1)"),
        ({"new_client_order_id": "my order"}, f"new_client_order_id must match {ORDER_ID}"),
        ({"good_till_date": 1.5}, "good_till_date must be an int (milliseconds since 1970), not float (1.5)"),
        ({"good_till_date": True}, "good_till_date must be an int (milliseconds since 1970), not bool (True)"),
        ({"good_till_date": -1}, "good_till_date must be at least 0"),
        ({"good_till_date": 253402300799000}, "good_till_date must be at most 253402300798999"),
    ],
)
def test_an_argument_that_breaks_a_rule_is_refused_by_name(changes: dict[str, object], said: str) -> None:
    assert refusal(*ORDER_PARAMS, rules=ORDER_RULES, **(LIMIT | changes)) == said


def test_the_error_names_operation_parameter_and_rule() -> None:
    with pytest.raises(InvalidParameter, match=r"^new_order: price or price_match is required when type is LIMIT$"):
        order(price=None)


@pytest.mark.parametrize(
    ("param", "value", "said"),
    [
        (Param(wire="l", python="limit", kind="int", one_of=(5, 10)), 7, "limit must be one of 5, 10, not 7"),
        (Param(wire="l", python="limit", kind="int", minimum=1, maximum=99), 0, "limit must be at least 1"),
        (Param(wire="l", python="limit", kind="int", minimum=1, maximum=99), 100, "limit must be at most 99"),
        (Param(wire="l", python="limit", kind="int"), "5", "limit must be an int, not str ('5')"),
        (Param(wire="r", python="rate", kind="decimal", minimum=Decimal("0.1")), "0.05", "rate must be at least 0.1"),
        (
            Param(wire="r", python="rate", kind="decimal", maximum=Decimal(10)),
            Decimal("10.1"),
            "rate must be at most 10",
        ),
        (Param(wire="r", python="rate", kind="decimal", one_of=("1", "2")), 3, "rate must be one of 1, 2, not 3"),
        (Param(wire="a", python="asset", kind="string", min_length=2), "A", "asset must have at least 2 characters"),
        (Param(wire="a", python="asset", kind="string", max_length=2), "ABC", "asset must have at most 2 characters"),
        (Param(wire="i", python="ids", kind="int", many=True, min_items=2), [1], "ids must have at least 2 items"),
        (Param(wire="i", python="ids", kind="int", many=True), [1, "2"], "ids[1] must be an int, not str ('2')"),
        (Param(wire="j", python="data", kind="json"), {1, 2}.__iter__(), "data must be a JSON value: "),
    ],
)
def test_every_limit_of_a_parameter_is_checked(param: Param, value: object, said: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        encode(*operation(param), {param.python: value})

    assert f"{caught.value.parameter} {caught.value.rule}".startswith(said)


# --- Rules between parameters -----------------------------------------------------------------------------------------

A, B, C = (Param(wire=name, python=name, kind="string") for name in "abc")
START, END = (Param(wire=name, python=name, kind="timestamp") for name in ("start_time", "end_time"))
DAY = 86_400_000


@pytest.mark.parametrize(
    ("rule", "sent", "said"),
    [
        (Rule("require", (("a",), ("b",))), {"a": "1"}, "b is required"),
        (Rule("require_any", (("a",), ("b",))), {"c": "1"}, "a or b is required"),
        (Rule("require_one", (("a",), ("b",))), {}, "a or b is required"),
        (Rule("require_one", (("a",), ("b",))), {"a": "1", "b": "1"}, "b cannot be sent together with a"),
        (Rule("exclusive", (("a",), ("b", "c"))), {"a": "1", "c": "1"}, "c cannot be sent together with a"),
        (Rule("forbid", (("a",),)), {"a": "1"}, "a cannot be sent"),
        (Rule("forbid", (("a",),), when=Condition({"b": ()})), {"a": "1", "b": "1"}, "a cannot be sent when b is sent"),
        (
            Rule("require", (("a",),), when=Condition({"b": ("X", "Y"), "c": ("Z",)})),
            {"b": "Y", "c": "Z"},
            "a is required when b is X or Y and c is Z",
        ),
        (
            Rule("require", (("a",),), when=Condition({"b": ("X",)}), unless=Condition({"c": ("Z",)})),
            {"b": "X"},
            "a is required when b is X unless c is Z",
        ),
        (
            Rule("span", (("start_time",), ("end_time",)), at_most_ms=7 * DAY),
            {"start_time": 1, "end_time": 7 * DAY + 2},
            "end_time must be at most 7 days after start_time",
        ),
        (
            Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY - 1),
            {"start_time": 0, "end_time": DAY},
            "end_time must be at most 86399999 ms after start_time",
        ),
        (
            Rule("span", (("start_time",), ("end_time",))),
            {"start_time": 2, "end_time": 1},
            "end_time must not be before start_time",
        ),
    ],
)
def test_a_broken_rule_is_said_in_the_parameters_own_names(rule: Rule, sent: dict[str, object], said: str) -> None:
    assert refusal(A, B, C, START, END, rules=(rule,), **sent) == said


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        (Rule("require", (("a",), ("b",))), {"a": "1", "b": "1"}),
        (Rule("require_any", (("a",), ("b",))), {"b": "1"}),
        (Rule("require_one", (("a",), ("b",))), {"b": "1"}),
        (Rule("exclusive", (("a",), ("b", "c"))), {"b": "1", "c": "1"}),
        (Rule("forbid", (("a",),)), {"b": "1"}),
        (Rule("require", (("a",),), when=Condition({"b": ("X",)})), {"b": "Z"}),
        (Rule("require", (("a",),), unless=Condition({"b": ("X",)})), {"b": "X"}),
        (Rule("require", (("a",),), when=Condition({"b": ("X",), "c": ("Z",)})), {"b": "X"}),
        (Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY), {"start_time": 5, "end_time": DAY + 5}),
        (Rule("span", (("start_time",), ("end_time",)), at_most_ms=DAY), {"end_time": DAY * 5}),
        # This carrier does not have the parameter, so the rule is not about it.
        (Rule("require", (("elsewhere",),)), {}),
    ],
)
def test_a_rule_that_holds_lets_the_call_go(rule: Rule, sent: dict[str, object]) -> None:
    encoded = encode(*operation(A, B, C, START, END, rules=(rule,)), sent)

    assert encoded.arguments == sent


def test_a_condition_counts_what_the_exchange_assumes() -> None:
    kind = evolve(B, default="X")
    rule = Rule("require", (("a",),), when=Condition({"b": ("X",)}))

    assert refusal(A, kind, rules=(rule,)) == "a is required when b is X"
