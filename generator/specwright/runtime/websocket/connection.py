"""One WebSocket connection: opens it, sends text, delivers messages, and says why it ended.

`websockets` carries the protocol: handshake, TLS, proxies, pings, closing. Its exceptions become this package's here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl as ssl_module
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from attrs import field, frozen
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI

from ..errors import ConfigurationError, ConnectError, ConnectionLost, HandshakeRejected, TransportError
from ..option_checks import check_count, check_kind, check_proxy, check_seconds
from .backoff import ReconnectPolicy
from .fast_path import FastClientConnection
from .keepalive import Keepalive

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.client import ClientProtocol

    from ..clock import Clock
    from .line import Line

__all__ = ["Connection", "ConnectionSettings", "open_connection"]

# At DEBUG, `websockets` logs request lines, and a listen key stands in one.
_protocol_logger = logging.getLogger(f"{__name__}.protocol")
_protocol_logger.setLevel(logging.INFO)
# A level is easily changed for all loggers at once; this is not.
_protocol_logger.addFilter(lambda record: record.levelno > logging.DEBUG)

_MARGIN = 0.1
"""Seconds more than `close_timeout` after which a connection is cut that `websockets` has not cut by then."""


def _proxy(proxy: str | bool | None) -> str | Literal[True] | None:
    """False means none, as for a client."""
    return proxy or None


@frozen
class ConnectionSettings:
    """How connections are made and watched; seconds.

    Raises:
        ConfigurationError: A setting is not what it may be.
    """

    open_timeout: float = 10.0
    close_timeout: float = 0.5
    """How long the server may take to answer a close before the connection is cut."""
    ping_interval: float | None = 20.0
    """A ping after so long finds a connection that is dead without having been closed. None: there are no pings, and
    what a connection that is dead unnoticed has lost when it is replaced for its age, nobody is told."""
    ping_timeout: float | None = 20.0
    """How long its answer may take; time in which the connection is not read, for `on_full="wait"`, does not count."""
    max_message_bytes: int = 16 * 1024 * 1024
    compression: bool = False
    """Off: inflating costs more than decoding the JSON, keeps a 32 KiB window per connection, and sends every
    compressed frame the long way. Worth it only where traffic is metered."""
    proxy: str | Literal[True] | None = field(default=True, repr=False, converter=_proxy)
    """Address of a proxy; True: as the environment says; None or False: none."""
    ssl: ssl_module.SSLContext | None = None
    reconnect: ReconnectPolicy = field(factory=ReconnectPolicy)
    headers: Mapping[str, str] | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        check_seconds("open_timeout", self.open_timeout)
        check_seconds("close_timeout", self.close_timeout, zero=True)
        check_seconds("ping_interval", self.ping_interval, optional=True)
        check_seconds("ping_timeout", self.ping_timeout, optional=True)
        check_count("max_message_bytes", self.max_message_bytes)
        check_kind("compression", self.compression, bool)
        check_proxy(self.proxy)
        check_kind("ssl", self.ssl, ssl_module.SSLContext, optional=True)
        check_kind("reconnect", self.reconnect, ReconnectPolicy)
        check_kind("headers", self.headers, Mapping, optional=True)


class Connection:
    """An open connection. Messages go to the receiver that it was opened with, as long as `run` is awaited.

    Args:
        websocket: The open connection of `websockets`.
        host: For messages of errors; never the whole address, because a listen key may stand in it.
        keepalive: Finds out when it is dead.
        close_timeout: Seconds that the server has to answer a close.
    """

    def __init__(self, websocket: FastClientConnection, host: str, keepalive: Keepalive, close_timeout: float) -> None:
        self._websocket = websocket
        self._host = host
        self._keepalive = keepalive
        self._close_timeout = close_timeout
        self._is_closing = False
        self.send = websocket.write
        """Writes one text message, in UTF-8; False: the connection has just ended, as `run` tells."""

    async def run(self) -> ConnectionLost:
        """Delivers messages until the connection ends; gives what ended it."""
        keeping = asyncio.create_task(self._keep_alive())
        try:
            await self._websocket.pump()
        except ConnectionClosed as closed:
            lost = ConnectionLost(f"connection to {self._host} ended: {_how(closed)}")
            lost.__cause__ = closed
            return lost
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
        raise AssertionError("pump ends only with the connection")

    def ping(self) -> None:
        """Finds out how much has come: the answer moves the line's `whole_until`."""
        self._keepalive.ping()

    def hold(self) -> None:
        """Stops reading until `release`; not when it is being closed: the server's answer is to be read."""
        if self._is_closing:
            return
        self._websocket.hold()
        self._keepalive.hold()

    def release(self) -> None:
        """Goes on reading."""
        self._keepalive.release()
        self._websocket.release()

    async def close(self) -> None:
        """Closes; after `close_timeout` seconds without the server's answer the connection is cut."""
        self._is_closing = True
        self._websocket.release()
        await self._end(1000, "")

    async def _keep_alive(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._keepalive.run()
            await self._end(1011, "keepalive ping timeout")

    async def _end(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._close_timeout + _MARGIN):
                await self._websocket.close(code, reason)
        except TimeoutError:
            # A server that reads nothing leaves no room for the close; `websockets` would wait for some.
            self._websocket.abort()
            await self._websocket.wait_closed()


async def open_connection(url: str, line: Line, settings: ConnectionSettings, clock: Clock) -> Connection:
    """Opens a connection.

    Args:
        url: `ws://` or `wss://` address.
        line: Where messages go, the first maybe before this returns, and what is told of the connection.
        settings: Timeouts, proxy, TLS.
        clock: Local time.

    Raises:
        HandshakeRejected: The server answered with a status that is not 101.
        ConnectError: No connection could be made, or what answered is no WebSocket server.
        ConfigurationError: The URL or the proxy is malformed, or a SOCKS proxy needs a package that is missing.
    """
    parts = urlsplit(url)
    host = parts.hostname or "?"
    tls: dict[str, Any] = {}
    if settings.ssl is not None and parts.scheme == "wss":
        # A context that REST calls use too may have been told to offer HTTP/2, which carries no WebSocket here.
        settings.ssl.set_alpn_protocols(["http/1.1"])
        tls["ssl"] = settings.ssl
    make = partial(FastClientConnection, receiver=line, time=clock.time, max_size=settings.max_message_bytes)
    try:
        websocket = await connect(
            url,
            compression="deflate" if settings.compression else None,
            additional_headers=dict(settings.headers) if settings.headers else None,
            proxy=settings.proxy,
            open_timeout=settings.open_timeout,
            ping_interval=None,  # See `keepalive`: this one would not know when nothing is read.
            close_timeout=settings.close_timeout,
            max_size=settings.max_message_bytes,
            max_queue=None,
            logger=_protocol_logger,
            create_connection=cast("type[ClientConnection]", _factory(make)),
            **tls,
        )
    except InvalidStatus as rejected:
        raise _rejection(host, rejected) from rejected
    except (InvalidURI, InvalidProxy, ImportError) as error:
        _tell_redirect(host, error)
        # The URI's own error quotes it, and a listen key or a proxy's password may stand in it.
        text = str(error) if isinstance(error, ImportError) else "the URL or the proxy's address is malformed"
        raise ConfigurationError(f"cannot connect to {host}: {text}") from None
    except (InvalidHandshake, OSError, EOFError) as error:
        _tell_redirect(host, error)
        raise ConnectError(f"cannot connect to {host}: {error or type(error).__name__}") from error
    keepalive = Keepalive(websocket, line, clock, interval=settings.ping_interval, timeout=settings.ping_timeout)
    return Connection(cast("FastClientConnection", websocket), host, keepalive, settings.close_timeout)


def _factory(make: Callable[..., FastClientConnection]) -> Callable[..., FastClientConnection]:
    def create(protocol: ClientProtocol, **options: object) -> FastClientConnection:
        return make(protocol, **options)

    return create


def _tell_redirect(host: str, error: Exception) -> None:
    """Raises what a redirect amounts to that `websockets` does not follow; its own error quotes the whole address."""
    rejected = error.__cause__ or error.__context__
    if isinstance(rejected, InvalidStatus):
        raise _rejection(host, rejected) from None


def _rejection(host: str, rejected: InvalidStatus) -> TransportError:
    status = rejected.response.status_code
    asked = rejected.response.headers.get("Retry-After", "")
    return HandshakeRejected(
        f"{host} refused the connection with status {status}",
        status=status,
        retry_after=float(asked) if asked.isascii() and asked.isdigit() else None,
        location=rejected.response.headers.get("Location"),
    )


def _how(closed: ConnectionClosed) -> str:
    """What ended a connection, without the exception's text: the peer's reason is quoted, nothing of ours."""
    if closed.rcvd is not None:
        return f"the server closed it with {closed.rcvd}"
    if closed.sent is not None:
        return f"closed here with {closed.sent}"
    return f"no close frame ({closed.__cause__ or 'cut'})"
