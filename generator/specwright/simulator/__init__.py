"""The embedded exchange: real servers on loopback, made from the same spec as the client.

    with Simulator() as exchange:
        client = UsdsFutures(api_key=exchange.api_key, api_secret=exchange.api_secret, rest_url=exchange.rest_url)

Tests that move time pass a `ManualClock`; `exchange.faults` makes things go wrong; `exchange.order_log` tells what was
sent.
"""

from .clock import Clock, ManualClock, SystemClock
from .faults import (
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
    THROTTLED,
    UNKNOWN_EXECUTION,
    Delay,
    Drop,
    Faults,
    Reply,
    Stall,
    Truncate,
    malformed,
    unavailable,
)
from .instruments import Instrument, instrument
from .request_log import ReceivedRequest
from .server import DEFAULT_API_KEY, DEFAULT_API_SECRET, Simulator, bundled_spec, read_spec

__all__ = [
    "DEFAULT_API_KEY",
    "DEFAULT_API_SECRET",
    "INTERNAL_ERROR",
    "SERVICE_UNAVAILABLE",
    "THROTTLED",
    "UNKNOWN_EXECUTION",
    "Clock",
    "Delay",
    "Drop",
    "Faults",
    "Instrument",
    "ManualClock",
    "ReceivedRequest",
    "Reply",
    "Simulator",
    "Stall",
    "SystemClock",
    "Truncate",
    "bundled_spec",
    "instrument",
    "malformed",
    "read_spec",
    "unavailable",
]
