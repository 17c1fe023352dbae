"""What has begun to close is closed, once, whoever asks for it, waits for it, or stops waiting."""

from __future__ import annotations

import asyncio
import logging

import pytest

from specwright.runtime.websocket.closing import Closing

from ...conditions import until


class Door:
    """Closes when it may, and notes each time that it has."""

    def __init__(self, fails: bool = False) -> None:
        self.may_close = asyncio.Event()
        self.closed = 0
        self._fails = fails

    async def close(self) -> None:
        await self.may_close.wait()
        self.closed += 1
        if self._fails:
            raise ZeroDivisionError


async def asked_and_given_up(closing: Closing) -> None:
    """Somebody asks for it, and is cancelled while it closes."""
    waiting = asyncio.create_task(closing.finish())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_it_closes_although_nobody_waits_for_it_any_more() -> None:
    door = Door()
    await asked_and_given_up(Closing(door.close))
    door.may_close.set()

    await until(lambda: door.closed == 1)


async def test_who_asks_while_it_closes_waits_for_the_same_end() -> None:
    door = Door()
    closing = Closing(door.close)
    await asked_and_given_up(closing)
    others = [asyncio.create_task(closing.finish()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(other.done() for other in others)
    door.may_close.set()
    await asyncio.gather(*others)

    assert door.closed == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_what_goes_wrong_when_nobody_waits_is_logged(caplog: pytest.LogCaptureFixture, fails: bool) -> None:
    door = Door(fails)
    caplog.set_level(logging.ERROR)
    await asked_and_given_up(Closing(door.close))
    door.may_close.set()
    await until(lambda: door.closed == 1)
    await asyncio.sleep(0)

    assert [record.message for record in caplog.records] == ["closing failed"] * fails


async def test_what_goes_wrong_is_raised_for_whoever_waits() -> None:
    door = Door(fails=True)
    door.may_close.set()

    with pytest.raises(ZeroDivisionError):
        await Closing(door.close).finish()
