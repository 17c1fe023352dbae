"""The account's event stream says the same as REST does afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.simulator.conftest import RestTrader, Socket

    from specwright.simulator import ManualClock, Simulator

Listen = Callable[[], Any]


def kinds(events: list[Any]) -> list[str]:
    """`ORDER_TRADE_UPDATE:TRADE/FILLED` and the like."""
    return [f"{e['e']}:{e['o']['x']}/{e['o']['X']}" if e["e"] == "ORDER_TRADE_UPDATE" else e["e"] for e in events]


async def test_a_market_order_from_acceptance_to_fill(trader: RestTrader, listen: Listen) -> None:
    socket = await listen()
    ask = trader.client.get("/fapi/v1/ticker/bookTicker", params={"symbol": "BTCUSDT"}).json()
    order = trader.order("BUY", quantity=ask["askQty"])
    events = await socket.received()
    assert kinds(events) == [
        "ORDER_TRADE_UPDATE:NEW/NEW",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE:TRADE/FILLED",
    ]
    update, trade = events[3]["o"], trader.ask("/fapi/v1/userTrades", symbol="BTCUSDT")[0]
    assert (update["i"], update["t"], update["L"], update["l"], update["n"], update["N"], update["m"]) == (
        order["orderId"],
        trade["id"],
        trade["price"],
        trade["qty"],
        trade["commission"],
        trade["commissionAsset"],
        trade["maker"],
    )


async def test_balances_and_positions_agree_with_rest(exchange: Simulator, trader: RestTrader, listen: Listen) -> None:
    socket = await listen()
    trader.order("BUY", quantity="1.500")
    trader.order("SELL", quantity="0.700", price="65100")
    exchange.move_price("BTCUSDT", 65_200)
    updates = [event["a"] for event in await socket.received() if event["e"] == "ACCOUNT_UPDATE"]
    position, balance = trader.position(), trader.balance()
    assert (updates[-1]["P"][0]["pa"], updates[-1]["P"][0]["ep"], updates[-1]["P"][0]["bep"]) == (
        position["positionAmt"],
        position["entryPrice"],
        position["breakEvenPrice"],
    )
    assert (updates[-1]["B"][0]["wb"], updates[-1]["B"][0]["cw"]) == (
        balance["balance"],
        balance["crossWalletBalance"],
    )


async def test_each_end_of_an_order_is_told(trader: RestTrader, listen: Listen, clock: ManualClock) -> None:
    socket = await listen()
    first = trader.order("BUY", price="64000")
    trader.send("PUT", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", orderId=first["orderId"], quantity="0.1",
                price="63000")  # fmt: skip
    trader.send("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=first["orderId"])
    trader.order("BUY", price="64000", timeInForce="GTD", goodTillDate=clock.now_ms() + 601_000)
    clock.advance(601)
    assert kinds(await socket.received()) == [
        "ORDER_TRADE_UPDATE:NEW/NEW",
        "ORDER_TRADE_UPDATE:AMENDMENT/NEW",
        "ORDER_TRADE_UPDATE:CANCELED/CANCELED",
        "ORDER_TRADE_UPDATE:NEW/NEW",
        "ORDER_TRADE_UPDATE:EXPIRED/EXPIRED",
    ]


async def test_settings_and_transfers_are_told(exchange: Simulator, trader: RestTrader, listen: Listen) -> None:
    socket = await listen()
    trader.send("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="7")
    trader.send("POST", "/fapi/v1/multiAssetsMargin", multiAssetsMargin="true")
    exchange.transfer("12.5")
    events = await socket.received()
    assert [event.get("ac") or event.get("ai") or event["a"]["m"] for event in events] == [
        {"s": "BTCUSDT", "l": 7},
        {"j": True},
        "DEPOSIT",
    ]
    assert events[2]["a"]["B"][0] == {
        "a": "USDT",
        "wb": "100012.50000000",
        "cw": "100012.50000000",
        "bc": "12.50000000",
    }


async def test_a_conditional_order_tells_of_every_stage(
    exchange: Simulator, trader: RestTrader, listen: Listen
) -> None:
    socket = await listen()
    trader.send("POST", "/fapi/v1/algoOrder", algoType="CONDITIONAL", symbol="BTCUSDT", side="BUY",
                type="STOP_MARKET", quantity="0.001", triggerPrice="65500")  # fmt: skip
    exchange.move_price("BTCUSDT", 65_600)
    stages = [event["o"]["X"] for event in await socket.received() if event["e"] == "ALGO_UPDATE"]
    assert stages == ["NEW", "TRIGGERING", "REJECTED"]


async def test_events_come_to_their_own_account_only(trader: RestTrader, other: RestTrader, listen: Listen) -> None:
    socket = await listen()
    trader.order("SELL", price="65000.0")
    other.order("BUY", price="65000.0")
    clients = {event["o"]["c"] for event in await socket.received() if event["e"] == "ORDER_TRADE_UPDATE"}
    own = {order["clientOrderId"] for order in trader.ask("/fapi/v1/allOrders", symbol="BTCUSDT")}
    assert clients == own


class TestListenKeys:
    def test_one_key_for_an_account_until_it_expires(self, trader: RestTrader, clock: ManualClock) -> None:
        first = trader.client.post("/fapi/v1/listenKey").json()
        clock.advance(minutes=59)
        assert trader.client.post("/fapi/v1/listenKey").json() == first
        clock.advance(minutes=59)
        assert trader.client.put("/fapi/v1/listenKey").json() == first
        clock.advance(minutes=60)
        assert trader.client.put("/fapi/v1/listenKey").json()["code"] == -1125
        assert trader.client.post("/fapi/v1/listenKey").json() != first

    async def test_expiry_is_told_and_nothing_after_it(
        self, trader: RestTrader, listen: Listen, clock: ManualClock
    ) -> None:
        socket: Socket = await listen()
        key = trader.client.post("/fapi/v1/listenKey").json()["listenKey"]
        clock.advance(minutes=60)
        trader.order("BUY")
        assert await socket.received() == [{"e": "listenKeyExpired", "E": clock.now_ms(), "listenKey": key}]

    async def test_a_closed_key_is_silent(self, trader: RestTrader, listen: Listen) -> None:
        socket = await listen()
        assert trader.client.delete("/fapi/v1/listenKey").json() == {}
        trader.client.post("/fapi/v1/listenKey")
        trader.order("BUY")
        assert await socket.received() == []

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("/private/ws/{key}", ["NEW", "TRADE"]),
            ("/private/ws?listenKey={key}", ["NEW", "TRADE"]),
            ("/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE", ["NEW", "TRADE"]),
            ("/private/ws?listenKey={key}&events=TRADE_LITE/ACCOUNT_UPDATE", []),
            ("/private/stream?listenKey={key}&events=ORDER_TRADE_UPDATE", ["NEW", "TRADE"]),
            ("/ws/{key}", []),
            ("/market/ws/{key}", []),
        ],
    )
    async def test_the_forms_of_its_address(
        self,
        exchange: Simulator,
        trader: RestTrader,
        open_socket: Callable[[str], Any],
        address: str,
        expected: list[str],
    ) -> None:
        key = trader.client.post("/fapi/v1/listenKey").json()["listenKey"]
        socket = await open_socket(exchange.stream_url + address.format(key=key))
        trader.order("BUY", quantity="0.002")
        frames = [frame["data"] if "/stream" in address else frame for frame in await socket.received()]
        assert [frame["o"]["x"] for frame in frames if frame["e"] == "ORDER_TRADE_UPDATE"] == expected

    async def test_a_key_can_be_subscribed_to_later(
        self, exchange: Simulator, trader: RestTrader, open_socket: Callable[[str], Any]
    ) -> None:
        key = trader.client.post("/fapi/v1/listenKey").json()["listenKey"]
        socket = await open_socket(f"{exchange.stream_url}/private/stream")
        await socket.call({"method": "SUBSCRIBE", "params": [f"{key}@TRADE_LITE"], "id": 1})
        trader.order("BUY", quantity="0.002")
        assert [(frame["stream"], frame["data"]["e"]) for frame in await socket.received()] == [
            (f"{key}@TRADE_LITE", "TRADE_LITE")
        ]


async def test_a_margin_call_comes_before_the_liquidation(
    exchange: Simulator, trader: RestTrader, listen: Listen
) -> None:
    trader.send("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage="100")
    exchange.transfer(-99_000)
    trader.order("BUY", quantity="1.000")
    socket = await listen()
    exchange.move_price("BTCUSDT", 64_400)
    exchange.move_price("BTCUSDT", 64_350)
    warned = [event for event in await socket.received() if event["e"] == "MARGIN_CALL"]
    exchange.move_price("BTCUSDT", 64_000)
    ended = [event["o"] for event in await socket.received() if event["e"] == "ORDER_TRADE_UPDATE"]
    assert [event["p"][0]["mt"] for event in warned] == ["CROSSED"]
    assert {update["c"].partition("-")[0] for update in ended} == {"autoclose"}
