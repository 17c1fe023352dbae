"""A symbol outside ASCII is the same symbol everywhere: in query, body, signature, batch, frame and stream name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from binance_derivatives.usds_futures.models import OrderAck

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures, UsdsFutures
    from specwright.simulator import Simulator

SYMBOL = "币安人生USDT"


def test_over_rest(exchange: Simulator, client: UsdsFutures) -> None:
    book = client.market_data.order_book(symbol=SYMBOL, limit=5)
    low = (book.bids[0].price * Decimal("0.96")).quantize(book.bids[0].price)

    placed = client.trade.new_order(
        symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity="100", price=low
    )
    in_batch = client.trade.place_multiple_orders(
        batch_orders=[{"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "100"}]
    )

    assert placed.symbol == SYMBOL
    assert [order.symbol for order in in_batch if isinstance(order, OrderAck)] == [SYMBOL]
    assert [request.status for request in exchange.order_log] == [200, 200]


async def test_over_the_websocket_api_and_in_a_stream(exchange: Simulator, async_client: AsyncUsdsFutures) -> None:
    async with async_client.streams.agg_trade(SYMBOL) as trades:
        placed = await async_client.ws_api.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="100")
        async for trade in trades.events():
            assert (placed.symbol, trade.symbol) == (SYMBOL, SYMBOL)
            break

        assert exchange.subscriptions == {f"{SYMBOL.lower()}@aggTrade": 1}


async def test_in_a_local_order_book(exchange: Simulator, async_client: AsyncUsdsFutures) -> None:
    async with async_client.order_book("币安人生usdt") as book:
        assert (book.symbol, book.state, await book.verify()) == (SYMBOL, "live", True)
