"""An HTTP client of the caller's own keeps its settings, and stays the caller's to close."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest

from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import BOOK, Server
from specwright.runtime.errors import ClientClosed, ConfigurationError

from .sending import THEIR_WAYS, ask_for_book, perform, their_client


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


def test_what_is_no_http_client_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="httpx or httpx2"):
        CornerExchange(http_client="httpx")
