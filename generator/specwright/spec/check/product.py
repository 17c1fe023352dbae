"""product.yaml and exchange.yaml: what they refer to exists, and their figures make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import Scalar
from ..findings import Code
from .paging import check_error_codes
from .scope import Known
from .shapes import field_of, item_model, object_model

if TYPE_CHECKING:
    from ..bind.product import ProductFile
    from ..dialect.exchange import Spec
    from ..dialect.operations import Operation
    from ..dialect.product import LocalOrderBook, UserData
    from .scope import Scope

__all__ = ["check_budgets", "check_groups", "check_product"]


def check_budgets(scope: Scope, spec: Spec) -> None:
    """The exchange's budgets."""
    for budget in spec.budgets.values():
        for key, value in (("limit", budget.limit), ("interval", budget.interval_ms)):
            if value <= 0:
                scope.note(scope.at(budget, key), Code.OUT_OF_RANGE, f"'{key}' of a budget is above 0")


def check_groups(scope: Scope) -> None:
    """Files of operations are groups."""
    for part in scope.parts.folders["operations"]:
        message = f"'{part.stem}' is not among the groups of product.yaml"
        scope.refer(part.stem, scope.groups, part.start, Code.UNKNOWN_GROUP, message)


def check_product(scope: Scope, file: ProductFile) -> None:
    """product.yaml as it was bound."""
    _check_budget_names(scope, file)
    if file.recv_window.default_ms > file.recv_window.maximum_ms:
        position = scope.at(file.recv_window, "default")
        scope.note(position, Code.OUT_OF_RANGE, "the default receive window is longer than the longest")
    for name, path in file.routes.items():
        if not path.startswith("/") or path.endswith("/"):
            message = f"'{path}' is not a path: it begins with '/' and does not end with it"
            scope.note(scope.at(file, "routes", name), Code.MALFORMED_URL, message)
    if not file.environments:
        scope.note(scope.at(file, "environments"), Code.EMPTY, "a product has at least one environment")
    if file.clock is not None:
        operation = _operation(scope, file.clock.operation, file.clock, "operation")
        _field(scope, operation, file.clock.field, file.clock, "field")
        check_error_codes(scope, file.clock.behind_codes, file.clock, "behind")
    if file.user_data is not None:
        _check_user_data(scope, file.user_data)
    if file.order_book is not None:
        _check_order_book(scope, file.order_book)
    if file.ws_session is not None:
        for key in ("logon", "status", "logout"):
            operation = _operation(scope, getattr(file.ws_session, key), file.ws_session, key)
            if operation is not None and not scope.has_key(operation, "ws"):
                message = f"'{operation.id}' does not travel by the WebSocket API"
                scope.note(scope.at(file.ws_session, key), Code.CONTRADICTION, message)
    weight = None if file.connections is None else file.connections.ws_api_handshake_weight
    if weight is not None and weight <= 0:
        position = scope.at(file.connections, "ws_api_handshake_weight")
        scope.note(position, Code.OUT_OF_RANGE, "a handshake that costs something costs more than 0")


def _check_budget_names(scope: Scope, file: ProductFile) -> None:
    exchange = scope.exchange
    unread = exchange is None or exchange.root is None
    declared = exchange.declared("budgets") if exchange is not None else frozenset()
    known = Known(declared, incomplete=unread and not declared)
    seen: set[str] = set()
    for index, name in enumerate(file.budgets):
        position = scope.at(file, "budgets", index)
        scope.refer(name, known, position, Code.UNKNOWN_BUDGET, f"exchange.yaml has no budget '{name}'")
        if name in seen:
            scope.note(position, Code.DUPLICATE_NAME, f"'{name}' stands in the list already")
        seen.add(name)
    message = f"'{file.weight_budget}' is not among the product's budgets"
    scope.refer(file.weight_budget, scope.budgets, scope.at(file, "weight_budget"), Code.UNKNOWN_BUDGET, message)


def _operation(scope: Scope, name: str, thing: object, *path: str) -> Operation | None:
    message = f"there is no operation '{name}'"
    scope.refer(name, scope.operations, scope.at(thing, *path), Code.UNKNOWN_OPERATION, message)
    return scope.product.operations.get(name)


def _field(scope: Scope, operation: Operation | None, wire: str, thing: object, *path: str) -> None:
    model = object_model(scope, operation.response) if operation is not None else None
    if model is not None:
        field_of(scope, model, wire, thing, path, Code.UNKNOWN_FIELD)


def _check_user_data(scope: Scope, user_data: UserData) -> None:
    start = _operation(scope, user_data.start, user_data, "start")
    for key in ("keepalive", "close"):
        _operation(scope, getattr(user_data, key), user_data, key)
    _field(scope, start, user_data.listen_key, user_data, "listen_key")
    message = f"there is no route '{user_data.route}'"
    scope.refer(user_data.route, scope.routes, scope.at(user_data, "route"), Code.UNKNOWN_ROUTE, message)
    event = user_data.expired_event
    position = scope.at(user_data, "expired_event")
    scope.refer(event, scope.events, position, Code.UNKNOWN_EVENT, f"there is no event '{event}'")
    check_error_codes(scope, user_data.lost_codes, user_data, "lost")
    for name, operation in user_data.resync.items():
        _operation(scope, operation, user_data, "resync", name)


def _check_order_book(scope: Scope, book: LocalOrderBook) -> None:
    snapshot = _operation(scope, book.snapshot, book, "snapshot")
    _field(scope, snapshot, book.snapshot_id, book, "snapshot_id")
    limit = scope.all_params(snapshot).get("limit") if snapshot is not None else None
    if limit is not None and isinstance(limit.type, Scalar) and limit.one_of and book.limit not in limit.one_of:
        message = f"{book.limit} is not among the values of 'limit' of '{book.snapshot}'"
        scope.note(scope.at(book, "limit"), Code.WRONG_VALUE, message)
    message = f"there is no stream '{book.stream}'"
    scope.refer(book.stream, scope.streams, scope.at(book, "stream"), Code.UNKNOWN_STREAM, message)
    stream = scope.product.streams.get(book.stream)
    model = item_model(scope, stream.payload) if stream is not None else None
    if model is not None:
        for key in ("first_id", "final_id", "previous_id"):
            field_of(scope, model, getattr(book, key), book, (key,), Code.UNKNOWN_FIELD)
