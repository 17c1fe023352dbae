"""A server and a client for each test, and nothing left of either afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.limits import LocalLedger
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.connection import ConnectionSettings

from .account_desk import Desk
from .server import ExchangeServer
from .tiny import TinyClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SETTINGS = ConnectionSettings(proxy=None, reconnect=ReconnectPolicy(base=0.0))


@pytest.fixture
async def server() -> AsyncIterator[ExchangeServer]:
    """A WebSocket server on loopback."""
    async with ExchangeServer() as server:
        yield server


@pytest.fixture
def desk(server: ExchangeServer) -> Desk:
    """An account's stream at the server."""
    return Desk(server)


@pytest.fixture
async def client(server: ExchangeServer) -> AsyncIterator[TinyClient]:
    """A client of the server. After it is closed no task of its own may be left."""
    async with TinyClient(
        environment="production",
        api_key="key",
        api_secret="secret",
        ws_api_url=f"{server.url}/ws-api",
        stream_url=server.url,
        connection_settings=SETTINGS,
        ledger=LocalLedger(),
    ) as client:
        yield client
    assert [task for task in asyncio.all_tasks() if "specwright/runtime" in repr(task)] == []


@pytest.fixture
def now() -> Callable[[], float]:
    """The event loop's time, for limits of how long something may take."""
    return lambda: asyncio.get_running_loop().time()
