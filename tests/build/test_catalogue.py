"""The catalogue has a row for each way to reach each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from specwright.build.catalogue import Row, catalogue

if TYPE_CHECKING:
    from specwright.spec.dialect.exchange import Spec


@pytest.fixture(scope="module")
def rows(golden_spec: Spec) -> dict[tuple[str, str], Row]:
    return {(row["id"], row["transport"]): row for row in catalogue(golden_spec)}


def test_every_carrier_stream_and_event_has_its_row(golden_spec: Spec, rows: dict[tuple[str, str], Row]) -> None:
    expected = set()
    for product in golden_spec.products.values():
        expected |= {(name, "rest") for name, operation in product.operations.items() if operation.rest}
        expected |= {(name, "ws_api") for name, operation in product.operations.items() if operation.ws}
        expected |= {(name, "stream") for name in product.streams} | {(name, "event") for name in product.events}
    assert set(rows) == expected
    assert len(catalogue(golden_spec)) == len(expected)


def test_an_operation_over_rest(rows: dict[tuple[str, str], Row]) -> None:
    assert rows["order_book", "rest"] == {
        "product": "margined",
        "id": "order_book",
        "group": "market",
        "transport": "rest",
        "method": "GET",
        "path": "/v1/depth",
        "wire": None,
        "security": "NONE",
        "weight": {"by": "limit", "up_to": {"50": 2, "100": 5}, "above": 20},
        "python": "market.order_book",
        "params": [
            {"wire": "symbol", "python": "symbol", "type": "string", "required": True},
            {"wire": "limit", "python": "limit", "type": "int", "required": False},
        ],
        "response": "OrderBook",
    }


def test_the_same_over_the_websocket_api(rows: dict[tuple[str, str], Row]) -> None:
    rest, ws = rows["order_book", "rest"], rows["order_book", "ws_api"]
    changed = {
        "transport": "ws_api",
        "method": None,
        "path": None,
        "wire": "depth",
        "python": "ws_api.market.order_book",
    }
    assert ws == {**rest, **changed}


def test_a_stream_and_an_event(rows: dict[tuple[str, str], Row]) -> None:
    stream, event = rows["all_tickers", "stream"], rows["ORDER_UPDATE", "event"]
    nothing: dict[str, object] = {
        "product": "margined",
        "method": None,
        "path": None,
        "security": None,
        "weight": None,
        "params": [],
    }
    assert stream == {
        **nothing,
        "id": "all_tickers",
        "group": "market",
        "transport": "stream",
        "wire": "!ticker@arr",
        "python": "streams.all_tickers",
        "response": "[Ticker]",
    }
    assert event == {
        **nothing,
        "id": "ORDER_UPDATE",
        "group": "user_data",
        "transport": "event",
        "wire": "ORDER_UPDATE",
        "python": "user_data",
        "response": "OrderUpdate",
    }


def test_weights_and_responses_are_data(rows: dict[tuple[str, str], Row]) -> None:
    assert {name: rows[name, "rest"]["weight"] for name in ("ticker", "trades", "exchange_information", "price")} == {
        "ticker": {"with": {"symbol": 1}, "without": 40},
        "trades": {"by": "kind", "values": {"FULL": 10}, "otherwise": 1},
        "exchange_information": {"per_item": "symbols", "each": 2},
        "price": 1,
    }
    assert {name: rows[name, "rest"]["response"] for name in ("ticker", "place_orders", "close_stream")} == {
        "ticker": {"with": {"symbol": "Ticker"}, "without": {"symbol": "[Ticker]"}},
        "place_orders": "[{result: Order}]",
        "close_stream": None,
    }
