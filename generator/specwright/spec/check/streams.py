"""Streams and events: patterns, routes, payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import ListOf
from ..findings import Code
from ..patterns import MalformedPattern, parse_pattern
from . import reserved
from .naming import check_members
from .parameters import check_params
from .shapes import field_of, item_model

if TYPE_CHECKING:
    from ..dialect.streams import Event, Stream
    from ..position import Position
    from .scope import Scope

__all__ = ["check_events", "check_streams"]


def check_streams(scope: Scope) -> None:
    """All market streams of a product."""
    patterns: dict[str, Position] = {}
    for stream in scope.product.streams.values():
        first = patterns.setdefault(stream.pattern, stream.position)
        if first is not stream.position:
            message = f"the pattern '{stream.pattern}' is described in {first} already"
            scope.note(scope.at(stream, "pattern"), Code.DUPLICATE_WIRE_NAME, message)
        _check_route(scope, stream)
        _check_pattern(scope, stream)
        _check_use(scope, stream)
        check_params(scope, stream.params)
        check_members(scope, stream.params, reserved.STREAM_PARAMS)
        for param in stream.params:
            if isinstance(param.type, ListOf):
                scope.note(param.type.position, Code.MISPLACED_TYPE, "a parameter of a stream is a single value")
        item = item_model(scope, stream.payload)
        if item is not None and stream.latest_key is not None:
            field_of(scope, item, stream.latest_key, stream, ("latest_key",), Code.UNKNOWN_FIELD)


def check_events(scope: Scope) -> None:
    """All user data events of a product."""
    for event in scope.product.events.values():
        _check_route(scope, event)
        use = event.deprecated.use if event.deprecated is not None else None
        if use is not None:
            message = f"there is no event '{use}'"
            scope.refer(use, scope.events, scope.at(event, "deprecated", "use"), Code.UNKNOWN_EVENT, message)


def _check_use(scope: Scope, stream: Stream) -> None:
    use = stream.deprecated.use if stream.deprecated is not None else None
    if use is not None:
        message = f"there is no stream '{use}'"
        scope.refer(use, scope.streams, scope.at(stream, "deprecated", "use"), Code.UNKNOWN_STREAM, message)


def _check_route(scope: Scope, thing: Stream | Event) -> None:
    message = f"there is no route '{thing.route}'"
    scope.refer(thing.route, scope.routes, scope.at(thing, "route"), Code.UNKNOWN_ROUTE, message)


def _check_pattern(scope: Scope, stream: Stream) -> None:
    position = scope.at(stream, "pattern")
    try:
        segments = parse_pattern(stream.pattern)
    except MalformedPattern as error:
        scope.note(position, Code.MALFORMED_PATTERN, f"in '{stream.pattern}', at character {error.offset + 1}: {error}")
        return
    written = scope.keys_below(stream, "params")
    params = {param.wire: param for param in stream.params}
    used: set[str] = set()
    for segment in segments:
        name = segment.param
        if name is None:
            continue
        if name in used:
            scope.note(position, Code.CONTRADICTION, f"the pattern has '<{name}>' twice")
        used.add(name)
        if name not in written:
            message = f"the pattern has '<{name}>', and there is no such parameter"
            scope.findings.add(position, Code.UNKNOWN_PARAM, message, wrong=name, candidates=written)
        elif name in params and params[name].required == segment.optional:
            said = "required, but stands in a bracket" if segment.optional else "not required, but in no bracket"
            scope.note(params[name].position, Code.CONTRADICTION, f"'{name}' is {said} of the pattern")
    for param in stream.params:
        if param.wire not in used:
            message = f"the pattern has no '<{param.wire}>'"
            scope.findings.add(param.position, Code.CONTRADICTION, message)
