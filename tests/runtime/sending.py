"""The ways in which a client can send its calls: by itself, or with an HTTP client of the caller's."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import httpx2

from corner_exchange.client import AsyncCornerExchange, CornerExchange

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "the-api-secret"
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
