"""What opening a connection of the WebSocket API costs is counted on the budget of its calls, and stops nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from manual_clock import ManualClock
from specwright.runtime.errors import BudgetExceeded, HandshakeRejected
from specwright.runtime.limits import LocalLedger
from specwright.runtime.limits_redis import RedisLedger

from ...conditions import until
from .conftest import SETTINGS
from .doubles import LIMITS
from .server import idle_port
from .tiny import LOOK, ORDER, PRODUCT, TinyClient, call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from specwright.runtime.limits import Ledger

    from .server import ExchangeServer

HANDSHAKE = 5
LIMIT = PRODUCT.budgets["weight"].limit


class CountingClient(TinyClient):
    """A client of a product whose handshakes cost something."""

    product = evolve(PRODUCT, connections=evolve(LIMITS, ws_api_handshake_weight=HANDSHAKE))

    @property
    def used(self) -> int:
        """How much of the weight budget is used."""
        return self.limits["weight"].used


@pytest.fixture
def clock() -> ManualClock:
    """Tells the ledger how long something counts."""
    return ManualClock()


@pytest.fixture(params=["of this process", "shared, and away"])
async def ledger(request: pytest.FixtureRequest, clock: ManualClock) -> AsyncIterator[Ledger]:
    if request.param == "of this process":
        yield LocalLedger(clock)
        return
    ledger = RedisLedger(f"redis://127.0.0.1:{await idle_port()}/0", clock=clock)
    yield ledger
    await ledger.aclose()


@pytest.fixture
async def client(server: ExchangeServer, ledger: Ledger) -> AsyncIterator[CountingClient]:
    server.answer = lambda peer, message: {"id": message["id"], "status": 200, "result": ORDER}
    async with CountingClient(
        environment="production",
        api_key="key",
        api_secret="secret",
        ws_api_url=f"{server.url}/ws-api",
        stream_url=server.url,
        connection_settings=SETTINGS,
        ledger=ledger,
        limits="raise",
    ) as client:
        yield client


async def test_a_connection_is_charged_once_and_each_call_by_itself(client: CountingClient) -> None:
    await call(client, LOOK, symbol="A")
    await call(client, LOOK, symbol="A")

    assert client.used == HANDSHAKE + 2


async def test_a_connection_that_replaces_a_lost_one_is_charged_again(
    server: ExchangeServer, client: CountingClient
) -> None:
    await call(client, LOOK, symbol="A")
    server.peers[0].cut()
    await until(lambda: len(server.peers) == 2)

    assert client.used == 2 * HANDSHAKE + 1


async def test_a_handshake_that_is_refused_is_charged(server: ExchangeServer, client: CountingClient) -> None:
    server.reject = 429
    with pytest.raises(HandshakeRejected):
        await call(client, LOOK, symbol="A")

    assert client.used == HANDSHAKE * server.rejected > 0


@pytest.mark.parametrize("status", [None, 429], ids=["accepted", "refused"])
async def test_what_a_handshake_costs_counts_for_a_minute(
    server: ExchangeServer, client: CountingClient, clock: ManualClock, status: int | None
) -> None:
    server.reject = status
    with suppress(HandshakeRejected):
        await call(client, LOOK, symbol="A")
    clock.advance(59)
    assert client.used >= HANDSHAKE

    clock.advance(2)

    assert client.used == 0


async def test_a_connection_of_streams_costs_nothing(client: CountingClient) -> None:
    async with client.streams.trades("a"):
        assert client.used == 0


async def test_a_full_budget_stops_calls_and_no_connection_that_heals(
    server: ExchangeServer, client: CountingClient
) -> None:
    while client.used < LIMIT:
        await call(client, LOOK, symbol="A")
    server.peers[0].cut()
    await until(lambda: client._websockets.caller.session.leg is not None and len(server.peers) == 2)

    with pytest.raises(BudgetExceeded):
        await call(client, LOOK, symbol="A")
    assert client.used == LIMIT + HANDSHAKE
