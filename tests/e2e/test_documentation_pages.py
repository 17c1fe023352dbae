"""The two pages that the project began with, request by request: what is sent, what it costs, what comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from binance_derivatives.usds_futures.models import ListenKey

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures, UsdsFutures
    from specwright.simulator import Simulator


def test_create_listen_key_over_rest(exchange: Simulator, client: UsdsFutures) -> None:
    """`POST /fapi/v1/listenKey`: the key travels in a header, nothing is signed, nothing stands in query or body."""
    answer = client.user_data_streams.start_user_data_stream.raw()

    (request,) = exchange.requests
    assert request.target == "POST /fapi/v1/listenKey"
    assert request.headers["x-mbx-apikey"] == exchange.api_key
    assert (request.body, request.parameters) == (b"", {})
    assert client.user_data_streams.start_user_data_stream.costs() == {"request_weight": 1}
    assert answer.status == 200
    assert answer.headers["x-mbx-used-weight-1m"] == "1"
    assert answer.result == ListenKey(listen_key=json.loads(answer.body)["listenKey"])
    assert len(answer.result.listen_key) == 64


async def test_close_user_data_stream_over_the_websocket_api(
    exchange: Simulator, async_client: AsyncUsdsFutures
) -> None:
    """`userDataStream.stop`: the key travels in `params.apiKey`, the reply is an empty result with the rate limits."""
    await async_client.ws_api.user_data_streams.start_user_data_stream()
    stop = async_client.ws_api.user_data_streams.close_user_data_stream

    answer = await stop.raw()

    request = exchange.requests[-1]
    frame = json.loads(request.target)
    assert frame == {"id": frame["id"], "method": "userDataStream.stop", "params": {"apiKey": exchange.api_key}}
    assert stop.costs() == {"request_weight": 1}
    assert (answer.status, json.loads(answer.body), answer.result) == (200, {}, None)
    # Five for the connection, one for the key, one for this.
    assert async_client.limits["request_weight"].used == 7
