"""The plan's decisions, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from specwright.build.imports import Imports
from specwright.build.layout import flat
from specwright.build.plan.arguments import arguments_of, python_names
from specwright.build.plan.constraints import param_node, rules_node
from specwright.build.plan.descriptors import returns_node, weight_node
from specwright.build.plan.documentation import rule_text, weight_text
from specwright.build.plan.methods import ASYNC_REST, REST, WS_API, plan_methods
from specwright.build.plan.models import field_docstring
from specwright.build.plan.params import argument_sets
from specwright.build.plan.streams import plan_streams
from specwright.build.plan.views import MethodsView, MethodView, StreamsView
from specwright.build.types import Types
from specwright.spec.dialect.text import Text
from specwright.spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue, WeightPerItem
from specwright.spec.documentation import page_address

if TYPE_CHECKING:
    from specwright.build.plan.methods import Way
    from specwright.spec.dialect.operations import Operation
    from specwright.spec.dialect.product import Product

NAMES = {"fromId": "from_id", "limit": "limit", "symbol": "symbol", "symbols": "symbols"}


def imports() -> Imports:
    return Imports(("margined", "somewhere", "else"))


def method(product: Product, operation: str, way: Way = REST) -> MethodView:
    """The planned method of an operation."""
    group = product.operations[operation].group
    [view] = [file.view for file in plan_methods(product, Types(product), way) if Path(file.path).stem == group]
    assert isinstance(view, MethodsView)
    wanted = f"{way.prefix}{operation.title().replace('_', '')}Method"
    return next(method for method in view.methods if method.class_name == wanted)


def annotated(product: Product, operation: Operation) -> dict[str, str]:
    place = (product.name, "params", "x")
    found = arguments_of(operation.params, Types(product), imports(), owner="Owner", aliases=place)
    return {argument.python: argument.annotation for argument in found}


# --- Arguments ---


def test_required_arguments_come_first(margined: Product) -> None:
    operation = margined.operations["trades"]
    found = arguments_of(reversed(operation.params), Types(margined), imports(), owner="Trades", aliases=())
    assert next(argument.python for argument in found) == "symbol"


def test_annotations_of_arguments(margined: Product) -> None:
    assert annotated(margined, margined.operations["new_order"]) == {
        "symbol": "str",
        "side": "Side",
        "type": 'Literal["LIMIT", "MARKET"]',
        "quantity": "DecimalInput",
        "quote_quantity": "DecimalInput",
        "price": "DecimalInput",
        "price_match": "OwnerPriceMatch",
        "reduce_only": "bool",
        "new_client_order_id": "str",
        "note": "str",
    }
    assert annotated(margined, margined.operations["place_orders"]) == {"batch_orders": "Sequence[NewOrderItem]"}
    assert annotated(margined, margined.operations["exchange_information"]) == {
        "symbols": "Sequence[str]",
        "names": "Sequence[str]",
    }


def test_parameters_of_any_carrier_have_names_in_python(margined: Product) -> None:
    names = python_names(margined.operations["query_order"])
    assert set(names) == {"symbol", "clientOrderId", "verbose", "token"}


def test_carriers_share_a_set_of_arguments_only_where_they_take_the_same(margined: Product) -> None:
    shared = argument_sets(margined.operations["new_order"])
    assert [(found.name, found.carriers) for found in shared] == [("NewOrderParams", ("rest", "ws"))]
    different = argument_sets(margined.operations["query_order"])
    assert [(found.name, found.carriers) for found in different] == [
        ("QueryOrderParams", ("rest",)),
        ("QueryOrderWsParams", ("ws",)),
    ]


# --- Methods ---


def test_a_method_of_the_synchronous_client(margined: Product) -> None:
    view = method(margined, "order_book")
    assert view.base == 'RestMethod["OrderBook"]'
    assert view.operation == "operations.ORDER_BOOK"
    assert view.call == 'return self._call({"symbol": symbol, "limit": limit}, timeout=timeout)'
    assert view.raw_signature == "def raw(self, **arguments: Unpack[OrderBookParams]) -> RawResponse[OrderBook]:"
    assert view.iter_signature is None


def test_the_same_method_awaited(margined: Product) -> None:
    for way, base in ((ASYNC_REST, 'AsyncRestMethod["OrderBook"]'), (WS_API, 'WsMethod["OrderBook"]')):
        view = method(margined, "order_book", way)
        assert view.base == base
        assert view.signature.startswith("async def __call__(")
        assert view.call == 'return await self._call({"symbol": symbol, "limit": limit}, timeout=timeout)'
        assert view.raw_call == "return await self._raw(arguments)"


def test_signed_methods_take_a_recv_window_and_unsigned_ones_do_not(margined: Product) -> None:
    assert "recv_window: int | None = None" in method(margined, "open_orders").signature
    assert "recv_window" not in method(margined, "order_book").signature


def test_a_method_without_content_returns_nothing(margined: Product) -> None:
    view = method(margined, "close_stream")
    assert view.signature == "def __call__(self, *, timeout: float | None = None) -> None:"
    assert view.call == "self._call({}, timeout=timeout)"


def test_a_response_that_a_parameter_decides_becomes_overloads(margined: Product) -> None:
    view = method(margined, "ticker")
    assert view.overloads == [
        "def __call__(self, *, symbol: str, timeout: float | None = None) -> Ticker:",
        "def __call__(self, *, symbol: None = None, timeout: float | None = None) -> list[Ticker]:",
    ]
    assert view.signature.endswith(" -> Ticker | list[Ticker]:")


def test_pageable_methods_iterate_over_items(margined: Product) -> None:
    assert method(margined, "trades").iter_signature == (
        "def iter(self, **arguments: Unpack[TradesParams]) -> Pages[Trade]:"
    )
    assert method(margined, "trade_pages", ASYNC_REST).iter_signature == (
        "def iter(self, **arguments: Unpack[TradePagesParams]) -> AsyncPages[Trade]:"
    )


def test_a_group_that_can_resolve_lost_orders_says_so(margined: Product) -> None:
    views = {
        Path(file.path).stem: file.view
        for file in plan_methods(margined, Types(margined), REST)
        if isinstance(file.view, MethodsView)
    }
    assert {group: view.group_base for group, view in views.items() if isinstance(view, MethodsView)} == {
        "market": "RestGroup",
        "trade": "ResolvingGroup",
        "session": "RestGroup",
    }


# --- Descriptors ---


def test_enums_stand_in_descriptors_by_name(margined: Product) -> None:
    params = {param.wire: param for param in margined.operations["new_order"].params}
    node = param_node(params["side"], Types(margined), imports())
    assert flat(node) == 'Param(wire="side", python="side", kind="string", required=True, one_of=get_args(Side))'


def test_bounds_stand_in_descriptors_without_rounding(margined: Product) -> None:
    params = {param.wire: param for param in margined.operations["new_order"].params}
    node = param_node(params["quantity"], Types(margined), imports())
    assert flat(node) == 'Param(wire="quantity", python="quantity", kind="decimal", minimum=Decimal("0.001"))'


def test_rules_of_an_account_mode_are_left_to_the_exchange(margined: Product) -> None:
    operation = margined.operations["new_order"]
    node = rules_node(operation.rules, python_names(operation), imports())
    assert node is not None
    assert flat(node).count("Rule(") == len([rule for rule in operation.rules if rule.in_mode is None])


@pytest.mark.parametrize(
    ("weight", "source", "said"),
    [
        (FixedWeight(weight=5), "FixedWeight(5)", "5"),
        (
            WeightByValue(param="limit", up_to={50: 2, 100: 5}, above=20),
            'WeightByValue("limit", up_to=((50, 2), (100, 5)), above=20)',
            "by `limit`: up to 50: 2, up to 100: 5, above: 20",
        ),
        (
            WeightByValue(param="limit", values={"FULL": 10}, otherwise=1),
            'WeightByValue("limit", values={"FULL": 10}, otherwise=1)',
            "by `limit`: FULL: 10, otherwise: 1",
        ),
        (
            WeightByPresence(present={"fromId": 1}, absent=40),
            'WeightByPresence({"from_id": 1}, absent=40)',
            "1 with `from_id`, 40 without",
        ),
        (WeightPerItem(param="symbols", each=2), 'WeightPerItem("symbols", each=2)', "2 for each of `symbols`"),
    ],
)
def test_weights_in_descriptors_and_docstrings(weight: Weight, source: str, said: str) -> None:
    assert flat(weight_node(weight, NAMES, imports())) == source
    assert weight_text(weight, NAMES) == said


@pytest.mark.parametrize(
    ("operation", "source"),
    [
        ("order_book", 'lambda: "OrderBook"'),
        ("trades", 'lambda: ListOf("Trade")'),
        ("close_stream", "lambda: None"),
        ("place_orders", 'lambda: ListOf(ResultOrError("Order"))'),
        ("ticker", 'lambda: ByPresence(param="symbol", present="Ticker", absent=ListOf("Ticker"))'),
    ],
)
def test_replies_name_their_models_late(margined: Product, operation: str, source: str) -> None:
    found = margined.operations[operation]
    assert flat(returns_node(found.response, python_names(found), Types(margined), imports())) == source


# --- Streams ---


def test_raw_streams_know_what_is_listed_in_every_file_of_streams(margined: Product) -> None:
    moved = evolve(margined.streams["all_tickers"], group="tickers")
    product = evolve(margined, streams={**margined.streams, "all_tickers": moved})

    *groups, every = [file.view for file in plan_streams(product, Types(product))]

    listed = "_listed: ClassVar[tuple[StreamDescriptor, ...]] = "
    assert [view.listed for view in groups if isinstance(view, StreamsView)] == [
        f"{listed}(DEPTH,)",
        f"{listed}(ALL_TICKERS,)",
    ]
    assert isinstance(every, StreamsView)
    assert every.listed == f"{listed}(*MarketStreams._listed, *TickersStreams._listed)"
    assert [method.signature.partition("(")[0] for method in every.methods] == ["def raw"]


# --- Docstrings ---


def test_rules_are_said_in_sentences(margined: Product) -> None:
    said = {
        operation: [rule_text(rule, python_names(margined.operations[operation])) for rule in rules]
        for operation, rules in ((name, margined.operations[name].rules) for name in ("new_order", "trades"))
    }
    assert said == {
        "new_order": [
            "Exactly one of `quantity` and `quote_quantity` is required.",
            "If `type` is LIMIT, unless `price_match` is given, `quantity` and `price` are required.",
            "If `type` is LIMIT, at least one of `price` and `price_match` is required.",
            "Unless `type` is LIMIT, `price` is not allowed.",
            "In hedge mode, `reduce_only` is not allowed.",
            "A reducing order has a quantity.",
        ],
        "trades": [
            "`from_id` or `start_time` and `end_time`, not both.",
            "From `start_time` to `end_time` at most 7 d.",
        ],
    }


def test_the_docstring_says_what_a_caller_must_know(margined: Product) -> None:
    assert method(margined, "new_order").call_docstring.splitlines()[:6] == [
        '"""Places an order.',
        "",
        "        下单。",
        "",
        "        `POST /v1/order` · weight 0 · orders_10s 1",
        "",
    ]
    said = method(margined, "new_order").call_docstring
    assert "ExecutionUnknown: It was sent and no answer came" in said
    assert "note: Sent as `note` (since 2025-03-01; deprecated since 2025-09-01" in said
    assert "TransportError: No usable reply came" in method(margined, "order_book").call_docstring


def test_pages_of_the_documentation(margined: Product) -> None:
    assert page_address(margined, "/market/Order-Book") == "https://docs.example.com/margined/market/Order-Book"
    assert page_address(margined, "https://elsewhere.example.com/x") == "https://elsewhere.example.com/x"
    assert page_address(margined, None) is None


def test_fields_say_their_unit_and_both_languages() -> None:
    text = Text(en="Price of the trade.", zh="成交价。")
    assert field_docstring(text, unit="quote asset") == '"""Price of the trade (quote asset). 成交价。"""'
    assert field_docstring(None, unit="Unix time in ms") == '"""Unix time in ms."""'
    assert field_docstring(None, unit=None) is None
