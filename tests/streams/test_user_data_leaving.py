"""Who leaves user data takes no events from the other streams of the account, be they of another process."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import Reconnected

from .reader import Reader

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import Simulator

    from .trading_desk import Desk

VISIT = """
import asyncio, json, sys
from binance_derivatives import AsyncUsdsFutures

async def visit(options):
    async with AsyncUsdsFutures(**options) as client, client.user_data() as stream:
        print(stream.keeper.key)

asyncio.run(visit(json.loads(sys.argv[1])))
"""
"""A process that follows the account, and leaves at once."""


@pytest.mark.parametrize("via", ["rest"], indirect=True)
async def test_leaving_in_one_process_leaves_the_streams_of_another_one_their_key(desk: Desk) -> None:
    options = json.dumps(desk.exchange.client_options)
    visit = await asyncio.create_subprocess_exec(sys.executable, "-c", VISIT, options, stdout=asyncio.subprocess.PIPE)
    shown, _ = await visit.communicate()
    desk.trade()
    await desk.in_step()

    assert (visit.returncode, shown.decode().strip()) == (0, desk.reader.stream.keeper.key), "they shared one key"
    assert not [item for item in desk.items if isinstance(item, Reconnected)]


async def test_leaving_one_of_two_streams_leaves_the_other_one_its_key(desk: Desk, client: AsyncUsdsFutures) -> None:
    async with Reader(client.user_data(close_key=True)):
        desk.trade()
    desk.trade()
    await desk.in_step()

    assert not [item for item in desk.items if isinstance(item, Reconnected)]


@pytest.mark.parametrize("close_key", [False, True])
async def test_leaving_closes_the_listen_key_for_who_wants_that(
    exchange: Simulator, client: AsyncUsdsFutures, nothing_left: None, via: Any, close_key: bool
) -> None:
    async with Reader(client.user_data(via=via, close_key=close_key)):
        assert exchange.exchange.listen_keys.of(exchange.account()) is not None

    assert (exchange.exchange.listen_keys.of(exchange.account()) is None) == close_key
