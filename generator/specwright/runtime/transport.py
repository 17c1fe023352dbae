"""The two senders of HTTP requests: one for any thread, one for the event loop.

`timeout` bounds waiting for a free connection, connecting (at most `CONNECT_TIMEOUT`), and waiting for the reply, each;
a reply that drips in slowly, in its head or its body, is cut off after their sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import CallTimeout
from .network import connect_within, reply_within
from .sender import Sender, inflated

if TYPE_CHECKING:
    import asyncio

    from .direct import Place
    from .effects import HttpRequest, Reply
    from .network import TransportOptions

__all__ = ["AsyncHttpSender", "HttpSender"]

MOST_CONNECTIONS = 64
"""Connections that an asynchronous client opens at most; further requests wait their turn."""


class HttpSender(Sender):
    """Sends requests from any thread."""

    _kind = "HTTPTransport"

    def send(self, request: HttpRequest) -> Reply:
        """The whole reply.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
            ConnectionLost: The connection ended before the whole reply was there.
            CallTimeout: The reply did not come in time.
            ClientClosed: After `close`.
        """
        own = None if self._has_foreign_client else self._take()
        try:
            return self._exchange(own, request)
        finally:
            if own is not None and own is not self._shared:
                self._idle.append(own)
                if self._closed:
                    self.close()

    def close(self) -> None:
        """Closes connections; later calls raise `ClientClosed`."""
        self._closed = True
        for own in self._all():
            own.close()

    def _exchange(self, own: Any, request: HttpRequest) -> Reply:
        self._check_open()
        if self._place is None:
            return inflated(self._library.exchange(own, request))
        timeout = request.timeout
        return inflated(own.exchange(request, connect_within(timeout), reply_within(timeout)))

    def _connection(self, place: Place) -> Any:
        from .direct import Connection

        return Connection(place)

    def _forget(self) -> None:
        if self._place is not None:
            for own in self._idle:
                # Only this process' copy of the socket; the parent's connection stands.
                own.close()
        super()._forget()


class AsyncHttpSender(Sender):
    """Sends requests on the event loop that runs; connections of an earlier loop are dropped with it."""

    _kind = "AsyncHTTPTransport"
    _loop: asyncio.AbstractEventLoop | None = None
    _turns: asyncio.Semaphore

    def __init__(self, options: TransportOptions) -> None:
        # Here, because a synchronous client imports this module and never needs an event loop.
        import asyncio

        super().__init__(options)
        self._asyncio = asyncio

    async def send(self, request: HttpRequest) -> Reply:
        """The whole reply; raises as `HttpSender.send` does."""
        if self._has_foreign_client:
            return await self._exchange(None, request)
        loop = self._asyncio.get_running_loop()
        if loop is not self._loop:
            self._forget()
            self._loop = loop
            self._turns = self._asyncio.Semaphore(MOST_CONNECTIONS)
        turns = self._turns
        if turns.locked():
            await self._wait_for_turn(turns, request.timeout)
        else:
            await turns.acquire()
        own = None
        try:
            own = self._take()
            return await self._exchange(own, request)
        finally:
            turns.release()
            if own is not None and own is not self._shared and loop is self._loop:
                self._idle.append(own)
                if self._closed:
                    await self.aclose()

    async def aclose(self) -> None:
        """Closes connections; later calls raise `ClientClosed`."""
        self._closed = True
        if self._loop is not None and self._loop is not self._asyncio.get_running_loop():
            self._forget()
        for own in self._all():
            await own.aclose()

    async def _wait_for_turn(self, turns: asyncio.Semaphore, timeout: float) -> None:
        try:
            async with self._asyncio.timeout(connect_within(timeout)):
                await turns.acquire()
        except TimeoutError as error:
            raise CallTimeout("no free connection in time; nothing was sent", sent=False) from error

    async def _exchange(self, own: Any, request: HttpRequest) -> Reply:
        self._check_open()
        if self._place is None:
            return inflated(await self._library.exchange_async(own, request))
        timeout = request.timeout
        return inflated(await own.exchange(request, connect_within(timeout), reply_within(timeout)))

    def _connection(self, place: Place) -> Any:
        from .direct_async import AsyncConnection

        return AsyncConnection(place)
