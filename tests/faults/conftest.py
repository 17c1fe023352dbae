"""An exchange whose time and market stand still, and a proxy in front of it that does damage on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from specwright.simulator import ManualClock, Simulator

from .proxy import FaultProxy
from .trader import TRUSTING, ExchangeTime

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running_exchange() -> Iterator[Simulator]:
    with Simulator(clock=ManualClock(), seed=7) as exchange:
        exchange.pause_market()
        yield exchange


@pytest.fixture
def exchange(running_exchange: Simulator) -> Iterator[Simulator]:
    """The exchange, with its budgets as if nobody had called before."""
    running_exchange.limits.forgive()
    yield running_exchange
    running_exchange.faults.clear()


@pytest.fixture
def time(exchange: Simulator) -> ExchangeTime:
    assert isinstance(exchange.clock, ManualClock)
    return ExchangeTime(exchange.clock)


@pytest.fixture
def proxy(exchange: Simulator) -> Iterator[FaultProxy]:
    with FaultProxy(exchange.rest_url) as running:
        yield running


@pytest.fixture
def options(exchange: Simulator, time: ExchangeTime) -> dict[str, Any]:
    """Options of a client that talks to the exchange directly."""
    return {**exchange.client_options, "clock": time, "verify": TRUSTING}


@pytest.fixture
def through_proxy(options: dict[str, Any], proxy: FaultProxy) -> dict[str, Any]:
    """Options of a client that talks to the exchange through the proxy."""
    return {**options, "rest_url": proxy.url}
