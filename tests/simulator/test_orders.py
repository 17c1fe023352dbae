"""The life of orders, seen over REST."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.simulator.conftest import RestTrader

    from specwright.simulator import ManualClock, Simulator


def picked(view: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(view[name] for name in names)


class TestPlacing:
    def test_an_acknowledgement_is_made_before_matching(self, trader: RestTrader) -> None:
        reply = trader.order("BUY", newOrderRespType="ACK")
        order = trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=reply["orderId"])
        assert picked(reply, "status", "executedQty") == ("NEW", "0.000")
        assert picked(order, "status", "executedQty") == ("FILLED", "0.100")

    def test_a_market_order_takes_the_best_prices(self, exchange: Simulator, trader: RestTrader) -> None:
        asks = trader.client.get("/fapi/v1/depth", params={"symbol": "BTCUSDT", "limit": 5}).json()["asks"]
        trader.order("BUY", quantity=asks[0][1])
        trades = trader.ask("/fapi/v1/userTrades", symbol="BTCUSDT")
        assert [picked(trade, "price", "qty", "maker", "buyer") for trade in trades] == [(*asks[0], False, True)]

    def test_a_limit_order_rests_until_the_market_comes(self, exchange: Simulator, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64000")
        assert picked(order, "status", "price", "origQty") == ("NEW", "64000.0", "0.100")
        exchange.move_price("BTCUSDT", 63_500)
        filled = trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        assert picked(filled, "status", "avgPrice", "executedQty") == ("FILLED", "64000.00", "0.100")
        assert trader.ask("/fapi/v1/userTrades", symbol="BTCUSDT")[0]["maker"] is True

    def test_an_order_is_seen_in_the_book(self, trader: RestTrader) -> None:
        trader.order("BUY", quantity="1.234", price="64999.5")
        bids = trader.client.get("/fapi/v1/depth", params={"symbol": "BTCUSDT", "limit": 5}).json()["bids"]
        assert bids[0] == ["64999.5", "1.234"]

    def test_the_rest_of_an_ioc_order_expires(self, trader: RestTrader) -> None:
        best = trader.client.get("/fapi/v1/ticker/bookTicker", params={"symbol": "BTCUSDT"}).json()
        order = trader.order("BUY", quantity="5", price=best["askPrice"], timeInForce="IOC")
        assert picked(order, "status", "executedQty") == ("EXPIRED", best["askQty"])

    def test_a_good_till_date_order_expires_then(self, trader: RestTrader, clock: ManualClock) -> None:
        order = trader.order("BUY", price="64000", timeInForce="GTD", goodTillDate=clock.now_ms() + 700_000)
        clock.advance(699)
        assert len(trader.ask("/fapi/v1/openOrders")) == 1
        clock.advance(1)
        assert trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])["status"] == "EXPIRED"

    def test_a_price_taken_from_the_book(self, trader: RestTrader) -> None:
        bids = trader.client.get("/fapi/v1/depth", params={"symbol": "BTCUSDT", "limit": 5}).json()["bids"]
        reply = trader.send("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC",
                            quantity="0.1", priceMatch="QUEUE_5").json()  # fmt: skip
        assert picked(reply, "price", "priceMatch", "status") == (bids[4][0], "QUEUE_5", "NEW")

    def test_a_client_order_id_is_unique_among_open_orders_only(self, trader: RestTrader) -> None:
        first = trader.order("BUY", price="64000", newClientOrderId="mine")
        assert trader.order("BUY", price="63000", newClientOrderId="mine")["code"] == -4116
        trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="mine")
        second = trader.order("BUY", price="63000", newClientOrderId="mine")
        found = trader.ask("/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="mine")
        assert found["orderId"] == second["orderId"] != first["orderId"]

    def test_a_tested_order_is_not_placed(self, trader: RestTrader) -> None:
        response = trader.send("POST", "/fapi/v1/order/test", symbol="BTCUSDT", side="BUY", type="LIMIT",
                               timeInForce="GTC", quantity="0.1", price="64000")  # fmt: skip
        assert (response.status_code, trader.ask("/fapi/v1/allOrders", symbol="BTCUSDT")) == (200, [])

    def test_of_one_owners_two_orders_the_maker_expires(self, trader: RestTrader) -> None:
        resting = trader.order("SELL", quantity="0.2", price="65000.0")
        taker = trader.order("BUY", quantity="0.1", price="65000.0", selfTradePreventionMode="EXPIRE_MAKER")
        ended = trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=resting["orderId"])
        assert (ended["status"], taker["status"]) == ("EXPIRED_IN_MATCH", "NEW")

    def test_two_traders_meet(self, trader: RestTrader, other: RestTrader) -> None:
        trader.order("SELL", quantity="0.2", price="65000.0")
        other.order("BUY", quantity="0.2", price="65000.0")
        assert (trader.position()["positionAmt"], other.position()["positionAmt"]) == ("-0.200", "0.200")


class TestPositions:
    def test_profit_and_fees_reach_the_balance(self, exchange: Simulator, trader: RestTrader) -> None:
        before = Decimal(trader.balance()["balance"])
        trader.order("BUY", quantity="0.100")
        exchange.move_price("BTCUSDT", 66_000)
        trader.order("SELL", quantity="0.100", reduceOnly="true")
        incomes = trader.ask("/fapi/v1/income", symbol="BTCUSDT")
        assert {line["incomeType"] for line in incomes} == {"REALIZED_PNL", "COMMISSION"}
        assert Decimal(trader.balance()["balance"]) - before == sum(Decimal(line["income"]) for line in incomes)
        assert trader.position()["positionAmt"] == "0.000"

    def test_a_reducing_order_stops_at_flat(self, trader: RestTrader) -> None:
        trader.order("BUY", quantity="0.100")
        order = trader.order("SELL", quantity="0.300", reduceOnly="true")
        assert picked(order, "status", "executedQty") == ("EXPIRED", "0.100")
        assert trader.position()["positionAmt"] == "0.000"

    def test_resting_reducing_orders_end_with_their_position(self, trader: RestTrader) -> None:
        trader.order("BUY", quantity="0.100")
        target = trader.order("SELL", quantity="0.100", price="66000", reduceOnly="true")
        trader.order("SELL", quantity="0.100")
        assert trader.ask("/fapi/v1/order", symbol="BTCUSDT", orderId=target["orderId"])["status"] == "EXPIRED"

    def test_hedge_mode_keeps_two_positions(self, trader: RestTrader) -> None:
        trader.send("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        trader.order("BUY", quantity="0.3", positionSide="LONG")
        trader.order("SELL", quantity="0.2", positionSide="SHORT")
        amounts = [trader.position(side)["positionAmt"] for side in ("LONG", "SHORT")]
        assert amounts == ["0.300", "-0.200"]

    def test_an_open_order_binds_margin(self, trader: RestTrader) -> None:
        trader.order("BUY", quantity="1", price="64000")
        account = trader.ask("/fapi/v3/account")
        assert picked(account, "totalOpenOrderInitialMargin", "availableBalance") == ("3200.00000000", "96800.00000000")
        assert [row["symbol"] for row in account["positions"]] == ["BTCUSDT"]

    def test_isolated_margin_can_be_added(self, trader: RestTrader) -> None:
        trader.send("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
        trader.order("BUY", quantity="0.100")
        before = Decimal(trader.position()["isolatedWallet"])
        trader.send("POST", "/fapi/v1/positionMargin", symbol="BTCUSDT", amount="100", type="1")
        history = trader.ask("/fapi/v1/positionMargin/history", symbol="BTCUSDT")
        assert Decimal(trader.position()["isolatedWallet"]) - before == 100
        assert [picked(row, "amount", "type") for row in history] == [("100", 1)]

    def test_a_position_without_margin_is_liquidated(self, exchange: Simulator, trader: RestTrader) -> None:
        trader.send("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="100")
        exchange.transfer(-99_000)
        trader.order("BUY", quantity="1.000")
        exchange.move_price("BTCUSDT", 64_000)
        orders = trader.ask("/fapi/v1/forceOrders", symbol="BTCUSDT")
        assert [order["clientOrderId"].partition("-")[0] for order in orders] == ["autoclose"]
        assert trader.position()["positionAmt"] == "0.000"

    def test_funding_is_paid_every_eight_hours(self, trader: RestTrader, clock: ManualClock) -> None:
        trader.order("BUY", quantity="1.000")
        notional = Decimal(trader.position()["notional"])
        clock.advance(hours=8)
        paid = trader.ask("/fapi/v1/income", incomeType="FUNDING_FEE")
        history = trader.client.get("/fapi/v1/fundingRate", params={"symbol": "BTCUSDT", "limit": 1}).json()
        assert [line["time"] for line in paid] == [history[0]["fundingTime"]]
        assert Decimal(paid[0]["income"]) == pytest.approx(
            -notional * Decimal(history[0]["fundingRate"]), rel=Decimal("0.01")
        )


class TestCancelling:
    def test_a_cancelled_order_leaves_the_book(self, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64999.5")
        reply = trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"]).json()
        bids = trader.client.get("/fapi/v1/depth", params={"symbol": "BTCUSDT", "limit": 5}).json()["bids"]
        assert (reply["status"], trader.ask("/fapi/v1/openOrders"), "64999.5" in dict(bids)) == ("CANCELED", [], False)

    def test_it_cannot_be_cancelled_twice(self, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64000")
        trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        again = trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        assert again.json() == {"code": -2011, "msg": "Unknown order sent."}

    def test_all_at_once(self, trader: RestTrader) -> None:
        for price in ("64000", "63000"):
            trader.order("BUY", price=price)
        trader.send("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
        orders = trader.ask("/fapi/v1/allOrders", symbol="BTCUSDT")
        assert [order["status"] for order in orders] == ["CANCELED", "CANCELED"]

    def test_a_countdown_that_is_not_renewed(self, trader: RestTrader, clock: ManualClock) -> None:
        trader.order("BUY", price="64000")
        trader.send("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=5_000)
        clock.advance(4)
        trader.send("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=5_000)
        clock.advance(4)
        assert len(trader.ask("/fapi/v1/openOrders")) == 1
        clock.advance(1)
        assert trader.ask("/fapi/v1/openOrders") == []

    def test_an_unfilled_order_is_forgotten_after_three_days(self, trader: RestTrader, clock: ManualClock) -> None:
        order = trader.order("BUY", price="64000")
        trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        clock.advance(days=3, minutes=1)
        reply = trader.send("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=order["orderId"])
        assert reply.json()["code"] == -2013


class TestModifying:
    def modify(self, trader: RestTrader, order: dict[str, Any], **change: object) -> Any:
        parameters = {"symbol": "BTCUSDT", "side": "BUY", "orderId": order["orderId"], "quantity": "0.1",
                      "price": "64000", **change}  # fmt: skip
        return trader.send("PUT", "/fapi/v1/order", **parameters).json()

    def test_price_and_quantity_change_and_are_remembered(self, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64000")
        changed = self.modify(trader, order, quantity="0.2", price="63000", modifyId=7)
        history = trader.ask("/fapi/v1/orderAmendment", symbol="BTCUSDT", orderId=order["orderId"])
        assert picked(changed, "price", "origQty", "status", "orderId") == ("63000.0", "0.200", "NEW", order["orderId"])
        assert history[0]["amendment"] == {
            "price": {"before": "64000.0", "after": "63000.0"},
            "origQty": {"before": "0.100", "after": "0.200"},
            "count": 1,
            "modifyId": 7,
        }

    def test_a_price_that_crosses_trades(self, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64000")
        assert self.modify(trader, order, price="65010")["status"] == "FILLED"

    def test_no_change(self, trader: RestTrader) -> None:
        assert self.modify(trader, trader.order("BUY", price="64000"))["code"] == -5027

    def test_a_wrong_price_leaves_the_order_as_it_was(self, trader: RestTrader) -> None:
        order = trader.order("BUY", price="64000")
        assert self.modify(trader, order, price="64000.05")["code"] == -4014
        assert trader.ask("/fapi/v1/openOrders")[0]["price"] == "64000.0"

    def test_what_is_executed_already_cancels_it(self, trader: RestTrader, other: RestTrader) -> None:
        order = trader.order("BUY", quantity="0.3", price="65000.0")
        other.order("SELL", quantity="0.2", price="65000.0")
        assert picked(self.modify(trader, order, quantity="0.2", price="65000.0"), "status", "executedQty") == (
            "CANCELED",
            "0.200",
        )


class TestBatches:
    def test_each_item_succeeds_or_fails_by_itself(self, trader: RestTrader) -> None:
        good = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1",
                "price": "64000"}  # fmt: skip
        items = json.dumps([good, {**good, "price": "64000.05"}, {**good, "quantity": "0.2"}])
        placed = trader.send("POST", "/fapi/v1/batchOrders", batchOrders=items).json()
        assert [item.get("status", item.get("code")) for item in placed] == ["NEW", -4014, "NEW"]
        numbers = [item["orderId"] for item in placed if "orderId" in item]
        changes = [{"symbol": "BTCUSDT", "side": "BUY", "orderId": number, "quantity": "0.1", "price": "63000"}
                   for number in (*numbers, 1)]  # fmt: skip
        changed = trader.send("PUT", "/fapi/v1/batchOrders", batchOrders=json.dumps(changes)).json()
        assert [item.get("price", item.get("code")) for item in changed] == ["63000.0", "63000.0", -2013]
        wanted = json.dumps([*numbers, 1])
        cancelled = trader.send("DELETE", "/fapi/v1/batchOrders", symbol="BTCUSDT", orderIdList=wanted).json()
        assert [item.get("status", item.get("code")) for item in cancelled] == ["CANCELED", "CANCELED", -2011]

    def test_symbols_outside_ascii(self, trader: RestTrader) -> None:
        item = {"symbol": "币安人生USDT", "side": "BUY", "type": "MARKET", "quantity": "1000"}
        placed = trader.send("POST", "/fapi/v1/batchOrders", batchOrders=json.dumps([item], ensure_ascii=False)).json()
        assert picked(placed[0], "symbol", "type") == ("币安人生USDT", "MARKET")
