"""Changes of operations, each alone."""

from __future__ import annotations

from ...spec.example_files import MARKET, TRADE
from .change import change

SERVER_STATUS = """
  server_status:
    summary: {en: Whether it trades., zh: 状态。}
    security: NONE
    rest: {method: GET, path: /v1/status, weight: 1}
    example: |
      {}
"""
PAGES = """    pages:
      limit: limit
      id: {param: orderId, field: orderId}
      time: {start: startTime, end: endTime, field: time, window: 7d, reach: 90d}
"""
REPLY_OF_QUERY = """    response: Order
    example: |
      {"orderId": 1, "clientOrderId": "a", "side": "BUY", "type": "LIMIT", "status": "NEW", "price": "1"}

  place"""

OPERATION_CHANGES = [
    change("a new operation", MARKET, "", SERVER_STATUS, "additive operation market.server_status added"),
    change(
        "a renamed operation",
        MARKET,
        "  ticker:\n",
        "  price_ticker:\n",
        "breaking operation market.price_ticker name",
    ),
    change(
        "a renamed operation whose old name is declared",
        MARKET,
        "  ticker:\n",
        "  price_ticker:\n    renamed_from: ticker\n",
        "additive operation market.price_ticker name",
    ),
    change("another path", MARKET, "path: /v1/ticker", "path: /v2/ticker", "internal call market.ticker path"),
    change(
        "another HTTP method",
        TRADE,
        "{method: GET, path: /v1/allOrders, weight: 5}\n    params:",
        "{method: POST, path: /v1/allOrders, weight: 5}\n    retry: safe\n    params:",
        "internal call trade.all_orders method",
    ),
    change(
        "another weight",
        TRADE,
        "allOrders, weight: 5",
        "allOrders, weight: 10",
        "internal call trade.all_orders weight",
    ),
    change(
        "another cost",
        TRADE,
        "costs: {orders_10s: 1}",
        "costs: {orders_10s: 2}",
        "internal call trade.new_order costs",
    ),
    change(
        "an operation that needs keys now",
        MARKET,
        "    security: NONE\n    rest: {method: GET, path: /v1/ticker",
        "    security: USER_STREAM\n    rest: {method: GET, path: /v1/ticker",
        "breaking operation market.ticker api_key",
        "internal operation market.ticker security",
    ),
    change(
        "an operation over the WebSocket API too",
        MARKET,
        "weight: 1}\n    response: ServerTime",
        "weight: 1}\n    ws:\n      method: time\n      weight: 1\n      example: |\n"
        '        {"status": 200, "result": {"serverTime": 1}}\n    response: ServerTime',
        "additive call market.server_time added",
    ),
    change(
        "an operation that is repeated",
        TRADE,
        "    security: TRADE\n    rest: {method: POST, path: /v1/order",
        "    security: TRADE\n    retry: safe\n    rest: {method: POST, path: /v1/order",
        "internal operation trade.new_order retry",
    ),
    change(
        "an operation that pages no more",
        TRADE,
        PAGES,
        "",
        "breaking operation trade.all_orders pages",
    ),
    change(
        "another reach of its pages", TRADE, "reach: 90d", "reach: 30d", "internal operation trade.all_orders pages"
    ),
    change(
        "a deprecated operation",
        MARKET,
        "    documentation: /market/Check-Server-Time\n",
        "    documentation: /market/Check-Server-Time\n    deprecated: {since: 2026-09-01}\n",
        "additive operation market.server_time deprecated",
    ),
    change(
        "a reworded summary",
        MARKET,
        "en: The exchange's time.",
        "en: The time of the exchange.",
        "internal operation market.server_time summary",
    ),
    change(
        "a moved page",
        MARKET,
        "/market/Check-Server-Time",
        "/market/Time",
        "internal operation market.server_time documentation",
    ),
    change(
        "another type of a reply",
        TRADE,
        REPLY_OF_QUERY,
        "    response: json\n    example: |\n      {}\n\n  place",
        "breaking call trade.query_order response",
        "internal operation trade.query_order examples",
    ),
]
