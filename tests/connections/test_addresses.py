"""Where a client calls: hosts of an environment, or addresses of the caller's own, never both by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

REST, WS_API, STREAMS = "http://127.0.0.1:1", "ws://127.0.0.1:2", "ws://127.0.0.1:3"
"""Of an exchange of the trader's own, which is not called here."""


def hosts_of(client: object) -> str:
    """The hosts that a client's repr shows."""
    return repr(client).removeprefix("<AsyncUsdsFutures ").partition(", <Account")[0]


@pytest.mark.parametrize(
    ("address", "use"),
    [
        ("ws_api_url", lambda client: client.ws_api),
        ("stream_url", lambda client: client.streams),
        ("stream_url", lambda client: client.user_data()),
        ("stream_url", lambda client: client.order_book("BTCUSDT")),
        ("ws_api_url", lambda client: client.with_options(timeout=1).ws_api),
    ],
    ids=["WebSocket API", "streams", "user data", "order book", "WebSocket API with other options"],
)
async def test_no_host_of_an_environment_stands_in_for_a_forgotten_address(
    address: str, use: Callable[[Any], object]
) -> None:
    async with AsyncUsdsFutures(rest_url=REST) as client:
        with pytest.raises(ConfigurationError) as refused:
            use(client)

    assert str(refused.value) == (
        f"rest_url is given, and no {address}; give {address} too, "
        "or name the environment that the missing addresses are taken from"
    )
    assert hosts_of(client) == "127.0.0.1:1"


@pytest.mark.parametrize("given", [{"ws_api_url": WS_API}, {"stream_url": STREAMS}], ids=["WebSocket API", "streams"])
def test_no_client_is_made_that_would_call_rest_of_an_environment_by_accident(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{next(iter(given))} is given, and no rest_url; give rest_url too"):
        AsyncUsdsFutures(**given)


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({}, "production"),
        ({"environment": "testnet"}, "testnet"),
        (
            {"rest_url": REST, "ws_api_url": WS_API, "stream_url": STREAMS},
            "127.0.0.1:1, WebSocket API 127.0.0.1:2, streams 127.0.0.1:3",
        ),
        ({"rest_url": REST, "ws_api_url": "", "stream_url": STREAMS}, "127.0.0.1:1, streams 127.0.0.1:3"),
        (
            {"environment": "production", "stream_url": STREAMS},
            "fapi.binance.com, WebSocket API ws-fapi.binance.com, streams 127.0.0.1:3",
        ),
    ],
    ids=["nothing given", "an environment", "all addresses", "an empty address", "an environment and an address"],
)
async def test_a_client_calls_what_was_given(options: Any, hosts: str) -> None:
    async with AsyncUsdsFutures(**options) as client:
        assert hosts_of(client) == hosts


def test_an_address_of_rest_is_all_that_a_synchronous_client_needs() -> None:
    with UsdsFutures(rest_url=REST) as client:
        assert repr(client).startswith("<UsdsFutures 127.0.0.1:1, ")
