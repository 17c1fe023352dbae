"""The embedded exchange: real servers on loopback, made from the same spec as the client.

    with Simulator() as exchange:
        client = UsdsFutures(api_key=exchange.api_key, api_secret=exchange.api_secret, rest_url=exchange.rest_url)

Tests that move time pass a `ManualClock`; `exchange.faults` makes things go wrong; `exchange.order_log` tells what was
sent.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bundled import bundled_spec, read_spec
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
    from .server import DEFAULT_API_KEY, DEFAULT_API_SECRET, Simulator

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

# pytest loads this package in every run, for its plugin; the servers are imported by those who use them.
_MODULES = {
    "bundled": ("bundled_spec", "read_spec"),
    "clock": ("Clock", "ManualClock", "SystemClock"),
    "instruments": ("Instrument", "instrument"),
    "request_log": ("ReceivedRequest",),
    "server": ("DEFAULT_API_KEY", "DEFAULT_API_SECRET", "Simulator"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'faults')}"), name)
