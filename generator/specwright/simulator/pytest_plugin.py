"""For traders' own tests: the fixture `binance_simulator`, an exchange that lives as long as one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import Simulator


@pytest.fixture
def binance_simulator() -> Iterator[Simulator]:
    """A running exchange with one account; see `specwright.simulator.Simulator`."""
    # Every pytest run loads this module: the servers are imported by the tests that use them.
    from .server import Simulator

    with Simulator() as exchange:
        yield exchange
