"""The event loop that connections, timers and waiting consumers belong to: they are of no use in another one."""

from __future__ import annotations

import asyncio

from ..errors import ConfigurationError

__all__ = ["OneLoop"]


class OneLoop:
    """Remembers the event loop in which something was first used."""

    __slots__ = ("loop",)

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop; None: not used yet."""

    @property
    def is_over(self) -> bool:
        """Whether the loop is closed, and with it all that belonged to it."""
        return self.loop is not None and self.loop.is_closed()

    def enter(self) -> None:
        """Remembers the running loop, where none was.

        Raises:
            ConfigurationError: It is another one.
        """
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
        self.check()

    def check(self) -> None:
        """Refuses another loop than the one that was remembered, if any was.

        Raises:
            ConfigurationError: It is another one.
        """
        if self.loop is not None and self.loop is not asyncio.get_running_loop():
            how = "is closed" if self.is_over else "is still there"
            raise ConfigurationError(
                f"this client's WebSocket connections belong to another event loop, which {how}; "
                "make a client for each loop"
            )
