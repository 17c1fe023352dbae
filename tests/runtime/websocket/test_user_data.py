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
from specwright.runtime.errors import (
    AuthenticationError,
    ClockError,
    ConnectionLost,
    DecodeError,
    ExecutionUnknown,
    RateLimited,
    RequestRejected,
    ServerError,
)
from specwright.runtime.model import UnknownVariant
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.connection import ConnectionSettings
from specwright.runtime.websocket.notices import Reconnected, Resynchronized
from specwright.runtime.websocket.session import StreamSession
from specwright.runtime.websocket.user_data import UserDataStream
from specwright.runtime.websocket.user_data_feed import UserDataFeed
from specwright.runtime.wire import Tagged

from .doubles import ManualClock, until
from .tiny import EVENTS, PRODUCT, KeyExpired, ListenKey, OrderEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from .server import ExchangeServer, Peer

NAMELESS = decoder("ListenKey", PRODUCT.module).decode(b"{}", report=DriftReport())
AHEAD = 5_000
"""Milliseconds by which the exchange's clock is ahead of the local one."""


@define(eq=False)
class Account:
    """Answers the operations of listen keys, and says what is open."""

    calls: list[str] = field(factory=list)
    key: str = "k1"
    fails: dict[str, list[Exception]] = field(factory=dict)
    """Operation → errors of its next calls."""
    on_their_way: dict[str, asyncio.Event] = field(factory=dict)
    """Operation → what its replies wait for, once they are written."""
    names_key: bool = True
    """Whether a renewal is answered with the key."""

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        self.calls.append(operation)
        error = self.fails[operation].pop(0) if self.fails.get(operation) else None
        reply: object = ListenKey(listen_key=self.key) if self.names_key or operation != "keep" else NAMELESS
        if operation == "look":
            reply = [f"open order {self.calls.count('look')}"]
        if operation in self.on_their_way:
            await self.on_their_way[operation].wait()
        if error is not None:
            raise error
        return reply


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
            exchange_ms=lambda: self.clock.time() * 1000 + AHEAD,
            events=events,
            policy=ReconnectPolicy(base=0.0),
        )
        return UserDataStream(feed, reader(), {})

    @property
    def peer(self) -> Peer:
        return self.server.peers[-1]

    async def tell(self, number: int, kind: str = "ORDER") -> None:
        await self.peer.send(e=kind, E=1_700_000_000_000 + number, i=number)

    async def let_key_expire(self, key: str = "k1") -> None:
        await self.peer.send(e="listenKeyExpired", E=1, listenKey=key)

    async def heard(self) -> None:
        """Waits until the client has received what it was sent: it answers a ping behind that."""
        await (await self.peer.connection.ping())

    async def called(self, operation: str, times: int = 1) -> None:
        """Waits until an operation has been called so often."""
        await until(lambda: self.account.calls.count(operation) >= times)


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


async def test_the_expiry_of_the_key_is_asked_for_and_kept_back_where_it_was_not_chosen(desk: Desk) -> None:
    async with desk.open("ORDER") as stream:
        assert desk.peer.path == "/private/ws?listenKey=k1&events=ORDER/listenKeyExpired"
        desk.account.key = "k2"
        await desk.let_key_expire()
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]


async def test_a_key_that_another_stream_still_uses_is_left_open(desk: Desk) -> None:
    async with desk.open() as remaining:
        async with desk.open():
            pass
        assert "end" not in desk.account.calls
        await desk.server.peers[0].send(e="ORDER", E=1, i=1)
        (event,) = await take(remaining, 1)

    assert shown(event) == 1
    assert desk.account.calls.count("end") == 1


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
    released = desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open() as stream:
        await desk.tell(1)
        await desk.heard()
        desk.peer.cut()
        await desk.called("look")
        await desk.tell(2)
        await desk.heard()
        desk.clock.advance(3.0)
        released.set()
        items = await take(stream, 4)

    assert [shown(item) for item in items] == [1, "Reconnected", "Resynchronized", 2]
    gap, state = items[1], items[2]
    assert isinstance(gap, Reconnected)
    assert isinstance(state, Resynchronized)
    assert (state.since, state.until) == (gap.since, gap.until)
    assert state.open_orders == ["open order 1"]
    assert state.asked_at == (desk.clock.time() - 3.0) * 1000 + AHEAD, "by the exchange's clock, when it was asked for"


async def test_a_second_gap_during_the_fetch_starts_it_anew(desk: Desk) -> None:
    released = desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open() as stream:
        for cuts in (1, 2):
            desk.peer.cut()
            await desk.called("look", cuts)
            await desk.tell(cuts)
            await desk.heard()
        released.set()
        items = await take(stream, 5)

    assert [shown(item) for item in items] == ["Reconnected", 1, "Reconnected", "Resynchronized", 2]
    assert items[3].since == items[0].since


@pytest.mark.parametrize(
    "error",
    [
        ConnectionLost("cut"),
        DecodeError("a proxy's page"),
        ClockError("outside of recvWindow", code=-1021),
        RateLimited("slow down", retry_after=0.0),
        ServerError("overloaded"),
        ExecutionUnknown("look", {}, None, reason="no reply came"),
        ZeroDivisionError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_state_that_cannot_be_fetched_is_asked_for_again(desk: Desk, error: Exception) -> None:
    desk.account.fails["look"] = [error, error]
    async with desk.open() as stream:
        desk.peer.cut()
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]
    assert desk.account.calls.count("look") == 3


@pytest.mark.parametrize(
    "errors", [[AuthenticationError("Invalid API-key", code=-2015)], [ZeroDivisionError("a bug")] * 5]
)
async def test_a_state_that_no_attempt_gets_ends_the_stream_behind_what_came(
    desk: Desk, errors: list[Exception]
) -> None:
    desk.account.fails["look"] = [ConnectionLost("cut"), *errors]
    released = desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open() as stream:
        desk.peer.cut()
        await desk.called("look")
        await desk.tell(1)
        await desk.heard()
        released.set()
        seen = []
        with pytest.raises(type(errors[0])):
            async for item in stream:
                seen.append(shown(item))
        await until(lambda: not desk.server.open_peers)
        await until(lambda: not [task for task in asyncio.all_tasks() if "UserDataFeed" in repr(task)])

    assert seen == ["Reconnected", 1]
    assert desk.account.calls.count("look") == 1 + len(errors)
    assert desk.account.calls[-1] == "end"


async def test_a_fault_in_the_care_for_the_stream_ends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(session: StreamSession, reason: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(StreamSession, "redial", fault)
    async with desk.open() as stream:
        desk.account.key = "k2"
        await desk.let_key_expire()
        seen = []
        with pytest.raises(ZeroDivisionError):
            async for item in stream:
                seen.append(shown(item))

    assert seen == ["KeyExpired"]


async def test_an_expired_key_is_replaced_and_the_gap_is_healed(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.key = "k2"
        await desk.let_key_expire()
        await until(lambda: desk.peer.path == "/private/ws/k2")
        items = await take(stream, 3)
        await desk.tell(1)
        items += await take(stream, 1)
        await desk.called("keep")

    assert [shown(item) for item in items] == ["KeyExpired", "Reconnected", "Resynchronized", 1]
    assert isinstance(items[0], KeyExpired)
    assert [call for call in desk.account.calls if call != "look"] == ["start", "start", "keep", "end"]
    assert len(desk.server.peers) == 2


async def test_an_expiry_that_is_heard_behind_a_gap_is_acted_on_before_the_state_is_there(desk: Desk) -> None:
    released = desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open() as stream:
        desk.peer.cut()
        await desk.called("look")
        desk.account.key = "k2"
        await desk.let_key_expire()
        await until(lambda: desk.peer.path == "/private/ws/k2")
        await desk.called("look", 2)
        released.set()
        items = await take(stream, 4)

    assert [shown(item) for item in items] == ["Reconnected", "KeyExpired", "Reconnected", "Resynchronized"]
    assert items[3].since == items[0].since


async def test_a_renewal_that_was_on_its_way_when_the_key_expired_does_not_revive_it(desk: Desk) -> None:
    answered = desk.account.on_their_way["keep"] = asyncio.Event()
    async with desk.open() as stream:
        desk.clock.advance(25 * 60)
        await desk.called("keep")
        desk.account.key = "k2"
        await desk.let_key_expire()
        await desk.heard()
        answered.set()
        items = await take(stream, 3)

    assert [shown(item) for item in items] == ["KeyExpired", "Reconnected", "Resynchronized"]
    assert desk.peer.path == "/private/ws/k2"


async def test_a_key_that_expired_and_is_given_again_is_connected_anew(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.let_key_expire()
        items = await take(stream, 3)

    assert [shown(item) for item in items] == ["KeyExpired", "Reconnected", "Resynchronized"]
    assert [peer.path for peer in desk.server.peers] == ["/private/ws/k1", "/private/ws/k1"]


async def test_a_key_that_expires_in_a_takeover_replaces_both_connections(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.clock.advance(24 * 3600 - 30)
        await until(lambda: len(desk.server.open_peers) == 2)
        desk.account.key = "k2"
        for peer in list(desk.server.open_peers):
            await peer.send(e="listenKeyExpired", E=1, listenKey="k1")
        items = await take(stream, 3)
        await until(lambda: [peer.path for peer in desk.server.open_peers] == ["/private/ws/k2"])
        desk.clock.advance(60)
        await desk.tell(1)
        items += await take(stream, 1)

    assert [shown(item) for item in items] == ["KeyExpired", "Reconnected", "Resynchronized", 1]
    assert len(desk.server.peers) == 3


async def test_the_expiry_of_another_key_means_nothing(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.let_key_expire("k0")
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


@pytest.mark.parametrize("age", [0, 120])
async def test_after_a_reconnect_the_key_is_checked_because_a_dead_one_would_be_silent(desk: Desk, age: int) -> None:
    async with desk.open() as stream:
        desk.clock.advance(age)
        desk.account.fails["keep"] = [RequestRejected("This listenKey does not exist.", code=-1125)]
        desk.account.key = "k2"
        desk.peer.cut()
        await until(lambda: desk.peer.path == "/private/ws/k2")
        await until(lambda: stream.statistics.reconnects == 2)
        await desk.tell(1)
        await until(lambda: stream.statistics.received == 1)
        await desk.called("keep", 2)

    assert [call for call in desk.account.calls if call != "look"] == ["start", "keep", "start", "keep", "end"]


async def test_the_check_is_made_again_when_a_renewal_was_on_its_way_at_the_reconnect(desk: Desk) -> None:
    answered = desk.account.on_their_way["keep"] = asyncio.Event()
    async with desk.open() as stream:
        desk.clock.advance(25 * 60)
        await desk.called("keep")
        desk.account.fails["keep"] = [RequestRejected("This listenKey does not exist.", code=-1125)]
        desk.account.key = "k2"
        desk.peer.cut()
        await until(lambda: stream.statistics.reconnects == 1)
        answered.set()
        await until(lambda: desk.peer.path == "/private/ws/k2")

    assert desk.account.calls.count("keep") >= 2


async def test_a_renewal_that_is_answered_without_a_key_renews_the_one_there_is(desk: Desk) -> None:
    desk.account.names_key = False
    async with desk.open() as stream:
        desk.clock.advance(25 * 60)
        await until(lambda: stream.keeper.renewals == 1)
        await desk.heard()

    assert [peer.path for peer in desk.server.peers] == ["/private/ws/k1"]


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


@pytest.mark.parametrize("status", [403, 429, 503])
async def test_a_reconnect_that_is_refused_for_a_while_says_nothing_of_the_key(desk: Desk, status: int) -> None:
    async with desk.open() as stream:
        desk.server.reject = status
        desk.peer.cut()
        await until(lambda: desk.server.rejected >= 2)
        desk.server.reject = None
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]
    assert desk.account.calls.count("start") == 1


async def test_a_start_that_is_answered_without_a_key_is_an_error(desk: Desk) -> None:
    desk.account.key = ""
    with pytest.raises(DecodeError, match="names no listen key"):
        await desk.open().start()


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
