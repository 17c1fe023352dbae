"""Mistakes that a maintainer makes: each is one edit of the example spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from .example_files import (
    ENUMS,
    ERRORS,
    EVENTS,
    EXCHANGE,
    MARKET,
    MARKET_MODELS,
    PRODUCT,
    SESSION,
    STREAMS,
    TRADE,
    TRADE_MODELS,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MISTAKES", "Mistake"]

TIME_OPERATION = """
  again:
    summary: {en: The time again., zh: 再次。}
    security: NONE
    rest: {method: GET, path: /v1/again, weight: 1}
    response: ServerTime
    example: |
      {"serverTime": 1}
"""


@frozen
class Mistake:
    """Replaces the first `old` of a file by `new`; an empty `old` appends `new` (or makes the file)."""

    title: str
    file: str
    old: str | bytes
    new: str | bytes

    def make(self, folder: Path) -> None:
        """Makes the mistake in a copy of the example spec."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes() if path.exists() else b""
        old, new = _bytes(self.old), _bytes(self.new)
        assert old in data, f"{self.file} does not contain {self.old!r}"
        path.write_bytes(data.replace(old, new, 1) if old else data + new)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def bomb() -> str:
    """Nine levels of aliases, each ten times the one before."""
    lines = ["bomb0: &b0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"bomb{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines) + "\n"


MISTAKES: tuple[Mistake, ...] = (
    # --- Files and YAML ---
    Mistake("a bracket that is not closed", MARKET, "one_of: [50, 100, 500]", "one_of: [50, 100, 500"),
    Mistake("a line indented with a tab", MARKET, "    security: NONE", "\tsecurity: NONE"),
    Mistake("a byte that is not UTF-8", ENUMS, "限价单".encode(), b"\xff\xfe"),
    Mistake("a control character", ENUMS, "限价单", "\x07"),
    Mistake("a key that stands twice", MARKET, "    security: NONE", "    security: NONE\n    security: NONE"),
    Mistake("an operation that stands twice in a file", MARKET, "", TIME_OPERATION + TIME_OPERATION.lstrip("\n")),
    Mistake("a bomb of aliases", ENUMS, "", bomb()),
    Mistake("an alias without an anchor", ENUMS, "[BUY, SELL]", "*sides"),
    Mistake("an alias inside its own anchor", ENUMS, "[BUY, SELL]", "&sides [BUY, *sides]"),
    Mistake("a tag", ENUMS, "[BUY, SELL]", "[!!str BUY, SELL]"),
    Mistake("a key that is a list", ENUMS, "  Side: [", "  [Side]: ["),
    Mistake("a second document", ENUMS, "", "---\nenums: {}\n"),
    Mistake("a hundred levels", ENUMS, "[BUY, SELL]", "[" * 100 + "]" * 100),
    Mistake("a file with another ending", "futures/operations/convert.yml", "", "operations: {}\n"),
    Mistake("a file with a misspelt name", "futures/enum.yaml", "", "enums: {}\n"),
    Mistake("a file in an unknown folder", "futures/operation/trade.yaml", "", "operations: {}\n"),
    Mistake("a product without product.yaml", "options/enums.yaml", "", "enums: {}\n"),
    Mistake("a list where a file's mapping belongs", "futures/streams/more.yaml", "", "- streams\n"),
    Mistake("a file that names no module", "futures/models/my-models.yaml", "", "models: {}\n"),
    # --- Keys and kinds of values ---
    Mistake("a misspelt key of an operation", MARKET, "    security: NONE", "    securty: NONE"),
    Mistake("a misspelt key of a parameter", MARKET, "{type: int, default: 100", "{type: int, defalt: 100"),
    Mistake("a misspelt key of a field", MARKET_MODELS, "nullable: true", "nulable: true"),
    Mistake("a misspelt section", STREAMS, "streams:\n", "stream:\n"),
    Mistake("a summary in one language", MARKET, "{en: The book of a symbol., zh: 订单簿。}", "{en: The book.}"),
    Mistake("a summary that is missing", STREAMS, "    summary: {en: Changes of a book., zh: 增量深度。}\n", ""),
    Mistake("a summary that is blank", STREAMS, "en: Changes of a book.", 'en: " "'),
    Mistake("a summary without languages", STREAMS, "{en: Changes of a book., zh: 增量深度。}", "Changes of a book."),
    Mistake("an operation without security", MARKET, "    security: NONE\n", ""),
    Mistake("a carrier without weight", MARKET, "path: /v1/time, weight: 1", "path: /v1/time"),
    Mistake("a text where true or false belongs", MARKET_MODELS, "optional: true", "optional: yes"),
    Mistake("a text where a number belongs", MARKET, "min_length: 2", "min_length: two"),
    Mistake("nothing where a list belongs", PRODUCT, "budgets: [request_weight, orders_10s]", "budgets:"),
    Mistake("a word that the key does not take", TRADE, "in_mode: hedge", "in_mode: hedged"),
    Mistake("an HTTP method in lower case", MARKET, "method: GET", "method: get"),
    Mistake("a malformed duration", PRODUCT, "validity: 60m", "validity: 60 min"),
    Mistake("a duration without a unit", TRADE, "at_most: 7d", "at_most: 7"),
    Mistake("a pattern that is no regular expression", MARKET, '"[A-Z0-9]+"', '"[A-Z0-9+"'),
    Mistake("a host with a final slash", PRODUCT, "https://api.example.test", "https://api.example.test/"),
    Mistake("a path without a slash", MARKET, "/v1/time", "v1/time"),
    Mistake("a name of several lines", MARKET_MODELS, "{name: event_time,", '{name: "event\\ntime",'),
    Mistake("a model in snake case", MARKET_MODELS, "  Ticker:", "  price_ticker:"),
    Mistake("an operation in camel case", MARKET, "  server_time:", "  serverTime:"),
    Mistake(
        "two kinds in one rule",
        TRADE,
        "      - forbid: [goodTillDate]\n",
        "      - forbid: [goodTillDate]\n        require: [price]\n",
    ),
    Mistake("a rule of no kind", TRADE, "      - forbid: [goodTillDate]\n        in_mode", "      - in_mode"),
    Mistake(
        "a model with fields and a union",
        MARKET_MODELS,
        "  SymbolFilter: {union",
        "  SymbolFilter: {fields: {a1b: int}, union",
    ),
    Mistake("an enum without values", ENUMS, "[BUY, SELL]", "[]"),
    Mistake("an int enum with a text", ENUMS, "2: {en: Inverse.", "two: {en: Inverse."),
    # --- Types ---
    Mistake("an unknown model", MARKET, "response: OrderBook", "response: OrderBok"),
    Mistake("a misspelt scalar", MARKET_MODELS, "lastUpdateId: int", "lastUpdateId: integr"),
    Mistake("an unknown enum of a parameter", TRADE, "{type: Side, required: true}", "{type: Sides, required: true}"),
    Mistake("a list type with two items", MARKET_MODELS, "bids: [PriceLevel]", "bids: [decimal, decimal]"),
    Mistake("a mapping that is no type", MARKET_MODELS, "limits: {string: int}", "limits: {type: {text: int}}"),
    Mistake("a model as a parameter", TRADE, "stopPrice: {type: decimal", "stopPrice: {type: Order"),
    Mistake("an input as a response", TRADE, "response: [{result: Order}]", "response: [{result: NewOrderItem}]"),
    Mistake("a number as a parameter", TRADE, "quantity: {type: decimal}", "quantity: {type: number}"),
    Mistake("a variant that is an array", MARKET_MODELS, "LOT_SIZE: LotSizeFilter", "LOT_SIZE: PriceLevel"),
    Mistake(
        "a variant without the tag",
        MARKET_MODELS,
        "  LotSizeFilter: {fields: {filterType",
        "  LotSizeFilter: {fields: {filter",
    ),
    # --- Names ---
    Mistake("one operation in two files", TRADE, "", TIME_OPERATION.replace("again", "ticker")),
    Mistake("one model in two files", TRADE_MODELS, "inputs:", "  Ticker: {fields: {symbol: string}}\ninputs:"),
    Mistake("one endpoint twice", MARKET, "", TIME_OPERATION.replace("/v1/again", "/v1/time")),
    Mistake("one WebSocket method twice", SESSION, "session.logout", "session.logon"),
    Mistake("one stream pattern twice", STREAMS, '"!ticker@arr"', '"<symbol>@depth<levels>[@<updateSpeed>]"'),
    Mistake("one error code twice", ERRORS, "code: -2013", "code: -1021"),
    Mistake("one value of an enum twice", ENUMS, "[BUY, SELL]", "[BUY, SELL, BUY]"),
    Mistake("one status and message twice", ERRORS, "status: 503\n    message: Unknown error", "status: 429"),
    Mistake("one error class twice", ERRORS, "name: NO_SUCH_ORDER", "name: InvalidTimestamp"),
    Mistake("an error called as a runtime class", ERRORS, "NO_SUCH_ORDER", "SERVER_ERROR"),
    Mistake("two fields of one Python name", MARKET_MODELS, "asks: [PriceLevel]", "event_time: timestamp"),
    Mistake("two parameters of one Python name", TRADE, "quantity: {type: decimal}", "stop_price: {type: decimal}"),
    Mistake("a field called as a keyword", TRADE_MODELS, "closed: {", "from: {"),
    Mistake("a field that hides a builtin", TRADE_MODELS, "closed: {", "list: {"),
    Mistake("a parameter called as an option", TRADE, "goodTillDate: {type: timestamp}", "timeout: {type: timestamp}"),
    Mistake("a parameter that signing adds", TRADE, "goodTillDate: {type: timestamp}", "timestamp: timestamp"),
    Mistake("an operation called as a keyword", MARKET, "  ticker:\n", "  import:\n"),
    Mistake("an operation called as a method's attribute", MARKET, "  ticker:\n", "  raw:\n"),
    Mistake(
        "a group called as a client's attribute",
        PRODUCT,
        "  market: {en",
        "  streams: {en: Streams., zh: 流。}\n  market: {en",
    ),
    Mistake("an enum called as a model", ENUMS, "  Side:", "  Ticker: [UP]\n  Side:"),
    Mistake("a model called as the client", MARKET_MODELS, "  PriceFilter: {f", "  Futures: {f"),
    Mistake("a model called as an operation's class", MARKET_MODELS, "  PriceFilter: {f", "  NewOrderMethod: {f"),
    Mistake("a model called as an imported class", MARKET_MODELS, "  PriceFilter: {f", "  Decimal: {f"),
    Mistake("a former id that is taken", MARKET, "renamed_from: exchange_info", "renamed_from: order_book"),
    Mistake(
        "a former name of a field that is taken",
        MARKET_MODELS,
        "lastPrice: {type: decimal,",
        "lastPrice: {renamed_from: [price, rate], type: decimal,",
    ),
    Mistake(
        "a former name of a model that is taken",
        MARKET_MODELS,
        "  PriceLevel: {as: array,",
        "  PriceLevel: {renamed_from: [Level, Ticker], as: array,",
    ),
    Mistake(
        "a former id of a stream that is taken",
        STREAMS,
        "    payload: DepthEvent\n",
        "    payload: DepthEvent\n    renamed_from: [depth, all_tickers]\n",
    ),
    Mistake(
        "a short field without a name",
        MARKET_MODELS,
        "{name: event_time, type: timestamp, optional: true}",
        "timestamp",
    ),
    Mistake("a field that begins with a digit", MARKET_MODELS, "lastPrice:", "24hPrice:"),
    # --- References ---
    Mistake("a weight by an unknown parameter", MARKET, "weight: {by: limit", "weight: {by: limt"),
    Mistake("a weight by the presence of an unknown parameter", MARKET, "{with: {symbol: 1}", "{with: {symbl: 1}"),
    Mistake("a weight per item of an unknown parameter", MARKET, "per_item: symbols", "per_item: symbol"),
    Mistake("a rule on an unknown parameter", TRADE, "forbid: [goodTillDate]", "forbid: [goodTilDate]"),
    Mistake("a condition on an unknown parameter", TRADE, "when: {type: LIMIT}", "when: {typ: LIMIT}"),
    Mistake("a condition on an unknown value", TRADE, "when: {type: LIMIT}", "when: {type: LIMITS}"),
    Mistake(
        "a response that depends on an unknown parameter",
        MARKET,
        "response: {with: {symbol: Ticker}, without: {symbol: [Ticker]}}",
        "response: {with: {sybmol: Ticker}, without: [Ticker]}",
    ),
    Mistake("an unknown parameter left out", TRADE, "without: [price]", "without: [prices]"),
    Mistake("an example sent with an unknown parameter", MARKET, "present: [symbol]", "present: [symbols]"),
    Mistake("paging by an unknown parameter", TRADE, "id: {param: orderId", "id: {param: fromId"),
    Mistake("paging by an unknown field", TRADE, "field: time, window", "field: tme, window"),
    Mistake("paging into an unknown list", TRADE, "      limit: limit\n", "      limit: limit\n      items: rows\n"),
    Mistake("resolving by an unknown operation", TRADE, "operation: query_order", "operation: query_oder"),
    Mistake(
        "resolving with an unknown parameter",
        TRADE,
        "origClientOrderId: newClientOrderId",
        "origClientOrderId: clientOrderId",
    ),
    Mistake("resolving without a necessary parameter", TRADE, "params: {symbol: symbol, ", "params: {"),
    Mistake("resolving by an unknown status", TRADE, "filled: [FILLED]", "filled: [FILED]"),
    Mistake("an unknown error code", PRODUCT, "behind: [-1021]", "behind: [-1022]"),
    Mistake("an unknown security type", MARKET, "security: NONE", "security: NOEN"),
    Mistake("an unknown budget of a cost", TRADE, "costs: {orders_10s: 1}", "costs: {orders_1m: 1}"),
    Mistake("a budget that the exchange does not have", PRODUCT, "orders_10s]", "orders_1m]"),
    Mistake("an unknown weight budget", PRODUCT, "weight_budget: request_weight", "weight_budget: weight"),
    Mistake("a budget twice", PRODUCT, "budgets: [request_weight,", "budgets: [request_weight, request_weight,"),
    Mistake("an unknown route", EVENTS, "route: private", "route: privat"),
    Mistake("a file that is no group", "futures/operations/convert.yaml", "", "operations: {}\n"),
    Mistake("an unknown operation of the clock", PRODUCT, "operation: server_time", "operation: servertime"),
    Mistake("an unknown field of the clock", PRODUCT, "field: serverTime", "field: time"),
    Mistake(
        "an unknown operation of the user data stream",
        PRODUCT,
        "close: close_user_data_stream",
        "close: close_user_stream",
    ),
    Mistake("an unknown event of the user data stream", PRODUCT, "listenKeyExpired", "listenKeyExpire"),
    Mistake("an unknown stream of the order book", PRODUCT, "stream: diff_depth", "stream: depth"),
    Mistake("an unknown field of the order book", PRODUCT, "previous_id: pu", "previous_id: p"),
    Mistake("a depth that the snapshot does not take", PRODUCT, "limit: 100", "limit: 1000"),
    Mistake("a session operation without the WebSocket API", PRODUCT, "logon: session_logon", "logon: server_time"),
    Mistake("an unknown replacement", TRADE, "use: query_order, until", "use: query_orders, until"),
    Mistake("an unknown latest key", STREAMS, "latest_key: s", "latest_key: S"),
    Mistake(
        "a group without operations", PRODUCT, "  session: {", "  convert: {en: Conversion., zh: 闪兑。}\n  session: {"
    ),
    Mistake(
        "a security type that nothing has", PRODUCT, "  TRADE: {", "  SIGNED: {api_key: true, signed: true}\n  TRADE: {"
    ),
    Mistake("a route that nothing has", PRODUCT, "{public: /public,", "{public: /public, market: /market,"),
    Mistake("an enum that nothing uses", ENUMS, "  Side: [", "  Unused: [A]\n  Side: ["),
    # --- Sense ---
    Mistake("an operation that nothing carries", MARKET, "    rest: {method: GET, path: /v1/time, weight: 1}\n", ""),
    Mistake("a WebSocket operation without retry", SESSION, "    retry: safe\n    ws:", "    ws:"),
    Mistake("a default that is not allowed", MARKET, "default: 100", "default: 200"),
    Mistake("a default of another type", TRADE, "{type: int, default: 500", "{type: int, default: many"),
    Mistake(
        "a default of a required parameter",
        TRADE,
        "{type: Side, required: true}",
        "{type: Side, required: true, default: BUY}",
    ),
    Mistake("a default beyond the bounds", TRADE, "{type: int, default: 500", "{type: int, default: 5000"),
    Mistake(
        "a value that the enum does not have",
        TRADE,
        "type: {type: OrderType}",
        "type: {type: OrderType, one_of: [LIMT]}",
    ),
    Mistake("a value twice", MARKET, "one_of: [50, 100, 500]", "one_of: [50, 100, 100]"),
    Mistake("bounds the wrong way round", TRADE, "min: 1, max: 1000", "min: 1001, max: 1000"),
    Mistake("a bound of a text", MARKET, "min_length: 2", "min: 2"),
    Mistake(
        "a list's limit of a single value",
        TRADE,
        "quantity: {type: decimal}",
        "quantity: {type: decimal, max_items: 2}",
    ),
    Mistake("bounds of a weight in disorder", MARKET, "{50: 2, 100: 5}", "{100: 5, 50: 2}"),
    Mistake("a negative weight", MARKET, "path: /v1/time, weight: 1", "path: /v1/time, weight: -1"),
    Mistake("a weight without an answer for all", TRADE, ", otherwise: 2}", "}"),
    Mistake("a cost on the weight budget", TRADE, "costs: {orders_10s: 1}", "costs: {request_weight: 1}"),
    Mistake(
        "a response without a required parameter",
        MARKET,
        "params: {symbol: string}",
        "params: {symbol: {type: string, required: true}}",
    ),
    Mistake("an input that contains itself", TRADE_MODELS, "quantity: decimal", "quantity: [NewOrderItem]"),
    Mistake("a span of three", TRADE, "span: [startTime, endTime]", "span: [startTime, endTime, limit]"),
    Mistake("a span without a limit", TRADE, "        at_most: 7d\n", ""),
    Mistake("a choice of one", TRADE, "require_any: [price, stopPrice]", "require_any: [price]"),
    Mistake(
        "paging by nothing",
        TRADE,
        """\
      id: {param: orderId, field: orderId}
      time: {start: startTime, end: endTime, field: time, window: 7d, reach: 90d}
""",
        "",
    ),
    Mistake("a placeholder without a parameter", STREAMS, "@depth<levels>", "@depth<level>"),
    Mistake("a bracket without a parameter", STREAMS, "[@<updateSpeed>]", "[@fast]"),
    Mistake("a pattern's bracket that is not closed", STREAMS, "[@<updateSpeed>]", "[@<updateSpeed>"),
    Mistake(
        "an optional parameter outside a bracket", STREAMS, "levels: {type: int, required: true", "levels: {type: int"
    ),
    Mistake(
        "a receive window beyond its maximum", PRODUCT, "{default: 5s, maximum: 60s}", "{default: 5m, maximum: 60s}"
    ),
    Mistake("a budget of nothing", EXCHANGE, "limit: 300", "limit: 0"),
    Mistake("a handshake that costs nothing", PRODUCT, "ws_api_handshake_weight: 5", "ws_api_handshake_weight: 0"),
    # --- Examples ---
    Mistake("an operation without an example", MARKET, '    example: |\n      {"serverTime": 1700000000000}\n', ""),
    Mistake(
        "an event without an example", EVENTS, '    example: |\n      {"e": "listenKeyExpired", "listenKey": "k"}\n', ""
    ),
    Mistake("an example that is YAML", MARKET, 'example: |\n      {"serverTime"', 'example:\n      {"serverTime"'),
    Mistake(
        "an example that is not JSON",
        MARKET,
        '"bids": [["1.0", "2"]],\n        "asks"',
        '"bids": [["1.0", "2"]]\n        "asks"',
    ),
    Mistake(
        "an example with a name twice",
        MARKET,
        '"lastUpdateId": 7,\n        "bids"',
        '"lastUpdateId": 7, "lastUpdateId": 7,\n        "bids"',
    ),
    Mistake("an example with NaN", MARKET, '{"serverTime": 1700000000000}', '{"serverTime": NaN}'),
    Mistake("an example with an unknown field", MARKET, '"asks": [["1.1"', '"asksList": [["1.1"'),
    Mistake("an example without a field", MARKET, '"lastUpdateId": 7,\n        "bids"', '"bids"'),
    Mistake("an example with a number for a decimal string", MARKET, '["1.2", "4"]', '["1.2", 4]'),
    Mistake("an example with too few elements", MARKET, '["1.2", "4"]', '["1.2"]'),
    Mistake("an example with an unexpected null", MARKET, '"rate": 0.5', '"rate": null'),
    Mistake("an example with an unexpected blank", TRADE, '"price": ""}', '"price": "", "time": ""}'),
    Mistake(
        "an example with an unknown value of an enum",
        TRADE,
        '"side": "BUY", "type": "LIMIT", "status": "NEW", "price": ""',
        '"side": "BY", "type": "LIMIT", "status": "NEW", "price": ""',
    ),
    Mistake("an example with an unknown variant", MARKET, '"filterType": "LOT_SIZE"', '"filterType": "LOTSIZE"'),
    Mistake("an example of another event", EVENTS, '"e": "ORDER_UPDATE"', '"e": "ORDER_TRADE_UPDATE"'),
    Mistake("an example where nothing is replied", SESSION, "      {}\n", '      {"listenKey": "k"}\n'),
    Mistake(
        "a WebSocket example without its envelope",
        SESSION,
        '{"id": "1", "status": 200, "result": {"apiKey": "k"}}',
        '{"apiKey": "k"}',
    ),
    Mistake(
        "a WebSocket example with a misfit inside",
        MARKET,
        '"result": {"lastUpdateId": 7',
        '"result": {"lastUpdateId": "7"',
    ),
    Mistake("a WebSocket example with half a rate limit", MARKET, '"limit": 2400, ', ""),
    # Open ends of an import
    Mistake(
        "values that an import left open",
        MARKET,
        "security: NONE\n    rest: {method: GET, path: /v1/time, weight: 1}\n    response: ServerTime",
        "security: TODO\n    rest: {method: GET, path: /v1/time, weight: TODO}\n    response: TODO",
    ),
    Mistake(
        "names that an import left open",
        MARKET_MODELS,
        "",
        "  TODO_Reply:\n    fields:\n      a: {name: TODO, type: 'TODO'}\n      rows: [TODO]\n",
    ),
)
