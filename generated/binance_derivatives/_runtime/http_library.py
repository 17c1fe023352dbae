"""`httpx`, or `httpx2`, which has the same interface: its transports, and a client of the caller's own.

The bytes of the request line and the body are ours. Where there is no proxy, the request line's target is given as it
is (a proxy would be asked to connect to it); elsewhere the URL is checked to have come through unchanged before
anything is sent.

The library is imported when it is first needed.
"""

from __future__ import annotations

import importlib.util
import math
import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .async_library import answer_without_searching
from .effects import Reply
from .errors import CallTimeout, ClientClosed, ConfigurationError, ConnectError, ConnectionLost
from .extras import how_to_install
from .library_logs import redact_logs, silence_header_logs
from .network import KEEPALIVE, connect_within, reply_within, verification
from .read_deadline import DEADLINE, trace

if TYPE_CHECKING:
    import ssl

    from .effects import HttpRequest
    from .errors import TransportError
    from .network import TransportOptions

__all__ = ["HttpLibrary", "TransportKind"]

TransportKind: TypeAlias = Literal["HTTPTransport", "AsyncHTTPTransport"]


class HttpLibrary:
    """The library of the caller's client, or else `httpx`.

    Args:
        options: How connections are made.

    Raises:
        ConfigurationError: What the options ask for is not installed, or `http_client` is no client of the library.
    """

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._client: Any = options.http_client
        self._lib: Any = None
        self._url: Any = None
        self._tls: Any = None
        self._proxy: str | None = None
        if self._client is not None:
            self._load(_library_of(self._client))
        elif options.http2 and importlib.util.find_spec("h2") is None:
            # The library would notice only once the server has agreed to HTTP/2.
            raise ConfigurationError(f"http2=True needs the h2 package: {how_to_install('h2', 'http2')}")

    def tls(self) -> ssl.SSLContext:
        """The certificates for direct connections, with the library's choice of authorities."""
        self._load("httpx")
        if self._options.verify is True:
            return _default_tls(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        made: ssl.SSLContext = self._lib.create_ssl_context(verification(self._options.verify))
        return made

    def transport(self, kind: TransportKind, proxy: str | None) -> Any:
        """A new transport: with HTTP/2 it takes all requests, otherwise one at a time."""
        options = self._options
        if self._lib is None:
            self._load("httpx")
        if self._tls is None:
            self._tls = self._lib.create_ssl_context(verification(options.verify))
        most = None if options.http2 else 1
        limits = self._lib.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=KEEPALIVE)
        try:
            made = getattr(self._lib, kind)(verify=self._tls, http2=options.http2, proxy=proxy, limits=limits)
        except ImportError as error:
            raise ConfigurationError(str(error)) from error
        except ValueError:
            # The library's text may quote the proxy's address, which may hold a password.
            raise ConfigurationError("proxy must be an address like http://host:port or socks5://host") from None
        self._proxy = proxy
        if kind == "AsyncHTTPTransport":
            answer_without_searching()
        return made

    def exchange(self, transport: Any, request: HttpRequest) -> Reply:
        """Sends a request and reads the whole reply.

        Args:
            transport: One of `transport`'s; None: the caller's client.
            request: What to send.

        Raises:
            ConnectError: No connection could be made; nothing was sent.
            ConnectionLost: The connection ended before the whole reply was there.
            CallTimeout: The reply did not come in time.
            ClientClosed: The caller has closed the client.
        """
        wire = self._request(request)
        wire.extensions["trace"] = trace
        deadline = DEADLINE.at = time.monotonic() + reply_within(request.timeout)
        try:
            if transport is not None:
                response = transport.handle_request(wire)
                chunks = response.stream
            else:
                response = self._client.send(wire, stream=True, follow_redirects=False)
                chunks = response.iter_bytes()
            try:
                body = b""
                for chunk in chunks:
                    body = body + chunk if body else chunk
                    if time.monotonic() > deadline:
                        raise CallTimeout("no whole reply in time (it came too slowly)")
            finally:
                response.close()
            return Reply(response.status_code, response.headers.raw, body)
        except CallTimeout:
            raise
        except (self._lib.HTTPError, self._lib.StreamError, OSError) as error:
            raise self._failure(error) from error
        finally:
            DEADLINE.at = math.inf

    async def exchange_async(self, transport: Any, request: HttpRequest) -> Reply:
        """As `exchange`, with an asynchronous transport or client."""
        # Here, because a synchronous client never needs an event loop.
        import asyncio

        wire = self._request(request)
        try:
            async with asyncio.timeout(reply_within(request.timeout)):
                if transport is not None:
                    response = await transport.handle_async_request(wire)
                    chunks = response.stream
                else:
                    response = await self._client.send(wire, stream=True, follow_redirects=False)
                    chunks = response.aiter_bytes()
                try:
                    body = b""
                    async for chunk in chunks:
                        body = body + chunk if body else chunk
                finally:
                    await response.aclose()
            return Reply(response.status_code, response.headers.raw, body)
        except TimeoutError as error:
            raise CallTimeout("no whole reply in time (it came too slowly)") from error
        except (self._lib.HTTPError, self._lib.StreamError, OSError) as error:
            raise self._failure(error) from error

    def _load(self, name: str) -> None:
        try:
            self._lib = importlib.import_module(name)
        except ImportError as error:
            raise ConfigurationError(f"REST calls need {name}: pip install {name}") from error
        self._url = self._lib.URL(self._options.base_url)
        redact_logs(name)
        if self._options.http2 or self._client is not None:
            silence_header_logs()

    def _request(self, request: HttpRequest) -> Any:
        """The library's request object for the very bytes that were signed."""
        timeout, connect = request.timeout, connect_within(request.timeout)
        extensions: dict[str, object] = {
            "timeout": {"connect": connect, "read": timeout, "write": timeout, "pool": connect}
        }
        lib = self._lib
        url, headers = self._url, request.headers
        if self._client is None and self._proxy is None:
            extensions["target"] = request.target
        else:
            url = lib.URL(self._options.base_url + request.target.decode("ascii"))
            if url.raw_path != request.target:
                raise ConfigurationError("the HTTP library would change the signed address; nothing was sent")
        if self._client is not None:
            if self._client.is_closed:
                raise ClientClosed("the http_client that was passed to the client is closed")
            ours = {name.lower() for name, _ in headers}
            headers = [*headers, *(pair for pair in self._client.headers.raw if pair[0].lower() not in ours)]
        return lib.Request(
            request.method, url, headers=headers, stream=lib.ByteStream(request.body), extensions=extensions
        )

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


@cache
def _default_tls(authorities: str | None, folder: str | None) -> ssl.SSLContext:
    """One for all direct connections of the process, as long as the environment names the same authorities."""
    made: ssl.SSLContext = importlib.import_module("httpx").create_ssl_context()
    return made


def _library_of(http_client: object) -> str:
    """`httpx` or `httpx2`, by where the client's class comes from."""
    for base in type(http_client).__mro__:
        name = base.__module__.partition(".")[0]
        if name in ("httpx", "httpx2"):
            return name
    raise ConfigurationError("http_client must be a client of httpx or httpx2")
