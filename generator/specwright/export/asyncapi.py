"""AsyncAPI 3.0: the WebSocket API, market streams and the account's events, as a client of the exchange sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..spec.bind.streams import EVENT, STREAM
from ..spec.names import class_name
from ..spec.patterns import parse_pattern
from ..spec.written import written
from .said import Json, call_of, extensions, page_of, reference, summary_of, tags_of, texts_of
from .schemas import ERROR_REPLY, Schemas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.operations import Carrier, Operation
    from ..spec.dialect.params import Param
    from ..spec.dialect.product import Product
    from ..spec.dialect.streams import Event, Stream
    from ..spec.dialect.text import Example

__all__ = ["asyncapi_document"]

_WS_API: Final = "ws_api"
_USER_DATA: Final = "user_data"
_OPERATION_KEYS: Final = ("security", "retry", "rules", "resolve", "since", "deprecated", "renamed_from", "suppress")
_STREAM_KEYS: Final = (
    "route",
    "pattern",
    "update_speed",
    "silence",
    "latest_key",
    "since",
    "deprecated",
    "renamed_from",
)
_EVENT_KEYS: Final = ("route", "since", "deprecated")


def asyncapi_document(spec: Spec, product: Product) -> Json:
    """The whole document; weights, costs and rules stand in `x-` fields."""
    return _Document(spec, product).document()


class _Document:
    """Collects channels, operations and messages."""

    def __init__(self, spec: Spec, product: Product) -> None:
        self.spec = spec
        self.product = product
        self.schemas = Schemas(product, draft="7")
        self.channels: Json = {}
        self.operations: Json = {}

    def document(self) -> Json:
        """The document, when all that it is about has been added."""
        product = self.product
        calls = [operation for operation in product.operations.values() if operation.ws is not None]
        if calls:
            self.add_calls(calls)
        for stream in product.streams.values():
            self.add_stream(stream)
        if product.events and product.user_data is not None:
            self.add_events(product.events.values(), product.user_data.route)
        return {
            "asyncapi": "3.0.0",
            "info": {
                "title": product.title,
                "version": self.spec.digest[:12],
                **summary_of(product.summary),
                "externalDocs": {"url": product.documentation},
                "tags": tags_of(product),
            },
            "defaultContentType": "application/json",
            "servers": self.servers(),
            "channels": self.channels,
            "operations": self.operations,
            "components": {"schemas": self.schemas.components(all_of_them=False)},
        }

    def servers(self) -> Json:
        """Two of each environment: one that streams, one that is asked."""
        servers: Json = {}
        for name, environment in self.product.environments.items():
            for kind, url in (("streams", environment.streams), (_WS_API, environment.ws_api)):
                if url is not None:
                    parts = urlsplit(url)
                    server = {"host": parts.netloc, "protocol": parts.scheme, "pathname": parts.path}
                    servers[f"{name}_{kind}"] = {key: value for key, value in server.items() if value}
        return servers

    def servers_of(self, kind: str) -> list[Json]:
        """References to the servers of a kind."""
        return [{"$ref": f"#/servers/{name}"} for name in self.servers() if name.endswith(f"_{kind}")]

    # --- The WebSocket API -------------------------------------------------------------------------------------------

    def add_calls(self, calls: Iterable[Operation]) -> None:
        """One channel that carries all requests and replies."""
        messages: Json = {}
        self.channels[_WS_API] = {
            "address": None,
            "title": "WebSocket API",
            "description": "Requests and their replies, which carry the request's id.",
            "servers": self.servers_of(_WS_API),
            "messages": messages,
        }
        for operation in calls:
            assert operation.ws is not None
            request, reply = f"{class_name(operation.id)}Request", f"{class_name(operation.id)}Reply"
            messages[request] = self.request(operation, operation.ws)
            messages[reply] = self.reply(operation, operation.ws)
            self.operations[operation.id] = self.call(operation, operation.ws, request, reply)

    def call(self, operation: Operation, ws: Carrier, request: str, reply: str) -> Json:
        channel = {"$ref": f"#/channels/{_WS_API}"}
        return {
            "action": "send",
            "channel": channel,
            "title": operation.id,
            **texts_of(operation),
            "tags": [{"name": operation.group}],
            **page_of(self.product, operation.documentation_on(ws)),
            "messages": [{"$ref": f"#/channels/{_WS_API}/messages/{request}"}],
            "reply": {"channel": channel, "messages": [{"$ref": f"#/channels/{_WS_API}/messages/{reply}"}]},
            **call_of(operation, ws, _OPERATION_KEYS),
        }

    def request(self, operation: Operation, ws: Carrier) -> Json:
        """`{id, method, params}`; signed requests carry the key, the time and the signature among their parameters."""
        params = operation.params_on(ws)
        properties = {param.wire: self.schemas.of_member(param) for param in params}
        required = [param.wire for param in params if param.required]
        security = self.product.security[operation.security]
        if security.api_key:
            properties["apiKey"] = {"type": "string"}
        if security.signed:
            properties |= {
                "timestamp": {"type": "integer", "format": "int64"},
                "recvWindow": {"type": "integer", "format": "int64"},
                "signature": {"type": "string"},
            }
        payload = {
            "type": "object",
            "required": ["id", "method"],
            "properties": {
                "id": {"type": ["string", "integer"]},
                "method": {"const": ws.method},
                "params": {
                    "type": "object",
                    "properties": properties,
                    **({"required": required} if required else {}),
                },
            },
        }
        return {"name": ws.method, "title": operation.summary.en, "payload": payload, "correlationId": _CORRELATION}

    def reply(self, operation: Operation, ws: Carrier) -> Json:
        payload = {
            "type": "object",
            "required": ["id", "status"],
            "properties": {
                "id": {"type": ["string", "integer", "null"]},
                "status": {"type": "integer"},
                "result": self.schemas.of_reply(operation.response_on(ws)),
                "error": reference("schemas", ERROR_REPLY),
                "rateLimits": {"type": "array", "items": {"type": "object"}},
            },
        }
        return {
            "name": f"{ws.method} reply",
            "title": f"Reply to {ws.method}",
            "payload": payload,
            "correlationId": _CORRELATION,
            **self.examples(ws.examples),
        }

    # --- Streams and events ------------------------------------------------------------------------------------------

    def add_stream(self, stream: Stream) -> None:
        """A channel with one message, which a client receives."""
        message = class_name(stream.id)
        name = f"stream_{stream.id}"
        optional = {segment.param for segment in parse_pattern(stream.pattern) if segment.optional}
        self.channels[name] = {
            "address": f"{self.product.routes[stream.route]}/ws/{_address(stream.pattern)}",
            "title": stream.id,
            **texts_of(stream),
            "servers": self.servers_of("streams"),
            **page_of(self.product, stream.documentation),
            **self.parameters(stream.params, optional),
            "messages": {
                message: {
                    "name": stream.id,
                    "title": stream.summary.en,
                    "payload": self.schemas.of_type(stream.payload),
                    **self.examples(stream.examples),
                }
            },
        }
        self.operations[name] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{name}"},
            "title": stream.id,
            "summary": stream.summary.en,
            "messages": [{"$ref": f"#/channels/{name}/messages/{message}"}],
            "x-group": stream.group,
            **extensions(STREAM, stream, _STREAM_KEYS),
        }

    def parameters(self, params: Iterable[Param], optional: set[str | None]) -> Json:
        described: Json = {}
        for param in params:
            values = param.one_of
            described[param.wire] = {
                "description": "Part of the stream's name." if param.summary is None else param.summary.en,
                **({} if param.summary is None else {"x-summary-zh": param.summary.zh}),
                **({} if values is None else {"enum": [str(value) for value in values]}),
                **({} if param.default is None else {"default": str(param.default)}),
                **({"x-optional": True} if param.wire in optional else {}),
                **({} if param.case is None else {"x-case": param.case}),
                "x-type": written(param.type),
            }
        return {"parameters": described} if described else {}

    def add_events(self, events: Iterable[Event], route: str) -> None:
        """One channel that brings all events of the account."""
        messages: Json = {}
        listed = list(events)
        self.channels[_USER_DATA] = {
            "address": f"{self.product.routes[route]}/ws/{{listenKey}}",
            "title": "User data",
            "description": "What happens to the account.",
            "servers": self.servers_of("streams"),
            "parameters": {"listenKey": {"description": "The key that opens the stream."}},
            "messages": messages,
        }
        for event in listed:
            messages[class_name(event.wire)] = {
                "name": event.wire,
                "title": event.summary.en,
                **texts_of(event),
                **page_of(self.product, event.documentation),
                "payload": self.schemas.of_type(event.payload),
                **self.examples(event.examples),
                "x-group": event.group,
                **extensions(EVENT, event, _EVENT_KEYS),
            }
        self.operations[_USER_DATA] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_USER_DATA}"},
            "title": _USER_DATA,
            "summary": "What happens to the account.",
            "messages": [{"$ref": f"#/channels/{_USER_DATA}/messages/{name}"} for name in messages],
        }

    # --- Parts -------------------------------------------------------------------------------------------------------

    def examples(self, examples: list[Example]) -> Json:
        """Messages' examples are objects; other payloads (arrays) have no place for theirs."""
        listed: list[Any] = []
        for example in examples:
            if isinstance(example.value, dict):
                listed.append({**({"name": example.title} if example.title else {}), "payload": example.value})
        return {"examples": listed} if listed else {}


_CORRELATION: Final[Json] = {"location": "$message.payload#/id"}


def _address(pattern: str) -> str:
    """`<symbol>@depth<levels>[@<updateSpeed>]` → `{symbol}@depth{levels}@{updateSpeed}`."""
    return "".join(
        segment.text if segment.text is not None else f"{{{segment.param}}}" for segment in parse_pattern(pattern)
    )
