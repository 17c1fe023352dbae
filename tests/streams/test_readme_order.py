"""The order of both READMEs is taken by the exchange, and its event comes."""

from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from binance_derivatives import AsyncUsdsFutures
from binance_derivatives.usds_futures.models import OrderTradeUpdate
from specwright.simulator import Simulator

ROOT = Path(__file__).parents[2]


class Enough(Exception):
    """The snippet has shown what it was run for."""


def snippet(readme: str, holding: str) -> str:
    """The one block of Python code of a README that holds a text."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if holding in block]
    return str(found)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
async def test_the_order_of_the_readme_is_taken(readme: str) -> None:
    printed: list[Any] = []

    def take(item: object) -> None:
        printed.append(item)
        if isinstance(item, OrderTradeUpdate):
            raise Enough

    with Simulator(seed=7) as exchange:
        names = {
            "AsyncUsdsFutures": lambda **options: AsyncUsdsFutures(**exchange.client_options),
            "print": take,
        }
        code = compile(
            snippet(readme, "client.ws_api.trade.new_order("), readme, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
        with pytest.raises(Enough):
            async with asyncio.timeout(10):
                await eval(code, names)

    assert printed[-1].order.symbol == "BTCUSDT"
