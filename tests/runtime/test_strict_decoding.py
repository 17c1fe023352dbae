"""Strict decoding raises at what is not as the spec says, and takes what a spec leaves open."""

from __future__ import annotations

import pytest

from drifting import json_text
from specwright.runtime.codec import decoder
from specwright.runtime.drift import DriftReport, load
from specwright.runtime.errors import DecodeError
from specwright.runtime.model import UnknownVariant
from specwright.runtime.wire import JsonValue, ListOf

from .order_reply import FITTING, PRODUCT, decode, order_with


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
