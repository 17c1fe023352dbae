"""The exchange: hosts, security types, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.runtime.product import Budget, ClockSource, Environment, Product, Security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.runtime.product import ErrorCode, HttpError


def _errors() -> Mapping[int, ErrorCode]:
    from .errors import ERRORS

    return ERRORS


def _http_errors() -> tuple[HttpError, ...]:
    from .errors import HTTP_ERRORS

    return HTTP_ERRORS


PRODUCT = Product(
    name="corner",
    title="Corner Exchange",
    module="corner_exchange",
    environments={
        "production": Environment("https://corner.example", "wss://ws.corner.example", "wss://stream.corner.example"),
        "testnet": Environment("https://test.corner.example"),
    },
    routes={},
    security={
        "NONE": Security("NONE", api_key=False, signed=False),
        "KEY": Security("KEY", api_key=True, signed=False),
        "TRADE": Security("TRADE", api_key=True, signed=True),
    },
    api_key_header="X-MBX-APIKEY",
    api_key_variable="CORNER_API_KEY",
    api_secret_variable="CORNER_API_SECRET",
    recv_window_ms=5000,
    max_recv_window_ms=60000,
    weight_budget="weight",
    budgets={
        "weight": Budget("weight", 100, 60_000, "ip", "X-MBX-USED-WEIGHT-1M", "REQUEST_WEIGHT"),
        "orders": Budget("orders", 10, 10_000, "account", "X-MBX-ORDER-COUNT-10S", "ORDERS", codes=(-1015,)),
        "statistics": Budget("statistics", 50, 300_000, "ip"),
    },
    groups={
        "server_time": "market",
        "order_book": "market",
        "statistics": "market",
        "listen_key": "trade",
        "new_order": "trade",
        "query_order": "trade",
    },
    errors=_errors,
    http_errors=_http_errors,
    clock=ClockSource("server_time", "server_time", (-1021,)),
)
