"""An exchange whose time and market stand still, clients that live in its time, and proof that nothing stays behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import (
    AsyncUsdsFutures,
    ConnectionSettings,
    ReconnectPolicy,
    Resynchronized,
    RetryPolicy,
    UsdsFutures,
)
from binance_derivatives._runtime.websocket import timing
from specwright.simulator import ManualClock, Simulator

from ..conditions import until
from ..cutting_proxy import CuttingProxy
from ..faults.trader import ExchangeTime
from .reader import Reader, open_sockets
from .tape import Tape
from .trading_desk import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SETTINGS = ConnectionSettings(proxy=None, reconnect=ReconnectPolicy(base=0.0))


@pytest.fixture(autouse=True)
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients notice within a millisecond or two that the clock was moved."""
    monkeypatch.setattr(timing, "LOOK_AGAIN", 0.002)


@pytest.fixture
def clock() -> ManualClock:
    """The exchange's clock, and so everybody's."""
    return ManualClock()


@pytest.fixture
def exchange(clock: ManualClock) -> Iterator[Simulator]:
    """An exchange of two contracts whose market stands still unless a test moves it."""
    with Simulator(clock=clock, seed=7, symbols=["BTCUSDT", "ETHUSDT"]) as simulator:
        simulator.pause_market()
        yield simulator


@pytest.fixture
def tape(exchange: Simulator) -> Tape:
    return Tape(exchange)


@pytest.fixture
def options(exchange: Simulator, clock: ManualClock) -> dict[str, Any]:
    """Options of a client that tries again at once."""
    return {
        **exchange.client_options,
        "clock": ExchangeTime(clock),
        "retry": RetryPolicy(random=lambda: 0.0),
        "connection_settings": SETTINGS,
    }


@pytest.fixture
async def nothing_left(exchange: Simulator) -> AsyncIterator[None]:
    """Afterwards no task, no socket, no connection and no subscription may be left."""
    before = open_sockets()
    yield
    leftover = asyncio.all_tasks() - {asyncio.current_task()}
    assert leftover == set()
    await until(lambda: set(exchange.connections.values()) == {0})
    await until(lambda: open_sockets() <= before)
    assert exchange.subscriptions == {}


@pytest.fixture
async def client(nothing_left: None, options: dict[str, Any]) -> AsyncIterator[AsyncUsdsFutures]:
    """A client of the exchange's account."""
    async with AsyncUsdsFutures(**options) as opened:
        yield opened


@pytest.fixture
def proxy(exchange: Simulator) -> Iterator[CuttingProxy]:
    """A proxy in front of the exchange's streams."""
    with CuttingProxy(exchange.stream_url) as running:
        yield running


@pytest.fixture
def api_proxy(exchange: Simulator) -> Iterator[CuttingProxy]:
    """A proxy in front of the exchange's WebSocket API."""
    with CuttingProxy(exchange.ws_api_url) as running:
        yield running


@pytest.fixture
async def distant_client(
    proxy: CuttingProxy, nothing_left: None, options: dict[str, Any]
) -> AsyncIterator[AsyncUsdsFutures]:
    """A client whose streams come through the proxy."""
    async with AsyncUsdsFutures(**{**options, "stream_url": proxy.url}) as opened:
        yield opened


@pytest.fixture(params=["rest", "ws_api"])
def via(request: pytest.FixtureRequest) -> Any:
    """How the consumer's listen key is made and renewed."""
    return request.param


@pytest.fixture
async def desk(exchange: Simulator, client: AsyncUsdsFutures, options: dict[str, Any], via: Any) -> AsyncIterator[Desk]:
    """A consumer that is in step with its account, after a first gap."""
    with UsdsFutures(**{**options, "connection_settings": None}) as elsewhere:
        async with Reader(client.user_data(via=via)) as reader:
            desk = Desk(exchange, elsewhere, reader)
            # The first picture: what came before the stream is not told by it.
            exchange.faults.close_sockets("streams", None)
            desk.trade()
            await reader.take(Resynchronized)
            await desk.in_step()
            desk.trade()
            await desk.in_step()
            desk.begun = len(reader.items)
            yield desk
