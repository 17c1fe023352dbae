"""The listen key of a stream is made, renewed, doubted and replaced, and the stream goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import AuthenticationError, ConnectionLost, DecodeError, RequestRejected

from ...conditions import until
from .account_desk import shown, take
from .listen_key_care import RENEWAL
from .tiny import KeyExpired

if TYPE_CHECKING:
    from .account_desk import Desk


async def test_the_expiry_of_the_key_is_asked_for_and_kept_back_where_it_was_not_chosen(desk: Desk) -> None:
    async with desk.open("ORDER") as stream:
        assert desk.peer.path == "/private/ws?listenKey=k1&events=ORDER/listenKeyExpired"
        desk.account.key = "k2"
        await desk.let_key_expire()
        items = await take(stream, 2)

    assert [shown(item) for item in items] == ["Reconnected", "Resynchronized"]


async def test_the_key_is_renewed_in_time(desk: Desk) -> None:
    async with desk.open() as stream:
        for renewals in (1, 2, 3):
            desk.clock.advance(RENEWAL)
            await until(lambda renewals=renewals: stream.keeper.renewals == renewals)  # type: ignore[misc]
    assert desk.account.calls == ["start", "keep", "keep", "keep"]
    assert len(desk.server.peers) == 1


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
    assert [call for call in desk.account.calls if call != "look"] == ["start", "start", "keep"]
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
        desk.clock.advance(RENEWAL)
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

    assert desk.account.calls == ["start"]


async def test_a_renewal_that_finds_the_key_gone_makes_another_one(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.fails["keep"] = [RequestRejected("This listenKey does not exist.", code=-1125)]
        desk.account.key = "k2"
        desk.clock.advance(RENEWAL)
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

    assert [call for call in desk.account.calls if call != "look"] == ["start", "keep", "start", "keep"]


async def test_the_check_is_made_again_when_a_renewal_was_on_its_way_at_the_reconnect(desk: Desk) -> None:
    answered = desk.account.on_their_way["keep"] = asyncio.Event()
    async with desk.open() as stream:
        desk.clock.advance(RENEWAL)
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
        desk.clock.advance(RENEWAL)
        await until(lambda: stream.keeper.renewals == 1)
        await desk.heard()

    assert [peer.path for peer in desk.server.peers] == ["/private/ws/k1"]


async def test_a_renewal_that_crashes_is_tried_again(desk: Desk) -> None:
    async with desk.open() as stream:
        desk.account.fails["keep"] = [ZeroDivisionError("a bug"), ConnectionLost("cut")]
        desk.clock.advance(RENEWAL)
        await until(lambda: stream.keeper.renewals == 1)

    assert desk.account.calls == ["start", "keep", "keep", "keep"]


async def test_a_renewal_that_is_refused_is_warned_of_with_its_answer_and_asked_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    answer = RequestRejected("odd", code=-4000, status=400)
    async with desk.open() as stream:
        desk.account.fails["keep"] = [answer]
        desk.clock.advance(RENEWAL)
        await until(lambda: stream.keeper.failed_requests == 1)
        await desk.tell(1)
        (event,) = await take(stream, 1)
        desk.clock.advance(60)
        await until(lambda: stream.keeper.renewals == 1)

    assert shown(event) == 1
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warning.getMessage() == f"keep failed: {answer}"
    assert "odd (code -4000, status 400" in warning.getMessage()


@pytest.mark.parametrize("reason", ["expiry", "refused reconnect"])
async def test_another_key_that_is_refused_when_one_is_needed_ends_the_stream(desk: Desk, reason: str) -> None:
    async with desk.open() as stream:
        desk.account.fails["start"] = [AuthenticationError("Invalid API-key", code=-2015)]
        if reason == "expiry":
            await desk.let_key_expire()
        else:
            desk.server.reject = 401
            desk.peer.cut()
        with pytest.raises(AuthenticationError):
            async with asyncio.timeout(5):
                async for _ in stream:
                    pass

    assert desk.account.calls.count("start") == 2


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
        async with asyncio.timeout(5):
            await desk.open().start()


async def test_a_key_that_cannot_be_made_is_an_error_at_once(desk: Desk) -> None:
    desk.account.fails["start"] = [AuthenticationError("Invalid API-key", code=-2015)]
    with pytest.raises(AuthenticationError):
        await desk.open().start()
    assert desk.account.calls == ["start"]
