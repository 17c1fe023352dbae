"""A connection lives for a day: another one takes over before, and no event is lost or delivered twice."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field, frozen

from binance_derivatives import AsyncUsdsFutures, Reconnected, Resynchronized

from ..conditions import until
from ..cutting_proxy import Limit
from .account_mirror import AccountMirror, account_of
from .reader import Reader
from .tape import TRADES, Tape, delivered_ids

if TYPE_CHECKING:
    from typing import Self

    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy

SHUTDOWN = '{"e":"serverShutdown","E":1793577600000}'


@define
class BusyMarket:
    """Prints trades from a thread of its own for as long as it is entered, whatever the client does meanwhile."""

    tape: Tape
    _stop: threading.Event = field(factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def _run(self) -> None:
        # The wait lets the exchange's thread serve its sockets; nothing depends on how long it is.
        while not self._stop.wait(0.001):
            self.tape.print()


def rollovers(client: AsyncUsdsFutures) -> int:
    """Connections of the client's streams that took over without a gap."""
    return sum(place.session.rollovers for place in client._websockets.hub._places)


async def test_trades_go_on_over_the_takeover_without_a_gap(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        with BusyMarket(tape):
            for day in range(1, 6):
                clock.advance(hours=23, minutes=50)
                await until(lambda: exchange.subscriptions.get(TRADES) == 2)
                await until(lambda day=day: rollovers(client) == day, moving=clock)  # type: ignore[misc]
                await until(lambda: exchange.connections["streams"] == 1)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    assert delivered_ids(reader.items) == list(range(first, last + 1)), "each trade once, in order"
    assert len(delivered_ids(reader.items)) == len(reader.items), "and nothing to announce"


def is_taking_over(client: AsyncUsdsFutures) -> bool:
    """Whether any of its connections has a second one beside it, or has dialled it."""
    return any(place.session._legs.next is not None for place in client._websockets.hub._places)


@frozen
class BetweenTakeovers:
    """A clock that stands still while a second connection is dialled or open: it is cut by nothing but the proxy."""

    client: AsyncUsdsFutures
    clock: ManualClock

    def advance(self, seconds: float) -> None:
        if not is_taking_over(self.client):
            self.clock.advance(seconds)


async def test_a_connection_that_is_cut_while_it_takes_over_is_replaced_without_a_word(
    distant_client: AsyncUsdsFutures, proxy: CuttingProxy, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(distant_client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        handshake = proxy.handshake("to client")
        proxy.limits.extend(Limit("to client", handshake + count) for count in (1, 700, 5_000))
        with BusyMarket(tape):
            clock.advance(hours=23, minutes=50)
            await until(lambda: proxy.accepted == 5, moving=BetweenTakeovers(distant_client, clock))
            await until(lambda: rollovers(distant_client) == 1, moving=clock)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    assert delivered_ids(reader.items) == list(range(first, last + 1)), "each trade once, in order"
    assert len(delivered_ids(reader.items)) == len(reader.items), "and nothing to announce"


async def test_several_consumers_and_streams_are_taken_over_together(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    streams = client.streams
    merged = streams.merge(streams.agg_trade("btcusdt"), streams.mark_price("ethusdt"), streams.kline("btcusdt", "1m"))
    async with Reader(streams.agg_trade("btcusdt")) as alone, Reader(merged) as together:
        first = tape.print()[0]
        with BusyMarket(tape):
            clock.advance(hours=23, minutes=50)
            await until(lambda: exchange.subscriptions.get("btcusdt@kline_1m") == 2)
            await until(lambda: rollovers(client) == 1, moving=clock)
        last = tape.print()[0]
        for reader in (alone, together):
            await reader.until(lambda reader=reader: last in delivered_ids(reader.items[-5:]))  # type: ignore[misc]

    expected = list(range(first, last + 1))
    assert delivered_ids(alone.items) == delivered_ids(together.items) == expected
    assert together.of(Reconnected) == []


async def test_a_takeover_that_is_refused_is_tried_until_it_succeeds(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        exchange.faults.refuse_handshakes(503, times=4)
        with BusyMarket(tape):
            clock.advance(hours=23, minutes=50)
            await until(lambda: exchange.subscriptions.get(TRADES) == 2, moving=clock)
            await until(lambda: rollovers(client) == 1, moving=clock)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    assert delivered_ids(reader.items) == list(range(first, last + 1))
    assert reader.of(Reconnected) == []


async def test_a_cut_in_the_midst_of_the_takeover_loses_nothing_unannounced(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        with BusyMarket(tape):
            for _ in range(5):
                clock.advance(hours=23, minutes=50)
                await until(lambda: exchange.subscriptions.get(TRADES) == 2)
                told = reader.stream.statistics.reconnects
                exchange.faults.close_sockets("streams", None)
                await reader.until(lambda told=told: reader.stream.statistics.reconnects > told)  # type: ignore[misc]
                await until(lambda: exchange.connections["streams"] == 1)
                seen = tape.last
                await reader.until(lambda seen=seen: delivered_ids(reader.items[-1:]) > [seen])  # type: ignore[misc]
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    tape.check(reader.items, first=first, batch=50)


async def test_a_stream_of_which_nothing_comes_is_taken_over_without_a_word(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        for day in range(1, 4):
            clock.advance(hours=23, minutes=50)
            await until(lambda: exchange.subscriptions.get(TRADES) == 2)
            await until(lambda day=day: rollovers(client) == day, moving=clock)  # type: ignore[misc]
            await until(lambda: exchange.connections["streams"] == 1)
        tape.print(3)
        await reader.until(lambda: len(reader.items) == 3)

    assert delivered_ids(reader.items) == sorted(tape.times)


async def test_a_connection_that_is_dead_when_it_is_to_be_taken_over_has_a_gap(
    exchange: Simulator, distant_client: AsyncUsdsFutures, proxy: CuttingProxy, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(distant_client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        proxy.fall_silent()
        tape.print(3)
        clock.advance(hours=23, minutes=50)
        await until(lambda: proxy.accepted == 2 and exchange.subscriptions.get(TRADES) == 2)
        tape.print(3)
        await until(lambda: reader.of(Reconnected), moving=clock)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])
        proxy.cut()

    assert tape.check(reader.items, first=first, batch=3) == 3


async def test_a_day_that_ends_before_anything_took_over_is_a_gap(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    """The clock jumps from one day into the next, as when a laptop sleeps."""
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        await reader.until(lambda: reader.items)
        clock.advance(hours=24, minutes=1)
        tape.print(3)
        await reader.take(Reconnected)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    assert tape.check(reader.items, first=first, batch=3) <= 3


async def test_a_server_that_says_that_it_shuts_down_is_left_without_a_gap(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, tape: Tape
) -> None:
    async with Reader(client.streams.agg_trade("btcusdt")) as reader:
        first = tape.print()[0]
        with BusyMarket(tape):
            exchange.faults.send(SHUTDOWN)
            await until(lambda: exchange.subscriptions.get(TRADES) == 2)
            await until(lambda: rollovers(client) == 1, moving=clock)
        last = tape.print()[0]
        await reader.until(lambda: delivered_ids(reader.items[-1:]) == [last])

    assert delivered_ids(reader.items) == list(range(first, last + 1))
    assert reader.of(Reconnected) == []


@pytest.mark.parametrize("reason", ["a day", "a shutdown"])
async def test_user_data_goes_on_over_the_takeover_without_a_gap(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock, reason: str
) -> None:
    async with Reader(client.user_data()) as reader:
        exchange.transfer(1)
        if reason == "a shutdown":
            exchange.faults.send(SHUTDOWN)
        else:
            # In steps of less than a listen key's life.
            for _ in range(29):
                renewed = reader.stream.keeper.renewals
                clock.advance(minutes=49, seconds=20)
                await until(lambda renewed=renewed: reader.stream.keeper.renewals > renewed)  # type: ignore[misc]
                exchange.transfer(1)
        await until(lambda: exchange.connections["streams"] == 2)
        exchange.transfer(2)
        await until(lambda: exchange.connections["streams"] == 1, moving=clock)
        exchange.transfer(3)
        wallet = account_of(exchange).balances["USDT"]
        await reader.until(lambda: AccountMirror.of(reader.items).balances.get("USDT") == wallet)

    changes = [item.update_data.balances[0].balance_change for item in reader.items if hasattr(item, "update_data")]
    moved: list[Any] = [1, *[1] * (0 if reason == "a shutdown" else 29), 2, 3]
    assert [item for item in reader.items if isinstance(item, Reconnected | Resynchronized)] == []
    assert len(changes) == len(moved)


async def test_calls_go_on_over_the_takeover(exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock) -> None:
    prices = client.ws_api.market_data.ticker_price
    await prices(symbol="BTCUSDT")
    session = client._websockets.caller.session

    def is_carried_by(number: int) -> bool:
        return session.leg is not None and session.leg.number == number

    for number in range(2, 5):
        clock.advance(hours=23, minutes=50)
        exchange.limits.forgive()
        await asyncio.gather(*(prices(symbol="BTCUSDT") for _ in range(20)))
        await until(partial(is_carried_by, number))
        await until(lambda: exchange.connections["ws_api"] == 1)

    assert client.ws_api.statistics.reconnects == 0
