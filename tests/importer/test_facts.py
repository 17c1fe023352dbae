"""Single facts as pages state them: costs, bounds, defaults, values, rules, names, kinds of pages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from specwright.importer.naming import entry_id, field_name, needs_name, singular, stream_id
from specwright.importer.page.bounds import Bounds, read_bounds, read_default, read_tokens
from specwright.importer.page.document import Block, Paragraph, Table
from specwright.importer.page.notes import read_rules
from specwright.importer.page.requests import united_patterns, without_security
from specwright.importer.page.weights import read_cost

if TYPE_CHECKING:
    from specwright.importer.knowledge import Plain

PARAMS = ["symbol", "symbols", "limit", "type"]
BUDGETS: dict[str, dict[str, Plain]] = {
    "request_weight": {"limit": 2400, "interval": "1m", "scope": "ip", "header": "X-WEIGHT-1M"},
    "orders_10s": {"limit": 300, "interval": "10s", "scope": "account", "header": "X-ORDERS-10S"},
    "funding": {"limit": 500, "interval": "5m", "scope": "ip"},
}
BY_SYMBOL = {"with": {"symbol": 1}, "without": 40}


@pytest.mark.parametrize(
    ("said", "weight"),
    [
        ("**1**", 1),
        ("5", 5),
        ("Weight: 20", 20),
        ("10(IP)", 10),
        ("1 for a single symbol; 40 when the symbol parameter is omitted", BY_SYMBOL),
        ("**1** with symbol, **40** without symbol", BY_SYMBOL),
        ("1 if the symbol is sent; 40 if the symbol is not sent", BY_SYMBOL),
        ("带symbol 1; 不带symbol 40", BY_SYMBOL),
        ("单个交易对 **1**; 不带symbol **40**", BY_SYMBOL),
        ("**1** 单个交易对; **40** 不带symbol", BY_SYMBOL),
        ("2 per symbol in symbols", {"per_item": "symbols", "each": 2}),
        ("1 on 10s order rate limit(X-ORDERS-10S); 0 on IP rate limit(x-weight-1m)", 0),
        ("Depends on the moon", None),
        ("1 for a single pair; 40 when the pair is omitted", None),
    ],
)
def test_weights_in_words(said: str, weight: Plain) -> None:
    assert read_cost([Paragraph(said)], PARAMS, BUDGETS, "request_weight").weight == weight


@pytest.mark.parametrize(
    ("rows", "weight"),
    [
        (
            [("Limit", "Weight"), ("5, 10, 20, 50", "2"), ("100", "5"), ("500", "10")],
            {"by": "limit", "up_to": {"50": 2, "100": 5, "500": 10}},
        ),
        (
            [("LIMIT", "weight"), ("[1,100)", "1"), ("[100, 500)", "2"), ("[500, 1000]", "5"), ("> 1000", "10")],
            {"by": "limit", "up_to": {"99": 1, "499": 2, "1000": 5}, "above": 10},
        ),
        (
            [("limit", "权重"), ("1-100", "1"), ("101-500", "5"), ("大于500", "9")],
            {"by": "limit", "up_to": {"100": 1, "500": 5}, "above": 9},
        ),
        ([("type", "Weight"), ("FULL", "10"), ("MINI", "1")], {"by": "type", "values": {"FULL": 10, "MINI": 1}}),
        ([("Parameter", "Symbols", "Weight"), ("symbol", "1", "1"), ("symbol", "omitted", "40")], BY_SYMBOL),
        ([("Phase of the moon", "Weight"), ("full", "1")], None),
        ([("Limit", "Weight"), ("a few", "2")], None),
        ([("Limit", "Weight")], None),
    ],
)
def test_weights_in_tables(rows: list[tuple[str, ...]], weight: Plain) -> None:
    blocks: list[Block] = [Paragraph("based on parameter `LIMIT`"), Table(tuple(rows))]

    assert read_cost(blocks, PARAMS, BUDGETS, None).weight == weight


def test_the_last_row_may_have_slipped_out_of_the_table() -> None:
    blocks: list[Block] = [Table((("LIMIT", "weight"), ("[1,100)", "1"), ("[100, 1000]", "5"))), Paragraph("1000 | 10")]

    cost = read_cost(blocks, PARAMS, BUDGETS, None)

    assert (cost.weight, cost.unread) == ({"by": "limit", "up_to": {"99": 1, "1000": 5}, "above": 10}, [])


def test_costs_on_other_budgets_are_told_by_header_or_by_numbers() -> None:
    by_header = read_cost(
        [Paragraph("1 on orders(X-ORDERS-10S); 0 on IP(X-WEIGHT-1M)")], PARAMS, BUDGETS, "request_weight"
    )
    by_numbers = read_cost(
        [Paragraph("share 500/5min/IP rate limit with GET /v1/x")], PARAMS, BUDGETS, "request_weight"
    )

    assert (by_header.weight, by_header.costs) == (0, {"orders_10s": 1})
    assert (by_numbers.weight, by_numbers.costs) == (None, {"funding": 1})


def test_what_is_not_understood_is_kept() -> None:
    cost = read_cost([Paragraph("20 on Sundays, 5 else"), Paragraph("share 7/1min/IP")], PARAMS, BUDGETS, None)

    assert (cost.weight, cost.costs, cost.unread) == (None, {}, ["20 on Sundays, 5 else", "share 7/1min/IP"])


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("Default 500; max 1000.", Bounds(maximum=Decimal(1000))),
        ("min 0.1, max 10 where 1 for 1%", Bounds(Decimal("0.1"), Decimal(10))),
        ("默认值：500，最大值：1000", Bounds(maximum=Decimal(1000))),
        ("最小 1 最大 50", Bounds(Decimal(1), Decimal(50))),
        ("target leverage: int from 1 to 125", Bounds(Decimal(1), Decimal(125))),
        ("Range (0,5000]", Bounds(Decimal(1), Decimal(5000))),
        ("The value cannot be greater than 60000", Bounds(maximum=Decimal(60000))),
        ("max length 10", Bounds(maximum_length=10)),
        ("最多 5 个", Bounds(maximum_length=5)),
        ("follow the rule: `^[.A-Z]{1,36}$`", Bounds(pattern="[.A-Z]{1,36}")),
        ("a broken rule: `^[A-Z$`", Bounds()),
        ("min 10, max 1", Bounds()),
        ("Timestamp in ms", Bounds()),
    ],
)
def test_bounds(text: str, bounds: Bounds) -> None:
    assert read_bounds(text) == bounds


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("Default 500; max 1000.", "500"),
        ("Default: 500", "500"),
        ("`IOC` or `GTC`, default `GTC`", "GTC"),
        ('"true" or "false", default "false".', "false"),
        ("默认 30", "30"),
        ("默认值为 `ACK`", "ACK"),
        ("Default `BOTH` for One-way Mode ; `LONG` in Hedge Mode", None),
        ("Default current time if not pass", None),
        ("default as the latest price", None),
        ("default 7 days", None),
        ("", None),
    ],
)
def test_defaults(text: str, default: str | None) -> None:
    assert read_default(text) == default


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("ISOLATED, CROSSED", ["ISOLATED", "CROSSED"]),
        ("`IOC` or `GTC`", ["IOC", "GTC"]),
        ('"LIQUIDATION" for those, "ADL" for these', ["LIQUIDATION", "ADL"]),
        ("1: Add，2: Reduce", [1, 2]),
        ("Default 100; Valid limits:[5, 10, 20]", [5, 10, 20]),
        ("可选值:[5, 10, 20]", [5, 10, 20]),
        ("Default 500; max 1000", []),
        ("Timestamp in ms", []),
    ],
)
def test_values(text: str, tokens: list[object]) -> None:
    assert read_tokens(text) == tokens


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Either `orderId` or `clientId` must be sent.", {"require_any": ["orderId", "clientId"]}),
        ("At least one of orderId and clientId must be sent", {"require_any": ["orderId", "clientId"]}),
        ("orderId 与 clientId 必须至少发送一个", {"require_any": ["orderId", "clientId"]}),
        ("`price` can't be passed together with `match`", {"exclusive": ["price", "match"]}),
        (
            "The time between `startTime` and `endTime` can't be more than 30 days",
            {"span": ["startTime", "endTime"], "at_most": "30d"},
        ),
        (
            "time between startTime and endTime must be less than 1 hour",
            {"span": ["startTime", "endTime"], "at_most": "3599999ms"},
        ),
        ("The difference can only be up to 200 days", {"span": ["startTime", "endTime"], "at_most": "200d"}),
        ("startTime 与 endTime 之间的间隔不能超过 7 天", {"span": ["startTime", "endTime"], "at_most": "7d"}),
        ("Only data of the past 90 days can be queried", None),
        ("Both orderId and clientId must be sent", None),
        ("Either the one or the other must be sent", None),
    ],
)
def test_sentences_that_are_rules(sentence: str, rule: dict[str, Plain] | None) -> None:
    rules = read_rules([sentence], ["orderId", "clientId", "price", "match", "startTime", "endTime"])

    assert rules.rules == ([rule] if rule is not None else [])
    assert bool(rules.unread) == (rule is None)


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        ("Event time", "event_time"),
        ("Aggregate tradeId", "aggregate_trade_id"),
        ("Was the buyer the maker?", "buyer_maker"),
        ("Close (or latest price)", "close"),
        ("事件时间", "event_time"),
        ("Ignore.", "ignored"),
        ("0.02%", None),
        ("这是一个很长的说明", None),
        ("this is what happens when the moon is full and the tide is high", None),
        ("class", None),
        ("", None),
    ],
)
def test_names_from_comments(comment: str, name: str | None) -> None:
    assert field_name(comment) == name


def test_names_that_say_nothing() -> None:
    assert [wire for wire in ("e", "pS", "id", "price", "24h", "class", "持仓") if needs_name(wire)] == [
        "e",
        "pS",
        "24h",
        "class",
        "持仓",
    ]


@pytest.mark.parametrize(
    ("kind", "title", "address", "name"),
    [
        ("rest", "Get Funding Rate History", None, "funding_rate_history"),
        ("rest", "User's Force Orders", None, "users_force_orders"),
        ("rest", "Kline/Candlestick Data", None, "kline_candlestick_data"),
        ("ws", "Websocket API关闭", "https://x.example/zh-CN/Close-Stream-Wsp", "close_stream"),
        ("rest", "下单", "https://x.example/zh-CN/New-Order.html?a=b#c", "new_order"),
        ("rest", "下单", None, "TODO_v1_order"),
        ("rest", "24hr Ticker", None, "TODO_v1_order"),
    ],
)
def test_ids_of_operations(kind: str, title: str, address: str | None, name: str) -> None:
    assert entry_id(kind, title, address, "/v1/order") == name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "taken", "name"),
    [
        ("<symbol>@depth[@<updateSpeed>]", set(), "depth"),
        ("!miniTicker@arr", set(), "mini_ticker_all"),
        ("!bookTicker", {"book_ticker"}, "book_ticker_all"),
        ("!contractInfo", set(), "contract_info"),
        ("<pair>_<contractType>@continuousKline_<interval>", set(), "continuous_kline"),
        ("<symbol>@rpiDepth@500ms", set(), "rpi_depth"),
        ("<symbol>", set(), "TODO_stream"),
    ],
)
def test_ids_of_streams(pattern: str, taken: set[str], name: str) -> None:
    assert stream_id(pattern, taken) == name


def test_names_of_one_stream_with_and_without_a_speed_are_one_pattern() -> None:
    names = ["<symbol>@depth", "<symbol>@depth@500ms", "<symbol>@depth@100ms", "!ticker@arr", "<symbol>@rpi@500ms"]

    assert united_patterns(names) == ["<symbol>@depth[@<updateSpeed>]", "!ticker@arr", "<symbol>@rpi@500ms"]


def test_the_security_type_is_no_part_of_the_title() -> None:
    titles = ("New Order (TRADE)", "生成listenKey（USER_STREAM）", "Ticker (24h)", "Balance(USER-DATA)")

    assert [without_security(title) for title in titles] == ["New Order", "生成listenKey", "Ticker (24h)", "Balance"]


def test_one_of_many() -> None:
    assert [singular(name) for name in ("brackets", "entries", "class", "status", "addresses", "bus", "rows")] == [
        "bracket",
        "entry",
        "class",
        "status",
        "address",
        "bus",
        "row",
    ]
