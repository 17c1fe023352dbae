"""Budgets: what calls cost, what is told of it, and what happens when it is too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.conftest import Observer, RestTrader

    from specwright.simulator import ManualClock, Simulator


def used(response: httpx.Response) -> int:
    return int(response.headers["X-MBX-USED-WEIGHT-1M"])


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        ("/fapi/v1/time", 1),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=50", 2),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=100", 5),
        ("/fapi/v1/depth?symbol=BTCUSDT", 10),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=1000", 20),
        ("/fapi/v1/ticker/24hr?symbol=BTCUSDT", 1),
        ("/fapi/v1/ticker/24hr", 40),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=99", 1),
    ],
)
def test_weights_are_those_of_the_spec(exchange: Simulator, path: str, weight: int) -> None:
    assert used(httpx.get(exchange.rest_url + path)) == weight


def test_a_refused_request_costs_as_much(exchange: Simulator) -> None:
    assert used(httpx.get(f"{exchange.rest_url}/fapi/v1/depth?symbol=NOSUCH&limit=1000")) == 20


def test_the_count_begins_anew_every_minute(exchange: Simulator, clock: ManualClock) -> None:
    httpx.get(f"{exchange.rest_url}/fapi/v1/time")
    clock.advance(59)
    before = used(httpx.get(f"{exchange.rest_url}/fapi/v1/time"))
    clock.advance(1)
    assert (before, used(httpx.get(f"{exchange.rest_url}/fapi/v1/time"))) == (2, 1)


def test_too_much_weight_is_refused_until_the_minute_ends_and_then_banned(
    exchange: Simulator, clock: ManualClock
) -> None:
    clock.advance(20)
    with httpx.Client(base_url=exchange.rest_url) as client:
        for _ in range(60):
            assert client.get("/fapi/v1/ticker/24hr").status_code == 200
        refused = client.get("/fapi/v1/time")
        assert (refused.status_code, refused.headers["Retry-After"], refused.json()["code"]) == (429, "40", -1003)
        while (response := client.get("/fapi/v1/time")).status_code == 429:
            assert response.json()["code"] == -1003
        until_ms = clock.now_ms() + 120_000
        assert (response.status_code, response.headers["Retry-After"]) == (418, "120")
        assert f"IP banned until {until_ms}" in response.json()["msg"]
        clock.advance(119)
        assert client.get("/fapi/v1/time").status_code == 418
        clock.advance(1)
        assert client.get("/fapi/v1/time").status_code == 200


def test_orders_are_counted_for_the_account(trader: RestTrader, other: RestTrader) -> None:
    def place(who: RestTrader) -> httpx.Response:
        return who.send("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")

    first, second, third = place(trader), place(trader), place(other)
    assert [response.headers["X-MBX-ORDER-COUNT-10S"] for response in (first, second, third)] == ["1", "2", "1"]
    assert [response.headers["X-MBX-ORDER-COUNT-1M"] for response in (first, second, third)] == ["1", "2", "1"]
    assert "X-MBX-ORDER-COUNT-10S" not in trader.send("GET", "/fapi/v3/balance").headers


def test_too_many_orders(trader: RestTrader, clock: ManualClock) -> None:
    item = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.002"}
    for _ in range(60):
        trader.send("POST", "/fapi/v1/batchOrders", batchOrders=json.dumps([item]))
    response = trader.send("POST", "/fapi/v1/order", **item)
    assert (response.status_code, response.json()) == (
        429,
        {"code": -1015, "msg": "Too many new orders; current limit is 300 orders per 10 SECONDS."},
    )
    clock.advance(10)
    assert trader.send("POST", "/fapi/v1/order", **item).status_code == 200


def test_limits_of_single_endpoints_draw_on_their_own_budget(exchange: Simulator) -> None:
    response = httpx.get(f"{exchange.rest_url}/fapi/v1/fundingRate", params={"symbol": "BTCUSDT"})
    assert (used(response), exchange.limits.used("funding", "127.0.0.1")) == (0, 1)


async def test_the_websocket_api_shares_the_budget_and_tells_of_it(
    exchange: Simulator, observer: Observer, open_socket: Callable[[str], Any]
) -> None:
    observer.ask("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    socket = await open_socket(exchange.ws_api_url)
    reply = await socket.call({"id": 1, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
    # Twenty for the book over REST, five for the handshake, one for the price.
    assert reply["rateLimits"] == [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 26}
    ]


def test_limits_can_be_switched_off(exchange: Simulator) -> None:
    exchange.limits.enabled = False
    with httpx.Client(base_url=exchange.rest_url) as client:
        statuses = {client.get("/fapi/v1/ticker/24hr").status_code for _ in range(62)}
    assert statuses == {200}
