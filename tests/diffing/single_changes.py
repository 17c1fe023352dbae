"""Single changes of the example spec, each with the class that it belongs to and what it is a change of."""

from __future__ import annotations

from attrs import frozen

__all__ = ["SINGLE_CHANGES", "SingleChange"]

EXCHANGE = "exchange.yaml"
PRODUCT = "futures/product.yaml"
ENUMS = "futures/enums.yaml"
ERRORS = "futures/errors.yaml"
MARKET_MODELS = "futures/models/market.yaml"
TRADE_MODELS = "futures/models/trade.yaml"
MARKET = "futures/operations/market.yaml"
TRADE = "futures/operations/trade.yaml"
STREAMS = "futures/streams/market.yaml"
EVENTS = "futures/streams/user_data.yaml"

STREAM_WITHOUT = """
  all_tickers:
    summary: {en: The tickers of all symbols., zh: 全部行情。}
    pattern: "!ticker@arr"
    route: public
    payload: [Ticker]
    example: |
      [{"symbol": "BTCUSDT", "lastPrice": "1.5", "rate": -2}]
"""
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


@frozen
class SingleChange:
    """Replaces the first `old` of a file by `new`; an empty `old` appends."""

    title: str
    file: str
    old: str
    new: str
    expected: tuple[str, ...]
    """`class kind path action`, where the action of a change is the fact."""


def change(title: str, file: str, old: str, new: str, *expected: str) -> SingleChange:
    return SingleChange(title, file, old, new, expected)


SINGLE_CHANGES = [
    # --- Operations -------------------------------------------------------------------------------------------------
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
    # --- Parameters -------------------------------------------------------------------------------------------------
    change(
        "a new parameter",
        TRADE,
        "      orderId: int\n",
        "      orderId: int\n      pair: string\n",
        "additive parameter trade.all_orders(pair) added",
    ),
    change(
        "a new parameter that must be given",
        TRADE,
        "      orderId: int\n",
        "      orderId: int\n      pair: {type: string, required: true}\n",
        "breaking parameter trade.all_orders(pair) added",
    ),
    change(
        "a parameter that must be given now",
        TRADE,
        "      quantity: {type: decimal}\n",
        "      quantity: {type: decimal, required: true}\n",
        "breaking parameter trade.new_order(quantity) must_be_given",
        "internal parameter trade.new_order(quantity) required",
    ),
    change(
        "a parameter that may be left out now",
        TRADE,
        "batchOrders: {type: [NewOrderItem], required: true, max_items: 5}",
        "batchOrders: {type: [NewOrderItem], max_items: 5}",
        "additive parameter trade.place_multiple_orders(batch_orders) must_be_given",
        "internal parameter trade.place_multiple_orders(batch_orders) required",
    ),
    change(
        "a parameter that is gone",
        TRADE,
        "      goodTillDate: {type: timestamp}\n    rules:\n      - require: [price, quantity]",
        "    rules:\n      - require: [price, quantity]",
        "breaking parameter trade.new_order(good_till_date) removed",
    ),
    change(
        "a parameter under another name on the wire",
        TRADE,
        "newClientOrderId: {name: client_order_id, type: string",
        "clientOrderId: {type: string",
        "internal parameter trade.new_order(client_order_id) wire",
    ),
    change(
        "a parameter under another name in Python",
        MARKET,
        "limit: {type: int, default",
        "limit: {name: depth, type: int, default",
        "breaking parameter market.order_book(depth) name",
    ),
    change(
        "a parameter whose old name in Python is declared",
        MARKET,
        "limit: {type: int, default",
        "limit: {name: depth, renamed_from: limit, type: int, default",
        "additive parameter market.order_book(depth) name",
    ),
    change(
        "fewer values of a parameter",
        MARKET,
        "one_of: [50, 100, 500]",
        "one_of: [50, 100]",
        "breaking parameter market.order_book(limit) one_of",
    ),
    change(
        "more values of a parameter",
        MARKET,
        "one_of: [50, 100, 500]",
        "one_of: [50, 100, 500, 1000]",
        "additive parameter market.order_book(limit) one_of",
    ),
    change("a lower upper bound", TRADE, "max: 1000}", "max: 500}", "additive parameter trade.all_orders(limit) max"),
    change("a higher upper bound", TRADE, "max: 1000}", "max: 1500}", "additive parameter trade.all_orders(limit) max"),
    change("no lower bound", TRADE, "min: 1, max", "max", "additive parameter trade.all_orders(limit) min"),
    change(
        "another default",
        TRADE,
        "default: 500, min",
        "default: 100, min",
        "internal parameter trade.all_orders(limit) default",
    ),
    change(
        "an enum where any text was taken",
        TRADE,
        "origClientOrderId: {type: string}",
        "origClientOrderId: {type: Side}",
        "breaking parameter trade.query_order(orig_client_order_id) one_of",
        "internal parameter trade.query_order(orig_client_order_id) type",
    ),
    change(
        "a decimal where a number was taken",
        TRADE,
        "      orderId: int\n",
        "      orderId: decimal\n",
        "additive parameter trade.all_orders(order_id) type",
    ),
    change(
        "a time where a number was taken",
        TRADE,
        "      orderId: int\n",
        "      orderId: timestamp\n",
        "internal parameter trade.all_orders(order_id) type",
    ),
    change(
        "a number where text was taken",
        MARKET,
        "params: {symbol: string}",
        "params: {symbol: int}",
        "breaking parameter market.ticker(symbol) type",
    ),
    change(
        "an id that the client makes no more",
        TRADE,
        "type: string, generated: client_order_id}",
        "type: string}",
        "breaking parameter trade.new_order(client_order_id) generated",
    ),
    # --- Rules ------------------------------------------------------------------------------------------------------
    change(
        "a new rule",
        TRADE,
        "    rules:\n      - span",
        "    rules:\n      - exclusive: [orderId, startTime]\n      - span",
        "additive rule trade.all_orders {exclusive: [orderId, startTime]} added",
    ),
    change(
        "a rule that is gone",
        TRADE,
        "      - exclusive: [quantity, [price, stopPrice]]\n",
        "",
        "additive rule trade.new_order {exclusive: [quantity, [price, stopPrice]]} removed",
    ),
    change(
        "a rule that only the exchange checks",
        TRADE,
        "      - forbid: [goodTillDate]\n        in_mode: hedge\n",
        "",
        "internal rule trade.new_order {forbid: [goodTillDate]} removed",
    ),
    # --- Models -----------------------------------------------------------------------------------------------------
    change(
        "a new field",
        MARKET_MODELS,
        "      family:",
        "      zone: {type: string, optional: true}\n      family:",
        "additive field models.ExchangeInformation.zone added",
    ),
    change(
        "a field that is gone",
        TRADE_MODELS,
        "      closed: {type: bool, optional: true}\n",
        "",
        "breaking field models.Order.closed removed",
    ),
    change(
        "a field that may be missing",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: {type: int, optional: true}\n",
        "breaking field models.Order.order_id may_be_none",
        "internal field models.Order.order_id optional",
    ),
    change(
        "a field whose end is declared",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: {type: int, optional: true, deprecated: {since: 2026-10-01}}\n",
        "additive field models.Order.order_id deprecated",
        "additive field models.Order.order_id may_be_none",
        "internal field models.Order.order_id optional",
    ),
    change(
        "a field that is always there now",
        TRADE_MODELS,
        "closed: {type: bool, optional: true}",
        "closed: {type: bool, nullable: true}",
        "internal field models.Order.closed optional",
        "internal field models.Order.closed nullable",
    ),
    change(
        "a field of another type",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: string\n",
        "breaking field models.Order.order_id type",
    ),
    change(
        "a field whose values have names now",
        TRADE_MODELS,
        "      e: {name: event_type, type: string}\n      o:",
        "      e: {name: event_type, type: Side}\n      o:",
        "additive field models.OrderUpdate.event_type type",
    ),
    change(
        "a field that is read from another key",
        TRADE_MODELS,
        "      o: {name: order, type: Order}",
        "      order: Order",
        "internal field models.OrderUpdate.order wire",
    ),
    change(
        "a renamed field whose old name is declared",
        TRADE_MODELS,
        "      o: {name: order, type: Order}",
        "      o: {name: placed_order, renamed_from: order, type: Order}",
        "additive field models.OrderUpdate.placed_order name",
    ),
    change(
        "a new variant of a union",
        MARKET_MODELS,
        "LOT_SIZE: LotSizeFilter}}",
        "LOT_SIZE: LotSizeFilter, MARKET_LOT_SIZE: LotSizeFilter}}",
        "additive variant models.SymbolFilter.MARKET_LOT_SIZE added",
    ),
    change(
        "a unit", MARKET_MODELS, "unit: quote asset", "unit: base asset", "internal field models.Ticker.last_price unit"
    ),
    # --- Enums ------------------------------------------------------------------------------------------------------
    change(
        "a new value", ENUMS, "Side: [BUY, SELL]", "Side: [BUY, SELL, BOTH]", "additive value enums.Side.BOTH added"
    ),
    change(
        "a value that parameters took",
        ENUMS,
        "      MARKET:\n",
        "",
        "breaking value enums.OrderType.MARKET removed",
    ),
    change(
        "a value that only replies bring",
        ENUMS,
        ", 2: {en: Inverse., zh: 反向。}",
        "",
        "internal value enums.Family.2 removed",
    ),
    # --- Streams and events -----------------------------------------------------------------------------------------
    change(
        "a new event",
        EVENTS,
        "",
        "  CONFIGURATION:\n    summary: {en: It changed., zh: 变更。}\n    route: private\n"
        '    payload: ListenKeyExpired\n    example: |\n      {"e": "CONFIGURATION", "listenKey": "k"}\n',
        "additive event events.CONFIGURATION added",
    ),
    change("a stream that is gone", STREAMS, STREAM_WITHOUT[1:], "", "breaking stream streams.all_tickers removed"),
    change(
        "another name of a stream on the wire",
        STREAMS,
        '"!ticker@arr"',
        '"!tickers"',
        "internal stream streams.all_tickers pattern",
    ),
    change(
        "parameters of a stream in another order",
        STREAMS,
        "<symbol>@depth<levels>[",
        "depth<levels>@<symbol>[",
        "breaking stream streams.diff_depth positional",
        "internal stream streams.diff_depth pattern",
    ),
    change(
        "another route",
        STREAMS,
        '!ticker@arr"\n    route: public',
        '!ticker@arr"\n    route: private',
        "internal stream streams.all_tickers route",
    ),
    change("another silence", STREAMS, "silence: 30s", "silence: 60s", "internal stream streams.diff_depth silence"),
    # --- Errors, budgets, environments ------------------------------------------------------------------------------
    change(
        "a new error code",
        ERRORS,
        "http_errors:",
        "  - {code: -9000, name: HALTED, summary: {en: No trading., zh: 停牌。}}\nhttp_errors:",
        "additive error errors.HALTED added",
    ),
    change("a renamed error", ERRORS, "NO_SUCH_ORDER", "UNKNOWN_ORDER", "breaking error errors.UNKNOWN_ORDER name"),
    change(
        "an error of another kind",
        ERRORS,
        "kind: clock",
        "kind: rejected",
        "breaking error errors.INVALID_TIMESTAMP kind",
    ),
    change(
        "what an error says of the execution",
        ERRORS,
        "execution: unknown",
        "execution: not_executed",
        "internal http error errors.SERVICE_UNKNOWN execution",
    ),
    change("a smaller budget", EXCHANGE, "limit: 300", "limit: 100", "internal budget budgets.orders_10s limit"),
    change("other variables with keys", EXCHANGE, "EXAMPLE_API_KEY", "KEY", "breaking spec package credentials"),
    change("another package", EXCHANGE, "package: example_exchange", "package: other", "breaking spec package package"),
    change(
        "an environment that is gone",
        PRODUCT,
        "  testnet: {rest: https://testnet.example.test}\n",
        "",
        "breaking environment environments.testnet removed",
    ),
    change(
        "another host",
        PRODUCT,
        "rest: https://api.example.test",
        "rest: https://api2.example.test",
        "internal environment environments.production rest",
    ),
    change(
        "streams of an environment",
        PRODUCT,
        "testnet: {rest: https://testnet.example.test}",
        "testnet: {rest: https://testnet.example.test, streams: wss://testnet.example.test}",
        "additive environment environments.testnet streams",
    ),
    change("another client class", PRODUCT, "client: Futures", "client: Perpetuals", "breaking product futures client"),
    change(
        "another receive window",
        PRODUCT,
        "default: 5s, maximum",
        "default: 10s, maximum",
        "internal product futures recv_window",
    ),
    change(
        "no local order book",
        PRODUCT,
        "order_book:\n  snapshot: order_book\n  stream: diff_depth\n  limit: 100\n  first_id: U\n  final_id: u\n"
        "  previous_id: pu\n  snapshot_id: lastUpdateId\n",
        "",
        "breaking product futures order_book",
    ),
]
