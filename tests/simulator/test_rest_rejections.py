"""What the exchange refuses, with its codes, statuses and bodies, over real HTTP."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import httpx
import pytest

if TYPE_CHECKING:
    from tests.simulator.conftest import RestTrader

    from specwright.simulator import ManualClock, Simulator

BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1", "price": "64000"}


def answer(response: httpx.Response) -> tuple[int, int]:
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/fapi/v1/nothing", 404, {"code": -5000, "msg": "Path /fapi/v1/nothing, Method GET is invalid"}),
        (
            "/fapi/v1/depth",
            400,
            {"code": -1102, "msg": "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."},
        ),
        ("/fapi/v1/depth?symbol=NOSUCH", 400, {"code": -1121, "msg": "Invalid symbol."}),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=7", 400, {"code": -4021, "msg": "Depth limit 7 is not valid."}),
        (
            "/fapi/v1/depth?symbol=BTCUSDT&limit=ten",
            400,
            {"code": -1100, "msg": "Illegal characters found in parameter 'limit'; legal range is '^-?[0-9]{1,20}$'."},
        ),
        ("/fapi/v1/depth?symbol=BTCUSDT&limit=", 400, {"code": -1105, "msg": "Parameter 'limit' was empty."}),
        (
            "/fapi/v1/depth?symbol=BTCUSDT&depth=5",
            400,
            {"code": -1104, "msg": "Not all sent parameters were read; read '1' parameter(s) but was sent '2'."},
        ),
        (
            "/fapi/v1/depth?symbol=BTCUSDT&symbol=ETHUSDT",
            400,
            {"code": -1101, "msg": "Duplicate values for parameter 'symbol' detected."},
        ),
        ("/fapi/v1/klines?symbol=BTCUSDT&interval=7m", 400, {"code": -1120, "msg": "Invalid interval."}),
        (
            "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=2&endTime=1",
            400,
            {"code": -1023, "msg": "Start time is greater than end time."},
        ),
        (
            "/fapi/v1/indexPriceKlines?pair=NOSUCH&interval=1m",
            400,
            {"code": -4144, "msg": "Invalid pair."},
        ),
    ],
)
def test_public_requests(exchange: Simulator, path: str, status: int, body: dict[str, object]) -> None:
    response = httpx.get(exchange.rest_url + path)
    assert (response.status_code, response.json()) == (status, body)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "STOP_MARKET"}, -4120),
        ({"timeInForce": "DAY"}, -1115),
        ({"timeInForce": None}, -1102),
        ({"price": None}, -1102),
        ({"quantity": "many"}, -1100),
        ({"quantity": "1e-3"}, -1100),
        ({"quantity": "0.0001"}, -1111),
        ({"quantity": "0"}, -4003),
        ({"quantity": "99999999"}, -4005),
        ({"price": "64000.05"}, -4014),
        ({"price": "64000.005"}, -1111),
        ({"price": "99000.0"}, -4016),
        ({"side": "SELL", "price": "40000.0"}, -4024),
        ({"price": "99000000.0"}, -4002),
        ({"quantity": "0.001"}, -4164),
        ({"quantity": "900"}, -2019),
        ({"newOrderRespType": "FULL"}, -1136),
        ({"positionSide": "UP"}, -4060),
        ({"positionSide": "LONG"}, -4061),
        ({"reduceOnly": "maybe"}, -1130),
        ({"reduceOnly": "true"}, -2022),
        ({"newClientOrderId": "with space"}, -1100),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"price": "64000", "priceMatch": "QUEUE"}, -1128),
        ({"timeInForce": "GTD", "goodTillDate": "1"}, -5040),
        ({"timeInForce": "FOK"}, -5021),
        ({"timeInForce": "GTX", "price": "66000"}, -5022),
        ({"type": "MARKET", "priceMatch": "QUEUE", "price": None}, -1106),
    ],
    ids=lambda value: (
        ",".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else str(value)
    ),
)
def test_orders(trader: RestTrader, change: dict[str, str | None], code: int) -> None:
    parameters = {name: value for name, value in (BUY | change).items() if value is not None}
    assert answer(trader.send("POST", "/fapi/v1/order", **parameters)) == (400, code)
    assert trader.ask("/fapi/v1/openOrders") == []


class TestAuthentication:
    def test_a_key_that_cannot_be_one(self, exchange: Simulator) -> None:
        response = httpx.post(f"{exchange.rest_url}/fapi/v1/listenKey", headers={"X-MBX-APIKEY": "short"})
        assert (response.status_code, response.json()) == (401, {"code": -2014, "msg": "API-key format invalid."})

    def test_no_key(self, exchange: Simulator) -> None:
        assert answer(httpx.post(f"{exchange.rest_url}/fapi/v1/listenKey")) == (401, -2014)

    def test_a_key_that_nobody_has(self, exchange: Simulator) -> None:
        response = httpx.post(f"{exchange.rest_url}/fapi/v1/listenKey", headers={"X-MBX-APIKEY": "x" * 64})
        assert (response.status_code, response.json()) == (
            401,
            {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."},
        )

    def test_a_signature_of_another_secret(self, trader: RestTrader) -> None:
        trader.secret = "another"
        response = trader.send("POST", "/fapi/v1/order", **BUY)
        assert (response.status_code, response.json()) == (
            400,
            {"code": -1022, "msg": "Signature for this request is not valid."},
        )

    def test_no_signature(self, trader: RestTrader) -> None:
        response = trader.client.get("/fapi/v3/balance", params={"timestamp": trader.exchange.clock.now_ms()})
        assert answer(response) == (400, -1102)

    def test_a_parameter_changed_after_signing(self, trader: RestTrader) -> None:
        query = trader.signed(dict(BUY)).replace("quantity=0.1", "quantity=0.9")
        assert answer(trader.client.post(f"/fapi/v1/order?{query}")) == (400, -1022)

    @pytest.mark.parametrize(
        ("offset_ms", "window", "code"),
        [(-5_001, None, -1021), (-5_000, None, 200), (-1_001, 1_000, -1021), (999, None, 200), (1_000, None, -1021)],
    )
    def test_the_time_of_a_request(self, trader: RestTrader, offset_ms: int, window: int | None, code: int) -> None:
        parameters: dict[str, object] = {"timestamp": trader.exchange.clock.now_ms() + offset_ms}
        if window is not None:
            parameters["recvWindow"] = window
        response = trader.send("GET", "/fapi/v3/balance", **parameters)
        assert (response.status_code if code == 200 else response.json()["code"]) == code

    def test_what_is_signed_may_be_split_between_query_and_body(self, trader: RestTrader) -> None:
        query = urlencode({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"})
        body = urlencode({"quantity": "0.1", "price": "64000", "timestamp": trader.exchange.clock.now_ms()})
        signature = hmac.new(trader.secret.encode(), (query + body).encode(), hashlib.sha256).hexdigest()
        response = trader.client.post(
            f"/fapi/v1/order?{query}",
            content=f"{body}&signature={signature.upper()}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert (response.status_code, response.json()["origQty"]) == (200, "0.100")

    def test_a_symbol_outside_ascii_is_signed_as_it_is_sent(self, trader: RestTrader) -> None:
        response = trader.send("DELETE", "/fapi/v1/allOpenOrders", symbol="币安人生USDT")
        assert quote("币安人生") in str(response.request.url)
        assert response.json()["code"] == 200


class TestHedgeMode:
    @pytest.fixture(autouse=True)
    def hedge_mode(self, trader: RestTrader) -> None:
        assert trader.send("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true").status_code == 200

    @pytest.mark.parametrize(
        ("change", "code"),
        [({}, -4061), ({"positionSide": "BOTH"}, -4061), ({"positionSide": "LONG", "reduceOnly": "true"}, -1106)],
        ids=["no side", "both sides", "reduce only"],
    )
    def test_orders_of_one_way_mode(self, trader: RestTrader, change: dict[str, str], code: int) -> None:
        assert answer(trader.send("POST", "/fapi/v1/order", **(BUY | change))) == (400, code)

    def test_closing_what_is_not_there(self, trader: RestTrader) -> None:
        assert trader.order("SELL", positionSide="LONG")["code"] == -2022

    def test_the_mode_is_locked_while_orders_are_open(self, trader: RestTrader) -> None:
        trader.order("BUY", price="64000", positionSide="LONG")
        response = trader.send("POST", "/fapi/v1/positionSide/dual", dualSidePosition="false")
        assert answer(response) == (400, -4067)


@pytest.mark.parametrize(
    ("method", "path", "parameters", "code"),
    [
        ("GET", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": "1"}, -2013),
        ("GET", "/fapi/v1/order", {"symbol": "BTCUSDT"}, -1102),
        ("DELETE", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": "1"}, -2011),
        ("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": "126"}, -4028),
        ("POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": "CROSSED"}, -4046),
        ("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": "false"}, -4059),
        ("POST", "/fapi/v1/multiAssetsMargin", {"multiAssetsMargin": "false"}, -4171),
        ("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT", "startTime": "1", "endTime": "700000000"}, -1127),
        ("GET", "/fapi/v1/userTrades", {"symbol": "BTCUSDT", "fromId": "1", "startTime": "1"}, -1128),
        ("POST", "/fapi/v1/batchOrders", {"batchOrders": "[]"}, -4082),
        ("POST", "/fapi/v1/batchOrders", {"batchOrders": "[{"}, -1102),
    ],
)
def test_other_operations(trader: RestTrader, method: str, path: str, parameters: dict[str, str], code: int) -> None:
    assert answer(trader.send(method, path, **parameters)) == (400, code)


def test_the_listen_key_must_exist_to_be_kept_alive(trader: RestTrader, clock: ManualClock) -> None:
    assert trader.client.put("/fapi/v1/listenKey").json() == {"code": -1125, "msg": "This listenKey does not exist."}
