"""A reply is told from JSON of another shape, and fields that have drifted do not make it another one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import DecodeError
from specwright.runtime.websocket.reply_shape import check_shape
from specwright.runtime.wire import INT, ListOf, MapOf, ResultOrError

if TYPE_CHECKING:
    from specwright.runtime.wire import WireType

PACKAGE = "every_shape"
ACKNOWLEDGEMENT = '{"code": 200, "msg": "ok"}'
ORDERS = ListOf("Order")
"""Objects whose fields are all required."""
LEVELS = MapOf(ListOf("PriceLevel"))
"""Positional arrays."""
FILTERS = ListOf("SymbolFilter")
"""A tagged union."""
BATCH = ListOf(ResultOrError("Order"))


@pytest.mark.parametrize(
    ("wire_type", "text"),
    [
        (ORDERS, "[]"),
        (ORDERS, '[{"orderId": 1}, {"orderId": "one", "symbol": null, "brandNew": [1]}]'),
        ("Sparse", "{}"),
        (LEVELS, "{}"),
        (LEVELS, '{"bids": [[], ["1", 2, "new"]]}'),
        (FILTERS, '[{"filterType": "BRAND_NEW"}, {}]'),
        (BATCH, f'[{ACKNOWLEDGEMENT}, {{"orderId": 1}}]'),
        (ListOf(INT), '[1, "2", null]'),
    ],
)
def test_a_reply_whose_fields_have_drifted_is_still_that_reply(wire_type: WireType, text: str) -> None:
    check_shape(json.loads(text), wire_type, PACKAGE)


@pytest.mark.parametrize(
    ("wire_type", "text", "said"),
    [
        (ORDERS, "null", "expected list[Order], found null (at $)"),
        (ORDERS, ACKNOWLEDGEMENT, "expected list[Order], found object (at $)"),
        (ORDERS, '[{"orderId": 1}, 1]', "expected Order, found number (at $[1])"),
        (ORDERS, f"[{ACKNOWLEDGEMENT}]", "expected Order, found an object with none of its fields (at $[0])"),
        ("Order", "{}", "expected Order, found an object with none of its fields (at $)"),
        ("Order", '[{"orderId": 1}]', "expected Order, found array (at $)"),
        (LEVELS, "[]", "expected map[list[PriceLevel]], found array (at $)"),
        (LEVELS, '{"bids": [{"price": "1"}]}', "expected PriceLevel, found object (at $[bids][0])"),
        (FILTERS, '["PRICE_FILTER"]', "expected PriceFilter | LotSizeFilter, found string (at $[0])"),
        (BATCH, "[null]", "expected Order, found null (at $[0])"),
        (ListOf(INT), "7", "expected list[int], found number (at $)"),
    ],
)
def test_another_shape_is_refused_with_its_place(wire_type: WireType, text: str, said: str) -> None:
    with pytest.raises(DecodeError) as refused:
        check_shape(json.loads(text), wire_type, PACKAGE)

    assert str(refused.value) == said
