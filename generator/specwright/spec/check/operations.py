"""Operations: carriers, security, parameters, rules, weights, and references to other operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..dialect.types import ByPresence
from ..dialect.vocabulary import Input
from ..findings import Code
from . import reserved
from .naming import check_members
from .paging import check_paging, check_resolution
from .parameters import check_params
from .rules import check_rules
from .scope import Known
from .shapes import names_in
from .weights import check_weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialect.operations import Carrier, Operation
    from ..dialect.types import Response
    from ..position import Position
    from .scope import Scope

__all__ = ["check_inputs", "check_operations"]

_SIGNING: Final = frozenset({"recvWindow", "timestamp", "signature", "apiKey"})
"""Parameters that the client adds to a signed request by itself."""


def check_operations(scope: Scope) -> None:
    """All operations of a product, each by itself and beside the others."""
    endpoints: dict[str, Position] = {}
    for operation in scope.product.operations.values():
        _check_carriers(scope, operation, endpoints)
        _check_references(scope, operation)
        params = scope.all_params(operation)
        check_params(scope, operation.params)
        check_members(scope, params.values(), reserved.PARAMS)
        check_rules(scope, operation.rules, params, scope.known_params(operation, params))
        check_paging(scope, operation)
        check_resolution(scope, operation)
        _check_response(scope, operation, operation.response, params.keys())


def check_inputs(scope: Scope) -> None:
    """Parameters and rules of inputs."""
    for given in scope.product.inputs.values():
        check_params(scope, given.params)
        params = {param.wire: param for param in given.params}
        written = scope.keys_below(given, "params") if scope.is_damaged(given) else frozenset()
        check_rules(scope, given.rules, params, Known(frozenset(params) | written))
        if _leads_to(scope, given, given.name):
            scope.note(
                given.position, Code.CONTRADICTION, f"'{given.name}' contains itself, so it can never be complete"
            )


def _leads_to(scope: Scope, given: Input, target: str) -> bool:
    """Whether an input has a parameter that is, or contains, the input `target`."""
    waiting, seen = [given], {given.name}
    while waiting:
        for named in (named for param in waiting.pop().params for named in names_in(param.type)):
            inner = scope.types.get(named.name)
            if named.name == target:
                return True
            if isinstance(inner, Input) and inner.name not in seen:
                seen.add(inner.name)
                waiting.append(inner)
    return False


def _check_references(scope: Scope, operation: Operation) -> None:
    security = operation.security
    message = f"there is no security type '{security}'"
    scope.refer(security, scope.security, scope.at(operation, "security"), Code.UNKNOWN_SECURITY, message)
    use = operation.deprecated.use if operation.deprecated is not None else None
    if use is not None:
        message = f"there is no operation '{use}'"
        scope.refer(use, scope.operations, scope.at(operation, "deprecated", "use"), Code.UNKNOWN_OPERATION, message)
    if scope.product.security.get(security) is not None and scope.product.security[security].signed:
        for param in scope.all_params(operation).values():
            if param.wire in _SIGNING:
                message = f"the client adds '{param.wire}' to signed requests by itself"
                scope.note(param.position, Code.RESERVED_NAME, message)


def _check_carriers(scope: Scope, operation: Operation, endpoints: dict[str, Position]) -> None:
    written = [key for key in ("rest", "ws") if scope.has_key(operation, key)]
    if not written:
        message = f"'{operation.id}' has neither 'rest' nor 'ws': nothing carries it"
        scope.note(operation.position, Code.MISSING_CARRIER, message)
    if written == ["ws"] and not scope.has_key(operation, "retry"):
        message = f"'{operation.id}' has no REST method to tell by; say with 'retry' whether it may be repeated"
        scope.note(operation.position, Code.MISSING_KEY, message)
    for carrier in operation.carriers:
        name = f"{carrier.method} {carrier.path}" if carrier.path is not None else f"the method {carrier.method}"
        first = endpoints.setdefault(name, carrier.position)
        if first is not carrier.position:
            position = scope.at(carrier, "method" if carrier.path is None else "path")
            scope.note(position, Code.DUPLICATE_WIRE_NAME, f"{name} is described in {first} already")
        _check_carrier(scope, operation, carrier)


def _check_carrier(scope: Scope, operation: Operation, carrier: Carrier) -> None:
    if carrier.path is not None and (not carrier.path.startswith("/") or set(carrier.path) & set(" ?#")):
        message = f"'{carrier.path}' is not a path: it begins with '/' and has no blank, '?' or '#'"
        scope.note(scope.at(carrier, "path"), Code.MALFORMED_URL, message)
    params = scope.params_of(operation, carrier)
    known = scope.known_params(operation, params)
    check_params(scope, carrier.params)
    check_weight(scope, carrier.weight, carrier, ("weight",), params, known)
    for budget, weight in carrier.costs.items():
        message = f"there is no budget '{budget}' among those of '{scope.product.name}'"
        scope.refer(budget, scope.budgets, scope.key_at(carrier, "costs", budget), Code.UNKNOWN_BUDGET, message)
        if budget == scope.product.weight_budget:
            message = f"the cost on '{budget}' is the 'weight'"
            scope.note(scope.key_at(carrier, "costs", budget), Code.CONTRADICTION, message)
        check_weight(scope, weight, carrier, ("costs", budget), params, known)
    shared = scope.known_params(operation, [param.wire for param in operation.params])
    for index, wire in enumerate(carrier.without):
        message = f"'without' names the parameter '{wire}', which there is not"
        scope.refer(wire, shared, scope.at(carrier, "without", index), Code.UNKNOWN_PARAM, message)
    _check_response(scope, operation, carrier.response, params.keys())


def _check_response(scope: Scope, operation: Operation, response: Response | None, params: Iterable[str]) -> None:
    if isinstance(response, ByPresence):
        known = scope.known_params(operation, params)
        message = f"the response depends on the parameter '{response.param}', which there is not"
        position = scope.key_at(response, "with", response.param)
        scope.refer(response.param, known, position, Code.UNKNOWN_PARAM, message)
        param = scope.all_params(operation).get(response.param)
        if param is not None and param.required:
            message = f"'{response.param}' is required, so there is no response without it"
            scope.note(position, Code.CONTRADICTION, message)
