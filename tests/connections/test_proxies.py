"""One setting sends everything through a proxy, plain and over TLS, and its password shows nowhere."""

from __future__ import annotations

import base64
import logging
import traceback
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives._runtime.network import TransportOptions
from binance_derivatives.errors import BinanceError, ConnectError

from ..faults.trader import OWN_WAYS, Trader
from .http_proxy import HttpProxy
from .tls_front import TlsFront

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.simulator import Simulator

    from ..faults.certificates import Authority
    from ..faults.trader import Way

SCHEMES = ["plain", "tls"]
ADDRESSES = ("rest_url", "ws_api_url", "stream_url")

USER, PASSWORD = "trader", "hush-hush"


@pytest.fixture
def proxy() -> Iterator[HttpProxy]:
    with HttpProxy(f"{USER}:{PASSWORD}") as running:
        yield running


@pytest.fixture
def options(request: pytest.FixtureRequest, exchange: Simulator, authority: Authority) -> Iterator[dict[str, Any]]:
    """Options of a client, by the scheme that the test asks for; with TLS, for an exchange behind it."""
    known: dict[str, Any] = {**exchange.client_options, "limits": "off", "retry": None}
    with ExitStack() as stack:
        if request.param == "tls":
            known["verify"] = authority.trusting_context()
            for name in ADDRESSES:
                parts = urlsplit(known[name])
                front = stack.enter_context(TlsFront(parts.netloc, tls=authority.server_context()))
                known[name] = f"{parts.scheme}s://{front.address}{parts.path}"
        yield known


def asked_for(proxy: HttpProxy, options: dict[str, Any]) -> set[str]:
    """Which of the client's addresses the proxy was asked for."""
    hosts = {urlsplit(options[name]).netloc: name for name in ADDRESSES}
    targets = (line.partition(" ")[2] for line in proxy.asked)
    return {hosts[urlsplit(target).netloc if "://" in target else target] for target in targets}


@pytest.mark.parametrize("options", SCHEMES, indirect=True)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_rest_goes_through_the_proxy(way: Way, options: dict[str, Any], proxy: HttpProxy) -> None:
    with Trader(way, **options, proxy=proxy.url) as trader:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        placed = trader.finish(lambda: trader.client.trade.new_order(**order))
        found = trader.finish(lambda: trader.client.trade.query_order(symbol="BTCUSDT", order_id=placed.order_id))

    assert found.order_id == placed.order_id
    assert asked_for(proxy, options) == {"rest_url"}
    assert {line.startswith("CONNECT") for line in proxy.asked} == {options["rest_url"].startswith("https")}


@pytest.mark.parametrize("options", SCHEMES, indirect=True)
async def test_websockets_go_through_the_same_proxy(options: dict[str, Any], proxy: HttpProxy) -> None:
    async with AsyncUsdsFutures(**options, proxy=proxy.url) as client:
        assert (await client.ws_api.market_data.order_book(symbol="BTCUSDT", limit=5)).bids
        async with client.streams.diff_depth("BTCUSDT") as stream:
            async for event in stream.events():
                assert event.symbol == "BTCUSDT"
                break

    assert asked_for(proxy, options) == {"ws_api_url", "stream_url"}
    assert proxy.refused == 0


@pytest.mark.parametrize("options", SCHEMES, indirect=True)
async def test_a_proxy_of_the_environment_serves_rest_and_websockets(
    options: dict[str, Any], proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for scheme in ("http", "https"):
        monkeypatch.delenv(f"{scheme.upper()}_PROXY", raising=False)
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
    async with AsyncUsdsFutures(**options) as client:
        await client.market_data.server_time()
        await client.ws_api.market_data.order_book(symbol="BTCUSDT", limit=5)
    assert asked_for(proxy, options) == {"rest_url", "ws_api_url"}

    async with AsyncUsdsFutures(**options, proxy=False) as client:
        seen = len(proxy.asked)
        await client.market_data.server_time()
        await client.ws_api.market_data.order_book(symbol="BTCUSDT", limit=5)
    assert len(proxy.asked) == seen


@pytest.mark.parametrize("options", SCHEMES, indirect=True)
async def test_the_password_shows_nowhere(
    options: dict[str, Any], proxy: HttpProxy, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    caplog.set_level(logging.DEBUG)
    wrong = proxy.url.replace(USER, "stranger")
    for url in (proxy.url, wrong):
        shown.append(repr(TransportOptions(options["rest_url"], proxy=url)))
        async with AsyncUsdsFutures(**options, proxy=url) as client:
            shown += [repr(client), repr(client.market_data), repr(client.ws_api)]
            for call in (client.market_data.server_time(), client.ws_api.market_data.order_book(symbol="BTCUSDT")):
                try:
                    await call
                except BinanceError as error:
                    shown += [repr(error), "".join(traceback.format_exception(error))]
    shown += [f"{record.getMessage()} {record.exc_text}" for record in caplog.records]

    assert proxy.refused > 0
    text = "\n".join(shown)
    assert PASSWORD not in text
    for user in (USER, "stranger"):
        assert base64.b64encode(f"{user}:{PASSWORD}".encode()).decode() not in text


@pytest.mark.parametrize("options", ["tls"], indirect=True)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_that_the_proxy_refused_was_not_sent(way: Way, options: dict[str, Any], proxy: HttpProxy) -> None:
    with (
        Trader(way, **options, proxy=f"http://{proxy.address}") as trader,
        pytest.raises(ConnectError, match="407"),
    ):
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
        trader.finish(lambda: trader.client.trade.new_order(**order))
    assert proxy.refused > 0
