"""Connections are kept and used again: by calls one after the other, at once, in threads, processes and event loops."""

from __future__ import annotations

import asyncio
import gc
import os
import threading

import pytest

from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import BOOK, Server
from specwright.runtime import transport
from specwright.runtime.errors import CallTimeout, ClientClosed

from .sending import SECRET


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
