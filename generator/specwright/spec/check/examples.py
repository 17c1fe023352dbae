"""Examples: there are some, and each fits the type of what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ..dialect.types import ByPresence, Named
from ..dialect.vocabulary import Model
from ..findings import Code
from ..json_place import offset_of
from ..nodes import MappingNode, ScalarNode
from .fit import Fitting, shown_path

if TYPE_CHECKING:
    from ..dialect.operations import Carrier, Operation
    from ..dialect.text import Example
    from ..dialect.types import Response, TypeExpression
    from ..dialect.values import JsonValue
    from .fit import Misfit
    from .scope import Scope

__all__ = ["check_examples"]

_ENVELOPE: Final = ("id", "status", "result", "error", "rateLimits")
_RATE_LIMIT: Final = {"rateLimitType": str, "interval": str, "intervalNum": int, "limit": int, "count": int}


def check_examples(scope: Scope) -> None:
    """All examples of a product."""
    product = scope.product
    for operation in product.operations.values():
        _check_operation(scope, operation)
    for stream in product.streams.values():
        _check_presence(scope, stream, f"the stream '{stream.id}'", bool(stream.examples))
        for example in stream.examples:
            _report(scope, example, _fitted(scope, example.value, stream.payload))
    for event in product.events.values():
        _check_presence(scope, event, f"the event '{event.wire}'", bool(event.examples))
        for example in event.examples:
            fitting = _fitted(scope, example.value, event.payload)
            _fit_event_name(fitting, example.value, event.wire)
            _report(scope, example, fitting)
    for model in product.models.values():
        if isinstance(model, Model) and model.example is not None:
            itself = Named(name=model.name, position=model.position)
            _report(scope, model.example, _fitted(scope, model.example.value, itself))


def _check_presence(scope: Scope, thing: Operation | object, noun: str, present: bool) -> None:
    if not present and not (scope.has_key(thing, "example") or scope.has_key(thing, "examples")):
        position = getattr(thing, "position")  # noqa: B009
        scope.note(position, Code.MISSING_EXAMPLE, f"{noun} shows no example")


def _check_operation(scope: Scope, operation: Operation) -> None:
    shown = [
        carrier
        for carrier in operation.carriers
        if scope.has_key(carrier, "example") or scope.has_key(carrier, "examples")
    ]
    _check_presence(scope, operation, f"the operation '{operation.id}'", bool(shown))
    if operation.response is None and scope.has_key(operation, "response"):
        return  # Another finding says why the response is not known.
    for example in operation.examples:
        _check_example(scope, operation, example, operation.response)
    if operation.rest is not None:
        for example in operation.rest.examples:
            _check_example(scope, operation, example, operation.response_on(operation.rest))
    if operation.ws is not None:
        for example in operation.ws.examples:
            _check_reply(scope, operation, operation.ws, example)


def _check_example(scope: Scope, operation: Operation, example: Example, response: Response | None) -> None:
    _check_present(scope, operation, example)
    _report(scope, example, _fit_response(scope, example, example.value, response))


def _check_present(scope: Scope, operation: Operation, example: Example) -> None:
    known = scope.known_params(operation, scope.all_params(operation))
    for index, name in enumerate(example.present or ()):
        message = f"the example was sent with the parameter '{name}', which there is not"
        scope.refer(name, known, scope.at(example, "present", index), Code.UNKNOWN_PARAM, message)


def _fit_response(scope: Scope, example: Example, value: JsonValue, response: Response | None) -> Fitting:
    fitting = Fitting(scope)
    if response is None:
        if value != {}:
            fitting.note((), "without a 'response' the reply is an empty object")
    elif not isinstance(response, ByPresence):
        fitting.fit(value, response)
    elif example.present is not None:
        fitting.fit(value, response.present if response.param in example.present else response.absent)
    else:
        candidates = [_fitted(scope, value, type_) for type_ in (response.present, response.absent)]
        fitting = min(candidates, key=lambda candidate: len(candidate.misfits))
    return fitting


def _check_reply(scope: Scope, operation: Operation, carrier: Carrier, example: Example) -> None:
    """A whole reply of the WebSocket API: `id`, `status`, `result` or `error`, `rateLimits`."""
    _check_present(scope, operation, example)
    reply = example.value
    envelope = Fitting(scope)
    if not isinstance(reply, Mapping):
        envelope.note((), "a reply of the WebSocket API is an object with 'id', 'status' and 'result'")
        _report(scope, example, envelope)
        return
    for name in reply:
        if name not in _ENVELOPE:
            message = f"a reply of the WebSocket API has no '{name}'"
            envelope.note((name,), message, at_name=True, wrong=name, candidates=_ENVELOPE)
    for name in ("id", "status"):
        if name not in reply:
            envelope.note((), f"a reply of the WebSocket API has '{name}'")
    _fit_rate_limits(envelope, reply.get("rateLimits", ()))
    _report(scope, example, envelope)
    if "result" in reply:
        response = operation.response_on(carrier)
        _report(scope, example, _fit_response(scope, example, reply["result"], response), "result")
    elif "error" not in reply:
        missing = Fitting(scope)
        missing.note((), "a reply of the WebSocket API has 'result' or 'error'")
        _report(scope, example, missing)


def _fit_rate_limits(fitting: Fitting, limits: JsonValue) -> None:
    if isinstance(limits, str) or not isinstance(limits, Sequence):
        fitting.note(("rateLimits",), "'rateLimits' is a list")
        return
    for index, limit in enumerate(limits):
        if not isinstance(limit, Mapping):
            fitting.note(("rateLimits", index), "a rate limit is an object")
            continue
        for name, kind in _RATE_LIMIT.items():
            if not isinstance(limit.get(name), kind):
                expected = "a string" if kind is str else "a whole number"
                fitting.note(("rateLimits", index), f"a rate limit has '{name}', {expected}")


def _fit_event_name(fitting: Fitting, value: JsonValue, wire: str) -> None:
    if isinstance(value, Mapping) and value.get("e", wire) != wire:
        fitting.note(("e",), f"this is an example of '{value['e']}', not of '{wire}'")


def _fitted(scope: Scope, value: JsonValue, type_: TypeExpression) -> Fitting:
    fitting = Fitting(scope)
    fitting.fit(value, type_)
    return fitting


def _report(scope: Scope, example: Example, fitting: Fitting, *prefix: str) -> None:
    for misfit in fitting.misfits.values():
        _report_one(scope, example, misfit, prefix)


def _report_one(scope: Scope, example: Example, misfit: Misfit, prefix: tuple[str, ...]) -> None:
    path = (*prefix, *misfit.path)
    node = scope.node_of(example)
    if isinstance(node, MappingNode):
        node = node.get("json") or node
    position = example.position
    if isinstance(node, ScalarNode):
        position = node.position_of(offset_of(example.text, path, at_name=misfit.at_name))
    message = f"{shown_path(path)}: {misfit.message}"
    scope.findings.add(
        position, Code.EXAMPLE_MISMATCH, message, wrong=misfit.wrong, candidates=misfit.candidates or None
    )
