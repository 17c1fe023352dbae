"""What differs from the spec is reported once, without values."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from every_shape.models import Order
from specwright.runtime.codec import decoder
from specwright.runtime.drift import Drift, DriftReport
from specwright.runtime.wire import JsonValue, ListOf

from .order_reply import PRODUCT, decode, order_with

if TYPE_CHECKING:
    import pytest


def test_each_path_is_reported_once_by_log_and_hook(
    report: DriftReport, found: list[Drift], caplog: pytest.LogCaptureFixture
) -> None:
    sent: JsonValue = [order_with(price=1), order_with(price=2)]

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            decode(sent, ListOf("Order"), report)

    assert found == [Drift("list[Order]", "$[0].price", "type", "decimal", "number")]
    assert [record.getMessage() for record in caplog.records] == [
        "payload differs from the spec: list[Order] at $[0].price: expected decimal, found number"
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
