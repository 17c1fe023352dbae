"""A start tells each who waits for it what became of it, and the event loop nothing."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ClientClosed
from specwright.runtime.websocket.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    Start = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
async def complaints() -> list[str]:
    """What the event loop would log of tasks and callbacks that failed."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    return told


async def fail() -> None:
    raise ZeroDivisionError


async def be_cancelled() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("start", [fail, be_cancelled])
async def test_a_start_that_came_to_nothing_and_for_which_nobody_waits_is_no_news(
    complaints: list[str], start: Start
) -> None:
    starting = Starting(start)
    starting.begin()
    await starting.is_over()
    await asyncio.sleep(0)
    del starting
    gc.collect()

    assert complaints == []


@pytest.mark.parametrize(("start", "error"), [(fail, ZeroDivisionError), (be_cancelled, ClientClosed)])
async def test_each_who_waits_is_told_why_a_start_came_to_nothing(start: Start, error: type[Exception]) -> None:
    starting = Starting(start)
    starting.begin()

    told = await asyncio.gather(starting.outcome(), starting.outcome(), return_exceptions=True)

    assert [type(each) for each in told] == [error, error]


async def test_nobody_waits_for_what_was_not_begun() -> None:
    starting = Starting(fail)

    await starting.outcome()

    assert starting.task is None
