"""An exchange on loopback for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corner_exchange.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[Server]:
    """Answers from its `script`."""
    with Server() as running:
        yield running
