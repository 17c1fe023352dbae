"""Leaving a stream of the account leaves its listen key to others, and closes it only for who wants that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.runtime.errors import ConnectionLost

from ...conditions import until
from .account_desk import shown, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from .account_desk import Desk


async def test_the_key_is_not_closed_because_another_process_may_use_it(desk: Desk) -> None:
    async with desk.open():
        pass

    assert desk.account.calls == ["start"]
    await until(lambda: not desk.server.open_peers)


async def test_the_key_is_closed_for_who_wants_that(desk: Desk) -> None:
    async with desk.open(close_key=True):
        pass

    assert desk.account.calls == ["start", "end"]


async def test_a_key_that_another_stream_still_uses_is_left_open(desk: Desk) -> None:
    async with desk.open(close_key=True) as remaining:
        async with desk.open(close_key=True):
            pass
        assert "end" not in desk.account.calls
        await desk.server.peers[0].send(e="ORDER", E=1, i=1)
        (event,) = await take(remaining, 1)

    assert shown(event) == 1
    assert desk.account.calls.count("end") == 1


async def test_a_stream_that_does_not_want_it_closed_keeps_it_open_for_the_others_too(desk: Desk) -> None:
    async with desk.open(), desk.open(close_key=True):
        pass

    assert "end" not in desk.account.calls


async def test_a_key_that_cannot_be_closed_does_not_keep_the_consumer(desk: Desk, now: Callable[[], float]) -> None:
    stream = desk.open(close_key=True)
    await stream.start()
    desk.account.fails["end"] = [ConnectionLost("cut")]
    start = now()

    await stream.close()

    assert now() - start < 1.0
    assert desk.account.calls == ["start", "end"]
