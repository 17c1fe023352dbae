"""Real sockets: what is sent is what was signed, and every way of failing has its own error, and no second order."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import sys
import time

import pytest

from corner_exchange import errors
from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import BOOK, PLACED, Fault, Server, bytes_reply
from specwright.runtime.errors import (
    BinanceError,
    CallTimeout,
    ConfigurationError,
    ConnectError,
    ConnectionLost,
    ExecutionUnknown,
)

from .sending import SECRET, WAYS, ask_for_book, perform, place_order


@pytest.mark.parametrize("way", WAYS)
def test_what_is_sent_is_what_was_signed(way: str, server: Server) -> None:
    server.script = [PLACED]
    place_order(way, server.url)

    request = server.requests[0]
    payload, _, signature = request.body.decode().rpartition("&signature=")
    assert request.line == "POST /v1/order HTTP/1.1"
    assert payload.startswith("symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F%20USDT%2B&side=BUY&quantity=1&")
    assert signature == hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert request.headers["x-mbx-apikey"] == "the-api-key"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["host"] == server.url.removeprefix("http://")


@pytest.mark.parametrize("way", WAYS)
def test_a_signed_query_goes_through_the_library_unchanged(way: str, server: Server) -> None:
    server.script = [BOOK]
    params = {"symbol": "币安人生USDT", "text": "a b+c~_-./%", "list": ["BTCUSDT", 1.5]}
    perform(
        way,
        lambda client: client.request("GET", "/v1/depth", params=params, security="TRADE"),
        rest_url=server.url,
    )

    target = server.requests[0].line.split(" ")[1]
    payload, _, signature = target.partition("?")[2].rpartition("&signature=")
    assert payload.startswith(
        "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&text=a%20b%2Bc~_-.%2F%25&list=%5B%22BTCUSDT%22%2C1.5%5D&"
    )
    assert signature == hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()


AFTER_SENDING: list[tuple[Fault, type[BinanceError]]] = [
    ("close", ConnectionLost),
    ("reset", ConnectionLost),
    ("half", ConnectionLost),
    ("wrong length", ConnectionLost),
    ("garbage", ConnectionLost),
    ("stall", CallTimeout),
    ("drip", CallTimeout),
    ("drip in head", CallTimeout),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fault", "cause"), AFTER_SENDING)
def test_an_order_that_was_sent_and_not_answered_is_unknown_and_not_sent_again(
    fault: Fault, cause: type[BinanceError], way: str, server: Server
) -> None:
    server.script = [fault]
    with pytest.raises(ExecutionUnknown) as raised:
        place_order(way, server.url, timeout=0.1)

    assert isinstance(raised.value.__cause__, cause)
    assert raised.value.client_order_id
    assert len(server.requests) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["drip", "drip in head"])
def test_a_reply_that_drips_in_is_not_waited_for(fault: Fault, way: str, server: Server) -> None:
    server.script = [fault]
    started = time.monotonic()
    with pytest.raises(ExecutionUnknown):
        place_order(way, server.url, timeout=0.1)

    assert time.monotonic() - started < 5.0, "the whole reply would have taken more than eight seconds"


@pytest.mark.parametrize("way", WAYS)
def test_without_a_connection_nothing_was_sent(way: str, server: Server) -> None:
    with server:
        url = server.url
    with pytest.raises(ConnectError):
        place_order(way, url)


@pytest.mark.parametrize("way", ["own", "async own"])
def test_a_failed_tls_handshake_means_that_nothing_was_sent(way: str, server: Server) -> None:
    with pytest.raises(ConnectError):
        place_order(way, server.url.replace("http:", "https:"), timeout=0.1)
    assert server.requests == []


@pytest.mark.parametrize("fault", [fault for fault, _ in AFTER_SENDING])
def test_a_question_is_asked_again(fault: Fault, server: Server) -> None:
    server.script = [fault, BOOK]
    with CornerExchange(rest_url=server.url, timeout=0.1) as client:
        assert client.order_book(symbol="BTCUSDT").last_update_id == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("way", WAYS)
def test_compressed_replies_are_unpacked(way: str, server: Server) -> None:
    packed = gzip.compress(b'{"lastUpdateId": 42, "bids": []}')
    server.script = [bytes_reply(200, packed, Content_Encoding="gzip")]
    assert perform(way, ask_for_book, rest_url=server.url).last_update_id == 42


def test_a_damaged_compressed_reply_to_an_order_is_unknown(server: Server) -> None:
    server.script = [bytes_reply(200, gzip.compress(b'{"orderId": 42}')[:-9], Content_Encoding="gzip")]
    with pytest.raises(ExecutionUnknown):
        place_order("own", server.url)


@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_a_firewall_is_a_readable_error(way: str, server: Server) -> None:
    server.script = [bytes_reply(403, b"<html><head><title>403 Forbidden</title></head><body>CloudFront</body></html>")]
    with pytest.raises(errors.FirewallLimit, match="403 Forbidden"):
        place_order(way, server.url)


@pytest.mark.parametrize("kind", [CornerExchange, AsyncCornerExchange])
def test_http2_without_its_package_is_explained_when_the_client_is_made(
    kind: type[CornerExchange | AsyncCornerExchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h2", None)
    with pytest.raises(ConfigurationError, match=r"needs the h2 package: pip install h2$"):
        kind(http2=True)
