"""A decimal number travels with all its digits and without an exponent, whichever way it is sent."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corner_exchange.client import CornerExchange
from specwright.runtime.arguments import encode
from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import InputShape, Param
from specwright.runtime.unlisted import unlisted_call

from .new_order import LIMIT, ORDER_PARAMS, ORDER_RULES, operation, order

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = Param(
    wire="batchOrders",
    python="batch_orders",
    kind="input",
    many=True,
    shape=InputShape("NewOrderItem", ORDER_PARAMS, ORDER_RULES),
)


def sent_in_a_batch(over: str, price: object) -> object:
    encoded = encode(*operation(BATCH, over=over), {"batch_orders": [LIMIT | {"price": price}]})
    orders: Any = encoded.wire["batchOrders"]
    return (json.loads(orders) if isinstance(orders, str) else orders)[0]["price"]


def sent_as_json(over: str, value: object) -> Any:
    encoded = encode(*operation(Param(wire="new", python="new", kind="json"), over=over), {"new": value})
    text = encoded.wire["new"]
    return json.loads(text) if isinstance(text, str) else text


def sent_unlisted(params: dict[str, object]) -> str:
    with CornerExchange() as client:
        call = unlisted_call(
            client._flow, "POST", "/v1/new", params, security="NONE", costs={}, timeout=None, recv_window=None
        )
    return str(call.encoded.wire["new"])


WAYS: dict[str, Callable[[object], object]] = {
    "REST": lambda price: order(price=price).wire["price"],
    "WebSocket API": lambda price: order(over="ws", price=price).wire["price"],
    "a batch over REST": lambda price: sent_in_a_batch("rest", price),
    "a batch over the WebSocket API": lambda price: sent_in_a_batch("ws", price),
}
JSON: dict[str, Callable[[object], object]] = {
    "JSON over REST": lambda price: sent_as_json("rest", {"prices": [price]})["prices"][0],
    "JSON over the WebSocket API": lambda price: sent_as_json("ws", {"prices": [price]})["prices"][0],
}
UNLISTED: dict[str, Callable[[object], object]] = {
    "an unlisted call": lambda price: sent_unlisted({"new": price}),
    "a batch in an unlisted call": lambda price: json.loads(sent_unlisted({"new": [{"price": price}]}))[0]["price"],
}
NUMBERS = st.builds(
    lambda digits, exponent, is_negative: Decimal(digits).scaleb(exponent).copy_sign(Decimal(-1 if is_negative else 1)),
    st.integers(0, 10**20),
    st.integers(-18, 18),
    st.booleans(),
)


@pytest.mark.parametrize("way", [*WAYS.values(), *JSON.values(), *UNLISTED.values()], ids=[*WAYS, *JSON, *UNLISTED])
@given(number=NUMBERS)
def test_a_decimal_travels_as_plain_digits(way: Callable[[object], object], number: Decimal) -> None:
    check_plain(way(number), number)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@given(number=NUMBERS)
def test_text_with_an_exponent_travels_as_plain_digits(way: Callable[[object], object], number: Decimal) -> None:
    check_plain(way(f"{number:e}"), number)


def check_plain(sent: object, number: Decimal) -> None:
    assert isinstance(sent, str)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", sent)
    assert Decimal(sent) == number


@pytest.mark.parametrize("way", [*WAYS.values(), UNLISTED["an unlisted call"]], ids=[*WAYS, "an unlisted call"])
@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("1E-7"), "0.0000001"), (Decimal("1E+3"), "1000"), (1000, "1000"), (1e-7, "0.0000001")],
)
def test_a_number_is_written_out(way: Callable[[object], object], value: object, text: str) -> None:
    assert way(value) == text


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_whole_number_that_no_exchange_knows_is_refused(way: Callable[[object], object]) -> None:
    with pytest.raises(InvalidParameter, match="beyond every number"):
        way(10**5000)


def test_a_float_inside_json_over_rest_is_a_number_with_plain_digits() -> None:
    wire = encode(*operation(Param(wire="new", python="new", kind="json")), {"new": {"rate": 1e-7}}).wire

    assert wire == {"new": '{"rate":0.0000001}'}


def test_a_float_inside_the_json_of_an_unlisted_call_is_a_number_with_plain_digits() -> None:
    assert sent_unlisted({"new": {"rates": (1e-7, 0.1, 1e22)}}) == '{"rates":[0.0000001,0.1,10000000000000000000000]}'


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (Decimal("NaN"), "must be a finite number, not NaN"),
        (Decimal("1E+999999"), "is beyond every number that the exchange knows"),
        (0.1 + 0.2, "is a float with rounding dust (0.30000000000000004): pass a Decimal or text"),
        ([{"price": float("inf")}], "must be a finite number, not Infinity"),
    ],
)
def test_an_unlisted_call_refuses_what_is_no_exact_number(value: object, rule: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        sent_unlisted({"new": value})

    assert str(refused.value) == f"POST /v1/new: new {rule}"
