"""A callback is given what a loop is given: the same items in the same order, and the counters say the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from specwright.runtime.websocket.notices import Dropped, Malformed, Reconnected

from ...conditions import until
from .consuming import first
from .tiny import Trade

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from specwright.runtime.websocket.streams import Stream

    from .server import ExchangeServer
    from .tiny import TinyClient

Take: TypeAlias = "Callable[[Any], object]"
Consume: TypeAlias = "Callable[[Stream[Any], int], Awaitable[list[Any]]]"


def answering(take: Take) -> Take:
    """A callback that gives back something, though nobody asked for it."""

    def answer(item: object) -> str:
        take(item)
        return "seen"

    return answer


def awaited(take: Take) -> Take:
    """An async callback, which lets others run."""

    async def later(item: object) -> None:
        await asyncio.sleep(0)
        take(item)

    return later


def by_callback(kind: Callable[[Take], Take]) -> Consume:
    """Takes so many items by a callback."""

    async def consume(stream: Stream[Any], count: int) -> list[Any]:
        seen: list[Any] = []
        take = kind(seen.append)
        running = asyncio.create_task(stream.run(take, take))
        await until(lambda: len(seen) >= count)
        await stream.close()
        await running
        return seen

    return consume


async def by_loop(stream: Stream[Any], count: int) -> list[Any]:
    """Takes so many items in a loop."""
    return await first(count, stream)


consumers = pytest.mark.parametrize(
    "consume",
    [by_loop, by_callback(lambda take: take), by_callback(answering), by_callback(awaited)],
    ids=["a loop", "a plain callback", "a callback that gives something back", "an async callback"],
)


def short(items: list[Any]) -> list[object]:
    """Trades by their numbers, and notices by what they are."""
    return [item.trade_id if isinstance(item, Trade) else type(item) for item in items]


@consumers
async def test_what_waits_comes_in_its_order_and_notices_in_their_places(
    server: ExchangeServer, client: TinyClient, consume: Consume
) -> None:
    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        await server.peers[0].connection.send('{"stream":"a@trade","data":nonsense}')
        await server.trade("a", 2)
        await until(lambda: stream.statistics.received == 3)
        server.peers[0].cut()
        await until(lambda: stream.statistics.reconnects == 1)
        await server.trade("a", 3)
        await until(lambda: stream.statistics.received == 4)

        items = await consume(stream, 5)

    assert short(items) == [1, Malformed, 2, Reconnected, 3]


@consumers
async def test_what_was_dropped_is_told_before_what_came_behind_it(
    server: ExchangeServer, client: TinyClient, consume: Consume
) -> None:
    async with client.streams.trades("a", buffer_size=2, on_full="drop_oldest") as stream:
        for number in range(5):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)

        items = await consume(stream, 3)

    assert items[0] == Dropped(3)
    assert short(items) == [Dropped, 3, 4]


async def close_in_a_loop(stream: Stream[Trade], seen: list[int]) -> None:
    async for event in stream.events():
        seen.append(event.trade_id)
        await stream.close()


async def close_in_a_callback(stream: Stream[Trade], seen: list[int]) -> None:
    async def take(event: Trade) -> None:
        seen.append(event.trade_id)
        await stream.close()

    await stream.run(take)


@pytest.mark.parametrize("consume", [close_in_a_loop, close_in_a_callback])
async def test_who_closes_its_stream_gets_nothing_of_what_still_waits(
    server: ExchangeServer, client: TinyClient, consume: Callable[[Stream[Trade], list[int]], Awaitable[None]]
) -> None:
    seen: list[int] = []
    async with client.streams.trades("a") as stream:
        for number in range(5):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 5)

        await consume(stream, seen)

    assert seen == [0]


@consumers
async def test_the_lag_is_that_of_events_that_tell_their_time_also_behind_others_that_do_not(
    server: ExchangeServer, client: TinyClient, consume: Consume
) -> None:
    group = client.streams
    async with group.merge(group.raw("b@trade"), group.trades("a")) as stream:
        await server.trade("b", 1)
        await server.trade("a", 2)
        await until(lambda: stream.statistics.received == 2)

        await consume(stream, 2)

        assert stream.statistics.lag_ms is not None


@consumers
async def test_an_event_whose_time_is_no_number_is_delivered_and_tells_no_lag(
    server: ExchangeServer, client: TinyClient, consume: Consume
) -> None:
    async with client.streams.trades("a") as stream:
        data = {"e": "trade", "E": "at noon", "s": "A", "t": 1, "p": "1.5"}
        await server.peers[0].send(stream="a@trade", data=data)

        items = await consume(stream, 1)

    assert short(items) == [1]
    assert stream.statistics.lag_ms is None


@pytest.mark.parametrize("kind", [lambda take: take, answering], ids=["plain", "gives something back"])
async def test_the_lag_is_known_before_a_callback_has_the_event(
    server: ExchangeServer, client: TinyClient, monkeypatch: pytest.MonkeyPatch, kind: Callable[[Take], Take]
) -> None:
    lags: list[float | None] = []
    now_ms = 1_700_000_000_000

    def take(event: Trade) -> None:
        nonlocal now_ms
        lags.append(stream.statistics.lag_ms)
        now_ms += 5_000  # The consumer's own work.

    monkeypatch.setattr(client._websockets.hub, "now_ms", lambda: now_ms)
    async with client.streams.trades("a") as stream:
        running = asyncio.create_task(stream.run(kind(take)))
        await server.trade("a", 1)
        await until(lambda: len(lags) == 1)
        await server.trade("a", 2)
        await until(lambda: len(lags) == 2)
    await running

    assert lags == [0, 5_000]


@pytest.mark.parametrize("kind", [lambda take: take, answering], ids=["plain", "gives something back"])
async def test_a_callback_that_is_never_without_work_lets_other_tasks_run(
    server: ExchangeServer, client: TinyClient, monkeypatch: pytest.MonkeyPatch, kind: Callable[[Take], Take]
) -> None:
    loop = asyncio.get_running_loop()
    time, worked = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: time() + worked)
    taken: list[Trade] = []
    turns: list[int] = []

    def take(event: Trade) -> None:
        nonlocal worked
        worked += 0.001
        taken.append(event)

    async def other_work() -> None:
        while len(taken) < 1_000:
            turns.append(len(taken))
            await asyncio.sleep(0)

    async with client.streams.trades("a") as stream:
        for number in range(1_000):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 1_000)
        other = asyncio.create_task(other_work())
        running = asyncio.create_task(stream.run(kind(take)))
        await other
    await running

    longest = max(stop - start for start, stop in zip(turns, [*turns[1:], 1_000], strict=True))
    assert longest < 300, "events between two turns of another task"
