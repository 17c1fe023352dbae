"""HTTP/2 to a real server: orders and questions, and the very bytes that were signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from binance_derivatives import AsyncUsdsFutures

from ..faults.trader import Trader
from .http2_front import Http2Front
from .http_proxy import HttpProxy
from .tls_front import TlsFront

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from specwright.simulator import Simulator

    from ..faults.certificates import Authority
    from ..faults.trader import Way
    from .http2_front import Http2Request

SYMBOL = "BTCUSDT"
WAYS: list[Way] = ["sync", "async"]


@pytest.fixture
def front(address: str, authority: Authority) -> Iterator[Http2Front]:
    tls = authority.server_context()
    tls.set_alpn_protocols(["h2"])
    with Http2Front(address, tls=tls) as running:
        yield running


@pytest.fixture
def options(exchange: Simulator, front: Http2Front) -> dict[str, Any]:
    keys = {"api_key": exchange.api_key, "api_secret": exchange.api_secret}
    return {**keys, "rest_url": f"https://{front.address}", "http2": True, "limits": "off", "retry": None}


TRUST: dict[str, Callable[[Authority], object]] = {
    "context": lambda authority: authority.trusting_context(),
    "file": lambda authority: authority.certificate_file,
}


@pytest.mark.parametrize("trust", TRUST)
@pytest.mark.parametrize("way", WAYS)
def test_an_order_and_a_question_go_over_http2_as_they_were_signed(
    way: Way, trust: str, exchange: Simulator, front: Http2Front, authority: Authority, options: dict[str, Any]
) -> None:
    logged = len(exchange.order_log)
    with Trader(way, **options, verify=TRUST[trust](authority)) as trader:
        trade = trader.client.trade
        placed = trader.finish(lambda: trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010"))
        found = trader.finish(lambda: trade.query_order(symbol=SYMBOL, order_id=placed.order_id))

    assert (found.order_id, found.orig_qty) == (placed.order_id, Decimal("0.010"))
    assert [entry.operation for entry in exchange.order_log[logged:] if entry.executed] == ["new_order"]
    assert front.protocols == ["h2"], "one connection for all"
    ours = [request for request in front.requests if "/order" in request.line]
    assert [request.line.partition("?")[0] for request in ours] == ["POST /fapi/v1/order", "GET /fapi/v1/order"]
    assert [signature_of(request) for request in ours] == [expected_signature(request, exchange) for request in ours]


def signed_text(request: Http2Request) -> str:
    """The form of an order, or the query of a question."""
    return request.body.decode() or request.line.partition("?")[2]


def signature_of(request: Http2Request) -> str:
    return signed_text(request).rpartition("&signature=")[2]


def expected_signature(request: Http2Request, exchange: Simulator) -> str:
    payload = signed_text(request).rpartition("&signature=")[0]
    return hmac.new(exchange.api_secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("way", WAYS)
def test_many_questions_share_a_connection(
    way: Way, front: Http2Front, authority: Authority, options: dict[str, Any]
) -> None:
    with Trader(way, **options, verify=authority.trusting_context()) as trader:

        async def at_once() -> list[Any]:
            return await asyncio.gather(*(trader.client.market_data.server_time() for _ in range(5)))

        def one_by_one() -> list[Any]:
            return [trader.client.market_data.server_time() for _ in range(5)]

        times = trader.finish(one_by_one if way == "sync" else at_once)

    assert len(times) == 5
    assert front.protocols == ["h2"]


@pytest.mark.parametrize("way", WAYS)
def test_http2_goes_through_a_proxy(way: Way, front: Http2Front, authority: Authority, options: dict[str, Any]) -> None:
    with (
        HttpProxy("trader:hush-hush") as proxy,
        Trader(way, **options, verify=authority.trusting_context(), proxy=proxy.url) as trader,
    ):
        trader.finish(lambda: trader.client.market_data.server_time())
    assert proxy.asked == [f"CONNECT {front.address}"]
    assert front.protocols == ["h2"]


async def test_websockets_keep_to_http_1_1_with_the_same_tls_context(
    exchange: Simulator, front: Http2Front, authority: Authority, options: dict[str, Any]
) -> None:
    parts = urlsplit(exchange.ws_api_url)
    tls = authority.server_context()
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with TlsFront(parts.netloc, tls=tls) as websocket_front:
        url = f"wss://{websocket_front.address}{parts.path}"
        async with AsyncUsdsFutures(**options, verify=authority.trusting_context(), ws_api_url=url) as client:
            await client.market_data.server_time()
            await client.ws_api.market_data.order_book(symbol=SYMBOL, limit=5)

    assert front.protocols == ["h2"]
    assert websocket_front.protocols == ["http/1.1"]
