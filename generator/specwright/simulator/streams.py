"""Subscriptions and the control protocol of the stream server, without any sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qs, unquote

import msgspec
from attrs import define, field

from .stream_names import StreamName, StreamNames
from .stream_sources import Feed, open_feed

if TYPE_CHECKING:
    from .exchange import Exchange
    from .faults import Faults

Route: TypeAlias = str
Send: TypeAlias = Callable[[bytes], None]

MAX_STREAMS = 1_024
UNROUTED = "public"
"""What a connection without a route in its path can receive."""

encoder = msgspec.json.Encoder(decimal_format="number")

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class Refused(Exception):
    """A control message that is answered with an error.

    Args:
        code: 0 unknown property, 1 not a boolean, 2 bad request, 3 no JSON.
        message: What is wrong.
    """

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


@define(frozen=True)
class Target:
    """What the address of a connection says."""

    route: Route
    combined: bool
    names: Sequence[str]
    events: Mapping[str, frozenset[str] | None]
    """Listen key → the events that are wanted of it; None is all."""


def parse_target(target: str, routes: Mapping[str, str]) -> Target | None:
    """Route, form and first subscriptions from a request's path and query; None when the path is not served."""
    path, _, query = target.partition("?")
    route: Route = UNROUTED
    for name, prefix in routes.items():
        if path.startswith(prefix + "/"):
            route, path = name, path.removeprefix(prefix)
            break
    kind, _, rest = path.lstrip("/").partition("/")
    if kind not in ("ws", "stream"):
        return None
    values = parse_qs(query, keep_blank_values=True)
    names = [unquote(name) for name in rest.split("/") if name]
    names += [name for text in values.get("streams", []) for name in text.split("/") if name]
    keys, wanted = values.get("listenKey", []), values.get("events", [])
    events: dict[str, frozenset[str] | None] = {}
    for index, key in enumerate(keys):
        chosen = wanted[index] if index < len(wanted) else ""
        events[key] = frozenset(chosen.split("/")) if chosen else None
    return Target(route, kind == "stream", [*names, *keys], events)


@define(eq=False)
class StreamConnection:
    """One client of the stream server."""

    hub: StreamHub
    route: Route
    combined: bool
    send: Send
    close: Callable[[int, str], None]
    events: dict[str, frozenset[str] | None] = field(factory=dict)
    names: dict[str, None] = field(factory=dict)
    """What it subscribed to, in order: a dict for its keys."""

    def receive(self, text: str | bytes) -> None:
        """Answers a control message."""
        identifier: object = None
        try:
            message = self._parse(text)
            identifier = message.get("id")
            answer: dict[str, object] = {"result": self._control(message), "id": identifier}
        except Refused as refused:
            answer = {"error": {"code": refused.code, "msg": refused.message}, "id": identifier}
        self.send(encoder.encode(answer))

    def deliver(self, name: str, payload: bytes) -> None:
        """Sends one payload of a stream."""
        for frame in self.hub.faults.frames(name, payload):
            if self.combined:
                self.send(b'{"stream":' + encoder.encode(name) + b',"data":' + frame + b"}")
            else:
                self.send(frame)

    def subscribe(self, names: Sequence[str]) -> None:
        """Adds streams; too many of them end the connection."""
        for name in names:
            self.names[name] = None
            self.hub.add(name, self)
        if len(self.names) > self.hub.max_streams:
            self.close(1008, "too many streams")

    def leave(self) -> None:
        """The connection has ended."""
        for name in self.names:
            self.hub.remove(name, self)
        self.names.clear()

    def _parse(self, text: str | bytes) -> dict[str, object]:
        try:
            message = json.loads(text)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            place = f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else "line 1"
            raise Refused(3, f"Invalid JSON: expected value at {place}") from None
        if not isinstance(message, dict):
            raise Refused(2, "Invalid request: expected an object")
        return message

    def _control(self, message: Mapping[str, object]) -> object:
        method, identifier, params = message.get("method"), message.get("id"), message.get("params", [])
        if method is None:
            raise Refused(2, "Invalid request: missing field method")
        if method not in _METHODS:
            raise Refused(2, f"Invalid request: unknown variant {method}, expected one of {', '.join(_METHODS)}")
        if isinstance(identifier, bool) or not isinstance(identifier, int) or identifier < 0:
            raise Refused(2, "Invalid request: request ID must be an unsigned integer")
        if not isinstance(params, list):
            raise Refused(2, "Invalid request: params must be an array")
        if set(message) - {"method", "params", "id"}:
            raise Refused(2, "Invalid request: too many fields")
        if method == "LIST_SUBSCRIPTIONS":
            return list(self.names)
        if method.endswith("PROPERTY"):
            return self._property(method, params)
        names = [name for name in params if isinstance(name, str) and name and not name.isspace() and " " not in name]
        if len(names) != len(params) or not names:
            raise Refused(2, "Invalid request: invalid stream")
        self._change(method, names)
        return None

    def _change(self, method: str, names: Sequence[str]) -> None:
        if method == "SUBSCRIBE":
            self.subscribe([name for name in names if name not in self.names])
            return
        for name in names:
            if name in self.names:
                del self.names[name]
                self.hub.remove(name, self)

    def _property(self, method: str, params: Sequence[object]) -> object:
        wanted = 2 if method == "SET_PROPERTY" else 1
        if len(params) > wanted:
            raise Refused(2, "Invalid request: too many parameters")
        if not params or not isinstance(params[0], str):
            raise Refused(2, "Invalid request: property name must be a string")
        if params[0] != "combined":
            raise Refused(0, "Unknown property")
        if method == "GET_PROPERTY":
            return self.combined
        if len(params) < wanted or not isinstance(params[1], bool):
            raise Refused(1, "Invalid value type: expected Boolean")
        self.combined = params[1]
        return None


class StreamHub:
    """Who listens to which stream.

    Args:
        exchange: Whose streams.
        faults: What goes wrong with them.
    """

    def __init__(self, exchange: Exchange, faults: Faults) -> None:
        self.exchange = exchange
        self.faults = faults
        connections = exchange.product.connections
        self.max_streams = connections.streams_per_connection if connections else MAX_STREAMS
        self._names = StreamNames(exchange.product)
        self._listeners: dict[str, dict[StreamConnection, None]] = {}
        self._feeds: dict[str, Feed] = {}
        self._user_route: Route = exchange.product.user_data.route if exchange.product.user_data else "private"
        exchange.publish_user_event = self._publish_user_event

    def connect(self, target: Target, send: Send, close: Callable[[int, str], None]) -> StreamConnection:
        """A new client."""
        connection = StreamConnection(self, target.route, target.combined, send, close, dict(target.events))
        connection.subscribe(target.names)
        return connection

    @property
    def subscriptions(self) -> dict[str, int]:
        """Stream names with the number of connections that subscribed to them."""
        return {name: len(listeners) for name, listeners in self._listeners.items()}

    def add(self, name: str, connection: StreamConnection) -> None:
        """A connection wants a stream; the first one starts it."""
        listeners = self._listeners.setdefault(name, {})
        listeners[connection] = None
        if name not in self._feeds:
            parsed = self._names.parse(name)
            if parsed is not None:
                self._feeds[name] = self._open(parsed)

    def remove(self, name: str, connection: StreamConnection) -> None:
        """A connection no longer wants a stream; the last one stops it."""
        listeners = self._listeners.get(name, {})
        listeners.pop(connection, None)
        if not listeners:
            self._listeners.pop(name, None)
            feed = self._feeds.pop(name, None)
            if feed is not None:
                feed.close()

    def _open(self, parsed: StreamName) -> Feed:
        example = parsed.stream.examples[0].value if parsed.stream.examples else None

        def emit(payload: object) -> None:
            shaped = self.exchange.shaper.value(parsed.stream.payload, payload, example)
            encoded = encoder.encode(shaped)
            for connection in list(self._listeners.get(parsed.text, ())):
                # Another route's streams are acknowledged and stay silent, as the exchange keeps it since April 2026.
                if connection.route == parsed.stream.route:
                    connection.deliver(parsed.text, encoded)

        return open_feed(self.exchange, parsed, emit)

    def _publish_user_event(self, key: str, event: str, payload: object) -> None:
        encoded = encoder.encode(payload)
        expired = self.exchange.product.user_data.expired_event if self.exchange.product.user_data else None
        # A listen key is subscribed to whole, or with the name of one event behind it.
        for name in (key, f"{key}@{event}"):
            for connection in list(self._listeners.get(name, ())):
                wanted = connection.events.get(key)
                if connection.route == self._user_route and (wanted is None or event in wanted or event == expired):
                    connection.deliver(name, encoded)
