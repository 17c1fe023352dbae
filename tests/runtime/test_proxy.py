"""A proxy is used as it is given, or as the environment names it, and learns and shows no secret."""

from __future__ import annotations

import pytest

from corner_exchange.client import CornerExchange
from corner_exchange.server import BOOK, Server, bytes_reply
from specwright.runtime.errors import ConfigurationError, ConnectError

from .sending import SECRET


def test_a_proxy_is_asked_for_the_exchange_and_sees_no_signed_query(server: Server) -> None:
    server.script = [bytes_reply(407, b"")]
    with (
        pytest.raises(ConnectError, match="407"),
        CornerExchange(proxy=server.url, api_key="k", api_secret=SECRET, limits="off") as client,
    ):
        client.request("POST", "/v1/order", params={"symbol": "BTCUSDT"}, security="KEY")
    assert server.requests[0].line == "CONNECT corner.example:443 HTTP/1.1"


def test_a_proxy_comes_from_the_environment_unless_it_is_switched_off(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    server.script = [BOOK]
    with CornerExchange(rest_url="http://corner.example") as client:
        client.order_book(symbol="BTCUSDT")
    assert server.requests[0].line == "GET http://corner.example/v1/depth?symbol=BTCUSDT HTTP/1.1"

    with Server([BOOK]) as exchange, CornerExchange(rest_url=exchange.url, proxy=False) as client:
        client.order_book(symbol="BTCUSDT")
        assert len(exchange.requests) == 1


def test_a_wrong_proxy_is_explained_without_its_password() -> None:
    with (
        pytest.raises(ConfigurationError, match="proxy must be an address") as raised,
        CornerExchange(proxy="ftp://user:hush@host") as client,
    ):
        client.order_book(symbol="BTCUSDT")
    assert "hush" not in str(raised.value)
