"""A reply that is not what the spec says is read all the same, reported once, and given back as it came."""

from __future__ import annotations

import logging
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from drifting import json_text
from every_shape.models import Candle, Everything, LotSizeFilter, Order, PriceFilter, PriceLevel, Sparse
from specwright.runtime.codec import decoder, to_wire
from specwright.runtime.drift import Drift, DriftReport, Kind, load
from specwright.runtime.encoding import is_same
from specwright.runtime.errors import DecodeError
from specwright.runtime.model import Model, RejectedItem, UnknownVariant
from specwright.runtime.shadow import Plan, Shadows
from specwright.runtime.wire import DECIMAL, INT, ListOf, MapOf, ResultOrError
from wire_values import drifted, fitting

if TYPE_CHECKING:
    from specwright.runtime.wire import JsonValue, WireType

PRODUCT = "every_shape"
FITTING: dict[str, JsonValue] = {
    "orderId": 7,
    "symbol": "BTCUSDT",
    "price": "1.50",
    "ratio": Decimal("0.25"),
    "reduceOnly": True,
    "updateTime": 1700000000000,
    "extra": None,
}


@pytest.fixture
def found() -> list[Drift]:
    return []


@pytest.fixture
def report(found: list[Drift]) -> DriftReport:
    return DriftReport(found.append)


def decode(value: JsonValue, wire_type: WireType, report: DriftReport) -> object:
    return decoder(wire_type, PRODUCT).decode(json_text(value), report=report)


def incomplete(model: type[Model], *values: object) -> Model:
    """A model with None where the exchange owed a value."""
    return model(*values)


def order_with(**changes: JsonValue) -> dict[str, JsonValue]:
    return FITTING | changes


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


# --- Reports ----------------------------------------------------------------------------------------------------------


def test_each_path_is_reported_once_by_log_and_hook(
    report: DriftReport, found: list[Drift], caplog: pytest.LogCaptureFixture
) -> None:
    sent: JsonValue = [order_with(price=1), order_with(price=2)]

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            decode(sent, ListOf("Order"), report)

    assert found == [Drift("list[Order]", "$[0].price", "type", "decimal", "number")]
    assert [record.getMessage() for record in caplog.records] == [
        "reply differs from the spec: list[Order] at $[0].price: expected decimal, found number"
    ]


def test_another_kind_at_a_known_path_is_reported_too(report: DriftReport, found: list[Drift]) -> None:
    for price in (1, 1, 1, None, None):
        decode(order_with(price=price), "Order", report)

    assert [drift.kind for drift in found] == ["type", "null"]


def test_a_client_hears_of_drift_that_another_client_knows() -> None:
    first: list[Drift] = []
    second: list[Drift] = []
    for heard in (first, second):
        report = DriftReport(heard.append)
        for _ in range(3):
            decode(order_with(new=1), "Order", report)

    assert [drift.path for drift in first] == [drift.path for drift in second] == ["$.new"]


def test_no_value_is_in_a_report(found: list[Drift], caplog: pytest.LogCaptureFixture) -> None:
    decoder("ListenKey", PRODUCT).decode(b'{"listenKey":12345678901234567890}', report=DriftReport(found.append))

    assert "12345678901234567890" not in f"{found} {caplog.text}"


def test_a_hook_that_fails_loses_no_result(caplog: pytest.LogCaptureFixture) -> None:
    def fail(drift: Drift) -> None:
        raise RuntimeError("the hook is broken")

    order = decode(order_with(new=1), "Order", DriftReport(fail))

    assert isinstance(order, Order)
    assert "the on_drift hook failed" in caplog.text


def test_keys_that_are_data_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    found: list[Drift] = []
    report = DriftReport(found.append)

    for number in range(1100):
        decode(order_with(**{f"k{number}": 1}), "Order", report)

    assert len(found) == 1000
    assert "further ones are not reported" in caplog.text


# --- Learning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "wire_type"),
    [
        (order_with(price=1), "Order"),
        (order_with(new=1), "Order"),
        ({key: value for key, value in FITTING.items() if key != "ratio"}, "Order"),
        ([order_with(price=None)], ListOf("Order")),
        ([["1", 2]], ListOf("PriceLevel")),
        ([{"filterType": "NEW"}, {"filterType": "PRICE_FILTER", "tickSize": "1"}], ListOf("SymbolFilter")),
        ([{"filterType": "LOT_SIZE", "stepSize": 1}], ListOf("SymbolFilter")),
        ([{"orderId": "1"}, {"code": "-1", "msg": ""}], ListOf(ResultOrError("Sparse"))),
        ([{"msg": "a"}], ListOf(ResultOrError("Sparse"))),
        ([{"filterType": "LOT_SIZE", "stepSize": "1", "tickSize": "1"}], ListOf("SymbolFilter")),
        ("SUCCESS", "Order"),
    ],
)
def test_drift_that_comes_again_is_learnt_and_read_the_same(
    report: DriftReport, sent: JsonValue, wire_type: WireType
) -> None:
    first = decode(sent, wire_type, report)
    decode(sent, wire_type, report)

    plan = report.plans[decoder(wire_type, PRODUCT)]
    learnt = plan.decode(json_text(sent))

    assert repr(learnt) == repr(first)
    assert is_same(to_wire(learnt), to_wire(first))


def test_what_fits_is_read_alike_after_drift_was_learnt(report: DriftReport, found: list[Drift]) -> None:
    for _ in range(3):
        decode(order_with(price=1, new=2, symbol=None), "Order", report)
    before = len(found)

    order = decode(FITTING, "Order", report)

    assert order == decoder("Order", PRODUCT).decode(json_text(FITTING), strict=True)
    assert is_same(to_wire(order), FITTING)
    assert len(found) == before


def test_a_key_that_no_shadow_can_have_stays_slow_and_is_given_back(report: DriftReport) -> None:
    sent = order_with(**{'"quoted"': 1, "line\nbreak": 2})

    orders = [decode(sent, "Order", report) for _ in range(3)]

    assert all(is_same(to_wire(order), sent) for order in orders)
    assert report.plans == {}


def test_a_failure_to_prepare_for_drift_loses_no_result(
    report: DriftReport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: Shadows, wire_type: WireType) -> Plan:
        raise RuntimeError("cannot be prepared")

    decoder("Order", PRODUCT).decode(json_text(FITTING))
    monkeypatch.setattr(Shadows, "plan", fail)

    orders = [decode(order_with(new=1), "Order", report) for _ in range(4)]

    assert all(is_same(to_wire(order), order_with(new=1)) for order in orders)
    assert caplog.text.count("stays slow") == 1


def test_a_union_that_has_grown_still_decodes_its_known_members() -> None:
    report = DriftReport()
    sent: JsonValue = [{"filterType": "NEW"}, {"filterType": "PRICE_FILTER", "tickSize": "0.1"}]
    for _ in range(3):
        filters = decode(sent, ListOf("SymbolFilter"), report)

    assert filters == [UnknownVariant("NEW", {"filterType": "NEW"}), PriceFilter("PRICE_FILTER", Decimal("0.1"))]


# --- Strict -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"price": 1}, "$[1].price"), ({"new": 1}, "$[1].new"), ({"symbol": None}, "$[1].symbol")],
)
def test_strict_decoding_raises_with_the_place(changes: dict[str, JsonValue], path: str) -> None:
    data = json_text([FITTING, FITTING | changes])

    with pytest.raises(DecodeError) as caught:
        decoder(ListOf("Order"), PRODUCT).decode(data, strict=True)

    assert (caught.value.path, caught.value.body) == (path, data)


def test_strict_decoding_stays_strict_after_drift_was_learnt(report: DriftReport) -> None:
    for _ in range(3):
        decode(order_with(price=1), "Order", report)

    with pytest.raises(DecodeError, match=r"expected decimal, found number \(at \$\.price\)"):
        decoder("Order", PRODUCT).decode(json_text(order_with(price=1)), report=report, strict=True)


def test_a_new_member_of_a_union_is_no_violation() -> None:
    value = decoder("SymbolFilter", PRODUCT).decode(b'{"filterType":"NEW"}', strict=True)

    assert value == UnknownVariant("NEW", load(b'{"filterType":"NEW"}'))  # type: ignore[arg-type]


# --- Any drift --------------------------------------------------------------------------------------------------------


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
