"""Descriptors of a product: hosts, budgets, security types, and what the runtime must know of its procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Budget",
    "ClockSource",
    "Connections",
    "Environment",
    "ErrorCode",
    "HttpError",
    "LocalOrderBook",
    "Product",
    "Security",
    "UserData",
    "WsSession",
]

Execution = Literal["unknown", "not_executed", "rejected"]
ErrorKind = Literal["limit", "ban", "authentication", "clock", "server", "rejected"]


@frozen
class Environment:
    """The hosts of one environment, without a trailing slash; None where the product has no such service."""

    rest: str
    ws_api: str | None = None
    streams: str | None = None


@frozen
class Budget:
    """A limit that calls draw on: `limit` units per `interval_ms`, counted per IP address or per account."""

    name: str
    limit: int
    interval_ms: int
    scope: Literal["ip", "account"]
    header: str | None = None
    """The response header with the used amount, in the exchange's spelling."""
    rate_limit_type: str | None = None
    codes: tuple[int, ...] = ()
    """Error codes that say: this budget, not the address's weight, is overdrawn."""


@frozen
class Security:
    """What a request of this type carries."""

    name: str
    api_key: bool
    signed: bool


@frozen
class ErrorCode:
    """One documented error code; `error` names its class in the product's `errors` module."""

    code: int
    name: str
    error: str
    kind: ErrorKind
    execution: Execution


@frozen
class HttpError:
    """What a status says, and the start of the body's message where one status has several meanings."""

    status: int
    message: str | None
    name: str
    error: str
    kind: ErrorKind
    execution: Execution


@frozen
class ClockSource:
    """The operation (and the Python name of the field of its reply) that tells the exchange's time."""

    operation: str
    field: str
    behind: tuple[int, ...]


@frozen
class UserData:
    """How the account's event stream is opened, kept and healed; operations by their ids."""

    start: str
    keepalive: str
    close: str
    listen_key: str
    """Python name of the key in the reply of `start`."""
    listen_key_wire: str
    """Its wire name, there and in the event of its expiry."""
    route: str
    validity_ms: int
    expired_event: str
    lost: tuple[int, ...]
    resync: Mapping[str, str]


@frozen
class LocalOrderBook:
    """The snapshot operation and the stream of a local order book; field names are Python names."""

    snapshot: str
    stream: str
    limit: int
    first_id: str
    final_id: str
    previous_id: str
    snapshot_id: str


@frozen
class WsSession:
    """The operations that log a WebSocket API connection on and off."""

    logon: str
    status: str
    logout: str


@frozen
class Connections:
    """Documented limits of WebSocket connections."""

    lifetime_ms: int
    ping_interval_ms: int
    pong_deadline_ms: int
    streams_per_connection: int
    messages_per_second: int
    ws_api_handshake_weight: int | None = None
    """What opening a connection of the WebSocket API draws on the weight budget; None: nothing is known."""
    shutdown_event: str | None = None
    """The event that says that the server is about to go; None: no server says so."""


@frozen
class Product:
    """All that the runtime knows of a product before an operation is called."""

    name: str
    title: str
    module: str
    """Import name of the product's package: where `operations`, `models` and `errors` are found."""
    environments: Mapping[str, Environment]
    routes: Mapping[str, str]
    security: Mapping[str, Security]
    api_key_header: str
    api_key_variable: str
    """Name of the environment variable that the API key comes from when none is passed."""
    api_secret_variable: str
    recv_window_ms: int
    max_recv_window_ms: int
    weight_budget: str
    budgets: Mapping[str, Budget]
    groups: Mapping[str, str]
    """Operation id → group: where an operation's descriptor is found without importing all of them."""
    errors: Callable[[], Mapping[int, ErrorCode]] = field(repr=False)
    """Loads the table of error codes (on the first error, not at import)."""
    http_errors: Callable[[], tuple[HttpError, ...]] = field(repr=False)
    clock: ClockSource | None = None
    user_data: UserData | None = None
    order_book: LocalOrderBook | None = None
    ws_session: WsSession | None = None
    connections: Connections | None = None
