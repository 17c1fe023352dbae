"""What a generated client is built on: options, keys, connections, and calls that the spec does not have yet."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict
from urllib.parse import urlsplit

from attrs import evolve

from .accounting import Accounting
from .caller import AsyncRestCaller, RestCaller
from .clock import ExchangeClock
from .errors import ClientClosed, ConfigurationError
from .flow import CallFlow
from .limits import LocalLedger, shared_ledger
from .preparation import Account, Preparer
from .response import RawResponse, Results
from .retry import NO_RETRY, RetryPolicy
from .secret import Secret, Unpicklable
from .settings import CallSettings
from .signing import HmacSigner, private_key_signer
from .transport import AsyncHttpSender, HttpSender, TransportOptions
from .unlisted import unlisted_call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self, Unpack

    from .call import Answer
    from .clock import Clock
    from .drift import Drift
    from .effects import Flow
    from .limits import BudgetState, Ledger, LimitPolicy
    from .product import Environment, Product
    from .settings import EventHooks
    from .signing import PrivateKeySource, Signer
    from .transport import ProxySetting, VerifySetting
    from .websocket.connection import ConnectionSettings
    from .websocket.services import WebSockets
    from .wire import JsonValue

__all__ = ["AsyncClient", "CallOptions", "ClientOptions", "SyncClient"]


class CallOptions(TypedDict, total=False):
    """What can be set for all calls, and changed with `with_options`."""

    timeout: float
    """Seconds until the whole reply must be there (10)."""
    recv_window: int
    """Milliseconds for which the exchange accepts a request after its timestamp (as the exchange's default)."""
    limits: LimitPolicy
    """When a call does not fit into its budgets: "wait" (the default), "raise", or "off" to send it all the same."""
    max_wait: float
    """Longest time in seconds that a call waits for its budgets (65)."""
    retry: RetryPolicy | None
    """How calls that are safe to repeat are repeated; None: not at all."""
    strict: bool
    """Raise when a reply is not what the spec says, instead of reporting it (False)."""
    on_drift: Callable[[Drift], object] | None
    """Is told once of every difference between replies and the spec."""
    event_hooks: EventHooks
    """Functions that are called before each sending and after each reply or failure."""


class ClientOptions(CallOptions, total=False):
    """What a client can be made with. Nothing is connected before the first call."""

    api_key: str
    """Default: the environment variable that the exchange's spec names."""
    api_secret: str
    """Secret of an HMAC key. Default: the environment variable that the exchange's spec names."""
    private_key: PrivateKeySource
    """RSA or Ed25519 key instead of a secret: PEM text, PEM bytes, or the path of a PEM file."""
    private_key_password: str | bytes
    rest_url: str
    """Address of the REST API, instead of the environment's."""
    ws_api_url: str
    stream_url: str
    http_client: object
    """An `httpx` or `httpx2` client of your own (`AsyncClient` for an asynchronous client); it is not closed here."""
    proxy: ProxySetting
    """URL of a proxy for REST and WebSocket; False: none; by default as the environment says."""
    verify: VerifySetting
    """False, or the path of a file with certificates of authorities, or an `ssl.SSLContext`."""
    http2: bool
    """Use HTTP/2 where the server does (needs the `http2` extra)."""
    ledger: Ledger
    """Keeps the budgets: by default one for the whole process; `RedisLedger` shares them between processes."""
    clock: Clock
    """Source of local time, for tests; brings a ledger of its own unless one is given."""
    connection_settings: ConnectionSettings
    """How WebSocket connections are made and watched."""


class _Client(Unpicklable):
    """What both clients share: everything but the sending."""

    product: ClassVar[Product]

    def __init__(self, environment: str, options: ClientOptions) -> None:
        product = self.product
        if environment not in product.environments:
            raise ConfigurationError(f"environment={environment!r} is none of {', '.join(product.environments)}")
        hosts: Environment = product.environments[environment]
        rest_url = options.get("rest_url")
        self._environment = environment
        self._rest_url = (rest_url or hosts.rest).rstrip("/")
        self._ws_api_url = options.get("ws_api_url") or hosts.ws_api
        self._stream_url = options.get("stream_url") or hosts.streams
        self._proxy: ProxySetting = options.get("proxy")
        self._verify: VerifySetting = options.get("verify", True)
        self._connection_settings = options.get("connection_settings")
        self._closed = False
        self._derived = False
        settings = _settings(CallSettings(recv_window=product.recv_window_ms), options)
        self._flow = _flow(product, self._rest_url, environment if rest_url is None else None, settings, options)
        self._results = Results(product, settings)

    def _transport_options(self, options: ClientOptions) -> TransportOptions:
        return TransportOptions(
            self._rest_url, options.get("http_client"), self._proxy, self._verify, options.get("http2", False)
        )

    @property
    def limits(self) -> Mapping[str, BudgetState]:
        """How the budgets stand now, by their names: used, left, and when they are free again."""
        states = self._flow.accounting.ledger.state(self._flow.preparer.all_charges())
        return {state.name: state for state in states}

    @property
    def exchange_clock(self) -> ExchangeClock:
        """The exchange's time, as far as it is known."""
        return self._flow.clock

    def _with(self, options: CallOptions) -> Self:
        """A client that shares everything but settings; groups are made anew."""
        unknown = set(options) - set(CallOptions.__annotations__)
        if unknown:
            raise ConfigurationError(f"{sorted(unknown)[0]} cannot be changed: make another client")
        self._check_open()
        made = object.__new__(type(self))
        cached = {name for name in self.__dict__ if isinstance(getattr(type(self), name, None), cached_property)}
        made.__dict__.update({name: value for name, value in self.__dict__.items() if name not in cached})
        settings = _settings(self._flow.settings, options)
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
    ) -> Flow[Answer]:
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
        return f"<{type(self).__name__} {self._environment}, {self._flow.account!r}>"


class SyncClient(_Client):
    """A client that blocks; it may be used from several threads."""

    def __init__(self, *, environment: str = "production", **options: Unpack[ClientOptions]) -> None:
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
        flow = self._unlisted(method, path, params, security, weight, costs, timeout, recv_window)
        return RawResponse(self._caller.run(flow), None)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A client with other settings that shares connections, clock and budgets with this one.

        Closing it does nothing; its connections are closed with this client.
        """
        made = self._with(options)
        made._caller = RestCaller(made._flow, made._sender, made._results)
        return made

    def warm_up(self) -> None:
        """Connects and measures the exchange's clock, so that the first order does not wait for either."""
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


class AsyncClient(_Client):
    """A client for the event loop: REST, WebSocket API and streams."""

    def __init__(self, *, environment: str = "production", **options: Unpack[ClientOptions]) -> None:
        super().__init__(environment, options)
        self._sender = AsyncHttpSender(self._transport_options(options))
        self._caller = AsyncRestCaller(self._flow, self._sender, self._results)

    @cached_property
    def _websockets(self) -> WebSockets:
        from .websocket.services import WebSockets

        self._check_open()
        return WebSockets(
            product=self.product,
            ws_api_url=self._ws_api_url,
            stream_url=self._stream_url,
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
        flow = self._unlisted(method, path, params, security, weight, costs, timeout, recv_window)
        return RawResponse(await self._caller.run(flow), None)

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """A client with other settings that shares HTTP connections, clock and budgets with this one.

        It opens WebSocket connections of its own, and closing it closes them; the others are closed with this client.
        """
        made = self._with(options)
        made._caller = AsyncRestCaller(made._flow, made._sender, made._results)
        return made

    async def warm_up(self) -> None:
        """Connects and measures the exchange's clock, so that the first order does not wait for either."""
        await self._caller.run(self._flow.synchronize())

    async def aclose(self) -> None:
        """Closes connections; calls raise `ClientClosed` from now on."""
        websockets: WebSockets | None = self.__dict__.pop("_websockets", None)
        self._closed = not self._derived
        if websockets is not None:
            await websockets.aclose()
        if not self._derived:
            await self._sender.aclose()

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _settings(base: CallSettings, options: CallOptions) -> CallSettings:
    """Settings with the options that were given."""
    changed: dict[str, Any] = {
        name: options[name]
        for name in ("timeout", "recv_window", "limits", "max_wait", "strict", "on_drift")
        if name in options
    }
    if "retry" in options:
        changed["retry"] = options["retry"] or NO_RETRY
    if "event_hooks" in options:
        changed["on_request"] = tuple(options["event_hooks"].get("request", ()))
        changed["on_response"] = tuple(options["event_hooks"].get("response", ()))
    if changed.get("limits", "wait") not in ("wait", "raise", "off"):
        raise ConfigurationError(f'limits={changed["limits"]!r} is none of "wait", "raise", "off"')
    return evolve(base, **changed)


def _flow(
    product: Product, rest_url: str, environment: str | None, settings: CallSettings, options: ClientOptions
) -> CallFlow:
    account = _account(product, options)
    parts = urlsplit(rest_url)
    host = parts.netloc
    if parts.scheme not in ("http", "https") or not host or parts.path or parts.query:
        raise ConfigurationError(f"rest_url={rest_url!r} must be an address like https://host, without a path")
    # Products of one exchange share counters; a host of the caller's own has its own.
    package = product.module.partition(".")[0]
    counters = f"{package}:{environment}" if environment else host
    preparer = Preparer(product, account, host=host, counters=counters, user_agent=package)
    clock = options.get("clock")
    ledger = options.get("ledger") or (LocalLedger(clock) if clock is not None else shared_ledger())
    exchange_clock = ExchangeClock(clock)
    accounting = Accounting.of(product, ledger, settings, exchange_clock.local)
    return CallFlow(product, account, preparer, accounting, exchange_clock, settings)


def _account(product: Product, options: ClientOptions) -> Account:
    """Keys from the options, else from the environment."""
    api_key = options.get("api_key") or os.environ.get(product.api_key_variable)
    private_key, api_secret = options.get("private_key"), options.get("api_secret")
    signer: Signer | None = None
    if private_key is not None:
        if api_secret is not None:
            raise ConfigurationError("pass either api_secret (HMAC) or private_key (RSA, Ed25519), not both")
        signer = private_key_signer(private_key, options.get("private_key_password"))
    else:
        secret = api_secret or os.environ.get(product.api_secret_variable)
        if secret:
            signer = HmacSigner(Secret(secret))
    return Account(api_key, signer)
