"""A reply that is not what the spec says is read all the same, and given back as it came."""

from __future__ import annotations

import logging
import sys
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from drifting import json_text
from every_shape.models import Candle, Everything, LotSizeFilter, Order, PriceLevel, Sparse
from specwright.runtime.codec import decoder, to_wire
from specwright.runtime.drift import Drift, DriftReport, Kind
from specwright.runtime.encoding import is_same
from specwright.runtime.errors import DecodeError
from specwright.runtime.model import Model, RejectedItem, UnknownVariant
from specwright.runtime.wire import DECIMAL, INT, JsonValue, ListOf, MapOf, ResultOrError, WireType
from wire_values import drifted, fitting

from .order_reply import FITTING, PRODUCT, decode, order_with


def incomplete(model: type[Model], *values: object) -> Model:
    """A model with None where the exchange owed a value."""
    return model(*values)


@pytest.mark.parametrize(
    ("field", "came", "reading", "kind"),
    [
        ("price", Decimal("1.50"), Decimal("1.50"), "type"),
        ("price", 3, Decimal(3), "type"),
        ("price", None, None, "null"),
        ("price", "", "", "type"),
        ("price", "n/a", "n/a", "type"),
        ("price", [1], [1], "type"),
        ("price", True, True, "type"),
        ("ratio", "0.25", Decimal("0.25"), "type"),
        ("ratio", "n/a", "n/a", "type"),
        ("orderId", "7", 7, "type"),
        ("orderId", Decimal("1E+3"), 1000, "type"),
        ("orderId", Decimal("1.0"), 1, "type"),
        ("orderId", Decimal("1.5"), Decimal("1.5"), "type"),
        ("orderId", Decimal("1E+999999"), Decimal("1E+999999"), "type"),
        ("orderId", True, True, "type"),
        ("symbol", 12, "12", "type"),
        ("symbol", False, "false", "type"),
        ("symbol", {"a": 1}, {"a": 1}, "type"),
        ("reduceOnly", "true", True, "type"),
        ("reduceOnly", 0, False, "type"),
        ("reduceOnly", "maybe", "maybe", "type"),
        ("updateTime", "1700000000000", 1700000000000, "type"),
    ],
)
def test_a_value_of_another_type_is_read_in_its_best_sense(
    report: DriftReport, found: list[Drift], field: str, came: JsonValue, reading: object, kind: Kind
) -> None:
    sent = order_with(**{field: came})

    order = decode(sent, "Order", report)

    assert isinstance(order, Order)
    attribute = next(each.name for each in Order.__wire__.fields if each.wire == field)
    value = getattr(order, attribute)
    assert (type(value), value) == (type(reading), reading)
    assert [(drift.path, drift.kind) for drift in found] == [(f"$.{field}", kind)]
    assert is_same(to_wire(order), sent)


def test_a_huge_integer_and_a_decimal_in_exponent_notation_are_no_drift(
    report: DriftReport, found: list[Drift]
) -> None:
    order = decode(order_with(orderId=2**200, price="1E-7"), "Order", report)

    assert isinstance(order, Order)
    assert (order.order_id, order.price, found) == (2**200, Decimal("0.0000001"), [])


def test_an_integer_of_thousands_of_digits_is_read(report: DriftReport) -> None:
    data = json_text(FITTING).replace(b":7,", b":" + b"7" * 5000 + b",")

    order = decoder("Order", PRODUCT).decode(data, report=report)

    assert order.symbol == "BTCUSDT"


def test_text_that_is_broken_does_not_lose_the_rest(report: DriftReport) -> None:
    order = decoder("Order", PRODUCT).decode(json_text(FITTING).replace(b"BTC", b"B\xff\xfe"), report=report)

    assert (order.order_id, order.symbol) == (7, "B��USDT")


# Before Python 3.12, code in C and in Python shared one limit, and each part of a reading came upon it elsewhere.
@pytest.mark.parametrize("depth", [*([600, 900, 5_000] if sys.version_info < (3, 12) else []), 20_000, 100_000])
@pytest.mark.parametrize("symbol", [b"", b"\xff"])
@pytest.mark.parametrize("strict", [False, True])
def test_what_is_nested_beyond_reading_is_an_error_of_the_package(
    report: DriftReport, depth: int, symbol: bytes, strict: bool
) -> None:
    nested = b"[" * depth + b'"%b"' % symbol + b"]" * depth
    data = json_text(FITTING).replace(b'"BTCUSDT"', nested)

    with pytest.raises(DecodeError, match="nested too deeply"):
        decoder("Order", PRODUCT).decode(data, report=report, strict=strict)


def test_a_missing_field_is_none_and_stays_absent(report: DriftReport, found: list[Drift]) -> None:
    sent = {key: value for key, value in FITTING.items() if key != "price"}

    order = decode(sent, "Order", report)

    assert isinstance(order, Order)
    assert order.price is None
    assert found == [Drift("Order", "$.price", "missing", "decimal", "nothing")]
    assert is_same(to_wire(order), sent)


def test_an_unknown_field_is_given_back(report: DriftReport, found: list[Drift]) -> None:
    sent = order_with(new={"a": [Decimal("1.50")]})

    order = decode(sent, "Order", report)

    assert order == decode(FITTING, "Order", report)
    assert found == [Drift("Order", "$.new", "unknown_field", "no such field", "object")]
    assert is_same(to_wire(order), sent)


def test_an_unknown_value_of_an_enum_is_plain_text() -> None:
    order = decoder("Order", PRODUCT).decode(json_text(order_with(symbol="NEVER_SEEN")), strict=True)

    assert order.symbol == "NEVER_SEEN"


@pytest.mark.parametrize(
    ("sent", "wire_type", "expected", "paths"),
    [
        ([{"orderId": 1}], "Sparse", Sparse(order_id=1), ["$"]),
        ("SUCCESS", "Sparse", Sparse(), ["$"]),
        (None, ListOf("Sparse"), [], ["$"]),
        ({"orderId": 1}, ListOf("Sparse"), [Sparse(order_id=1)], ["$"]),
        ([{"a": 1}], MapOf("Sparse"), {"0": Sparse()}, ["$", "$[0].a"]),
        ([5, "1"], ListOf(DECIMAL), [Decimal(5), Decimal(1)], ["$[0]"]),
        ({"a": "1"}, MapOf(INT), {"a": 1}, ["$[a]"]),
        (["1"], "PriceLevel", incomplete(PriceLevel, Decimal(1), None), ["$[1]"]),
        (["1", "2", "3"], "PriceLevel", PriceLevel(Decimal(1), Decimal(2)), ["$[2]"]),
        ({}, "PriceLevel", incomplete(PriceLevel, None, None), ["$"]),
        ([1, "2", None, "x"], "Candle", Candle(1, Decimal(2), None, "x"), ["$[2]"]),
        ({"filterType": "LOT_SIZE"}, "SymbolFilter", incomplete(LotSizeFilter, "LOT_SIZE", None), ["$.stepSize"]),
        ({"filterType": 5}, "SymbolFilter", UnknownVariant("", {"filterType": 5}), ["$"]),
        ([], "SymbolFilter", UnknownVariant("", {}), ["$"]),
        ({"code": "-1", "msg": "no"}, ResultOrError("Sparse"), RejectedItem(-1, "no"), ["$.code"]),
        ({"code": 1, "msg": "no", "data": 1}, ResultOrError("Sparse"), RejectedItem(1, "no"), ["$.data"]),
    ],
)
def test_the_result_has_the_type_that_was_asked_for(
    report: DriftReport, found: list[Drift], sent: JsonValue, wire_type: WireType, expected: object, paths: list[str]
) -> None:
    value = decode(sent, wire_type, report)

    assert value == expected
    assert [drift.path for drift in found] == paths
    if isinstance(value, Model):
        assert is_same(to_wire(value), sent)


@pytest.mark.parametrize("model", [Order, Sparse, Candle, Everything])
def test_no_change_of_a_reply_loses_anything(model: type[Model], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="specwright.runtime.drift")

    @given(drifted(fitting(model.__name__, PRODUCT)))
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def check(sent: JsonValue) -> None:
        report = DriftReport()

        values = [decode(sent, model.__name__, report) for _ in range(4)]

        assert {type(value) for value in values} == {model}
        assert len({repr(value) for value in values}) == 1
        assert all(is_same(to_wire(value), sent) for value in values)

    check()
