"""Conditional orders wait beside the book until a price triggers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.simulator.conftest import RestTrader

    from specwright.simulator import ManualClock, Simulator


def place(trader: RestTrader, side: str, kind: str, **more: object) -> Any:
    parameters = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": side, "type": kind, **more}
    return trader.send("POST", "/fapi/v1/algoOrder", **parameters).json()


def query(trader: RestTrader, order: dict[str, Any]) -> Any:
    return trader.ask("/fapi/v1/algoOrder", algoId=order["algoId"])


@pytest.mark.parametrize(
    ("side", "kind", "trigger", "price"),
    [
        ("BUY", "STOP_MARKET", "65500", 65_600),
        ("SELL", "STOP_MARKET", "64500", 64_400),
        ("BUY", "TAKE_PROFIT_MARKET", "64500", 64_400),
        ("SELL", "TAKE_PROFIT_MARKET", "65500", 65_600),
    ],
)
def test_a_price_triggers_a_market_order(
    exchange: Simulator, trader: RestTrader, side: str, kind: str, trigger: str, price: int
) -> None:
    order = place(trader, side, kind, quantity="0.1", triggerPrice=trigger)
    assert (order["algoStatus"], trader.position()["positionAmt"]) == ("NEW", "0.000")
    exchange.move_price("BTCUSDT", price)
    ended = query(trader, order)
    actual = trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=ended["actualOrderId"])
    assert (ended["algoStatus"], actual["status"], actual["origType"]) == ("FINISHED", "FILLED", kind)
    assert trader.position()["positionAmt"] == ("0.100" if side == "BUY" else "-0.100")


def test_a_stop_with_a_price_becomes_a_limit_order(exchange: Simulator, trader: RestTrader) -> None:
    place(trader, "BUY", "STOP", quantity="0.1", price="65400", triggerPrice="65500", timeInForce="GTC")
    exchange.move_price("BTCUSDT", 65_600)
    orders = trader.ask("/fapi/v1/openOrders")
    assert [(order["type"], order["origType"], order["price"]) for order in orders] == [("LIMIT", "STOP", "65400.0")]


def test_a_trailing_stop_follows_the_best_price(exchange: Simulator, trader: RestTrader) -> None:
    trader.order("BUY", quantity="0.1")
    order = place(trader, "SELL", "TRAILING_STOP_MARKET", quantity="0.1", callbackRate="1", reduceOnly="true")
    exchange.move_price("BTCUSDT", 67_000)
    exchange.move_price("BTCUSDT", 66_500)
    assert query(trader, order)["algoStatus"] == "NEW"
    exchange.move_price("BTCUSDT", 66_200)
    assert (query(trader, order)["algoStatus"], trader.position()["positionAmt"]) == ("FINISHED", "0.000")


def test_a_closing_order_closes_whatever_is_there(exchange: Simulator, trader: RestTrader) -> None:
    trader.order("BUY", quantity="0.123")
    place(trader, "SELL", "STOP_MARKET", triggerPrice="64000", closePosition="true")
    exchange.move_price("BTCUSDT", 63_900)
    assert trader.position()["positionAmt"] == "0.000"


def test_a_closing_order_without_a_position_expires(exchange: Simulator, trader: RestTrader) -> None:
    order = place(trader, "SELL", "STOP_MARKET", triggerPrice="64000", closePosition="true")
    exchange.move_price("BTCUSDT", 63_900)
    assert query(trader, order)["algoStatus"] == "EXPIRED"


def test_the_mark_price_may_be_watched_instead(exchange: Simulator, trader: RestTrader) -> None:
    order = place(trader, "BUY", "STOP_MARKET", quantity="0.1", triggerPrice="65500", workingType="MARK_PRICE")
    mark = exchange.market("BTCUSDT").mark_price
    exchange.move_price("BTCUSDT", 65_600)
    assert mark < 65_500
    assert query(trader, order)["algoStatus"] == "FINISHED"


@pytest.mark.parametrize(
    ("side", "kind", "more", "code"),
    [
        ("BUY", "STOP_MARKET", {"quantity": "0.1", "triggerPrice": "64000"}, -2021),
        ("SELL", "TAKE_PROFIT_MARKET", {"quantity": "0.1", "triggerPrice": "64000"}, -2021),
        ("BUY", "TRAILING_STOP_MARKET", {"quantity": "0.1", "callbackRate": "1", "activatePrice": "66000"}, -2021),
        ("BUY", "STOP_MARKET", {"quantity": "0.1"}, -1102),
        ("BUY", "STOP_MARKET", {"quantity": "0.0001", "triggerPrice": "66000"}, -1111),
        ("SELL", "STOP_MARKET", {"quantity": "1", "closePosition": "true", "triggerPrice": "64000"}, -1106),
    ],
)
def test_what_is_refused(trader: RestTrader, side: str, kind: str, more: dict[str, str], code: int) -> None:
    assert place(trader, side, kind, **more)["code"] == code


def test_a_waiting_order_can_be_taken_back_once(trader: RestTrader) -> None:
    order = place(trader, "BUY", "STOP_MARKET", quantity="0.1", triggerPrice="66000", clientAlgoId="stop-1")
    cancelled = trader.send("DELETE", "/fapi/v1/algoOrder", clientAlgoId="stop-1").json()
    again = trader.send("DELETE", "/fapi/v1/algoOrder", algoId=order["algoId"]).json()
    assert (cancelled["code"], again["code"], trader.ask("/fapi/v1/openAlgoOrders")) == ("200", -2011, [])


def test_lists_tell_what_waits_and_what_was(trader: RestTrader, clock: ManualClock) -> None:
    orders = [place(trader, "BUY", "STOP_MARKET", quantity="0.1", triggerPrice=price) for price in ("66000", "67000")]
    trader.send("DELETE", "/fapi/v1/algoOrder", algoId=orders[0]["algoId"])
    waiting, known = trader.ask("/fapi/v1/openAlgoOrders"), trader.ask("/fapi/v1/allAlgoOrders", symbol="BTCUSDT")
    assert [order["triggerPrice"] for order in waiting] == ["67000.0"]
    assert [order["algoStatus"] for order in known] == ["CANCELED", "NEW"]


def test_a_triggered_order_may_be_rejected(exchange: Simulator, trader: RestTrader) -> None:
    order = place(trader, "BUY", "STOP_MARKET", quantity="500", triggerPrice="65500")
    exchange.move_price("BTCUSDT", 65_600)
    assert query(trader, order)["algoStatus"] == "REJECTED"
