"""HTTP: what touches `httpx`, and `httpx2`, which has the same interface.

Without a client of the caller's own, a proxy or HTTP/2, requests go over connections of our own, which share with
`httpx` the protocol by h11 and nothing else (see `direct`): at these sizes `httpx.Client` takes longer than the rest of
a call (an order takes 0.55 of the official SDK's time over its transports, 0.33 directly; bare httpcore alone takes
0.40). With a proxy or HTTP/2 they go to an `httpx` transport, and with a client of the caller's own through its
`send`, with its authentication and hooks.

Either way the bytes of the request line and the body are ours. Where there is no proxy, the request line's target is
given as it is (a proxy would be asked to connect to it); elsewhere the URL is checked to have come through unchanged
before anything is sent.

Connections are kept on a stack, and so are transports, each of which has one: the pools of these libraries look at
every connection for every request, and close idle ones as soon as many are busy. With HTTP/2, one transport carries all
requests.

`timeout` bounds waiting for a free connection, connecting (at most `CONNECT_TIMEOUT`), and waiting for the reply, each;
a reply that drips in slowly, in its head or its body, is cut off after their sum.
"""

from __future__ import annotations

import importlib.util
import math
import os
import threading
import time
import weakref
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from .async_library import answer_without_searching
from .effects import HttpRequest, Reply
from .errors import CallTimeout, ClientClosed, ConfigurationError, ConnectError, ConnectionLost
from .library_logs import redact_logs, silence_header_logs
from .network import ProxySetting, TransportOptions, VerifySetting, environment_proxy, verification
from .read_deadline import DEADLINE, trace

if TYPE_CHECKING:
    import asyncio
    import ssl

    from .direct import Place
    from .errors import TransportError

__all__ = ["AsyncHttpSender", "HttpSender", "ProxySetting", "TransportOptions", "VerifySetting", "environment_proxy"]

CONNECT_TIMEOUT = 5.0
"""Longest time in seconds for connecting, TLS included."""
KEEPALIVE = 30.0
"""Seconds after which an idle connection is not used again."""
MOST_CONNECTIONS = 64
"""Connections that an asynchronous client opens at most; further requests wait their turn."""
_GZIP = b"\x1f\x8b"


def speaks_directly() -> bool:
    """Whether the protocol that `httpx` brings along is there; where it is not, its transports are used."""
    return importlib.util.find_spec("h11") is not None


class _Sender:
    """What both senders share: the library, the address, and what its exceptions mean."""

    _lib: Any
    _url: Any
    _tls: Any
    _shared: Any
    _foreign: Any
    _kind: str
    """Which of the library's transports to use."""
    _direct: bool
    """A transport of the library's, without a proxy."""
    _place: Place | None
    """Where direct connections lead; None: there are none."""

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._closed = False
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._shared = None
        self._tls = None
        self._direct = False
        self._place = None
        self._lib = None
        self._foreign = options.http_client
        if self._foreign is not None:
            self._load(_library_of(self._foreign))
        elif options.http2 and importlib.util.find_spec("h2") is None:
            # The library would notice only once the server has agreed to HTTP/2.
            raise ConfigurationError("http2=True needs the h2 package: pip install 'binance-derivatives[http2]'")
        _SENDERS.add(self)

    def _load(self, name: str) -> None:
        try:
            self._lib = importlib.import_module(name)
        except ImportError as error:
            raise ConfigurationError(f"REST calls need {name}: pip install {name}") from error
        self._url = self._lib.URL(self._options.base_url)
        redact_logs(name)
        if self._options.http2 or self._foreign is not None:
            silence_header_logs()

    def _proxy(self) -> str | None:
        options = self._options
        return environment_proxy(options.base_url) if options.proxy is None else options.proxy or None

    def _take(self) -> Any:
        """A transport that is not in use; a new one where all are."""
        if self._shared is not None:
            return self._shared
        try:
            # The one that was used last is the most likely to be still connected.
            return self._idle.pop()
        except IndexError:
            return self._make()

    def _make(self) -> Any:
        """A direct connection, or a transport; the first one reads certificates, so it is made at the first call."""
        with self._lock:
            if self._shared is not None:
                return self._shared
            if self._place is None:
                proxy = self._proxy()
                if proxy is not None or self._options.http2 or not speaks_directly():
                    return self._transport(proxy)
                self._place = self._find_place()
            return self._connection(self._place)

    def _transport(self, proxy: str | None) -> Any:
        """A transport of the library's."""
        options = self._options
        if self._lib is None:
            self._load("httpx")
        if self._tls is None:
            self._tls = self._lib.create_ssl_context(verification(options.verify))
        most = None if options.http2 else 1
        limits = self._lib.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=KEEPALIVE)
        try:
            made = getattr(self._lib, self._kind)(verify=self._tls, http2=options.http2, proxy=proxy, limits=limits)
        except ImportError as error:
            raise ConfigurationError(str(error)) from error
        except ValueError:
            # The library's text may quote the proxy's address, which may hold a password.
            raise ConfigurationError("proxy must be an address like http://host:port or socks5://host") from None
        self._direct = proxy is None
        if options.http2:
            self._shared = made
        return made

    def _find_place(self) -> Place:
        """Where direct connections lead; without TLS no certificates are read."""
        options = self._options
        tls = None
        if options.base_url.startswith("https:"):
            self._load("httpx")
            if options.verify is True:
                tls = _default_tls(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
            else:
                tls = self._lib.create_ssl_context(verification(options.verify))
        from .direct import Place

        return Place(options.base_url, tls, KEEPALIVE)

    def _connection(self, place: Place) -> Any:
        """A direct connection."""
        raise NotImplementedError

    def _all(self) -> list[Any]:
        """Takes every transport that is not in use, for closing."""
        with self._lock:
            found, self._idle = self._idle, []
            if self._shared is not None:
                found.append(self._shared)
                self._shared = None
        return found

    def _check_open(self) -> None:
        if self._closed:
            raise ClientClosed("the client is closed")

    def _request(self, request: HttpRequest) -> Any:
        """The library's request object for the very bytes that were signed."""
        self._check_open()
        timeout = request.timeout
        connect = min(timeout, CONNECT_TIMEOUT)
        extensions: dict[str, object] = {
            "timeout": {"connect": connect, "read": timeout, "write": timeout, "pool": connect}
        }
        lib = self._lib
        url, headers = self._url, request.headers
        if self._direct:
            extensions["target"] = request.target
        else:
            url = lib.URL(self._options.base_url + request.target.decode("ascii"))
            if url.raw_path != request.target:
                raise ConfigurationError("the HTTP library would change the signed address; nothing was sent")
        if self._foreign is not None:
            if self._foreign.is_closed:
                raise ClientClosed("the http_client that was passed to the client is closed")
            ours = {name.lower() for name, _ in headers}
            headers = [*headers, *(pair for pair in self._foreign.headers.raw if pair[0].lower() not in ours)]
        return lib.Request(
            request.method, url, headers=headers, stream=lib.ByteStream(request.body), extensions=extensions
        )

    def _deadline(self, timeout: float) -> float:
        return timeout + 2 * min(timeout, CONNECT_TIMEOUT)

    def _failure(self, error: Exception) -> TransportError:
        """One of our errors for one of the library's."""
        lib = self._lib
        text = str(error) or type(error).__name__
        if isinstance(error, (lib.ConnectError, lib.ConnectTimeout, lib.ProxyError, lib.UnsupportedProtocol)):
            return ConnectError(f"could not connect to {self._url.host}: {text}")
        if isinstance(error, lib.PoolTimeout):
            return CallTimeout("no free connection in time; nothing was sent", sent=False)
        if isinstance(error, lib.TimeoutException):
            return CallTimeout(f"no reply in time ({text})")
        return ConnectionLost(f"connection lost: {text}")

    def _forget(self) -> None:
        """In a forked child: the connections belong to the parent, and are dropped without a word to the server."""
        self._idle = []
        self._shared = None
        self._lock = threading.Lock()


class HttpSender(_Sender):
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
        own = self._take() if self._foreign is None else None
        try:
            return self._exchange(own, request)
        finally:
            if own is not None and own is not self._shared:
                self._idle.append(own)
                if self._closed:
                    self.close()

    def _forget(self) -> None:
        if self._place is not None:
            for own in self._idle:
                # Only this process' copy of the socket; the parent's connection stands.
                own.close()
        super()._forget()

    def _connection(self, place: Place) -> Any:
        from .direct import Connection

        return Connection(place)

    def _exchange(self, own: Any, request: HttpRequest) -> Reply:
        if self._place is not None:
            self._check_open()
            timeout = request.timeout
            return _inflated(own.exchange(request, min(timeout, CONNECT_TIMEOUT), self._deadline(timeout)))
        wire = self._request(request)
        wire.extensions["trace"] = trace
        deadline = DEADLINE.at = time.monotonic() + self._deadline(request.timeout)
        try:
            if own is not None:
                response = own.handle_request(wire)
                chunks = response.stream
            else:
                response = self._foreign.send(wire, stream=True, follow_redirects=False)
                chunks = response.iter_bytes()
            try:
                body = b""
                for chunk in chunks:
                    body = body + chunk if body else chunk
                    if time.monotonic() > deadline:
                        raise CallTimeout("no whole reply in time (it came too slowly)")
            finally:
                response.close()
            return _inflated(Reply(response.status_code, response.headers.raw, body))
        except CallTimeout:
            raise
        except (self._lib.HTTPError, self._lib.StreamError, OSError) as error:
            raise self._failure(error) from error
        finally:
            DEADLINE.at = math.inf

    def close(self) -> None:
        """Closes connections; later calls raise `ClientClosed`."""
        self._closed = True
        for own in self._all():
            own.close()


class AsyncHttpSender(_Sender):
    """Sends requests on the event loop that runs; connections of an earlier loop are dropped with it."""

    _kind = "AsyncHTTPTransport"
    _loop: asyncio.AbstractEventLoop | None = None
    _turns: asyncio.Semaphore

    def __init__(self, options: TransportOptions) -> None:
        # Here, because a synchronous client imports this module and never needs an event loop.
        import asyncio

        super().__init__(options)
        self._asyncio = asyncio

    def _transport(self, proxy: str | None) -> Any:
        made = super()._transport(proxy)
        answer_without_searching()
        return made

    def _connection(self, place: Place) -> Any:
        from .direct_async import AsyncConnection

        return AsyncConnection(place)

    async def send(self, request: HttpRequest) -> Reply:
        """The whole reply; raises as `HttpSender.send` does."""
        if self._foreign is not None:
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

    async def _wait_for_turn(self, turns: asyncio.Semaphore, timeout: float) -> None:
        try:
            async with self._asyncio.timeout(min(timeout, CONNECT_TIMEOUT)):
                await turns.acquire()
        except TimeoutError as error:
            raise CallTimeout("no free connection in time; nothing was sent", sent=False) from error

    async def _exchange(self, own: Any, request: HttpRequest) -> Reply:
        if self._place is not None:
            self._check_open()
            timeout = request.timeout
            return _inflated(await own.exchange(request, min(timeout, CONNECT_TIMEOUT), self._deadline(timeout)))
        wire = self._request(request)
        try:
            async with self._asyncio.timeout(self._deadline(request.timeout)):
                if own is not None:
                    response = await own.handle_async_request(wire)
                    chunks = response.stream
                else:
                    response = await self._foreign.send(wire, stream=True, follow_redirects=False)
                    chunks = response.aiter_bytes()
                try:
                    body = b""
                    async for chunk in chunks:
                        body = body + chunk if body else chunk
                finally:
                    await response.aclose()
            return _inflated(Reply(response.status_code, response.headers.raw, body))
        except TimeoutError as error:
            raise CallTimeout("no whole reply in time (it came too slowly)") from error
        except (self._lib.HTTPError, self._lib.StreamError, OSError) as error:
            raise self._failure(error) from error

    async def aclose(self) -> None:
        """Closes connections; later calls raise `ClientClosed`."""
        self._closed = True
        for own in self._all():
            await own.aclose()


@cache
def _default_tls(authorities: str | None, folder: str | None) -> ssl.SSLContext:
    """One for all direct connections of the process, as long as the environment names the same authorities."""
    made: ssl.SSLContext = importlib.import_module("httpx").create_ssl_context()
    return made


def _inflated(reply: Reply) -> Reply:
    """The reply with its body unpacked, where it came packed."""
    # No JSON text starts like this, so there is no need to search the headers.
    if reply.body[:2] == _GZIP:
        try:
            reply.body = zlib.decompress(reply.body, 16 + zlib.MAX_WBITS)
        except zlib.error as error:
            raise ConnectionLost(f"the compressed reply is damaged: {error}") from error
    return reply


def _library_of(http_client: object) -> str:
    """`httpx` or `httpx2`, by where the client's class comes from."""
    for base in type(http_client).__mro__:
        name = base.__module__.partition(".")[0]
        if name in ("httpx", "httpx2"):
            return name
    raise ConfigurationError("http_client must be a client of httpx or httpx2")


_SENDERS: weakref.WeakSet[_Sender] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for sender in list(_SENDERS):
        sender._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
