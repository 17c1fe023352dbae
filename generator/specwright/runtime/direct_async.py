"""Direct connections on the event loop; see `direct`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from .dialling import connect
from .direct import lost
from .errors import CallTimeout
from .http11 import BrokenProtocol, Http11
from .prompt_future import PromptFuture

if TYPE_CHECKING:
    from .direct import Place
    from .effects import HttpRequest, Reply

__all__ = ["AsyncConnection"]


class _Socket(asyncio.Protocol):
    """Keeps what comes until it is asked for.

    Replies are read as a whole and are as large as their senders make them, so there is no flow control: what is held
    here would be held by the caller a moment later.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received: list[bytes] = []
        self._waiter: PromptFuture[None] | None = None
        self._is_over = False
        self._error: Exception | None = None

    # --- What asyncio calls -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
            waiter.go_on()

    def eof_received(self) -> None:
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        """Lets who waits find out that the connection is over."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
            self._waiter.go_on_soon()

    # --- What a connection calls --------------------------------------------------------------------------------------

    @property
    def is_quiet(self) -> bool:
        """Whether the server has neither hung up nor sent what nobody asked for."""
        return not self._is_over and not self._received

    def send(self, data: bytes) -> None:
        """Sends; where the connection has ended, `receive` tells."""
        if self._transport is not None and not self._is_over:
            self._transport.write(data)

    async def receive(self, timeout: float) -> bytes:
        """What has come; b"" at the end.

        Raises:
            TimeoutError: Nothing came.
            OSError: The connection has broken.
        """
        if not self._received and not self._is_over:
            await self._wait(timeout)
        if self._received:
            parts, self._received = self._received, []
            return parts[0] if len(parts) == 1 else b"".join(parts)
        if self._error is not None:
            raise self._error
        return b""

    def abort(self) -> None:
        """Lets the loop close the socket in its next turn, without a word to the server."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        self.abort()
        # The next turn may be the loop's last.
        await asyncio.sleep(0)

    async def _wait(self, timeout: float) -> None:
        self._waiter = PromptFuture()
        try:
            async with asyncio.timeout(timeout):
                await self._waiter
        finally:
            self._waiter = None


class AsyncConnection:
    """One connection, made when it is first needed.

    Args:
        place: Where it leads.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._socket: _Socket | None = None
        self._http = Http11(place.keepalive)

    async def exchange(self, request: HttpRequest, connect_within: float, within: float) -> Reply:
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
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        connected = await self._usable() or await self._dial(connect_within)
        http = self._http
        try:
            connected.send(http.start(request))
            while True:
                left = deadline - loop.time()
                if left <= 0:
                    raise CallTimeout("no whole reply in time (it came too slowly)")
                reply = http.receive(await connected.receive(min(request.timeout, left)))
                if reply is not None:
                    return reply
        except TimeoutError as error:
            raise CallTimeout("no reply in time") from error
        except (OSError, BrokenProtocol) as error:
            raise lost(error) from error
        finally:
            if not http.is_usable:
                await self.aclose()

    async def aclose(self) -> None:
        """Closes it; another call would make it anew."""
        connected, self._socket = self._socket, None
        if connected is not None:
            await connected.close()

    async def _usable(self) -> _Socket | None:
        """The connection, unless it has been idle for too long or the server has ended it."""
        connected = self._socket
        if connected is not None and not (self._http.is_usable and connected.is_quiet):
            await self.aclose()
            return None
        return connected

    async def _dial(self, timeout: float) -> _Socket:
        place, connected = self._place, _Socket()
        try:
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().create_connection(
                    lambda: connected,
                    sock=await connect(place.host, place.port),
                    ssl=place.tls,
                    server_hostname=place.host if place.tls is not None else None,
                )
            self._socket, self._http = connected, Http11(place.keepalive)
        except OSError as error:
            raise place.unreachable(error) from error
        finally:
            if self._socket is not connected:
                # Left to itself asyncio waits for the server's goodbye.
                connected.abort()
        return connected
