"""Real sockets: what is sent is what was signed, and every way of failing has its own error, and no second order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import hashlib
import hmac
import os
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from corner_exchange import errors
from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import Fault, Server, bytes_reply, json_reply
from specwright.runtime import transport
from specwright.runtime.errors import (
    BinanceError,
    CallTimeout,
    ClientClosed,
    ConfigurationError,
    ConnectError,
    ConnectionLost,
    ExecutionUnknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "the-api-secret"
PLACED = json_reply(200, {"orderId": 7, "clientOrderId": "mine", "symbol": "BTCUSDT", "status": "NEW"})
BOOK = json_reply(200, {"lastUpdateId": 1, "bids": []})


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


TLS = ssl.create_default_context()
"""Made once: it reads all certificates of the machine."""

WAYS = ["own", "httpx", "httpx2", "async own", "async httpx", "async httpx2"]


THEIR_WAYS = [way for way in WAYS if not way.endswith("own")]
"""Those with an HTTP client of the caller's own."""


def their_client(way: str, **options: Any) -> Any:
    """An HTTP client of the library that a way names; None for a way without one."""
    kind, _, library = way.rpartition(" ")
    if library == "own":
        return None
    module: Any = {"httpx": httpx, "httpx2": httpx2}[library]
    return (module.AsyncClient if kind == "async" else module.Client)(**{"verify": TLS, **options})


def perform(way: str, act: Callable[[Any], Any], theirs: Any = None, **options: Any) -> Any:
    """What an act on a client gives that sends in the given way; `theirs` is its HTTP client, if not a plain one."""
    theirs = theirs or their_client(way)
    options = {"api_key": "the-api-key", "api_secret": SECRET, "http_client": theirs, "verify": TLS, **options}
    if way.startswith("async"):

        async def main() -> Any:
            async with theirs or contextlib.nullcontext(), AsyncCornerExchange(**options) as client:
                return await act(client)

        return asyncio.run(main())
    with theirs or contextlib.nullcontext(), CornerExchange(**options) as client:
        return act(client)


def ask_for_book(client: Any) -> Any:
    """Asks for a book of five levels, or for the promise of one."""
    return client.order_book(symbol="BTCUSDT", limit=5)


def place_order(way: str, url: str, *, timeout: float = 5.0, **options: Any) -> Any:
    """Places one order with a client that sends in the given way."""
    order = {"symbol": "币安人生 USDT+", "side": "BUY", "quantity": "1"}
    return perform(way, lambda client: client.trade.new_order(**order), rest_url=url, timeout=timeout, **options)


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


def test_connections_are_used_again(server: Server) -> None:
    server.script = [BOOK] * 5
    with CornerExchange(rest_url=server.url) as client:
        for _ in range(5):
            client.order_book(symbol="BTCUSDT")
    assert server.connections == 1


def test_threads_share_a_client(server: Server) -> None:
    server.script = [BOOK] * 40
    ids: list[int] = []
    with CornerExchange(rest_url=server.url, limits="off") as client:

        def ask() -> None:
            ids.extend(client.order_book(symbol="BTCUSDT", limit=5).last_update_id for _ in range(10))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ids == [1] * 40


async def test_many_calls_of_an_async_client_go_at_once_over_connections_that_are_kept(server: Server) -> None:
    server.script = [BOOK] * 40
    async with AsyncCornerExchange(rest_url=server.url, limits="off") as client:
        for _ in range(2):
            await asyncio.gather(*(client.order_book(symbol="BTCUSDT", limit=5) for _ in range(20)))
    assert server.connections == 20


async def test_calls_beyond_the_most_connections_wait_their_turn(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_CONNECTIONS", 1)
    server.script = [BOOK] * 3
    async with AsyncCornerExchange(rest_url=server.url, limits="off") as client:
        await asyncio.gather(*(client.order_book(symbol="BTCUSDT", limit=5) for _ in range(3)))
    assert server.connections == 1


async def test_an_order_that_found_no_free_connection_was_not_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_CONNECTIONS", 1)
    server.script = ["stall"]
    async with AsyncCornerExchange(rest_url=server.url, api_key="k", api_secret=SECRET, retry=None) as client:
        await client.warm_up()
        stalled = asyncio.create_task(client.order_book(symbol="BTCUSDT", timeout=0.4))
        await asyncio.to_thread(server.arrived.wait)
        with pytest.raises(CallTimeout, match="nothing was sent") as raised:
            await client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1", timeout=0.05)
        with pytest.raises(CallTimeout):
            await stalled

    assert not raised.value.sent
    assert len(server.requests) == 1


def test_a_forked_child_has_connections_of_its_own(server: Server) -> None:
    server.script = [BOOK] * 3
    with CornerExchange(rest_url=server.url) as client:
        client.order_book(symbol="BTCUSDT")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if client.order_book(symbol="BTCUSDT").last_update_id == 1 else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        client.order_book(symbol="BTCUSDT")

    assert os.waitstatus_to_exitcode(status) == 0
    assert server.connections == 2


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_async_client_survives_a_change_of_event_loops(server: Server) -> None:
    server.script = [BOOK] * 2
    client = AsyncCornerExchange(rest_url=server.url)
    books = [asyncio.run(_ask_and_close(client, close)) for close in (False, True)]
    assert books == [1, 1]
    gc.collect()  # The first loop was closed with an open connection, which is Python's to warn of.


async def _ask_and_close(client: AsyncCornerExchange, close: bool) -> int:
    book = await client.order_book(symbol="BTCUSDT")
    if close:
        await client.aclose()
    return book.last_update_id


def test_a_closed_client_says_so(server: Server) -> None:
    with CornerExchange(rest_url=server.url) as client:
        pass
    with pytest.raises(ClientClosed, match="the client is closed"):
        client.order_book(symbol="BTCUSDT")


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_of_the_callers_own_stays_open_and_its_closing_is_noticed(library: Any, server: Server) -> None:
    server.script = [BOOK]
    with library.Client() as theirs:
        with CornerExchange(rest_url=server.url, http_client=theirs) as client:
            ask_for_book(client)
        assert not theirs.is_closed
    with pytest.raises(ClientClosed, match="http_client"), CornerExchange(http_client=theirs) as client:
        ask_for_book(client)


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_an_async_client_of_the_callers_own_stays_open_and_its_closing_is_noticed(
    library: Any, server: Server
) -> None:
    server.script = [BOOK]
    async with library.AsyncClient() as theirs:
        async with AsyncCornerExchange(rest_url=server.url, http_client=theirs) as client:
            await ask_for_book(client)
        assert not theirs.is_closed
    async with AsyncCornerExchange(http_client=theirs) as client:
        with pytest.raises(ClientClosed, match="http_client"):
            await ask_for_book(client)


@pytest.mark.parametrize("way", THEIR_WAYS)
def test_a_mock_transport_sees_the_whole_address(way: str) -> None:
    seen: list[str] = []
    library: Any = httpx2 if way.endswith("2") else httpx

    def answer(request: Any) -> Any:
        seen.append(str(request.url))
        return library.Response(200, json={"lastUpdateId": 3, "bids": []})

    theirs = their_client(way, transport=library.MockTransport(answer))
    assert perform(way, ask_for_book, theirs).last_update_id == 3
    assert seen == ["https://corner.example/v1/depth?symbol=BTCUSDT&limit=5"]


@pytest.mark.parametrize("way", THEIR_WAYS)
def test_headers_and_hooks_of_the_callers_client_stay_in_force(way: str, server: Server) -> None:
    server.script = [BOOK]
    hooked: list[str] = []

    async def note_later(request: Any) -> None:
        hooked.append(request.method)

    hook = note_later if way.startswith("async") else lambda request: hooked.append(request.method)
    headers = {"X-Trace": "42", "Accept": "text/html"}
    perform(way, ask_for_book, their_client(way, headers=headers, event_hooks={"request": [hook]}), rest_url=server.url)

    sent = server.requests[0].headers
    assert (sent["x-trace"], sent["accept"], hooked) == ("42", "application/json", ["GET"])


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


def test_what_is_no_http_client_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="httpx or httpx2"):
        CornerExchange(http_client="httpx")


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
    with pytest.raises(ConfigurationError, match=r"needs the h2 package: pip install 'binance-derivatives\[http2\]'"):
        kind(http2=True)
