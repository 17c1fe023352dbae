"""The peers, each set up as its documentation says, against a local server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ccxt
from binance.client import Client as PythonBinance
from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures

from .clients import API_KEY, API_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ccxt_calls",
    "official_sdk",
    "official_sdk_streams",
    "official_sdk_ws_api",
    "python_binance_calls",
    "sdk_calls",
]


def official_sdk(url: str) -> Any:
    """REST of the official SDK."""
    config = ConfigurationRestAPI(api_key=API_KEY, api_secret=API_SECRET, base_path=url, timeout=10_000)
    return DerivativesTradingUsdsFutures(config_rest_api=config).rest_api


def official_sdk_streams(url: str) -> Any:
    """Market streams of the official SDK."""
    config = ConfigurationWebSocketStreams(stream_url=url)
    return DerivativesTradingUsdsFutures(config_ws_streams=config).websocket_streams


def official_sdk_ws_api(url: str) -> Any:
    """The WebSocket API of the official SDK."""
    config = ConfigurationWebSocketAPI(api_key=API_KEY, api_secret=API_SECRET, stream_url=url)
    return DerivativesTradingUsdsFutures(config_ws_api=config).websocket_api


def sdk_calls(url: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """A new order and the server's time, both with typed replies, by the official SDK."""
    rest = official_sdk(url)

    def new_order() -> object:
        placed = rest.new_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=64000.1
        )
        return placed.data().order_id

    def server_time() -> object:
        return rest.check_server_time().data().server_time

    return new_order, server_time


def python_binance_calls(url: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """The same by python-binance; it gives dicts."""
    client = PythonBinance(API_KEY, API_SECRET, ping=False)
    client.FUTURES_URL = f"{url}/fapi"

    def new_order() -> object:
        return client.futures_create_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", timeInForce="GTC", quantity="0.01", price="64000.1"
        )["orderId"]

    def server_time() -> object:
        return client.futures_time()["serverTime"]

    return new_order, server_time


def ccxt_calls(url: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """The same by the raw methods of ccxt, without its markets and its pauses; it gives dicts."""
    client = ccxt.binanceusdm({"apiKey": API_KEY, "secret": API_SECRET, "enableRateLimit": False})
    client.urls["api"].update(fapiPublic=f"{url}/fapi/v1", fapiPrivate=f"{url}/fapi/v1")

    def new_order() -> object:
        return client.fapiPrivatePostOrder(
            {
                "symbol": "BTCUSDT",
                "side": "BUY",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "quantity": "0.01",
                "price": "64000.1",
            }
        )["orderId"]

    def server_time() -> object:
        return client.fapiPublicGetTime()["serverTime"]

    return new_order, server_time
