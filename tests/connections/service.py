"""A server on loopback with an event loop in a thread of its own; the basis of those that stand before the exchange."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from abc import ABC, abstractmethod
from asyncio import StreamReader, StreamWriter
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from typing import Self

__all__ = ["Service", "relay"]


@define
class Service(ABC):
    """Serves from entering to leaving; with `tls`, over TLS."""

    tls: ssl.SSLContext | None = field(default=None, kw_only=True)
    address: str = field(default="", init=False)
    """`host:port`."""
    _started: threading.Event = field(factory=threading.Event, init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _stop: asyncio.Event = field(init=False)
    _thread: threading.Thread = field(init=False)
    _serving: set[asyncio.Task[None]] = field(factory=set, init=False)

    @abstractmethod
    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serves one connection; the caller closes it."""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.address = "{}:{}".format(*server.sockets[0].getsockname())
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        async with closing(writer):
            # Clients hang up as they like.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self.serve(reader, writer)


@contextlib.asynccontextmanager
async def closing(writer: StreamWriter) -> AsyncIterator[None]:
    """Closes a connection, whether or not the other side is still there."""
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def relay(reader: StreamReader, writer: StreamWriter, address: str, first: bytes = b"") -> None:
    """Connects to `host:port` and passes everything on in both directions, until one side ends.

    Args:
        reader: From the client.
        writer: To the client.
        address: Where to.
        first: What goes there before anything else.
    """
    host, _, port = address.rpartition(":")
    from_target, to_target = await asyncio.open_connection(host, int(port))
    async with closing(to_target):
        to_target.write(first)
        directions = [
            asyncio.create_task(_pass_on(reader, to_target)),
            asyncio.create_task(_pass_on(from_target, writer)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in directions:
                task.cancel()
            await asyncio.gather(*directions, return_exceptions=True)


async def _pass_on(source: StreamReader, target: StreamWriter) -> None:
    while content := await source.read(65536):
        target.write(content)
        await target.drain()
