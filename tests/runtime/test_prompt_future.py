"""A waiter that goes on within the callback that brought its result: what it sees, and when the event loop does it."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.prompt_future import PromptFuture

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class Wait:
    """A task that waits for a future, and what it was told."""

    def __init__(self) -> None:
        self.future: PromptFuture[str] = PromptFuture()
        self.told: list[str] = []
        self.task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        try:
            self.told.append(await self.future)
        except asyncio.CancelledError:
            self.told.append("cancelled")
        except RuntimeError as error:
            self.told.append(str(error))
        self.told.append(WHO.get())

    async def begin(self) -> Wait:
        await asyncio.sleep(0)
        return self


async def in_a_callback(act: Callable[[], object]) -> None:
    """Runs something as the event loop runs a protocol's methods; what it raises is raised."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def run() -> None:
        try:
            act()
        except BaseException as error:
            over.set_exception(error)
            raise
        over.set_result(None)

    asyncio.get_running_loop().call_soon(run)
    await over


def bring(future: PromptFuture[str]) -> None:
    """What the owner of a future does when the result is there."""
    future.set_result("reply")
    future.go_on()


async def test_the_waiter_goes_on_within_the_callback_and_in_its_own_context() -> None:
    WHO.set("the waiter")
    waiting = await Wait().begin()
    WHO.set("someone else")
    seen: list[list[str]] = []

    def bring() -> None:
        waiting.future.set_result("reply")
        seen.append(list(waiting.told))
        waiting.future.go_on()
        seen.append(list(waiting.told))

    await in_a_callback(bring)

    assert seen == [[], ["reply", "the waiter"]]
    assert waiting.task.done()


async def test_what_waiters_set_in_their_contexts_when_they_go_on_stays_set() -> None:
    future: PromptFuture[str] = PromptFuture()
    seen: list[str] = []

    async def wait(name: str) -> None:
        await future
        WHO.set(name)
        await asyncio.sleep(0)
        seen.append(WHO.get())

    tasks = [asyncio.create_task(wait(name)) for name in ("the first", "the second")]
    await asyncio.sleep(0)

    await in_a_callback(partial(bring, future))
    await asyncio.gather(*tasks)

    assert sorted(seen) == ["the first", "the second"]


async def test_within_another_task_the_event_loop_lets_the_waiter_go_on() -> None:
    waiting = await Wait().begin()

    waiting.future.set_result("reply")
    waiting.future.go_on()
    assert waiting.told == []
    await waiting.task

    assert waiting.told == ["reply", "nobody"]


async def test_soon_means_behind_the_callback_that_runs_now_and_in_the_waiters_context_too() -> None:
    WHO.set("the waiter")
    waiting = await Wait().begin()
    WHO.set("someone else")
    seen: list[list[str]] = []

    def bring() -> None:
        waiting.future.set_result("reply")
        waiting.future.go_on_soon()
        seen.append(list(waiting.told))

    await in_a_callback(bring)
    await waiting.task

    assert seen == [[]]
    assert waiting.told == ["reply", "the waiter"]


async def test_a_waiter_is_told_once_however_often_it_is_let_go_on() -> None:
    future: PromptFuture[str] = PromptFuture()
    told: list[object] = []
    future.add_done_callback(told.append)

    def bring() -> None:
        future.set_result("reply")
        future.go_on()
        future.go_on()
        future.go_on_soon()

    await in_a_callback(bring)
    await asyncio.sleep(0)

    assert told == [future]


@pytest.mark.parametrize("at", ["before", "between", "behind"])
async def test_a_waiter_that_is_cancelled_hears_of_it_once(at: str) -> None:
    waiting = await Wait().begin()

    def bring() -> None:
        if at == "before":
            waiting.task.cancel()
        if not waiting.future.done():
            waiting.future.set_result("reply")
        if at == "between":
            waiting.task.cancel()
        waiting.future.go_on()
        if at == "behind":
            waiting.task.cancel()

    await in_a_callback(bring)
    await asyncio.wait([waiting.task])

    assert (
        waiting.told
        == {
            "before": ["cancelled", "nobody"],
            "between": ["cancelled", "nobody"],
            "behind": ["reply", "nobody"],
        }[at]
    )


async def test_why_a_waiter_is_cancelled_is_told_as_it_is_of_any_other_future() -> None:
    waiting = asyncio.create_task(asyncio.wait_for(PromptFuture[str](), None))
    await asyncio.sleep(0)

    waiting.cancel("the shop closes")

    with pytest.raises(asyncio.CancelledError, match="the shop closes"):
        await waiting


async def test_a_fault_reaches_the_waiter() -> None:
    waiting = await Wait().begin()

    def bring() -> None:
        waiting.future.set_exception(RuntimeError("cut"))
        waiting.future.go_on()

    await in_a_callback(bring)
    await waiting.task

    assert waiting.told == ["cut", "nobody"]


async def test_a_waiter_that_fails_does_not_disturb_the_callback() -> None:
    future: PromptFuture[str] = PromptFuture()

    async def fail() -> None:
        await future
        raise ValueError("the waiter's own fault")

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)

    await in_a_callback(partial(bring, future))

    with pytest.raises(ValueError, match="own fault"):
        await task


async def test_a_result_that_is_there_before_the_waiter_is_not_waited_for() -> None:
    future: PromptFuture[str] = PromptFuture()
    future.set_result("reply")
    future.go_on()

    assert await future == "reply"


async def test_who_asks_to_be_told_when_the_result_is_there_already_is_told_soon() -> None:
    future: PromptFuture[str] = PromptFuture()
    future.set_result("reply")
    told: list[object] = []

    future.add_done_callback(told.append)
    await asyncio.sleep(0)

    assert told == [future]


async def test_what_else_asyncio_does_with_futures_works() -> None:
    ways: list[Callable[[PromptFuture[str]], Awaitable[object]]] = [
        lambda future: asyncio.wait_for(future, 60),
        lambda future: asyncio.gather(future),
        lambda future: asyncio.shield(future),
        lambda future: asyncio.wait([future]),
    ]
    for wait in ways:
        future: PromptFuture[str] = PromptFuture()

        async def waiter(wait: Callable[[PromptFuture[str]], Awaitable[object]], future: PromptFuture[str]) -> None:
            await wait(future)

        tasks = [asyncio.create_task(waiter(wait, future)) for _ in range(2)]
        await asyncio.sleep(0)

        await in_a_callback(partial(bring, future))

        await asyncio.gather(*tasks)
        assert future.result() == "reply"


async def test_a_callback_that_is_taken_back_is_not_called() -> None:
    future: PromptFuture[str] = PromptFuture()
    told: list[object] = []
    future.add_done_callback(told.append)

    removed = future.remove_done_callback(told.append)
    await in_a_callback(partial(bring, future))

    assert (removed, told) == (1, [])
