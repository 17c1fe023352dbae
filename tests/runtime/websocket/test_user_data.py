"""The account's events come in order; after a gap the state comes before what follows, or the stream says why not."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import (
    AuthenticationError,
    ClockError,
    ConnectionLost,
    DecodeError,
    ExecutionUnknown,
    RateLimited,
    ServerError,
)
from specwright.runtime.model import UnknownVariant
from specwright.runtime.websocket.notices import Reconnected, Resynchronized
from specwright.runtime.websocket.session import StreamSession

from ...conditions import until
from .account_desk import AHEAD, shown, take
from .tiny import OrderEvent

if TYPE_CHECKING:
    from .account_desk import Desk


async def test_the_key_is_made_used_and_left_to_expire(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.tell(1)
        event = await anext(stream.events())

    assert event == OrderEvent(event_type="ORDER", event_time=1_700_000_000_001, order_id=1)
    assert desk.peer.path == "/private/ws/k1"
    assert desk.account.calls == ["start"]
    await until(lambda: not desk.server.open_peers)


async def test_events_can_be_chosen(desk: Desk) -> None:
    async with desk.open("ORDER", "listenKeyExpired"):
        assert desk.peer.path == "/private/ws?listenKey=k1&events=ORDER/listenKeyExpired"


async def test_an_event_that_this_version_does_not_know_comes_as_it_is(desk: Desk) -> None:
    async with desk.open() as stream:
        await desk.tell(1, "BRAND_NEW")
        (event,) = await take(stream, 1)

    assert isinstance(event, UnknownVariant)


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
            async with asyncio.timeout(5):
                async for item in stream:
                    seen.append(shown(item))
        await until(lambda: not desk.server.open_peers)
        await until(lambda: not [task for task in asyncio.all_tasks() if "UserDataFeed" in repr(task)])

    assert seen == ["Reconnected", 1]
    assert desk.account.calls.count("look") == 1 + len(errors)
    assert desk.account.calls[-1] == "look"


async def test_a_fault_in_the_care_for_the_stream_ends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(session: StreamSession, reason: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(StreamSession, "redial", fault)
    async with desk.open() as stream:
        desk.account.key = "k2"
        await desk.let_key_expire()
        seen = []
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(5):
                async for item in stream:
                    seen.append(shown(item))

    assert seen == ["KeyExpired"]


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
