"""What an editor sees of the generated client: read by mypy and pyright, never run.

A line with `reveal_type` ends in the type that both tools must report (mypy folds a literal into the `str` beside it);
a line that both must refuse ends in `# error`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, reveal_type

from binance_derivatives import AsyncUsdsFutures, UsdsFutures

if TYPE_CHECKING:
    from binance_derivatives import (
        Notice,
        OnFull,
        OrderBookOptions,
        Stream,
        StreamIterator,
        StreamOptions,
        UserDataOptions,
    )
    from binance_derivatives.usds_futures.models import AggTradeEvent, MarkPriceEvent


def synchronous(client: UsdsFutures) -> None:
    reveal_type(client.market_data.order_book(symbol="BTCUSDT", limit=100))  # OrderBook
    reveal_type(client.market_data.order_book(symbol="BTCUSDT").bids[0].price)  # Decimal
    reveal_type(client.market_data.klines(symbol="BTCUSDT", interval="1m")[0].close)  # Decimal
    reveal_type(client.market_data.server_time().server_time)  # int

    # Overloads: what comes back depends on whether a symbol was sent.
    reveal_type(client.market_data.ticker_24hr(symbol="BTCUSDT"))  # Ticker24h
    reveal_type(client.market_data.ticker_24hr())  # list[Ticker24h]

    # Optional fields, enums that may hold values not known yet, maps.
    order = client.trade.query_order(symbol="BTCUSDT", order_id=1)
    reveal_type(order.side)  # str, in pyright: str | Literal['BUY', 'SELL']
    reveal_type(client.market_data.exchange_information().assets[0].auto_asset_exchange)  # Decimal | None

    # Raw replies, costs, pages.
    placed = client.trade.new_order.raw(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="1")
    reveal_type(placed.result)  # OrderAck
    reveal_type(client.market_data.order_book.cost(limit=1000))  # int
    for trade in client.trade.account_trades.iter(symbol="BTCUSDT"):
        reveal_type(trade)  # AccountTrade

    client.market_data.order_book()  # error
    client.market_data.order_book(symbol="BTCUSDT", limit=7)  # error
    client.trade.new_order(symbol="BTCUSDT", side="HOLD", type="MARKET")  # error
    client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.1)  # error
    client.trade.new_order.raw(symbol="BTCUSDT", side="BUY", typ="MARKET")  # error
    UsdsFutures(environment="prodution")  # error


def of_either(stream: Stream[AggTradeEvent | MarkPriceEvent]) -> Stream[AggTradeEvent]:
    """A stream of one event may be taken for a stream of several, not the other way round."""
    return stream  # error


async def asynchronous(client: AsyncUsdsFutures) -> None:
    reveal_type(await client.market_data.order_book(symbol="BTCUSDT"))  # OrderBook
    reveal_type(await client.market_data.ticker_24hr())  # list[Ticker24h]
    reveal_type(await client.ws_api.user_data_streams.start_user_data_stream())  # ListenKey
    reveal_type(await client.ws_api.user_data_streams.close_user_data_stream())  # None
    async for trade in client.trade.account_trades.iter(symbol="BTCUSDT"):
        reveal_type(trade.qty)  # Decimal
    async for event in client.streams.agg_trade("btcusdt").events():
        reveal_type(event)  # AggTradeEvent

    # Merged streams give the events of each.
    trades, prices = client.streams.agg_trade("btcusdt"), client.streams.mark_price("ethusdt")
    reveal_type(client.streams.merge(trades, client.streams.agg_trade("ethusdt")))  # Stream[AggTradeEvent]
    reveal_type(client.streams.merge(trades, prices, on_full="wait"))  # Stream[AggTradeEvent | MarkPriceEvent]
    reveal_type(client.streams.merge(*[trades, trades]))  # Stream[AggTradeEvent]
    depth = client.streams.diff_depth("btcusdt")
    async for merged in client.streams.merge(trades, prices, depth).events():
        reveal_type(merged)  # AggTradeEvent | MarkPriceEvent | DepthEvent
    five = client.streams.merge(
        trades, prices, depth, client.streams.book_ticker("btcusdt"), client.streams.kline("btcusdt", "1m")
    )
    reveal_type(five)  # Stream[AggTradeEvent | MarkPriceEvent | DepthEvent | BookTickerEvent | KlineEvent]
    reveal_type(of_either(trades))  # Stream[AggTradeEvent]
    await client.ws_api.trade.new_order(symbol="BTCUSDT", side="BUY", type="STOP")  # error


async def typed_by_its_user(client: AsyncUsdsFutures, on_full: OnFull) -> None:
    def on_notice(notice: Notice) -> None:
        reveal_type(notice)  # Reconnected | Stalled | Dropped | Malformed | Resynchronized | RecordingEnded

    options: StreamOptions = {"on_full": on_full, "buffer_size": 1_000}
    stream = client.streams.agg_trade("btcusdt", **options)
    events: StreamIterator[AggTradeEvent] = stream.events()
    reveal_type(await anext(events))  # AggTradeEvent
    await stream.run(print, on_notice)
    await stream.run(on_notice)  # error
    account: UserDataOptions = {"via": "ws_api"}
    await client.user_data(**account).run(print, on_notice)
    book: OrderBookOptions = {"limit": 100}
    await client.order_book("BTCUSDT", **book).start()
