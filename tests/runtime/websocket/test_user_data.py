"""The account's events: the key is made, kept, replaced, closed; after a gap the state comes before what follows."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pytest
from attrs import define, field

from specwright.runtime.codec import decoder
from specwright.runtime.drift import DriftReport
from specwright.runtime.errors import AuthenticationError, ConnectionLost, RequestRejected
from specwright.runtime.model import UnknownVariant
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.connection import ConnectionSettings
from specwright.runtime.websocket.notices import Reconnected, Resynchronized
from specwright.runtime.websocket.user_data import UserDataFeed, UserDataStream
from specwright.runtime.wire import Tagged

from .doubles import ManualClock, until
from .tiny import EVENTS, PRODUCT, KeyExpired, ListenKey, OrderEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from .server import ExchangeServer, Peer


@define(eq=False)
class Account:
    """Answers the operations of listen keys, and says what is open."""

    calls: list[str] = field(factory=list)
    key: str = "k1"
    fails: dict[str, list[Exception]] = field(factory=dict)
    """Operation → errors of its next calls."""
    before_state: Callable[[], Awaitable[object]] | None = None

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        self.calls.append(operation)
        if self.fails.get(operation):
            raise self.fails[operation].pop(0)
        if operation == "look":
            if self.before_state is not None:
                await self.before_state()
            return [f"open order {self.calls.count('look')}"]
        return ListenKey(listen_key=self.key)


@define(eq=False)
class Desk:
    """A consumer's view: the stream, its account, its server, its clock."""

    server: ExchangeServer
    account: Account = field(factory=Account)
    clock: ManualClock = field(factory=ManualClock)

    def open(self, *events: str) -> UserDataStream[Any]:
        feed = UserDataFeed(
            PRODUCT,
            self.server.url,
            call=self.account.call,
            fetch=self.account.call,
            settings=ConnectionSettings(proxy=None),
            clock=self.clock,
            events=events,
            policy=ReconnectPolicy(base=0.0),
        )
        return UserDataStream(feed, reader(), {})

    @property
    def peer(self) -> Peer:
        return self.server.peers[-1]

    async def tell(self, number: int, kind: str = "ORDER") -> None:
        await self.peer.send(e=kind, E=1_700_000_000_000 + number, i=number)


def reader() -> Callable[[bytes], object]:
    """What decodes the events of the tiny product."""
    tagged = Tagged("e", {name: str(event.returns()) for name, event in EVENTS.items()})
    return decoder(tagged, PRODUCT.module).reader(DriftReport())


@pytest.fixture
def desk(server: ExchangeServer) -> Desk:
    return Desk(server)


def shown(item: Any) -> object:
    """An item in a word: the id of an order, else its kind."""
    return item.order_id if isinstance(item, OrderEvent) else type(item).__name__


_iterators: WeakKeyDictionary[UserDataStream[Any], AsyncIterator[Any]] = WeakKeyDictionary()


async def take(stream: UserDataStream[Any], count: int) -> list[Any]:
    """The next items; the stream stays open for more."""
    if stream not in _iterators:
        _iterators[stream] = aiter(stream)
    async with asyncio.timeout(5):
        return [await anext(_iterators[stream]) for _ in range(count)]


async def test_the_key_is_made_used_and_closed(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.tell(1)
        event = await anext(stream.events())

    assert event == OrderEvent(event_type="ORDER", event_time=1_700_000_000_001, order_id=1)
    assert desk.peer.path == "/private/ws/k1"
    assert desk.account.calls == ["start", "end"]
    await until(lambda: not desk.server.open_peers)


async def test_events_can_be_chosen(desk: Desk) -> None:
    async with desk.open("ORDER", "listenKeyExpired"):
        assert desk.peer.path == "/private/ws?listenKey=k1&events=ORDER/listenKeyExpired"


async def test_an_event_that_this_version_does_not_know_comes_as_it_is(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.tell(1, "BRAND_NEW")
        (event,) = await take(stream, 1)

    assert isinstance(event, UnknownVariant)


async def test_the_key_is_renewed_in_time(desk: Desk) -> None:
    async with desk.open() as stream:
        for renewals in (1, 2, 3):
            desk.clock.advance(25 * 60)
            await until(lambda renewals=renewals: stream.keeper.renewals == renewals)  # type: ignore[misc]
    assert desk.account.calls == ["start", "keep", "keep", "keep", "end"]
    assert len(desk.server.peers) == 1


async def test_a_gap_is_followed_by_the_state_and_then_by_what_came_meanwhile(desk: Desk) -> None:
    released = asyncio.Event()
    desk.account.before_state = released.wait
    async with desk.open() as stream:
        await desk.tell(1)
        await until(lambda: stream.statistics.received == 1)
        desk.peer.cut()
        await until(lambda: "look" in desk.account.calls)
        await desk.tell(2)
        await asyncio.sleep(0.01)
        released.set()
        items = await take(stream, 4)

    assert [shown(item) for item in items] == [1, "Reconnected", "Resynchronized", 2]
    gap, state = items[1], items[2]
    assert isinstance(gap, Reconnected)
    assert isinstance(state, Resynchronized)
    assert (state.since, state.until) == (gap.since, gap.until)
    assert state.open_orders == ["open order 1"]


async def test_a_second_gap_during_the_fetch_starts_it_anew(desk: Desk) -> None:
    released = asyncio.Event()
    desk.account.before_state = released.wait
    async with desk.open() as stream:
        for cuts in (1, 2):
            desk.peer.cut()
            await until(lambda cuts=cuts: desk.account.calls.count("look") == cuts)  # type: ignore[misc]
            await desk.tell(cuts)
        await asyncio.sleep(0.01)
        released.set()
        items = await take(stream, 5)

    assert [shown(item) for item in items] == ["Reconnected", 1, "Reconnected", "Resynchronized", 2]
    assert items[3].since == items[0].since


async def test_a_state_that_cannot_be_fetched_is_asked_for_again(desk: Desk) -> None:
    desk.account.fails["look"] = [ConnectionLost("cut"), ConnectionLost("cut")]
    async with desk.open() as stream:
        desk.peer.cut()
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]
    assert desk.account.calls.count("look") == 3


async def test_a_state_that_is_refused_is_an_error(desk: Desk) -> None:
    desk.account.fails["look"] = [AuthenticationError("Invalid API-key", code=-2015)]
    async with desk.open() as stream:
        desk.peer.cut()
        with pytest.raises(AuthenticationError):
            async for _ in stream.events():
                raise AssertionError


async def test_an_expired_key_is_replaced_and_the_gap_is_healed(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.key = "k2"
        await desk.peer.send(e="listenKeyExpired", E=1, listenKey="k1")
        await until(lambda: desk.peer.path == "/private/ws/k2")
        items = await take(stream, 3)
        await desk.tell(1)
        items += await take(stream, 1)

    assert [shown(item) for item in items] == ["KeyExpired", "Reconnected", "Resynchronized", 1]
    assert isinstance(items[0], KeyExpired)
    assert desk.account.calls == ["start", "start", "look", "end"]


async def test_the_expiry_of_another_key_means_nothing(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.peer.send(e="listenKeyExpired", E=1, listenKey="k0")
        await desk.tell(1)
        await take(stream, 2)

    assert desk.account.calls == ["start", "end"]


async def test_a_renewal_that_finds_the_key_gone_makes_another_one(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.fails["keep"] = [RequestRejected("This listenKey does not exist.", code=-1125)]
        desk.account.key = "k2"
        desk.clock.advance(25 * 60)
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]
    assert [peer.path for peer in desk.server.peers] == ["/private/ws/k1", "/private/ws/k2"]


async def test_after_a_reconnect_the_key_is_checked_because_a_dead_one_would_be_silent(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.clock.advance(120)
        desk.account.fails["keep"] = [RequestRejected("This listenKey does not exist.", code=-1125)]
        desk.account.key = "k2"
        desk.peer.cut()
        await until(lambda: desk.peer.path == "/private/ws/k2")
        await until(lambda: stream.statistics.reconnects == 2)
        await desk.tell(1)
        await until(lambda: stream.statistics.received == 1)

    assert [call for call in desk.account.calls if call != "look"] == ["start", "keep", "start", "end"]


async def test_a_renewal_that_crashes_is_tried_again(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.fails["keep"] = [ZeroDivisionError("a bug"), ConnectionLost("cut")]
        desk.clock.advance(25 * 60)
        await until(lambda: stream.keeper.renewals == 1)

    assert desk.account.calls == ["start", "keep", "keep", "keep", "end"]


async def test_a_refused_reconnect_makes_another_key(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.key = "k2"
        desk.server.reject = 400
        desk.peer.cut()
        await until(lambda: desk.account.calls.count("start") >= 2)
        desk.server.reject = None
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]
    assert desk.peer.path == "/private/ws/k2"


async def test_a_key_that_cannot_be_made_is_an_error_at_once(desk: Desk) -> None:
    desk.account.fails["start"] = [AuthenticationError("Invalid API-key", code=-2015)]
    with pytest.raises(AuthenticationError):
        await desk.open().start()
    assert desk.account.calls == ["start"]


async def test_a_key_that_cannot_be_closed_does_not_keep_the_consumer(desk: Desk, now: Callable[[], float]) -> None:
    stream = desk.open()
    await stream.start()
    desk.account.fails["end"] = [ConnectionLost("cut")]
    start = now()

    await stream.close()

    assert now() - start < 1.0


async def test_before_the_cut_of_a_connection_a_second_one_takes_over_without_loss_or_repetition(desk: Desk) -> None:
    async with desk.open() as stream:
        first = desk.peer
        desk.clock.advance(24 * 3600 - 30)
        await until(lambda: len(desk.server.open_peers) == 2)
        second = desk.peer
        for number in range(1, 6):
            event = json.dumps({"e": "ORDER", "E": 1, "i": number})
            await first.connection.send(event)
            if number >= 3:
                await second.connection.send(event)
        await until(lambda: stream.statistics.received == 5)
        desk.clock.advance(11)
        await until(lambda: len(desk.server.open_peers) == 1)
        await desk.tell(6)
        items = await take(stream, 6)

    assert [shown(item) for item in items] == [1, 2, 3, 4, 5, 6]
    assert "look" not in desk.account.calls
