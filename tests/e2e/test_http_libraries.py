"""REST without the protocol library that direct connections speak through: calls go over httpx's own transports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives._runtime import sender

if TYPE_CHECKING:
    from specwright.simulator import Simulator


@pytest.fixture
def requests_of_httpx(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The targets that httpx's transports were asked for, where nothing is sent directly."""
    seen: list[bytes] = []
    send, send_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def noted(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["target"])
        return send(self, request)

    async def noted_async(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["target"])
        return await send_async(self, request)

    monkeypatch.setattr(sender, "speaks_directly", lambda: False)
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", noted)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", noted_async)
    return seen


def paths(targets: list[bytes]) -> list[bytes]:
    """The paths that were asked for, in order; a slow measurement of the time is made twice, and counts once."""
    return list(dict.fromkeys(target.partition(b"?")[0] for target in targets))


def test_the_synchronous_client_uses_httpx(exchange: Simulator, requests_of_httpx: list[bytes]) -> None:
    with UsdsFutures(**exchange.client_options) as client:
        placed = client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")

    assert placed.side == "BUY"
    assert paths(requests_of_httpx) == [b"/fapi/v1/time", b"/fapi/v1/order"]


async def test_the_asynchronous_client_uses_httpx(exchange: Simulator, requests_of_httpx: list[bytes]) -> None:
    async with AsyncUsdsFutures(**exchange.client_options) as client:
        placed = await client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")

    assert placed.side == "BUY"
    assert paths(requests_of_httpx) == [b"/fapi/v1/time", b"/fapi/v1/order"]
