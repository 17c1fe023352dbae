"""Calls over the WebSocket API that no session was logged on for carry their own signature, whatever the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from binance_derivatives import AsyncUsdsFutures

from .api_desk import ApiDesk

if TYPE_CHECKING:
    from specwright.simulator import Simulator


def rsa_account(exchange: Simulator) -> dict[str, Any]:
    """Opens an account with an RSA key; gives a client's options for it."""
    key, name = rsa.generate_private_key(65537, 2048), "r" * 64
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    exchange.open_account(name, public_key=public.decode())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"api_key": name, "api_secret": None, "private_key": private.decode()}


@pytest.mark.parametrize("kind", ["HMAC", "RSA"])
async def test_each_call_is_signed_by_itself(
    exchange: Simulator, nothing_left: None, options: dict[str, Any], kind: str
) -> None:
    if kind == "RSA":
        options |= rsa_account(exchange)
    async with AsyncUsdsFutures(**options) as client:
        desk = ApiDesk(exchange, client)
        await desk.place("first")
        await desk.place("second")

    assert desk.placed == ["first", "second"]
    orders = desk.sent("new_order")
    assert [each.parameters["apiKey"] for each in orders] == [options["api_key"]] * 2
    assert len({each.parameters["signature"] for each in orders}) == 2
    assert desk.sent("session_logon") == []
