"""A recording of the exchange, played back through the same iterators, is what was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from binance_derivatives import Reconnected, Resynchronized, UsdsFutures

from .reader import Reader
from .tape import Tape, delivered_ids
from .trading_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import Simulator


async def played(stream: Any, path: Path) -> list[Any]:
    return [item async for item in stream.replay(path)]


async def test_trades_and_gaps_are_played_as_they_were_received(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape, tmp_path: Path
) -> None:
    path = tmp_path / "trades.gz"
    async with Reader(client.streams.agg_trade("btcusdt").record(path)) as reader:
        tape.print(50)
        await reader.until(lambda: len(reader.items) == 50)
        exchange.faults.close_sockets("streams", None)
        await reader.take(Reconnected)
        last = tape.print(50)[-1]
        await reader.until(lambda: last in delivered_ids(reader.items[-1:]))

    assert len(reader.items) == 101
    assert await played(client.streams.agg_trade("btcusdt"), path) == reader.items


async def test_merged_streams_are_played_in_the_same_order(
    exchange: Simulator, client: AsyncUsdsFutures, tape: Tape, tmp_path: Path
) -> None:
    def streams() -> Any:
        group: Any = client.streams
        return group.merge(
            group.agg_trade("btcusdt"),
            group.book_ticker("btcusdt"),
            group.mark_price("ethusdt"),
            group.diff_depth("btcusdt"),
        )

    path = tmp_path / "merged.gz"
    async with Reader(streams().record(path)) as reader:
        for _ in range(20):
            last = tape.print(10)[-1]
            exchange.clock.advance(seconds=1)  # type: ignore[attr-defined]
        await reader.until(lambda: last in delivered_ids(reader.items))

    again = await played(streams(), path)
    kinds = {type(item).__name__ for item in reader.items}
    assert kinds == {"AggTradeEvent", "BookTickerEvent", "MarkPriceEvent", "DepthEvent"}
    assert again[: len(reader.items)] == reader.items


async def test_an_account_is_played_as_its_consumer_followed_it(
    exchange: Simulator, client: AsyncUsdsFutures, options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "account.gz"
    with UsdsFutures(**{**options, "connection_settings": None}) as elsewhere:
        async with Reader(client.user_data().record(path)) as reader:
            desk = Desk(exchange, elsewhere, reader)
            for gaps in range(1, 4):
                exchange.faults.close_sockets("streams", None)
                desk.trade()
                await reader.take(Resynchronized, gaps)
                await desk.in_step()
                desk.trade()
                await desk.in_step()

    again = await played(client.user_data(), path)
    assert again == reader.items
    states = [item for item in again if isinstance(item, Resynchronized)]
    assert [sorted(state.state) for state in states] == [
        ["balances", "open_algo_orders", "open_orders", "positions"]
    ] * 3
