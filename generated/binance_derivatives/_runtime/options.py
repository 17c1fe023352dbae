"""The options of clients, and how they become keys, settings and the flow of calls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypedDict

from attrs import evolve

from .accounting import Accounting
from .clock import ExchangeClock
from .errors import ConfigurationError
from .flow import CallFlow
from .limits import LocalLedger, shared_ledger
from .option_checks import address, check_api_key
from .preparation import Account, Preparer
from .retry import NO_RETRY, RetryPolicy
from .secret import Secret
from .signing import HmacSigner, private_key_signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .drift import Drift
    from .limits import Ledger, LimitPolicy
    from .network import ProxySetting, VerifySetting
    from .product import Product
    from .settings import CallSettings, EventHooks
    from .signing import PrivateKeySource, Signer
    from .websocket.connection import ConnectionSettings

__all__ = ["CallOptions", "ClientOptions", "call_flow", "with_call_options"]


class CallOptions(TypedDict, total=False):
    """What can be set for all calls, and changed with `with_options`."""

    timeout: float
    """Seconds for connecting (at most 5) and for the reply, each (10); a reply that drips in gets their sum."""
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
    """Address of the REST API. Where any address is given, all that are used must be: no host of the default
    environment stands in for a missing one. Where `environment` is given too, its hosts do."""
    ws_api_url: str
    """Address of the WebSocket API."""
    stream_url: str
    """Host of the streams."""
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
    """Source of local time, for tests; brings a ledger of its own unless one is given. If it has a method
    `sleep(seconds)`, that is called in place of waiting, for budgets and between repetitions, and must return soon."""
    connection_settings: ConnectionSettings
    """How WebSocket connections are made and watched."""


def with_call_options(base: CallSettings, options: CallOptions) -> CallSettings:
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


def call_flow(
    product: Product, rest_url: str, environment: str | None, settings: CallSettings, options: ClientOptions
) -> CallFlow:
    account = _account(product, options)
    parts = address(rest_url, ("http", "https"))
    if parts is None or parts.path or parts.query:
        raise ConfigurationError(f"rest_url={rest_url!r} must be an address like https://host, without a path")
    host = parts.netloc
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
    if api_key:
        check_api_key(api_key)
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
