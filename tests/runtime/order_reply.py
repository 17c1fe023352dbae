"""An order as the spec says it, changes of it, and how a client reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from drifting import json_text
from specwright.runtime.codec import decoder

if TYPE_CHECKING:
    from specwright.runtime.drift import DriftReport
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
"""An order that is as the spec says."""


def order_with(**changes: JsonValue) -> dict[str, JsonValue]:
    """The same order with some fields changed."""
    return FITTING | changes


def decode(value: JsonValue, wire_type: WireType, report: DriftReport) -> object:
    """What a client reads."""
    return decoder(wire_type, PRODUCT).decode(json_text(value), report=report)
