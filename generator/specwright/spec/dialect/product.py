"""A product family: its hosts, its limits, and the procedures that the runtime must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import define, field

from .text import Suppressing

if TYPE_CHECKING:
    from ..position import Position
    from .errors import ErrorCode, HttpError
    from .operations import Operation
    from .streams import Event, Stream
    from .text import Text
    from .vocabulary import Enum, Input, Model, Union

__all__ = [
    "ClockSource",
    "Connections",
    "Environment",
    "Group",
    "LocalOrderBook",
    "Product",
    "SecurityType",
    "UserData",
    "WsSession",
]


@define(kw_only=True)
class SecurityType:
    name: str
    api_key: bool
    signed: bool
    summary: Text | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class Environment:
    """The hosts of one environment: no part of one can be mixed with another."""

    name: str
    rest: str
    ws_api: str | None
    streams: str | None
    position: Position = field(eq=False)


@define(kw_only=True)
class Group:
    """One documentation group: a file under `operations/` and an attribute of the client."""

    name: str
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class UserData:
    """How the account's event stream is opened, kept and healed."""

    start: str
    keepalive: str
    close: str
    listen_key: str
    """Wire name of the key in the reply of `start`."""
    route: str
    validity_ms: int
    expired_event: str
    lost_codes: list[int]
    """Error codes of `keepalive` that mean: this key is gone, make a new one."""
    resync: dict[str, str]
    """What to fetch after a gap: attribute of `Resynchronized` → operation."""
    position: Position = field(eq=False)


@define(kw_only=True)
class LocalOrderBook:
    """Which operation and stream a local order book is built from, and the wire names of its procedure."""

    snapshot: str
    stream: str
    limit: int
    first_id: str
    final_id: str
    previous_id: str
    snapshot_id: str
    position: Position = field(eq=False)


@define(kw_only=True)
class ClockSource:
    """Which operation tells the exchange's time."""

    operation: str
    field: str
    behind_codes: list[int]
    """Error codes that say: your timestamp is off (refused before execution)."""
    position: Position = attrs.field(eq=False)


@define(kw_only=True)
class WsSession:
    """The operations that log a WebSocket API connection on and off."""

    logon: str
    status: str
    logout: str
    position: Position = field(eq=False)


@define(kw_only=True)
class Connections:
    """Documented limits of WebSocket connections."""

    lifetime_ms: int
    ping_interval_ms: int
    pong_deadline_ms: int
    streams_per_connection: int
    messages_per_second: int
    """How fast control messages are sent (below the documented limit, which counts pings and pongs too)."""
    ws_api_handshake_weight: int | None = None
    """What opening a connection of the WebSocket API draws on the weight budget."""
    shutdown_event: str | None = None
    """The event that says, on a connection of any kind, that the server is about to go."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Product(Suppressing):
    """One product family of the exchange: a folder under `spec/`, a subpackage of the generated package."""

    name: str
    title: str
    client: str
    """Class name of the synchronous client; the asynchronous one is `Async…`."""
    documentation: str
    summary: Text
    environments: dict[str, Environment]
    routes: dict[str, str]
    """Name of a stream route → its path below the stream host."""
    security: dict[str, SecurityType]
    api_key_header: str
    recv_window_ms: int
    max_recv_window_ms: int
    weight_budget: str
    budgets: list[str]
    """Names of the exchange's budgets that this product draws on."""
    groups: dict[str, Group]
    clock: ClockSource | None
    user_data: UserData | None
    order_book: LocalOrderBook | None
    ws_session: WsSession | None
    connections: Connections | None
    glossary: dict[str, Text]
    """What a parameter means wherever it stands without a summary of its own, by its wire name."""
    enums: dict[str, Enum]
    models: dict[str, Model | Union]
    inputs: dict[str, Input]
    operations: dict[str, Operation]
    streams: dict[str, Stream]
    events: dict[str, Event]
    errors: list[ErrorCode]
    http_errors: list[HttpError]
    position: Position = field(eq=False)
