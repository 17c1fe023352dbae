"""Direct HTTP/1.1 connections on the event loop; see `direct`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import httpcore

from .direct import BROKEN, failure, joined
from .errors import CallTimeout

if TYPE_CHECKING:
    from .direct import Head, Place
    from .effects import HttpRequest

__all__ = ["AsyncConnection"]

_SECOND_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried beside the first one."""


class _Socket(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A socket that keeps what is written until something is read, and what comes until it is asked for.

    Replies are read as a whole and are as large as their senders make them, so there is no flow control: what a
    connection holds here would be held by the caller a moment later.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._received: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._is_over = False
        self._error: Exception | None = None

    # --- What asyncio calls -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._wake()

    def eof_received(self) -> None:
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # --- What httpcore calls ------------------------------------------------------------------------------------------

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """All that has come, however much that is; b"" at the end."""
        self._send()
        if not self._received and not self._is_over:
            await self._wait(timeout)
        if self._received:
            found, self._received = joined(self._received), []
            return found
        if self._error is not None:
            raise httpcore.ReadError(str(self._error)) from self._error
        return b""

    async def aclose(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            # The socket is closed in the loop's next turn, which may be its last.
            await asyncio.sleep(0)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Nothing may come before it was asked for; so either the server has hung up, or it is out of step.
            return self._is_over or bool(self._received)
        return None if self._transport is None else self._transport.get_extra_info(info)

    def _send(self) -> None:
        if self._unsent:
            request, self._unsent = b"".join(self._unsent), []
            if self._transport is not None and not self._is_over:
                self._transport.write(request)

    async def _wait(self, timeout: float | None) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._waiter
        except TimeoutError:
            raise httpcore.ReadTimeout(f"nothing came for {timeout:g} s") from None
        finally:
            self._waiter = None


class AsyncConnection:
    """One connection, made when it is first needed; for one call at a time.

    Args:
        place: Where it leads.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._http: httpcore.AsyncHTTP11Connection | None = None

    async def exchange(self, request: HttpRequest, connect_within: float, within: float) -> tuple[Head, bytes]:
        """Sends a request and reads the whole reply.

        Args:
            request: What to send.
            connect_within: Seconds for connecting.
            within: Seconds for all of it.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
            ConnectionLost: The connection ended before the whole reply was there.
            CallTimeout: The reply did not come in time.
        """
        try:
            async with asyncio.timeout(within):
                http = await self._usable() or await self._dial(connect_within)
                response = await http.handle_async_request(self._place.request(request))
                try:
                    body = joined([chunk async for chunk in response.aiter_stream()])
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise CallTimeout("no whole reply in time (it came too slowly)") from error
        except BROKEN as error:
            raise failure(error) from error
        return (response.status, response.headers), body

    async def aclose(self) -> None:
        """Closes it; another call would make it anew."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _usable(self) -> httpcore.AsyncHTTP11Connection | None:
        """The connection, unless it has been idle for too long or the server has ended it."""
        http = self._http
        if http is not None and (not http.is_idle() or http.has_expired()):
            await self.aclose()
            return None
        return http

    async def _dial(self, timeout: float) -> httpcore.AsyncHTTP11Connection:
        place = self._place
        try:
            async with asyncio.timeout(timeout):
                _, socket = await asyncio.get_running_loop().create_connection(
                    _Socket,
                    place.host,
                    place.origin.port,
                    ssl=place.tls,
                    server_hostname=place.host if place.tls is not None else None,
                    happy_eyeballs_delay=_SECOND_ADDRESS,
                )
        except OSError as error:
            raise place.unreachable(error) from error
        self._http = httpcore.AsyncHTTP11Connection(place.origin, socket, place.keepalive)
        return self._http
