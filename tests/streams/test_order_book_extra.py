"""The package that keeps a local order book sorted: an extra, loaded by the first book and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives.errors import ConfigurationError

FIRST_BOOK = """
import sys
from binance_derivatives import AsyncUsdsFutures

client = AsyncUsdsFutures(api_key="k", api_secret="s")
client.streams.diff_depth("btcusdt"), client.market_data.order_book, client.user_data()
before = "sortedcontainers" in sys.modules
client.order_book("BTCUSDT")
print(before, "sortedcontainers" in sys.modules)
"""


def test_it_is_loaded_by_the_first_book_and_not_before() -> None:
    ran = subprocess.run([sys.executable, "-c", FIRST_BOOK], capture_output=True, text=True, check=True)

    assert ran.stdout == "False True\n"


async def test_without_it_a_book_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sortedcontainers", None)

    async with AsyncUsdsFutures() as client:
        with pytest.raises(
            ConfigurationError, match=r"sortedcontainers.*pip install 'binance-derivatives\[order-book\]'"
        ):
            client.order_book("BTCUSDT")
