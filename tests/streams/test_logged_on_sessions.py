"""A session that has logged on stays so over lost connections, until it logs out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from binance_derivatives import AsyncUsdsFutures
from specwright.simulator import Drop

from .api_desk import ENDS, ApiDesk

if TYPE_CHECKING:
    from specwright.simulator import Simulator


@pytest.fixture
async def logged_on(exchange: Simulator, nothing_left: None, options: dict[str, Any]) -> AsyncUsdsFutures:
    """A client with an Ed25519 key that has logged on."""
    key, name = Ed25519PrivateKey.generate(), "e" * 64
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    exchange.open_account(name, public_key=public.decode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    del options["api_secret"]
    client = AsyncUsdsFutures(**{**options, "api_key": name, "private_key": pem})
    await client.ws_api.session.session_logon()
    return client


@pytest.mark.parametrize("end", ENDS)
async def test_after_a_reconnect_the_session_is_logged_on_again(
    exchange: Simulator, logged_on: AsyncUsdsFutures, end: str
) -> None:
    async with logged_on as client:
        desk = ApiDesk(exchange, client)
        await desk.place("before")
        for number in range(5):
            ENDS[end](exchange)
            await desk.received("session_logon", number + 2)
            await desk.connected()
            await desk.place(f"after-{number}")
        status = await client.ws_api.session.session_status()

    assert status.api_key == "e" * 64
    assert desk.placed == ["before", *(f"after-{number}" for number in range(5))]
    assert len(desk.sent("session_logon")) == 6
    assert all("signature" not in each.parameters for each in desk.sent("new_order"))
    assert all("signature" in each.parameters for each in desk.sent("session_logon"))


async def test_a_logon_that_is_refused_after_a_reconnect_leaves_calls_that_sign_themselves(
    exchange: Simulator, logged_on: AsyncUsdsFutures
) -> None:
    async with logged_on as client:
        desk = ApiDesk(exchange, client)
        exchange.faults.add(Drop(), operation="session_logon", times=1)
        exchange.faults.close_sockets("ws_api", None)
        async with asyncio.timeout(5):
            await desk.connected()
            await desk.place("still-works")

    assert desk.placed == ["still-works"]


async def test_after_a_logout_new_connections_are_not_logged_on(
    exchange: Simulator, logged_on: AsyncUsdsFutures
) -> None:
    async with logged_on as client:
        desk = ApiDesk(exchange, client)
        await client.ws_api.session.session_logout()
        exchange.faults.close_sockets("ws_api", None)
        await desk.connected()
        await desk.place("signed")

    assert len(desk.sent("session_logon")) == 1
    assert "signature" in desk.sent("new_order")[0].parameters
