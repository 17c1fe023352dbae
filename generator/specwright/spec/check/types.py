"""Type expressions: every name exists, and every type stands where its values can occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import ByPresence, ListOf, MapOf, Named, ResultOrError, Scalar
from ..dialect.vocabulary import Input, Model, Union
from ..findings import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialect.params import Param
    from ..dialect.types import Response, TypeExpression
    from .scope import Scope

__all__ = ["check_types"]


def check_types(scope: Scope) -> None:
    """All type expressions of a product."""
    product = scope.product
    for model in product.models.values():
        if isinstance(model, Union):
            _check_union(scope, model)
        else:
            for field in model.fields:
                _check_received(scope, field.type)
    for operation in product.operations.values():
        _check_params(scope, operation.params)
        _check_response(scope, operation.response)
        for carrier in operation.carriers:
            _check_params(scope, carrier.params)
            _check_response(scope, carrier.response)
    for given in product.inputs.values():
        _check_params(scope, given.params)
    for stream in product.streams.values():
        _check_params(scope, stream.params)
        _check_received(scope, stream.payload)
    for event in product.events.values():
        _check_received(scope, event.payload)


def _check_response(scope: Scope, response: Response | None) -> None:
    if isinstance(response, ByPresence):
        _check_received(scope, response.present)
        _check_received(scope, response.absent)
    elif response is not None:
        _check_received(scope, response)


def _check_received(scope: Scope, type_: TypeExpression) -> None:
    """A type of something that the exchange sends."""
    match type_:
        case Named():
            if _exists(scope, type_) and isinstance(scope.types.get(type_.name), Input):
                message = f"'{type_.name}' is an input: something that is sent, not received"
                scope.note(type_.position, Code.MISPLACED_TYPE, message)
        case ListOf():
            _check_received(scope, type_.item)
        case MapOf():
            _check_received(scope, type_.value)
        case ResultOrError():
            _check_received(scope, type_.result)
        case Scalar():
            pass


def _check_params(scope: Scope, params: Iterable[Param]) -> None:
    for param in params:
        item = param.type.item if isinstance(param.type, ListOf) else param.type
        if isinstance(item, Named):
            if _exists(scope, item) and isinstance(scope.types.get(item.name), Model | Union):
                message = f"'{item.name}' is a model: something that is received, not sent; describe an input"
                scope.note(item.position, Code.MISPLACED_TYPE, message)
        elif not isinstance(item, Scalar):
            message = "a parameter is a single value, an input, or a list of them"
            scope.note(item.position, Code.MISPLACED_TYPE, message)
        elif item.kind == "number":
            scope.note(item.position, Code.MISPLACED_TYPE, "a parameter with decimals is a 'decimal'")


def _check_union(scope: Scope, union: Union) -> None:
    for variant in union.variants.values():
        if not _exists(scope, variant):
            continue
        model = scope.types.get(variant.name)
        if not isinstance(model, Model | None) or (isinstance(model, Model) and model.shape == "array"):
            message = f"'{variant.name}' is not a model with fields, as the variants of a union are"
            scope.note(variant.position, Code.MISPLACED_TYPE, message)
        elif (
            model is not None
            and union.tag not in {field.wire for field in model.fields}
            and not scope.is_damaged(model)
        ):
            message = f"'{variant.name}' has no field '{union.tag}', which tells the variants of '{union.name}' apart"
            scope.note(variant.position, Code.UNKNOWN_FIELD, message)


def _exists(scope: Scope, named: Named) -> bool:
    message = f"there is no type '{named.name}'"
    return scope.refer(named.name, scope.type_names, named.position, Code.UNKNOWN_TYPE, message)
