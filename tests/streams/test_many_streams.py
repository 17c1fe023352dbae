"""More streams than a connection may carry take another one, and none is asked for more often than is allowed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..conditions import until

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures
    from binance_derivatives._runtime.websocket.leg import Leg
    from specwright.simulator import ManualClock, Simulator

MOST_STREAMS = 1_024
"""What the exchange documents for a connection."""
MESSAGES = 5
"""What a second may hold: half of what the exchange documents, for it counts pongs too."""
BATCH = 100
"""Names in a message."""


def legs_of(client: AsyncUsdsFutures) -> list[Leg]:
    """The connections of its market streams, in the order in which they were needed."""
    return [leg for place in client.streams._hub._places for leg in place.session._legs]


async def test_1025_streams_take_two_connections_and_are_asked_for_five_messages_a_second(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock
) -> None:
    streams = client.streams
    symbols = [f"coin{number:04}usdt" for number in range(MOST_STREAMS + 1)]
    async with asyncio.timeout(30):
        merged = streams.merge(*[streams.agg_trade(symbol) for symbol in symbols])
        starting = asyncio.create_task(merged.start())
        await until(lambda: exchange.connections["streams"] == 2 and all(leg.active for leg in legs_of(client)))
        first, second = legs_of(client)
        await until(lambda: len(first.active) > len(first.url_names) and not first.requests)
        asked_within_a_second = len(first.active) - len(first.url_names)
        await until(starting.done, moving=clock, step=0.1)
        await starting

    assert asked_within_a_second == MESSAGES * BATCH
    assert (len(first.active), len(second.active)) == (MOST_STREAMS, 1)
    assert exchange.subscriptions == {f"{symbol}@aggTrade": 1 for symbol in symbols}
    assert exchange.connections["streams"] == 2
    await merged.close()
