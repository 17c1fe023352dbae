"""What `client.order_book` is given: symbols in either case, and limits and speeds that the exchange offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives.errors import InvalidParameter

from .tape import SYMBOL

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import Simulator


@pytest.mark.parametrize("symbol", ["BTCUSDT", "btcusdt", "BtcUsdt"])
async def test_a_symbol_is_given_in_either_case(exchange: Simulator, client: AsyncUsdsFutures, symbol: str) -> None:
    async with client.order_book(symbol) as book:
        assert (book.symbol, book.state) == (SYMBOL, "live")
        assert exchange.subscriptions == {"btcusdt@depth": 1}


@pytest.mark.parametrize("symbol", ["ßUSDT", "币安人生USDT", "ıUSDT", "ǆUSDT"])
async def test_letters_outside_ascii_are_left_as_they_are(client: AsyncUsdsFutures, symbol: str) -> None:
    """Some of them have no upper case of their own, and changing them would name another symbol."""
    assert client.order_book(symbol.replace("USDT", "usdt")).symbol == symbol


@pytest.mark.parametrize("limit", [7, 0, -5, 5000, "5", 5.0, True])
async def test_a_limit_that_the_exchange_does_not_offer_is_refused_at_once(
    exchange: Simulator, client: AsyncUsdsFutures, limit: Any
) -> None:
    with pytest.raises(InvalidParameter, match=r"^order_book: limit must be "):
        client.order_book(SYMBOL, limit=limit)

    assert exchange.connections["streams"] == 0


@pytest.mark.parametrize("update_speed", ["1s", "100MS", 100, ""])
async def test_a_speed_that_the_exchange_does_not_offer_is_refused_at_once(
    exchange: Simulator, client: AsyncUsdsFutures, update_speed: Any
) -> None:
    with pytest.raises(InvalidParameter, match=r"^diff_depth: update_speed must be one of 100ms, 500ms"):
        client.order_book(SYMBOL, update_speed=update_speed)

    assert exchange.connections["streams"] == 0


@pytest.mark.parametrize("symbol", ["", None, 5])
async def test_what_is_no_symbol_is_refused_at_once(client: AsyncUsdsFutures, symbol: Any) -> None:
    with pytest.raises(InvalidParameter, match=r"^order_book: symbol (must|is required)"):
        client.order_book(symbol)


async def test_without_a_limit_the_most_levels_are_asked_for(client: AsyncUsdsFutures) -> None:
    nothing: Any = None

    assert [client.order_book(SYMBOL).limit, client.order_book(SYMBOL, limit=nothing).limit] == [1000, 1000]
