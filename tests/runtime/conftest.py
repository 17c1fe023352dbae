"""An exchange on loopback for each test, and the report of a client that decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corner_exchange.server import Server
from specwright.runtime.drift import DriftReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.runtime.drift import Drift


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers from its `script`."""
    with Server() as running:
        yield running


@pytest.fixture
def found() -> list[Drift]:
    """What `report` tells its hook."""
    return []


@pytest.fixture
def report(found: list[Drift]) -> DriftReport:
    """A report that knows of no drift yet."""
    return DriftReport(found.append)
