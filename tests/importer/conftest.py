"""A small spec that pages are imported into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.importer.knowledge import Knowledge, read_products

if TYPE_CHECKING:
    from pathlib import Path

EXCHANGE = """\
package: bourse
summary: {en: The API of a bourse., zh: 交易所 API。}
credentials: {api_key: BOURSE_API_KEY, api_secret: BOURSE_API_SECRET}
budgets:
  request_weight:
    {limit: 2400, interval: 1m, scope: ip, header: X-WEIGHT-1M, summary: {en: Weight., zh: 权重。}}
  orders_10s:
    {limit: 300, interval: 10s, scope: account, header: X-ORDERS-10S, summary: {en: Orders., zh: 下单数。}}
  funding: {limit: 500, interval: 5m, scope: ip, summary: {en: Funding calls., zh: 资金费率请求数。}}
"""

PRODUCT = """\
product:
  title: Futures
  client: Futures
  summary: {en: Futures., zh: 合约。}
  documentation: https://docs.bourse.example/futures
environments:
  production: {rest: https://api.bourse.example, ws_api: wss://ws.bourse.example, streams: wss://push.bourse.example}
routes: {public: /public, private: /private}
security:
  NONE: {api_key: false, signed: false}
  USER_STREAM: {api_key: true, signed: false}
  USER_DATA: {api_key: true, signed: true}
  TRADE: {api_key: true, signed: true}
api_key_header: X-KEY
recv_window: {default: 5s, maximum: 60s}
weight_budget: request_weight
budgets: [request_weight, orders_10s, funding]
groups:
  market: {en: Market., zh: 行情。}
  trade: {en: Orders., zh: 交易。}
"""

ENUMS = """\
# What words there are.
enums:
  Side: [BUY, SELL]
  OrderType: [LIMIT, MARKET, STOP]
  OrderStatus: [NEW, FILLED, CANCELED]
  Interval: [1m, 1h, 1d]
  ChangeType: {type: int, values: [1, 2]}
"""

MODELS = """\
models:

  # Right after it was placed.
  Order:
    fields:
      orderId: int
      symbol: string
      side: Side     # the usual two
      status: OrderStatus
      price: {type: decimal, summary: {en: Its limit., zh: 限价。}}
      updateTime: timestamp

  Level:
    as: array
    fields: {price: decimal, quantity: decimal}
"""

OPERATIONS = """\
operations:

  # --- Orders -------------------------------------------------------------------------

  query_order:
    summary:
      en: One order.   # as short as can be
      zh: 查询订单。
    documentation: /trade/rest-api/Query-Order
    security: USER_DATA
    rest: {method: GET, path: /v1/order, weight: 2}   # two since spring
    params:
      symbol: {type: string, required: true}
      orderId: int
    response: Order
    example: |
      {
        "orderId": 7, "symbol": "BTC", "side": "BUY", "status": "NEW", "price": "1.0", "updateTime": 1700000000000
      }

  cancel_order:
    summary: {en: Cancels an order., zh: TODO}
    documentation: /trade/rest-api/Cancel-Order
    security: TRADE
    rest: {method: DELETE, path: /v1/order, weight: TODO}
    params:
      symbol: {type: string, required: true}
    response: Order
    # The reply of the book, word for word.
    example: |
      {
        "orderId": 7, "symbol": "BTC", "side": "BUY", "status": "CANCELED", "price": "1.0", "updateTime": 1700000000000
      }
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """The spec's folder: one product, two operations, one of them with open ends."""
    folder = tmp_path / "spec"
    for name, text in (
        ("exchange.yaml", EXCHANGE),
        ("futures/product.yaml", PRODUCT),
        ("futures/enums.yaml", ENUMS),
        ("futures/errors.yaml", "errors: []\n"),
        ("futures/models/trade.yaml", MODELS),
        ("futures/operations/trade.yaml", OPERATIONS),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture
def futures(spec: Path) -> Knowledge:
    """What that spec knows."""
    (product,) = read_products(spec)
    return product
