"""What a generated client is built on: options, keys, connections, and calls that the spec does not have yet."""

from __future__ import annotations

from functools import cached_property
from sys import modules
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from .addresses import Addresses
from .caller import AsyncRestCaller, RestCaller
from .charges import BudgetStates
from .errors import ClientClosed, ConfigurationError
from .network import TransportOptions
from .option_checks import check_options
from .options import CallOptions, ClientOptions, call_flow, with_call_options
from .response import RawResponse, Results
from .secret import Unpicklable
from .settings import CallSettings
from .transport import AsyncHttpSender, HttpSender
from .unlisted import unlisted_call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self, Unpack

    from .call import Call
    from .clock import ExchangeClock
    from .network import ProxySetting, VerifySetting
    from .product import Product
    from .websocket.closing import Closing
    from .websocket.services import WebSockets
    from .wire import JsonValue

__all__ = ["AsyncClient", "CallOptions", "ClientOptions", "SyncClient"]


class _Client(Unpicklable):
    """What both clients share: everything but the sending."""

    product: ClassVar[Product]

    def __init__(self, environment: str | None, options: ClientOptions) -> None:
        product = self.product
        check_options(options, ClientOptions.__annotations__, max_recv_window=product.max_recv_window_ms)
        self._addresses = addresses = Addresses.of(product, environment, options)
        self._proxy: ProxySetting = options.get("proxy")
        self._verify: VerifySetting = options.get("verify", True)
        self._connection_settings = options.get("connection_settings")
        self._closed = False
        self._derived = False
        settings = with_call_options(CallSettings(recv_window=product.recv_window_ms), options)
        counted_as = None if options.get("rest_url") else addresses.environment
        self._flow = call_flow(product, addresses.rest, counted_as, settings, options)
        self._results = Results(product, settings)

    def _transport_options(self, options: ClientOptions) -> TransportOptions:
        return TransportOptions(
            self._addresses.rest, options.get("http_client"), self._proxy, self._verify, options.get("http2", False)
        )

    @property
    def limits(self) -> BudgetStates:
        """How the budgets stand now, by their names: used, left, and when they are free again."""
        return BudgetStates(self._flow.accounting.ledger.state(self._flow.preparer.all_charges()))

    @property
    def exchange_clock(self) -> ExchangeClock:
        """The exchange's time, as far as it is known."""
        return self._flow.clock

    def _with(self, options: CallOptions) -> Self:
        """A client that shares everything but settings; groups are made anew."""
        fixed = options.keys() & (ClientOptions.__annotations__.keys() - CallOptions.__annotations__.keys())
        if fixed:
            raise ConfigurationError(f"{min(fixed)} cannot be changed: make another client")
        check_options(options, CallOptions.__annotations__, max_recv_window=self.product.max_recv_window_ms)
        self._check_open()
        made = object.__new__(type(self))
        cached = {name for name in self.__dict__ if isinstance(getattr(type(self), name, None), cached_property)}
        made.__dict__.update({name: value for name, value in self.__dict__.items() if name not in cached})
        settings = with_call_options(self._flow.settings, options)
        made._flow = self._flow.with_settings(settings)
        made._results = Results(self.product, settings)
        made._derived = True
        return made

    def _check_open(self) -> None:
        if self._closed:
            raise ClientClosed("the client is closed")

    def _unlisted(
        self,
        method: str,
        path: str,
        params: Mapping[str, object] | None,
        security: str,
        weight: int,
        costs: Mapping[str, int] | None,
        timeout: float | None,
        recv_window: int | None,
    ) -> Call:
        return unlisted_call(
            self._flow,
            method,
            path,
            params or {},
            security=security,
            costs={self.product.weight_budget: weight, **(costs or {})},
            timeout=timeout,
            recv_window=recv_window,
        )

    def __repr__(self) -> str:
        if "_flow" not in self.__dict__:
            # Tools that print tracebacks with variables also show a client whose options were refused.
            return f"<{type(self).__name__} that was not made>"
        where = ", ".join(self._hosts()) if self._addresses.are_given else self._addresses.environment
        return f"<{type(self).__name__} {where}, {self._flow.account!r}>"

    def _hosts(self) -> list[str]:
        """The hosts that are called, for people; without a user or a path, which may be secret."""
        return [_host(self._addresses.rest)]


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


class SyncClient(_Client):
    """A client that blocks; it may be used from several threads."""

    def __init__(self, *, environment: str | None = None, **options: Unpack[ClientOptions]) -> None:
        super().__init__(environment, options)
        self._sender = HttpSender(self._transport_options(options))
        self._caller = RestCaller(self._flow, self._sender, self._results)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        security: str = "NONE",
        weight: int = 1,
        costs: Mapping[str, int] | None = None,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[JsonValue]:
        """A call that the spec does not have yet, with keys, clock, budgets and errors as for any other.

        Args:
            method: HTTP method; only GET is repeated after a failure.
            path: Path below the host, `/fapi/v1/…`.
            params: By wire names; lists and dicts are sent as JSON, None stands for absent.
            security: One of the product's security types.
            weight: Cost on the weight budget.
            costs: Cost on other budgets, by their names.
            timeout: Seconds to wait for the reply, instead of the client's.
            recv_window: Milliseconds, instead of the client's.
        """
        call = self._unlisted(method, path, params, security, weight, costs, timeout, recv_window)
        return self._caller.respond(call)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A client with other settings that shares connections, clock and budgets with this one.

        Closing it does nothing; its connections are closed with this client.
        """
        made = self._with(options)
        made._caller = RestCaller(made._flow, made._sender, made._results)
        return made

    def warm_up(self) -> None:
        """Connects and measures the exchange's clock, so that the first order does not wait for either."""
        self._check_open()
        self._caller.run(self._flow.synchronize())

    def close(self) -> None:
        """Closes connections; calls raise `ClientClosed` from now on."""
        if not self._derived:
            self._closed = True
            self._sender.close()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    if not TYPE_CHECKING:  # A type checker is not to think that it has every attribute.

        def __getattr__(self, name: str) -> object:
            """Says where an attribute is that only the asynchronous client has."""
            if hasattr(type(self), name):
                return object.__getattribute__(self, name)  # It has the attribute: raises again what is wrong with it.
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            twin = _asynchronous(type(self))
            if twin is not None and not name.startswith("_") and hasattr(twin, name):
                message += f": {twin.__name__} has it"
            raise AttributeError(message)


def _asynchronous(client: type[SyncClient]) -> type[AsyncClient] | None:
    """The asynchronous client of the same product: it stands beside the one that has the product."""
    generated = next(each for each in client.__mro__ if "product" in vars(each) or each is SyncClient)
    return getattr(modules[generated.__module__], f"Async{generated.__name__}", None)


class AsyncClient(_Client):
    """A client for the event loop: REST, WebSocket API and streams."""

    def __init__(self, *, environment: str | None = None, **options: Unpack[ClientOptions]) -> None:
        super().__init__(environment, options)
        self._sender = AsyncHttpSender(self._transport_options(options))
        self._caller = AsyncRestCaller(self._flow, self._sender, self._results)

    def _hosts(self) -> list[str]:
        others = {"WebSocket API": self._addresses.ws_api, "streams": self._addresses.streams}
        return [*super()._hosts(), *(f"{kind} {_host(url)}" for kind, url in others.items() if url)]

    @cached_property
    def _websockets(self) -> WebSockets:
        from .websocket.services import WebSockets

        self._check_open()
        return WebSockets(
            product=self.product,
            addresses=self._addresses,
            caller=self._caller,
            proxy=self._proxy,
            verify=self._verify,
            settings=self._connection_settings,
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        security: str = "NONE",
        weight: int = 1,
        costs: Mapping[str, int] | None = None,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[JsonValue]:
        """A call that the spec does not have yet; see `SyncClient.request`."""
        call = self._unlisted(method, path, params, security, weight, costs, timeout, recv_window)
        return await self._caller.respond(call)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A client with other settings that shares HTTP connections, clock and budgets with this one.

        It opens WebSocket connections of its own, and closing it closes them; the others are closed with this client.
        """
        made = self._with(options)
        made._caller = AsyncRestCaller(made._flow, made._sender, made._results)
        return made

    async def warm_up(self) -> None:
        """Connects and measures the exchange's clock, so that the first order does not wait for either."""
        self._check_open()
        await self._caller.run(self._flow.synchronize())

    async def aclose(self) -> None:
        """Closes connections; calls raise `ClientClosed` from now on.

        Cancelling it ends only the waiting: connections are closed all the same, and another `aclose` waits for that.

        Raises:
            ConfigurationError: There are WebSocket connections of another event loop, which is not closed.
        """
        websockets: WebSockets | None = self.__dict__.get("_websockets")
        if websockets is not None:
            websockets.check_loop()
        self._closed = not self._derived
        await self._closing.finish()

    @cached_property
    def _closing(self) -> Closing:
        from .websocket.closing import Closing

        return Closing(self._close_all)

    async def _close_all(self) -> None:
        websockets: WebSockets | None = self.__dict__.get("_websockets")
        try:
            if websockets is not None:
                await websockets.aclose()
        finally:
            if not self._derived:
                await self._sender.aclose()

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
