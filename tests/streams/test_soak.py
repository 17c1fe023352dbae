"""Thirty days of life, in which time jumps from one thing that is to be done to the next."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from binance_derivatives._runtime.websocket import listen_key
from binance_derivatives.usds_futures.streams import market as market_streams
from specwright.simulator import clock as exchange_clock

from ..conditions import until
from .long_lives import Mirror, Sleeper, Tally
from .month import DAY, Memory, Month

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures, LocalOrderBook
    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy
    from .tape import Tape

DAYS = 30
HEAVY_DAYS = range(4, DAYS, 4)
"""They end with more trades than the sleeper has room for."""
CUTS = range(8, DAYS, 8)
"""Heavy days on which the connections of the sleeper and of the book are cut while the exchange waits."""
ROOM = 100
HEAVY = 4 * ROOM
LOST = 5
"""Trades while they are cut."""
HOUR = 60 * 60
RENEWAL = HOUR // 3
"""Seconds; most steps are from one renewal of the listen key to the next. It is four times what clients wait, and there
are still two thousand of them."""
TRADED = 2
"""Every so many steps a trade happens."""
EDITED = 6
"""Every so many steps orders come and go."""
QUIET_MS = 12 * 3_600_000
"""Where nothing happens for half an hour, a stream of the order book that is silent for a minute is not stalled."""


@pytest.fixture(autouse=True)
def quiet_market(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides know how little happens, and do not look more often than there is something to see."""
    monkeypatch.setattr(market_streams, "DIFF_DEPTH", evolve(market_streams.DIFF_DEPTH, silence_ms=QUIET_MS))
    monkeypatch.setattr(listen_key, "_RENEW_AFTER", RENEWAL / HOUR)
    monkeypatch.setattr(exchange_clock, "PERIODS_PER_JUMP", 1)


def sessions_of(client: AsyncUsdsFutures) -> list[Any]:
    """A session for each connection of its market streams."""
    return [place.session for place in client._websockets.hub._places]


async def evening(month: Month, tape: Tape, sleeper: Sleeper, proxy: CuttingProxy, day: int) -> None:
    """The sleeper wakes up, and may find that the exchange has been waiting for it, and that it was cut meanwhile."""
    if day in HEAVY_DAYS:
        tape.print(HEAVY)
        await until(sleeper.is_held)
    if day not in CUTS:
        await sleeper.catch_up()
        return
    connections = proxy.accepted
    proxy.cut()
    tape.print(LOST)
    waking = asyncio.create_task(sleeper.catch_up())
    await until(lambda: proxy.accepted == connections + 2)
    await until(lambda: month.next_due() is not None, moving=month.clock, step=0.1)
    tape.print()
    await waking


@pytest.mark.long
async def test_thirty_days(
    exchange: Simulator,
    client: AsyncUsdsFutures,
    distant_client: AsyncUsdsFutures,
    proxy: CuttingProxy,
    clock: ManualClock,
    tape: Tape,
) -> None:
    """Of one client nothing is cut, but its listen key expires each day; of the distant one everything is, at times."""
    trades, user_data = client.streams.agg_trade("btcusdt"), client.user_data()
    slow = distant_client.streams.agg_trade("btcusdt", on_full="wait", buffer_size=ROOM)
    book = distant_client.order_book("BTCUSDT", update_speed="500ms")
    seen, told, sleeper, mirror = Tally(), Tally(), Sleeper(slow, tape), Mirror(exchange, clock, book)
    await client.ws_api.market_data.ticker_price(symbol="BTCUSDT")
    async with trades, user_data, slow, book:
        consumers = [
            asyncio.create_task(trades.run(seen.take, seen.take)),
            asyncio.create_task(user_data.run(told.take, told.take)),
            asyncio.create_task(sleeper.live()),
        ]
        sessions = [*sessions_of(client), user_data._user_data._session, *sessions_of(distant_client)]
        api, keeper = client._websockets.caller.session, user_data.keeper
        month = Month(clock, sessions, api, keeper, is_ready=lambda: book.state == "live")
        memory: list[Memory] = []
        started = month.now
        for day in range(1, DAYS + 1):
            exchange.limits.forgive()
            while month.now < started + day * DAY:
                await month.step(started + day * DAY)
                if month.steps % TRADED == 0:
                    tape.print()
                if month.steps % EDITED == 0:
                    await mirror.edit()
            await until(lambda: month.next_due() is not None)
            exchange.faults.expire_listen_key()
            await until(lambda day=day: told.states == day or consumers[1].done())  # type: ignore[misc]
            assert not consumers[1].done(), consumers[1].exception()
            await client.ws_api.market_data.ticker_price(symbol="BTCUSDT")
            await evening(month, tape, sleeper, proxy, day)
            await mirror.edit()
            mirror.compare()
            if day in (5, DAYS):
                memory.append(Memory.now())
        assert await book.verify()
        await until(lambda: seen.last_trade == tape.last)
        rollovers = [session.rollovers for session in sessions]
        for consumer in consumers:
            consumer.cancel()
        await asyncio.wait(consumers)

    asked = Counter(each.operation for each in exchange.requests)
    check_account(seen, told, keeper, asked, printed=len(tape.times))
    check_distant(sleeper, book, asked, printed=len(tape.times))
    assert set(rollovers) <= {DAYS, DAYS + 1}
    assert api.reconnects == 0
    assert memory[1].objects < memory[0].objects + 10, memory
    assert memory[1].resident < memory[0].resident + 15_000_000, memory


def check_account(seen: Tally, told: Tally, keeper: Any, asked: Counter[str], printed: int) -> None:
    """No trade is lost, and each key that expired was replaced."""
    renewals_a_day = DAY / RENEWAL
    assert (seen.trades, seen.gaps) == (printed, 0), "no trade is lost, delivered twice or doubted"
    assert (told.expiries, told.gaps, told.states, told.others) == (DAYS, DAYS, DAYS, 0)
    assert keeper.replacements == asked["start_user_data_stream"] - 1 == DAYS
    assert keeper.renewals == asked["keepalive_user_data_stream"]
    assert DAYS * (renewals_a_day - 2) <= keeper.renewals <= DAYS * (renewals_a_day + 1)
    assert keeper.failed_requests == 0


def check_distant(sleeper: Sleeper, book: LocalOrderBook, asked: Counter[str], printed: int) -> None:
    """Each cut was a gap, and nothing was lost outside of it."""
    cuts, counters = len(CUTS), sleeper.stream.statistics
    assert sleeper.gaps == counters.reconnects == cuts
    assert cuts * LOST <= sleeper.missed <= cuts * (HEAVY + LOST), "what lay unread when the connection was cut is lost"
    taken = printed - sleeper.missed
    assert (counters.received, counters.delivered, counters.dropped) == (taken, taken, 0)
    assert (book.resynchronizations, asked["order_book"]) == (cuts, 1 + cuts + 1), "the last one is the check's"
