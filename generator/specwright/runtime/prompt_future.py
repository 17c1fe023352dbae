"""A future whose waiter goes on at once, instead of in the next turn of the event loop.

asyncio hands a result on by a callback of the loop's next turn: a dozen functions and a system call between a reply and
the caller, a twentieth of a round trip on loopback. A task registers its wish to go on with `add_done_callback`, as
asyncio documents for all that is like a future; here it is kept, and called when the owner says so. Where that cannot
be done (another task is running, or the future is cancelled) the loop does it as ever.
"""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

__all__ = ["PromptFuture"]

_T = TypeVar("_T")


class PromptFuture(asyncio.Future[_T]):
    """A future of which the owner decides when its waiter goes on, once it has its result.

    The owner calls `go_on` as the last thing it does in a callback of the event loop: whatever the waiter does next
    happens within. Or it calls `go_on_soon`. After `set_result` or `set_exception` it must call one of them.
    """

    _waiter: tuple[Callable[..., object], Context] | None = None

    def go_on(self) -> None:
        """Runs the waiter now, if there is one."""
        waiter = self._waiter
        if waiter is None:
            return
        if asyncio.current_task() is not None:
            # Tasks do not nest.
            self.go_on_soon()
            return
        self._waiter = None
        call, context = waiter
        context.run(call, self)

    def go_on_soon(self) -> None:
        """Lets the event loop run the waiter, when the result is there."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            super().add_done_callback(waiter[0], context=waiter[1])

    # --- What a waiting task calls ------------------------------------------------------------------------------------

    def add_done_callback(self, fn: Callable[..., object], *, context: Context | None = None) -> None:
        """Keeps the first waiter; others are the event loop's."""
        if self._waiter is None and not self.done():
            self._waiter = fn, context or copy_context()
        else:
            super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Callable[..., object], /) -> int:
        """Forgets a waiter."""
        self.go_on_soon()
        return super().remove_done_callback(fn)

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancels; the event loop tells the waiter."""
        if not self.done():
            self.go_on_soon()
        return super().cancel(msg)
