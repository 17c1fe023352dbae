"""Paging and resolution: what an operation says of walking it, and of a call whose reply was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import ListOf, Named
from ..dialect.vocabulary import Enum
from ..findings import Code
from .shapes import field_of, item_model, object_model

if TYPE_CHECKING:
    from ..dialect.operations import Operation, Paging, Resolution
    from ..dialect.vocabulary import Model
    from .scope import Scope

__all__ = ["check_paging", "check_resolution"]


def check_paging(scope: Scope, operation: Operation) -> None:
    """`pages` names parameters of the operation and fields of its items."""
    pages = operation.pages
    if pages is None:
        return
    if pages.id_param is None and pages.time_field is None:
        message = "paging goes by 'id', by 'time', or by both"
        scope.note(pages.position, Code.MISSING_KEY, message)
    carrier = operation.rest or operation.ws
    params = scope.params_of(operation, carrier) if carrier is not None else scope.all_params(operation)
    known = scope.known_params(operation, params)
    for name, path in (
        (pages.limit, ("limit",)),
        (pages.id_param, ("id", "param")),
        (pages.start_param, ("time", "start")),
        (pages.end_param, ("time", "end")),
    ):
        if name is not None:
            message = f"'pages' names the parameter '{name}', which there is not"
            scope.refer(name, known, scope.at(pages, *path), Code.UNKNOWN_PARAM, message)
    item = _page_item(scope, operation, pages)
    if item is not None:
        if pages.id_field is not None:
            field_of(scope, item, pages.id_field, pages, ("id", "field"), Code.UNKNOWN_FIELD)
        if pages.time_field is not None:
            field_of(scope, item, pages.time_field, pages, ("time", "field"), Code.UNKNOWN_FIELD)


def _page_item(scope: Scope, operation: Operation, pages: Paging) -> Model | None:
    """The model of one item of a page, where it can be told."""
    response = operation.response
    if pages.items is None:
        if object_model(scope, response) is not None:
            message = "the response is an object; name its list with 'items'"
            scope.note(pages.position, Code.MISSING_KEY, message)
            return None
        return item_model(scope, response)
    whole = object_model(scope, response)
    if whole is None:
        if response is None or isinstance(response, ListOf):
            message = "'items' names a field of the response, which is not an object"
            scope.note(scope.key_at(pages, "items"), Code.CONTRADICTION, message)
        return None
    field = field_of(scope, whole, pages.items, pages, ("items",), Code.UNKNOWN_FIELD)
    if field is not None and not isinstance(field.type, ListOf):
        scope.note(scope.at(pages, "items"), Code.CONTRADICTION, f"the field '{pages.items}' is not a list")
    return item_model(scope, field.type) if field is not None else None


def check_resolution(scope: Scope, operation: Operation) -> None:
    """`resolve` names an operation, parameters on both sides, and error codes."""
    resolve = operation.resolve
    if resolve is None:
        return
    check_error_codes(scope, resolve.absent, resolve, "absent")
    own = scope.all_params(operation)
    own_known = scope.known_params(operation, own)
    for asking, lost in resolve.params.items():
        message = f"'resolve' names the parameter '{lost}' of '{operation.id}', which there is not"
        scope.refer(lost, own_known, scope.at(resolve, "params", asking), Code.UNKNOWN_PARAM, message)
    message = f"there is no operation '{resolve.operation}'"
    scope.refer(resolve.operation, scope.operations, scope.at(resolve, "operation"), Code.UNKNOWN_OPERATION, message)
    asked = scope.product.operations.get(resolve.operation)
    if asked is not None:
        _check_asked(scope, resolve, asked)


def _check_asked(scope: Scope, resolve: Resolution, asked: Operation) -> None:
    params = scope.all_params(asked)
    known = scope.known_params(asked, params)
    for name in resolve.params:
        message = f"'resolve' names the parameter '{name}' of '{asked.id}', which there is not"
        scope.refer(name, known, scope.key_at(resolve, "params", name), Code.UNKNOWN_PARAM, message)
    for wire, param in params.items():
        if param.required and wire not in resolve.params:
            message = f"'{asked.id}' cannot be asked without '{wire}'"
            scope.note(scope.key_at(resolve, "params"), Code.MISSING_KEY, message)
    reply = object_model(scope, asked.response)
    if resolve.status is None or reply is None:
        if resolve.filled and resolve.status is None:
            message = "'filled' lists values of the field that 'status' names"
            scope.note(scope.key_at(resolve, "filled"), Code.CONTRADICTION, message)
        return
    status = field_of(scope, reply, resolve.status, resolve, ("status",), Code.UNKNOWN_FIELD)
    enum = scope.types.get(status.type.name) if status is not None and isinstance(status.type, Named) else None
    if isinstance(enum, Enum):
        words = [str(value.value) for value in enum.values]
        for index, value in enumerate(resolve.filled):
            if value not in words:
                message = f"'{value}' is not among the values of '{enum.name}'"
                position = scope.at(resolve, "filled", index)
                scope.findings.add(position, Code.WRONG_VALUE, message, wrong=value, candidates=words)


def check_error_codes(scope: Scope, codes: list[int], thing: object, *path: str) -> None:
    """Error codes that are referred to are described, where the product describes its errors at all."""
    part = scope.parts.files.get("errors.yaml")
    if part is None or part.content is None or scope.is_damaged(part.content):
        return
    described = {error.code for error in scope.product.errors}
    for index, code in enumerate(codes):
        if code not in described:
            position = scope.at(thing, *path, index)
            scope.note(position, Code.UNKNOWN_ERROR_CODE, f"errors.yaml does not describe the code {code}")
