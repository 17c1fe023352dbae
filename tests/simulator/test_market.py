"""The market moves by itself, and everything that is told of it agrees."""

from __future__ import annotations

import itertools
from decimal import Decimal

from specwright.simulator import ManualClock, Simulator


def run(seed: int, seconds: int = 30) -> Simulator:
    """An exchange without sockets after some time."""
    clock = ManualClock()
    simulator = Simulator(clock=clock, seed=seed, symbols=["BTCUSDT"])
    simulator.exchange.open()
    clock.advance(seconds)
    return simulator


def test_equal_seeds_give_equal_markets() -> None:
    first, second = run(7).market("BTCUSDT"), run(7).market("BTCUSDT")
    assert list(first.trades) == list(second.trades)
    assert first.book.levels("BUY") == second.book.levels("BUY")
    assert first.book.update_id == second.book.update_id


def test_other_seeds_give_other_markets() -> None:
    assert list(run(7).market("BTCUSDT").trades) != list(run(8).market("BTCUSDT").trades)


def test_candles_add_up_to_the_trades() -> None:
    market = run(1, 90).market("BTCUSDT")
    candles = market.candles.window("1m", market.begin_ms, market.clock.now_ms(), 10)
    trades = list(market.trades)
    assert sum(candle.volume for candle in candles) == sum(trade.quantity for trade in trades)
    assert sum(candle.trades for candle in candles) == len(trades)
    assert (candles[0].open, candles[-1].close) == (trades[0].price, trades[-1].price)
    assert max(candle.high for candle in candles) == max(trade.price for trade in trades)


def test_long_candles_are_made_of_short_ones() -> None:
    market = run(1, 400).market("BTCUSDT")
    long = market.candles.candle("5m", market.begin_ms)
    short = market.candles.window("1m", market.begin_ms, market.begin_ms + 299_999, 5)
    assert (long.open, long.close, long.volume, long.trades) == (
        short[0].open,
        short[-1].close,
        sum(candle.volume for candle in short),
        sum(candle.trades for candle in short),
    )


def test_aggregated_trades_cover_every_trade_once() -> None:
    market = run(3).market("BTCUSDT")
    covered = [number for one in market.aggregates for number in range(one.first_id, one.last_id + 1)]
    assert covered == [trade.id for trade in market.trades]
    assert sum(one.quantity for one in market.aggregates) == sum(trade.quantity for trade in market.trades)


def test_the_past_reaches_back_as_far_as_one_asks_and_ends_at_the_first_price() -> None:
    market = run(1).market("BTCUSDT")
    day_ms = 86_400_000
    past = market.candles.window("1d", market.begin_ms - 700 * day_ms, market.begin_ms - 1, 1000)
    assert len(past) == 700
    assert all(earlier.close == later.open for earlier, later in itertools.pairwise(past))
    assert past[-1].close == market.instrument.start_price


def test_a_long_jump_is_quick_and_keeps_the_price_near() -> None:
    market = run(1, 30 * 86_400).market("BTCUSDT")
    assert abs(market.last_price / market.instrument.start_price - 1) < Decimal("0.5")
    assert market.clock.now_ms() - market.trades[-1].time_ms < 3_600_000
