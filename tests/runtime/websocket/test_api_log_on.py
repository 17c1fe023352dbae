"""Ed25519 keys log a connection on; later calls then need neither key nor signature."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from specwright.runtime.errors import ApiError, ConfigurationError
from specwright.runtime.websocket import log_on

from ...conditions import until
from .conftest import SETTINGS
from .tiny import LOGON, LOGOUT, LOOK, ORDER, PLACE, TinyClient, call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .server import ExchangeServer, Peer


@pytest.fixture
async def logged_on(server: ExchangeServer) -> AsyncIterator[TinyClient]:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def answer(peer: Peer, message: dict[str, Any]) -> dict[str, Any]:
        if message["method"] == "session.logon":
            params = dict(message["params"])
            signature = base64.b64decode(params.pop("signature"))
            payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
            private.public_key().verify(signature, payload.encode())
        return {"id": message["id"], "status": 200, "result": {**ORDER, "apiKey": "key"}}

    server.answer = answer
    async with TinyClient(
        environment="production",
        api_key="key",
        private_key=pem,
        ws_api_url=f"{server.url}/ws-api",
        connection_settings=SETTINGS,
    ) as client:
        yield client


def leave_log_ons_unanswered(server: ExchangeServer) -> None:
    answer = server.answer
    assert answer is not None
    server.answer = lambda peer, message: None if message["method"] == "session.logon" else answer(peer, message)


async def test_later_calls_are_not_signed(server: ExchangeServer, logged_on: TinyClient) -> None:
    await call(logged_on, LOGON)
    await call(logged_on, PLACE, symbol="A", client_order_id="mine")

    assert sorted(server.peers[0].received[1]["params"]) == [
        "newClientOrderId",
        "recvWindow",
        "symbol",
        "timestamp",
    ]


async def test_a_new_connection_is_logged_on_before_any_call_uses_it(
    server: ExchangeServer, logged_on: TinyClient
) -> None:
    await call(logged_on, LOGON)
    server.peers[0].cut()
    await call(logged_on, LOOK, symbol="A")

    assert [message["method"] for message in server.peers[1].received] == ["session.logon", "order.look"]


async def test_no_call_goes_over_a_new_connection_before_its_log_on_is_answered(
    server: ExchangeServer, logged_on: TinyClient
) -> None:
    await call(logged_on, LOGON)
    answer = server.answer
    assert answer is not None
    server.answer = lambda peer, message: None if message["method"] == "session.logon" else answer(peer, message)
    server.peers[0].cut()
    await until(lambda: len(server.peers) == 2 and server.peers[1].received)
    placing = asyncio.create_task(call(logged_on, PLACE, symbol="A"))
    await asyncio.sleep(0)
    peer = server.peers[1]
    await (await peer.connection.ping())  # What was sent before the answer to it has come.
    asked_before_the_answer = [message["method"] for message in peer.received]
    server.answer = answer
    reply = answer(peer, peer.received[0])
    assert reply is not None
    await peer.send(**reply)
    await placing

    assert asked_before_the_answer == ["session.logon"]
    assert [message["method"] for message in peer.received] == ["session.logon", "order.place"]


async def test_where_the_log_on_is_not_answered_calls_wait_for_it_only_so_long_and_sign_themselves(
    server: ExchangeServer, logged_on: TinyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call(logged_on, LOGON)
    monkeypatch.setattr(log_on, "PATIENCE", 0.01)
    leave_log_ons_unanswered(server)
    server.peers[0].cut()

    await call(logged_on, LOOK, symbol="A")
    await call(logged_on, PLACE, symbol="A")

    asked = server.peers[1].received
    assert [message["method"] for message in asked] == ["session.logon", "order.look", "order.place"]
    assert {"apiKey", "signature"} <= set(asked[2]["params"])


async def test_after_a_log_out_calls_are_signed_again(server: ExchangeServer, logged_on: TinyClient) -> None:
    await call(logged_on, LOGON)
    await call(logged_on, LOGOUT)
    await call(logged_on, PLACE, symbol="A")

    assert "signature" in server.peers[0].received[2]["params"]


async def test_a_connection_that_is_lost_while_it_is_logged_out_is_followed_by_one_that_is_not_logged_on(
    server: ExchangeServer, logged_on: TinyClient
) -> None:
    await call(logged_on, LOGON)
    answer = server.answer
    assert answer is not None

    def cut_at_the_first_logout(peer: Peer, message: dict[str, Any]) -> dict[str, Any] | None:
        if message["method"] == "session.logout" and peer is server.peers[0]:
            peer.cut()
            return None
        return answer(peer, message)

    server.answer = cut_at_the_first_logout
    await call(logged_on, LOGOUT)
    await call(logged_on, PLACE, symbol="A")

    assert [message["method"] for message in server.peers[1].received] == ["session.logout", "order.place"]
    assert "signature" in server.peers[1].received[1]["params"]


async def in_a_takeover(server: ExchangeServer) -> Peer:
    """The exchange announces that it goes; gives the second connection when something was asked on it."""
    await server.peers[0].connection.send('{"e":"serverShutdown","E":1}')
    await until(lambda: len(server.peers) == 2 and server.peers[1].received)
    return server.peers[1]


async def test_a_connection_that_takes_over_while_the_session_is_being_logged_on_is_logged_on_too(
    server: ExchangeServer, logged_on: TinyClient
) -> None:
    await call(logged_on, LOOK, symbol="A")
    answer = server.answer
    assert answer is not None
    server.answer = lambda peer, message: None if peer is server.peers[0] else answer(peer, message)
    logging_on = asyncio.create_task(call(logged_on, LOGON))
    await until(lambda: len(server.peers[0].received) == 2)
    newer = await in_a_takeover(server)
    reply = answer(server.peers[0], server.peers[0].received[1])
    assert reply is not None
    await server.peers[0].send(**reply)
    await logging_on
    await until(lambda: logged_on._websockets.caller.is_logged_on)
    await call(logged_on, PLACE, symbol="A")

    assert [message["method"] for message in newer.received] == ["session.logon", "order.place"]
    assert "signature" not in newer.received[1]["params"]


async def test_a_connection_that_is_being_logged_on_when_the_session_is_logged_out_is_logged_out_too(
    server: ExchangeServer, logged_on: TinyClient
) -> None:
    await call(logged_on, LOGON)
    answer = server.answer
    leave_log_ons_unanswered(server)
    assert answer is not None
    newer = await in_a_takeover(server)
    await call(logged_on, LOGOUT)
    server.answer = answer
    reply = answer(newer, newer.received[0])
    assert reply is not None
    await newer.send(**reply)
    await until(lambda: len(newer.received) == 2)
    await until(lambda: (leg := logged_on._websockets.caller.session.leg) is not None and leg.number == 2)
    await call(logged_on, PLACE, symbol="A")

    assert [message["method"] for message in newer.received] == ["session.logon", "session.logout", "order.place"]
    assert "signature" in newer.received[2]["params"]


@pytest.mark.parametrize("before", ["never logged on", "logged on"])
async def test_a_log_on_that_is_refused_changes_nothing(
    server: ExchangeServer, logged_on: TinyClient, before: str
) -> None:
    if before == "logged on":
        await call(logged_on, LOGON)
    answer = server.answer
    assert answer is not None
    refusal = {"status": 401, "error": {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}}
    server.answer = lambda peer, message: (
        {"id": message["id"], **refusal} if message["method"] == "session.logon" else answer(peer, message)
    )
    with pytest.raises(ApiError):
        await call(logged_on, LOGON)
    server.answer = answer
    server.peers[0].cut()
    await call(logged_on, LOOK, symbol="A")

    expected = ["order.look"] if before == "never logged on" else ["session.logon", "order.look"]
    assert [message["method"] for message in server.peers[1].received] == expected


async def test_other_keys_cannot_log_on(server: ExchangeServer, client: TinyClient) -> None:
    with pytest.raises(ConfigurationError, match="Ed25519"):
        await call(client, LOGON)
    assert server.peers == []
