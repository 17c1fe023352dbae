"""Thirty days of life, in which time jumps from one thing that is to be done to the next."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import define, field

from binance_derivatives import AsyncUsdsFutures, Reconnected, Resynchronized
from binance_derivatives._runtime.websocket import timing

from ..conditions import until

if TYPE_CHECKING:
    import pytest

    from specwright.simulator import ManualClock, Simulator

    from .tape import Tape

DAYS = 30
DAY = 86_400.0
CLIENT = "binance_derivatives"


@define
class Counter:
    """Counts what a stream delivers and keeps nothing of it."""

    trades: int = 0
    last_trade: int | None = None
    gaps: int = 0
    states: int = 0
    expiries: int = 0
    others: int = 0

    def take(self, item: Any) -> None:
        if hasattr(item, "aggregate_trade_id"):
            assert self.last_trade in (None, item.aggregate_trade_id - 1), "each trade follows the one before it"
            self.last_trade = item.aggregate_trade_id
            self.trades += 1
        elif isinstance(item, Reconnected):
            self.gaps += 1
        elif isinstance(item, Resynchronized):
            self.states += 1
        elif getattr(item, "event_type", None) == "listenKeyExpired":
            self.expiries += 1
        else:
            self.others += 1


@define
class Month:
    """A client with everything that lives long, and the time in which it lives."""

    client: AsyncUsdsFutures
    clock: ManualClock
    trades: Any
    user_data: Any
    steps: int = 0
    sessions: list[Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sessions = [
            self.client._websockets.hub._places[0].session,
            self.user_data._user_data._session,
            self.client._websockets.caller.session,
        ]

    def next_due(self) -> float | None:
        """Clock time in seconds of the next thing that the client has to do; None: it is busy."""
        keeper = self.user_data.keeper.deadline()
        times = [session.deadline() for session in self.sessions]
        pairs = [(legs.current, legs.next) for legs in (self.sessions[0]._legs, self.sessions[1]._legs)]
        pairs.append((self.sessions[2]._current, self.sessions[2]._next))
        is_whole = all(leg is not None and (other is None or other.opened_at is not None) for leg, other in pairs)
        if keeper is None or not is_whole or any(leg.opened_at is None for leg, _ in pairs):
            return None
        due: float = min([keeper, *(time for time in times if time is not None)])
        return due

    @property
    def now(self) -> float:
        return self.clock.now_ms() / 1000

    async def step(self, until_time: float) -> None:
        """Waits until the client has nothing to do, and goes on to the next thing, or to a time before it."""
        await until(lambda: (due := self.next_due()) is not None and due > self.now)
        due = self.next_due()
        assert due is not None
        self.clock.advance(ms=round((min(due, until_time) - self.now) * 1000) + 1)
        self.steps += 1


class Memory(NamedTuple):
    """What is held at a moment."""

    objects: int
    """Objects of the client's classes: its connections, and whatever hangs on them, would show."""
    resident: int
    """Bytes of the whole process, the exchange with all its logs included."""

    @classmethod
    def now(cls) -> Memory:
        gc.collect()
        objects = sum(str(type(each).__module__).partition(".")[0] == CLIENT for each in gc.get_objects())
        return cls(objects, int(Path("/proc/self/statm").read_text().split()[1]) * 4096)


async def test_thirty_days(
    exchange: Simulator,
    client: AsyncUsdsFutures,
    clock: ManualClock,
    tape: Tape,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timing, "LOOK_AGAIN", 0.001)
    trades, user_data = client.streams.agg_trade("btcusdt"), client.user_data()
    seen, told = Counter(), Counter()
    await client.ws_api.market_data.ticker_price(symbol="BTCUSDT")
    async with trades, user_data:
        consumers = [
            asyncio.create_task(trades.run(seen.take, seen.take)),
            asyncio.create_task(user_data.run(told.take, told.take)),
        ]
        month = Month(client, clock, trades, user_data)
        memory: list[Memory] = []
        started = month.now
        for day in range(1, DAYS + 1):
            exchange.limits.forgive()
            while month.now < started + day * DAY:
                await month.step(started + day * DAY)
                tape.print()
            await until(lambda: month.next_due() is not None)
            exchange.faults.expire_listen_key()
            await until(lambda day=day: told.states == day or consumers[1].done())  # type: ignore[misc]
            assert not consumers[1].done(), consumers[1].exception()
            await client.ws_api.market_data.ticker_price(symbol="BTCUSDT")
            if day in (5, DAYS):
                memory.append(Memory.now())
        await until(lambda: seen.last_trade == tape.last)
        keeper, rollovers = user_data.keeper, month.sessions[0].rollovers
        for consumer in consumers:
            consumer.cancel()
        await asyncio.wait(consumers)

    asked = [each.operation for each in exchange.requests if each.operation.endswith("user_data_stream")]
    renewals_a_day = DAY / (25 * 60)
    assert (seen.trades, seen.gaps) == (len(tape.times), 0), "no trade is lost, delivered twice or doubted"
    assert (told.expiries, told.gaps, told.states, told.others) == (DAYS, DAYS, DAYS, 0)
    assert keeper.replacements == asked.count("start_user_data_stream") - 1 == DAYS
    assert keeper.renewals == asked.count("keepalive_user_data_stream")
    assert DAYS * (renewals_a_day - 2) <= keeper.renewals <= DAYS * (renewals_a_day + 1)
    assert rollovers in (DAYS, DAYS + 1)
    assert month.sessions[2].reconnects == 0
    assert keeper.failed_requests == 0
    assert memory[1].objects < memory[0].objects + 10, memory
    assert memory[1].resident < memory[0].resident + 20_000_000, memory
