"""A budget of 20 in two seconds, and what it costs to draw on it."""

from __future__ import annotations

from specwright.runtime.limits import Charge
from specwright.runtime.product import Budget

LIMIT = 20
INTERVAL = 2.0
"""Seconds."""
WEIGHT = Budget("weight", LIMIT, 2_000, "ip")


def weight(cost: int) -> tuple[Charge, ...]:
    """The charges of a call."""
    return (Charge(WEIGHT, "test:ip", cost),)
