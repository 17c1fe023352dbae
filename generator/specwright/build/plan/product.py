"""The `product` module: hosts, budgets, and what the runtime must know of a product's procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..imports import Imports
from ..layout import Node, call, literal, mapping, statement, string_literal, tuple_of
from ..prose import docstring
from .views import ConstantView, PlannedFile, ProductView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...spec.dialect.exchange import Budget, Credentials, Spec
    from ...spec.dialect.product import Product
    from ..types import Types

__all__ = ["plan_product"]

_RUNTIME = ("_runtime", "product")


def plan_product(spec: Spec, types: Types) -> PlannedFile:
    """Plans the descriptor of a product."""
    path = f"{types.product.name}/product.py"
    return PlannedFile.of(path, "product.py.jinja", _product, types, spec.credentials, spec.budgets)


def _product(types: Types, credentials: Credentials, budgets: Mapping[str, Budget]) -> ProductView:
    product = types.product
    imports = Imports((product.name, "product"))
    imports.standard_type("collections.abc", "Mapping")
    for name in ("ErrorCode", "HttpError"):
        imports.local_type(_RUNTIME, name)
    value = call(
        imports.local(_RUNTIME, "Product"),
        name=string_literal(product.name),
        title=string_literal(product.title),
        module='__name__.rpartition(".")[0]',
        environments=_environments(product, imports),
        routes=_strings(product.routes.items()),
        security=_security(product, imports),
        api_key_header=string_literal(product.api_key_header),
        api_key_variable=string_literal(credentials.api_key),
        api_secret_variable=string_literal(credentials.api_secret),
        recv_window_ms=str(product.recv_window_ms),
        max_recv_window_ms=str(product.max_recv_window_ms),
        weight_budget=string_literal(product.weight_budget),
        budgets=_budgets([budgets[name] for name in product.budgets], imports),
        groups=_strings((operation.id, operation.group) for operation in product.operations.values()),
        errors="_errors",
        http_errors="_http_errors",
        clock=_clock(product, types, imports),
        user_data=_user_data(product, types, imports),
        order_book=_order_book(product, types, imports),
        ws_session=_ws_session(product, imports),
        connections=_connections(product, imports),
        open_always=True,
    )
    return ProductView(
        source=f"{product.name}/product.yaml",
        docstring=docstring([f"What the runtime knows of {product.title}."], indent=0),
        product=ConstantView(name="PRODUCT", statement=statement("PRODUCT = ", value)),
        imports=imports.block(),
    )


def _environments(product: Product, imports: Imports) -> Node:
    name = imports.local(_RUNTIME, "Environment")
    return mapping(
        (
            string_literal(environment.name),
            call(
                name,
                rest=string_literal(environment.rest),
                ws_api=string_literal(environment.ws_api) if environment.ws_api else None,
                streams=string_literal(environment.streams) if environment.streams else None,
            ),
        )
        for environment in product.environments.values()
    )


def _security(product: Product, imports: Imports) -> Node:
    name = imports.local(_RUNTIME, "Security")
    return mapping(
        (
            string_literal(security.name),
            call(
                name,
                string_literal(security.name),
                api_key=literal(security.api_key),
                signed=literal(security.signed),
            ),
        )
        for security in product.security.values()
    )


def _budgets(budgets: Iterable[Budget], imports: Imports) -> Node:
    name = imports.local(_RUNTIME, "Budget")
    return mapping(
        (
            string_literal(budget.name),
            call(
                name,
                name=string_literal(budget.name),
                limit=str(budget.limit),
                interval_ms=str(budget.interval_ms),
                scope=string_literal(budget.scope),
                header=string_literal(budget.header) if budget.header else None,
                rate_limit_type=string_literal(budget.rate_limit_type) if budget.rate_limit_type else None,
                codes=tuple_of(map(str, budget.codes)) if budget.codes else None,
            ),
        )
        for budget in budgets
    )


def _clock(product: Product, types: Types, imports: Imports) -> Node | None:
    clock = product.clock
    if clock is None:
        return None
    return call(
        imports.local(_RUNTIME, "ClockSource"),
        operation=string_literal(clock.operation),
        field=_reply_field(product, types, clock.operation, clock.field),
        behind=tuple_of(map(str, clock.behind_codes)),
    )


def _user_data(product: Product, types: Types, imports: Imports) -> Node | None:
    user_data = product.user_data
    if user_data is None:
        return None
    return call(
        imports.local(_RUNTIME, "UserData"),
        start=string_literal(user_data.start),
        keepalive=string_literal(user_data.keepalive),
        close=string_literal(user_data.close),
        listen_key=_reply_field(product, types, user_data.start, user_data.listen_key),
        listen_key_wire=string_literal(user_data.listen_key),
        route=string_literal(user_data.route),
        validity_ms=str(user_data.validity_ms),
        expired_event=string_literal(user_data.expired_event),
        lost=tuple_of(map(str, user_data.lost_codes)),
        resync=_strings(user_data.resync.items()),
    )


def _order_book(product: Product, types: Types, imports: Imports) -> Node | None:
    book = product.order_book
    if book is None:
        return None
    update = product.streams[book.stream].payload
    return call(
        imports.local(_RUNTIME, "LocalOrderBook"),
        snapshot=string_literal(book.snapshot),
        stream=string_literal(book.stream),
        limit=str(book.limit),
        first_id=string_literal(types.field_name(update, book.first_id)),
        final_id=string_literal(types.field_name(update, book.final_id)),
        previous_id=string_literal(types.field_name(update, book.previous_id)),
        snapshot_id=_reply_field(product, types, book.snapshot, book.snapshot_id),
    )


def _ws_session(product: Product, imports: Imports) -> Node | None:
    session = product.ws_session
    if session is None:
        return None
    return call(
        imports.local(_RUNTIME, "WsSession"),
        logon=string_literal(session.logon),
        status=string_literal(session.status),
        logout=string_literal(session.logout),
    )


def _connections(product: Product, imports: Imports) -> Node | None:
    connections = product.connections
    if connections is None:
        return None
    weight = connections.ws_api_handshake_weight
    return call(
        imports.local(_RUNTIME, "Connections"),
        lifetime_ms=str(connections.lifetime_ms),
        ping_interval_ms=str(connections.ping_interval_ms),
        pong_deadline_ms=str(connections.pong_deadline_ms),
        streams_per_connection=str(connections.streams_per_connection),
        messages_per_second=str(connections.messages_per_second),
        ws_api_handshake_weight=None if weight is None else str(weight),
        shutdown_event=string_literal(connections.shutdown_event) if connections.shutdown_event else None,
    )


def _reply_field(product: Product, types: Types, operation: str, wire: str) -> str:
    return string_literal(types.field_name(product.operations[operation].response, wire))


def _strings(entries: Iterable[tuple[str, str]]) -> Node:
    return mapping((string_literal(key), string_literal(value)) for key, value in entries)
