"""Through an HTTP proxy: plain and by tunnel, REST and WebSocket, with a password and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives.errors import ConnectError

from ..connections.http_proxy import HttpProxy
from .certificates import Authority
from .proxy import FaultProxy
from .trader import ORDER, OWN_WAYS, TIME, Trader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.simulator import Simulator

    from .trader import Way


@pytest.fixture(autouse=True)
def no_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def http_proxy() -> Iterator[HttpProxy]:
    with HttpProxy() as running:
        yield running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_plain_address_is_asked_of_the_proxy(
    way: Way, exchange: Simulator, options: dict[str, Any], http_proxy: HttpProxy
) -> None:
    with Trader(way, **options, proxy=http_proxy.url) as trader:
        order = trader.do(ORDER)

    assert http_proxy.asked == [f"GET {exchange.rest_url}/fapi/v1/time", f"POST {exchange.rest_url}/fapi/v1/order"]
    assert exchange.order_log[-1].parameters["newClientOrderId"] == order.client_order_id


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_secure_address_is_reached_by_a_tunnel_that_shows_nothing(
    way: Way, exchange: Simulator, options: dict[str, Any], http_proxy: HttpProxy, authority: Authority
) -> None:
    with FaultProxy(exchange.rest_url, tls=authority.server_context()) as secure:
        options |= {"rest_url": secure.url, "verify": authority.trusting_context(), "proxy": http_proxy.url}
        with Trader(way, **options) as trader:
            trader.do(ORDER)
        address = urlsplit(secure.url).netloc

    assert http_proxy.asked == [f"CONNECT {address}"], "one connection, used twice"
    assert secure.count("POST /fapi/v1/order") == 1


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_tunnel_that_is_refused_means_that_nothing_was_sent(
    way: Way, exchange: Simulator, options: dict[str, Any], authority: Authority
) -> None:
    logged = len(exchange.order_log)
    with (
        HttpProxy("user:pass") as guarded,
        FaultProxy(exchange.rest_url, tls=authority.server_context()) as secure,
    ):
        address = guarded.url.replace("user:pass", "user:wrong")
        options |= {"rest_url": secure.url, "verify": authority.trusting_context(), "proxy": address, "retry": None}
        with Trader(way, **options) as trader, pytest.raises(ConnectError, match="407") as raised:
            trader.do(ORDER)

    assert "wrong" not in str(raised.value)
    assert guarded.refused >= 1
    assert (secure.seen, len(exchange.order_log)) == ([], logged)


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_password_in_the_address_opens_the_proxy(way: Way, options: dict[str, Any]) -> None:
    with HttpProxy("user:pass") as guarded, Trader(way, **options, proxy=guarded.url) as trader:
        assert trader.do(TIME).server_time

    assert (len(guarded.asked), guarded.refused) == (1, 0)


@pytest.mark.parametrize("way", OWN_WAYS)
def test_the_environment_names_a_proxy_unless_it_is_switched_off(
    way: Way, options: dict[str, Any], http_proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", http_proxy.url)
    with Trader(way, **options) as through, Trader(way, **options, proxy=False) as direct:
        through.do(TIME)
        direct.do(TIME)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Trader(way, **options) as excepted:
        excepted.do(TIME)

    assert len(http_proxy.asked) == 1


async def test_one_setting_serves_rest_and_websocket(
    exchange: Simulator, options: dict[str, Any], http_proxy: HttpProxy
) -> None:
    async with AsyncUsdsFutures(**options, proxy=http_proxy.url) as client:
        order = await client.ws_api.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
        async with client.user_data() as stream:
            await client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
            await anext(stream.events())

    assert order.client_order_id
    tunnels = [line for line in http_proxy.asked if line.startswith("CONNECT")]
    assert tunnels == [f"CONNECT {urlsplit(url).netloc}" for url in (exchange.ws_api_url, exchange.stream_url)]
    assert f"POST {exchange.rest_url}/fapi/v1/order" in http_proxy.asked


def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(
    exchange: Simulator, options: dict[str, Any], http_proxy: HttpProxy
) -> None:
    with HttpProxy() as gone:
        address = gone.url
    logged = len(exchange.order_log)
    with UsdsFutures(**options, proxy=address, retry=None) as client, pytest.raises(ConnectError):
        client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")

    assert len(exchange.order_log) == logged
