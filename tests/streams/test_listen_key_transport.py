"""A listen key is made, renewed and closed over REST or over the WebSocket API, as its consumer chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..conditions import until
from .reader import Reader

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import ManualClock, Simulator


async def test_a_listen_key_is_cared_for_over_the_transport_that_was_chosen(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, via: Any
) -> None:
    async with Reader(client.user_data(via=via, close_key=True)) as reader:
        clock.advance(minutes=6)
        await until(lambda: reader.stream.keeper.renewals == 1)

    cares = [each for each in exchange.requests if each.operation.endswith("_user_data_stream")]
    assert [(each.operation, each.transport) for each in cares] == [
        ("start_user_data_stream", via),
        ("keepalive_user_data_stream", via),
        ("close_user_data_stream", via),
    ]
