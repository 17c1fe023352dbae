"""Drift that comes again is learnt: it is read fast, and the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from drifting import json_text
from every_shape.models import PriceFilter
from specwright.runtime.codec import decoder, to_wire
from specwright.runtime.drift import Drift, DriftReport
from specwright.runtime.encoding import is_same
from specwright.runtime.model import UnknownVariant
from specwright.runtime.shadow import Plan, Shadows
from specwright.runtime.wire import JsonValue, ListOf, ResultOrError, WireType

from .order_reply import FITTING, PRODUCT, decode, order_with


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
