"""The embedded exchange, and what vouches for those who stand before it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from specwright.simulator import Simulator

from ..faults.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def exchange() -> Iterator[Simulator]:
    with Simulator(seed=7) as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def address(exchange: Simulator) -> str:
    """`host:port` of the exchange's REST service."""
    return urlsplit(exchange.rest_url).netloc
