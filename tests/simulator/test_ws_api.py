"""The WebSocket API: envelopes, signatures, sessions, over real sockets."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from specwright.simulator import ManualClock, Simulator

Open = Callable[[str], Any]

ED_KEY = "ed25519" + "0" * 57


def payload(parameters: dict[str, object]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items())).encode()


def signed(exchange: Simulator, **parameters: object) -> dict[str, object]:
    whole = {"apiKey": exchange.api_key, "timestamp": exchange.clock.now_ms(), **parameters}
    return {**whole, "signature": hmac.new(exchange.api_secret.encode(), payload(whole), hashlib.sha256).hexdigest()}


@pytest.fixture
async def socket(exchange: Simulator, open_socket: Open) -> Any:
    return await open_socket(exchange.ws_api_url)


async def test_a_reply_carries_the_id_the_status_and_the_limits(exchange: Simulator, socket: Any) -> None:
    reply = await socket.call({"id": "mine", "method": "userDataStream.stop", "params": {"apiKey": exchange.api_key}})
    assert reply == {
        "id": "mine",
        "status": 200,
        "result": {},
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400, "count": 6}
        ],
    }


@pytest.mark.parametrize("identifier", [7, "seven", None])
async def test_any_id_comes_back(socket: Any, identifier: object) -> None:
    reply = await socket.call({"id": identifier, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
    assert reply["id"] == identifier


async def test_limits_can_be_left_out(exchange: Simulator, socket: Any, open_socket: Open) -> None:
    request = {"id": 1, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}}
    silent = await open_socket(f"{exchange.ws_api_url}?returnRateLimits=false")
    once = await socket.call({**request, "params": {"symbol": "BTCUSDT", "returnRateLimits": False}})
    assert ("rateLimits" in once, "rateLimits" in await silent.call(request)) == (False, False)


async def test_an_order_placed_here_is_seen_over_rest(exchange: Simulator, socket: Any) -> None:
    order = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.1",
        "price": "64000",
    }
    placed = await socket.call({"id": 1, "method": "order.place", "params": signed(exchange, **order)})
    wanted = {"symbol": "BTCUSDT", "orderId": placed["result"]["orderId"]}
    found = await socket.call({"id": 2, "method": "order.status", "params": signed(exchange, **wanted)})
    cancelled = await socket.call({"id": 3, "method": "order.cancel", "params": signed(exchange, **wanted)})
    assert [limit["rateLimitType"] for limit in placed["rateLimits"]] == ["ORDERS", "ORDERS", "REQUEST_WEIGHT"]
    assert (found["result"]["status"], cancelled["result"]["status"]) == ("NEW", "CANCELED")
    assert [entry.operation for entry in exchange.order_log] == ["new_order", "cancel_order"]


async def test_numbers_are_signed_as_they_are_written(exchange: Simulator, socket: Any) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 0.1, "price": 64000}
    reply = await socket.call({"id": 1, "method": "order.place", "params": signed(exchange, **order)})
    assert (reply["status"], reply["result"]["price"]) == (200, "64000.0")


@pytest.mark.parametrize(
    ("frame", "status", "code"),
    [
        ("{nonsense", 400, -1013),
        ([1], 400, -1013),
        ({"id": 1}, 400, -1013),
        ({"id": 1, "method": "order.buy"}, 400, -1020),
        ({"id": 1, "method": "depth"}, 400, -1102),
        ({"id": 1, "method": "depth", "params": {"symbol": "NOSUCH"}}, 400, -1121),
        ({"id": 1, "method": "userDataStream.start"}, 401, -2014),
        ({"id": 1, "method": "userDataStream.start", "params": {"apiKey": "x" * 64}}, 401, -2015),
    ],
    ids=["no JSON", "no object", "no method", "unknown method", "no symbol", "bad symbol", "no key", "unknown key"],
)
async def test_what_is_refused(socket: Any, frame: object, status: int, code: int) -> None:
    reply = await socket.call(frame)
    assert (reply["status"], reply["error"]["code"]) == (status, code)


async def test_a_wrong_signature(exchange: Simulator, socket: Any) -> None:
    parameters = signed(exchange) | {"recvWindow": 1_000}
    reply = await socket.call({"id": 1, "method": "account.balance", "params": parameters})
    assert (reply["status"], reply["error"]) == (
        400,
        {"code": -1022, "msg": "Signature for this request is not valid."},
    )


def test_another_path_is_not_served(exchange: Simulator) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode()}  # fmt: skip
    url = exchange.ws_api_url.replace("ws://", "http://").replace("ws-fapi", "other")
    assert httpx.get(url, headers=upgrade).status_code == 404


class TestSessions:
    @pytest.fixture
    def private_key(self, exchange: Simulator) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        exchange.open_account(ED_KEY, public_key=pem)
        return key

    async def log_on(self, exchange: Simulator, socket: Any, key: Ed25519PrivateKey) -> Any:
        parameters: dict[str, object] = {"apiKey": ED_KEY, "timestamp": exchange.clock.now_ms()}
        signature = base64.b64encode(key.sign(payload(parameters))).decode()
        return await socket.call({"id": 1, "method": "session.logon", "params": {**parameters, "signature": signature}})

    async def test_after_the_log_on_neither_key_nor_signature_is_needed(
        self, exchange: Simulator, clock: ManualClock, socket: Any, private_key: Ed25519PrivateKey
    ) -> None:
        connected_ms = clock.now_ms()
        clock.advance(2)
        reply = await self.log_on(exchange, socket, private_key)
        request = {"id": 2, "method": "account.balance", "params": {"timestamp": clock.now_ms()}}
        balance = await socket.call(request)
        await socket.call({"id": 3, "method": "session.logout"})
        afterwards = await socket.call(request)
        assert reply["result"] == {
            "apiKey": ED_KEY,
            "authorizedSince": clock.now_ms(),
            "connectedSince": connected_ms,
            "returnRateLimits": True,
            "serverTime": clock.now_ms(),
        }
        assert (balance["status"], afterwards["status"], afterwards["error"]["code"]) == (200, 401, -2014)

    async def test_an_explicit_key_overrides_the_session(
        self, exchange: Simulator, socket: Any, private_key: Ed25519PrivateKey
    ) -> None:
        await self.log_on(exchange, socket, private_key)
        exchange.transfer(500)
        reply = await socket.call({"id": 2, "method": "account.balance", "params": signed(exchange)})
        assert reply["result"][0]["balance"] == "100500.00000000"

    async def test_other_kinds_of_keys_cannot_log_on(self, exchange: Simulator, socket: Any) -> None:
        reply = await socket.call({"id": 1, "method": "session.logon", "params": signed(exchange)})
        assert (reply["status"], reply["error"]["code"]) == (400, -4056)

    async def test_without_a_log_on_there_is_nobody(self, socket: Any) -> None:
        reply = await socket.call({"id": 1, "method": "session.status"})
        assert (reply["result"]["apiKey"], reply["result"]["authorizedSince"]) == (None, None)
