"""Cancels work at each of its awaits, as the wait begins or ends, and looks for sockets that are left."""

from __future__ import annotations

import asyncio
import gc
import itertools
import types
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator

__all__ = ["Finished", "cancelled_at", "no_socket_left", "set_aside"]


class Finished(Exception):
    """The work was done before it was to be cancelled."""


async def cancelled_at(work: Coroutine[Any, Any, object], suspension: int, *, late: bool = False) -> None:
    """Runs work in the current task and cancels that in the work's n-th suspension.

    Args:
        work: What to run.
        suspension: Where, from 0.
        late: Only when the wait is over, and before the work goes on.

    Raises:
        Finished: It has not so many.
        CancelledError: It has.
    """
    await _stepped(work, suspension, late)


@types.coroutine
def _stepped(work: Coroutine[Any, Any, object], suspension: int, late: bool) -> Generator[Any, Any, None]:
    task = asyncio.current_task()
    assert task is not None
    error: BaseException | None = None
    for number in itertools.count():
        try:
            awaited = work.send(None) if error is None else work.throw(error)
        except StopIteration:
            raise Finished from None
        if number == suspension and late and isinstance(awaited, asyncio.Future):
            awaited.add_done_callback(lambda _: task.cancel())
        elif number == suspension:
            task.cancel()
        error = None
        try:
            yield awaited
        except BaseException as thrown:  # noqa: BLE001 - whatever it is, it belongs to the work.
            error = thrown


def set_aside() -> None:
    """What is there by now is not searched any more for sockets: in a long run that is much, and takes its time."""
    gc.collect()
    gc.freeze()


@contextmanager
def no_socket_left() -> Iterator[None]:
    """Afterwards every socket must have been closed: one that was not says so when it is collected."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(each.message) for each in caught] == []
