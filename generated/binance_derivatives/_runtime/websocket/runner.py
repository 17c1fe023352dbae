"""The asyncio shell of a session machine: dials, sends, closes and watches the clock as the machine says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from math import inf
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from ..errors import BinanceError, ConfigurationError, TransportError
from .connection import Connection, ConnectionSettings, open_connection
from .line import Close, Dial, Effect, Hold, Line, Machine, Ping, Release, Send, nowhere
from .outage_log import OutageLog
from .timing import real_wait

if TYPE_CHECKING:
    from ..clock import Clock

__all__ = ["Open", "Runner"]

logger = logging.getLogger(__name__)

Open: TypeAlias = Callable[[str, Line, ConnectionSettings, "Clock"], Awaitable[Connection]]
"""How a connection is opened: `open_connection`, or a stand-in."""


class Runner:
    """Carries one machine. All of its tasks end with `close`.

    Args:
        machine: What decides.
        settings: How connections are made.
        clock: The clock that the machine's deadlines are told by.
        open: How a connection is opened.
    """

    def __init__(
        self, machine: Machine, settings: ConnectionSettings, clock: Clock, open: Open = open_connection
    ) -> None:
        self._machine = machine
        machine.attention = self.poke
        self._settings = settings
        self._clock = clock
        self._open = open
        self._connections: dict[Line, Connection] = {}
        self._tasks: dict[Line, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._acts_at = inf
        """Monotonic time of the machine's clock for which the timer is set; infinite without one."""
        self._poked: asyncio.Handle | None = None
        self._log = OutageLog(clock)
        self.is_closed = False

    @property
    def is_cut_off(self) -> bool:
        """Whether somebody else has cancelled what carries its connections, as the end of `asyncio.run` does."""
        return any(task.cancelling() for task in self._tasks.values())

    def poke(self) -> None:
        """Lets the machine act soon: what is asked for in one turn of the event loop goes out together."""
        if self._poked is None and not self.is_closed:
            self._poked = asyncio.get_running_loop().call_soon(self.act)

    def act(self) -> None:
        """Lets the machine act now."""
        if self._poked is not None:
            self._poked.cancel()
            self._poked = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._acts_at = inf
        if self.is_closed or self.is_cut_off:
            return  # What is begun while the event loop ends nobody waits for.
        self._machine.wake()
        self.perform()
        deadline = self._machine.deadline()
        if deadline is not None:
            self._acts_at = deadline
            self._timer = asyncio.get_running_loop().call_later(real_wait(self._clock, deadline), self.act)

    def by(self, deadline: float) -> None:
        """Lets the machine act at this time of its clock at the latest; costs nothing when it would anyway."""
        if deadline < self._acts_at:
            self.act()

    async def close(self) -> None:
        """Closes all connections and waits until nothing is left running."""
        self.is_closed = True
        for handle in (self._timer, self._poked):
            if handle is not None:
                handle.cancel()
        self._timer = self._poked = None
        for line in list(self._tasks):
            self._close(line)
        while self._closing:
            await asyncio.wait(self._closing)

    # --- Effects ------------------------------------------------------------------------------------------------------

    def perform(self) -> None:
        """Carries out what the machine has decided."""
        while effects := self._machine.take():
            for effect in effects:
                self._do(effect)
            for effect in effects:
                if isinstance(effect, Close) and effect.error is not None:
                    self._tell_missing(effect.error)

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Dial):
            self._tasks[effect.line] = asyncio.create_task(self._run(effect.line, effect.url))
        elif isinstance(effect, Close):
            self._close(effect.line)
        elif isinstance(effect, Send):
            effect.line.send(effect.message)
        elif (connection := self._connections.get(effect.line)) is None:
            return  # It has just ended too.
        elif isinstance(effect, Ping):
            connection.ping()
        elif isinstance(effect, Hold):
            connection.hold()
        elif isinstance(effect, Release):
            connection.release()

    def _close(self, line: Line) -> None:
        line.send = nowhere
        task = self._tasks.pop(line, None)
        if task is None:
            return
        connection = self._connections.pop(line, None)
        if connection is None:
            task.cancel()
            self._keep(asyncio.create_task(_end(task)))
        else:
            self._keep(asyncio.create_task(_close(connection, task)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _run(self, line: Line, url: str) -> None:
        """One connection, from dialling to its end."""
        try:
            try:
                connection = await self._open(url, line, self._settings, self._clock)
            except TransportError as error:
                if self._forget(line):
                    self._machine.failed(line, error)
                    self._tell_missing(error)
                    self.act()
                return
            except ConfigurationError as error:
                if self._forget(line):
                    self._machine.broken(error)
                    self.act()
                return
            if line not in self._tasks:
                await connection.close()
                return
            self._connections[line] = connection
            line.send = connection.send
            self._machine.opened(line)
            self._log.stands(urlsplit(url).hostname or "?")
            self.act()
            lost = await connection.run()
            if self._forget(line):
                self._machine.lost(line, lost)
                self._tell_missing(lost)
                self.act()
        except Exception as error:
            # A fault in this package must end the streams that hang on it, not leave them waiting for ever.
            logger.exception("a WebSocket session failed")
            if self._forget(line):
                self._machine.broken(BinanceError(f"a WebSocket session failed: {error!r}"))
                self.act()

    def _tell_missing(self, error: TransportError) -> None:
        again_at = self._clock.monotonic() if self._tasks else self._machine.deadline()
        self._log.missing(error, again_at=again_at, other_goes_on=bool(self._connections))

    def _forget(self, line: Line) -> bool:
        """Whether the machine still cares about this line."""
        line.send = nowhere
        self._connections.pop(line, None)
        return self._tasks.pop(line, None) is not None


async def _end(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])


async def _close(connection: Connection, task: asyncio.Task[None]) -> None:
    await connection.close()
    await asyncio.wait([task])
