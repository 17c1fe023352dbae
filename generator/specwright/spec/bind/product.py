"""product.yaml: hosts, security, groups, and the procedures that the runtime must know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..dialect.product import (
    ClockSource,
    Connections,
    Environment,
    Group,
    LocalOrderBook,
    SecurityType,
    UserData,
    WsSession,
)
from ..dialect.text import Text
from .scalars import BOOLEAN, CLASS_NAME, DURATION, HOST, INTEGER, PYTHON_NAME, WORD
from .shape import Entry, Key, ListOf, MapOf, keys
from .text import SUPPRESS, TEXT

if TYPE_CHECKING:
    from ..position import Position
    from .shape import Kind

__all__ = ["PRODUCT", "ProductFile"]


@define(kw_only=True)
class ProductTitle:
    """What product.yaml says of the product itself."""

    title: str
    client: str
    documentation: str
    summary: Text


@define(kw_only=True)
class RecvWindow:
    """How long a signed request stays valid."""

    default_ms: int
    maximum_ms: int
    position: Position = field(eq=False)


@define(kw_only=True)
class ProductFile:
    """All of product.yaml."""

    product: ProductTitle
    environments: dict[str, Environment]
    routes: dict[str, str] = field(factory=dict)
    security: dict[str, SecurityType]
    api_key_header: str
    recv_window: RecvWindow
    weight_budget: str
    budgets: list[str]
    groups: dict[str, Group]
    clock: ClockSource | None = None
    user_data: UserData | None = None
    order_book: LocalOrderBook | None = None
    ws_session: WsSession | None = None
    connections: Connections | None = None
    glossary: dict[str, Text] = field(factory=dict)
    suppress: dict[str, str] = field(factory=dict)
    position: Position = field(eq=False)


def _group(*, name: str, en: str, zh: str, position: Position) -> Group:
    return Group(name=name, summary=Text(en=en, zh=zh), position=position)


def _environment(
    *, name: str, rest: str, position: Position, ws_api: str | None = None, streams: str | None = None
) -> Environment:
    return Environment(name=name, rest=rest, ws_api=ws_api, streams=streams, position=position)


_CODES: Final = ListOf("a list of error codes", INTEGER, lone_item=True)


def _operation(name: str, says: str) -> Key:
    return Key(name, WORD, required=True, says=says)


_TITLE: Final = Entry(
    noun="a product",
    build=ProductTitle,
    placed=False,
    keys=keys(
        Key("title", WORD, required=True, says="The product's name as the exchange writes it."),
        Key("client", CLASS_NAME, required=True, says="The class name of the synchronous client."),
        Key("summary", TEXT, required=True, says="One plain sentence."),
        Key("documentation", HOST, required=True, says="The address that pages are relative to."),
    ),
)

_ENVIRONMENT: Final = Entry(
    noun="an environment",
    build=_environment,
    name_attribute="name",
    keys=keys(
        Key("rest", HOST, required=True, says="The host of REST calls."),
        Key("ws_api", HOST, says="The address of the WebSocket API."),
        Key("streams", HOST, says="The host of streams."),
    ),
)

_SECURITY: Final = Entry(
    noun="a security type",
    build=SecurityType,
    name_attribute="name",
    keys=keys(
        Key("api_key", BOOLEAN, required=True, says="The request carries the API key."),
        Key("signed", BOOLEAN, required=True, says="The request carries a timestamp and a signature."),
        Key("summary", TEXT, says="Which requests it is for."),
    ),
)

_RECV_WINDOW: Final = Entry(
    noun="a receive window",
    build=RecvWindow,
    keys=keys(
        Key("default", DURATION, required=True, attribute="default_ms", says="What the exchange assumes."),
        Key("maximum", DURATION, required=True, attribute="maximum_ms", says="The longest that it takes."),
    ),
)

_GROUP: Final = Entry(noun="a group", build=_group, name_attribute="name", keys=TEXT.keys)

_CLOCK: Final = Entry(
    noun="a clock",
    build=ClockSource,
    keys=keys(
        _operation("operation", "The operation that tells the exchange's time."),
        Key("field", WORD, required=True, says="Wire name of the time in its reply."),
        Key(
            "behind",
            _CODES,
            required=True,
            attribute="behind_codes",
            says="Error codes that say that the timestamp is off.",
        ),
    ),
)

_USER_DATA: Final = Entry(
    noun="the user data stream",
    build=UserData,
    keys=keys(
        _operation("start", "The operation that opens the stream."),
        _operation("keepalive", "The operation that extends it."),
        _operation("close", "The operation that closes it."),
        Key("listen_key", WORD, required=True, says="Wire name of the key in the reply of `start`."),
        Key("route", WORD, required=True, says="The stream route that serves it."),
        Key("validity", DURATION, required=True, attribute="validity_ms", says="How long a listen key lives."),
        Key("expired_event", WORD, required=True, says="The event that says that the key has expired."),
        Key(
            "lost",
            _CODES,
            required=True,
            attribute="lost_codes",
            says="Error codes of `keepalive` that mean that the key is gone.",
        ),
        Key(
            "resync",
            MapOf("a mapping of names to operations", WORD, name=PYTHON_NAME),
            required=True,
            says="Name → operation that is asked after a gap.",
        ),
    ),
)

_ORDER_BOOK: Final = Entry(
    noun="a local order book",
    build=LocalOrderBook,
    keys=keys(
        _operation("snapshot", "The operation that gives the whole book."),
        Key("stream", WORD, required=True, says="The stream that brings its changes."),
        Key("limit", INTEGER, required=True, says="How many levels the snapshot is asked for."),
        Key("first_id", WORD, required=True, says="Wire name of the first update id of a change."),
        Key("final_id", WORD, required=True, says="Wire name of the last update id of a change."),
        Key("previous_id", WORD, required=True, says="Wire name of the last update id of the change before."),
        Key("snapshot_id", WORD, required=True, says="Wire name of the snapshot's update id."),
    ),
)

_WS_SESSION: Final = Entry(
    noun="a WebSocket API session",
    build=WsSession,
    keys=keys(
        _operation("logon", "The operation that logs a connection on."),
        _operation("status", "The operation that tells whether it is logged on."),
        _operation("logout", "The operation that logs it off."),
    ),
)

_CONNECTIONS: Final = Entry(
    noun="limits of connections",
    build=Connections,
    keys=keys(
        Key("lifetime", DURATION, required=True, attribute="lifetime_ms", says="When the exchange closes it."),
        Key("ping_interval", DURATION, required=True, attribute="ping_interval_ms", says="How often it pings."),
        Key("pong_deadline", DURATION, required=True, attribute="pong_deadline_ms", says="How long it waits then."),
        Key("streams_per_connection", INTEGER, required=True, says="How many streams one connection carries."),
        Key("messages_per_second", INTEGER, required=True, says="How fast control messages are sent."),
        Key(
            "ws_api_handshake_weight",
            INTEGER,
            says="What opening a WebSocket API connection draws on `weight_budget`.",
        ),
        Key("shutdown_event", WORD, says="The event that says that the server is about to go."),
    ),
)


def _named(noun: str, value: Kind[object]) -> MapOf[object]:
    return MapOf(noun, value, name=PYTHON_NAME)


PRODUCT: Final = Entry(
    noun="product.yaml",
    build=ProductFile,
    keys=keys(
        Key("product", _TITLE, required=True, says="What the product is called."),
        Key("environments", _named("a mapping of environments", _ENVIRONMENT), required=True, says="Name → hosts."),
        Key("routes", _named("a mapping of routes", WORD), says="Name → path below the stream host."),
        Key(
            "security", MapOf("a mapping of security types", _SECURITY), required=True, says="Name → what it asks for."
        ),
        Key("api_key_header", WORD, required=True, says="The header that carries the API key."),
        Key("recv_window", _RECV_WINDOW, required=True, says="How long a signed request stays valid."),
        Key("weight_budget", WORD, required=True, says="The budget that `weight` draws on."),
        Key(
            "budgets",
            ListOf("a list of budgets", WORD),
            required=True,
            says="The exchange's budgets that this product draws on.",
        ),
        Key("groups", _named("a mapping of groups", _GROUP), required=True, says="Documentation groups, in order."),
        Key("clock", _CLOCK, says="Where the exchange's time comes from."),
        Key("user_data", _USER_DATA, says="How the account's event stream is opened, kept and healed."),
        Key("order_book", _ORDER_BOOK, says="What a local order book is built from."),
        Key("ws_session", _WS_SESSION, says="The operations that log a WebSocket API connection on and off."),
        Key("connections", _CONNECTIONS, says="Limits of WebSocket connections."),
        Key(
            "glossary",
            MapOf("a mapping of parameters to what they mean", TEXT),
            says="Wire name → what the parameter means wherever it has no summary of its own.",
        ),
        SUPPRESS,
    ),
)
