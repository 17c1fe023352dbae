"""The generated client against the embedded exchange, over real sockets on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from specwright.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    """An exchange whose market stands still unless a test moves it."""
    with Simulator(seed=7) as simulator:
        simulator.pause_market()
        yield simulator


@pytest.fixture
def client(exchange: Simulator) -> Iterator[UsdsFutures]:
    """The synchronous client of the exchange's account."""
    with UsdsFutures(**exchange.client_options) as opened:
        yield opened


@pytest.fixture
async def async_client(exchange: Simulator) -> AsyncIterator[AsyncUsdsFutures]:
    """The asynchronous client of the exchange's account."""
    async with AsyncUsdsFutures(**exchange.client_options) as opened:
        yield opened
