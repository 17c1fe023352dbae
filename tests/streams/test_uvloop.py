"""Another event loop than asyncio's own: what the client does beside tasks and futures, uvloop must do as well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, Reconnected
from binance_derivatives.usds_futures.models import OrderTradeUpdate

from ..conditions import until
from .reader import Reader
from .tape import SYMBOL, Tape, delivered_ids

if TYPE_CHECKING:
    from specwright.simulator import Simulator

uvloop = pytest.importorskip("uvloop", reason="there is no uvloop for this system")


def test_a_trading_day_on_uvloop(exchange: Simulator, tape: Tape, options: dict[str, Any]) -> None:
    """Orders both ways, user data, a book, and a stream that loses its connection."""

    async def trade() -> None:
        assert type(asyncio.get_running_loop()).__module__.startswith("uvloop")
        async with (
            AsyncUsdsFutures(**options) as client,
            Reader(client.user_data()) as account,
            Reader(client.streams.agg_trade("btcusdt")) as trades,
            client.order_book(SYMBOL) as book,
        ):
            bought = await client.ws_api.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010")
            sold = await client.trade.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity="0.010")
            updates = await account.take(OrderTradeUpdate, 4)
            assert {update.order.order_id for update in updates} == {bought.order_id, sold.order_id}
            before = tape.print(3)
            await trades.until(lambda: before[-1] in delivered_ids(trades.items))
            exchange.faults.close_sockets("streams", None)
            await trades.take(Reconnected)
            behind = tape.print(3)
            await trades.until(lambda: behind[-1] in delivered_ids(trades.items))
            assert delivered_ids(trades.items)[-6:] == before + behind
            await until(lambda: book.state == "live")
            assert book.best_bid is not None

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(trade())
