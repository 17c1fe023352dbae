"""The `client` module of a product, and the class that holds its WebSocket API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...runtime.addresses import default_environment
from ..imports import Imports
from ..layout import string_literal
from ..prose import docstring, sentence, wrap
from .documentation import both_languages, listed
from .methods import ASYNC_REST, REST, WS_API, Way, group_class_name
from .streams import stream_groups
from .views import ClientView, LazyAttributeView, PlannedFile, WsApiView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...spec.dialect.product import Product

__all__ = ["async_client_name", "plan_client"]


def async_client_name(product: Product) -> str:
    """`AsyncUsdsFutures`."""
    return f"Async{product.client}"


def plan_client(product: Product) -> Iterable[PlannedFile]:
    """Plans the synchronous and the asynchronous client, and the WebSocket API where there is one."""
    yield PlannedFile.of(f"{product.name}/client.py", "client.py.jinja", _clients, product)
    if _groups(product, WS_API):
        path = f"{product.name}/ws_api/__init__.py"
        yield PlannedFile.of(path, "ws_api.py.jinja", _ws_api, product)


def _clients(product: Product) -> ClientView:
    imports = Imports((product.name, "client"))
    imports.local((product.name, "product"), "PRODUCT")
    for name in ("AsyncClient", "SyncClient"):
        imports.local(("_runtime", "client"), name)
    imports.local_type(("_runtime", "client"), "ClientOptions")
    for name in ("Literal", "Unpack"):
        imports.standard("typing", name)
    sync_groups = _attributes(product, REST, imports, argument="self._caller")
    async_groups = _attributes(product, ASYNC_REST, imports, argument="self._caller")
    services = _services(product, imports)
    if sync_groups or async_groups or services:
        imports.standard("functools", "cached_property")
    has_order_book = product.order_book is not None
    has_user_data = bool(product.events) and product.user_data is not None
    if has_user_data:
        imports.local_type(("_runtime", "websocket", "user_data"), "UserDataOptions")
        imports.local_type(("_runtime", "websocket", "user_data"), "UserDataStream")
        imports.local_type((product.name, "user_data"), "UserDataEvent")
    if has_order_book:
        imports.local_type(("_runtime", "websocket", "order_book"), "LocalOrderBook")
        imports.local_type(("_runtime", "websocket", "order_book"), "OrderBookOptions")
    names = list(product.environments)
    summary = both_languages(product.summary, indent=4)
    return ClientView(
        source=f"{product.name}/product.yaml",
        docstring=docstring([f"The clients of {product.title}."], indent=0),
        name=product.client,
        async_name=async_client_name(product),
        docstring_of_sync=docstring([*summary, "", "Synchronous: REST."], indent=4),
        docstring_of_async=docstring([*summary, "", f"Asynchronous: {_ways(product)}."], indent=4),
        environments=f"Literal[{', '.join(map(string_literal, names))}]",
        default_environment=default_environment(names),
        sync_groups=sync_groups,
        async_groups=async_groups,
        services=services,
        has_user_data=has_user_data,
        has_order_book=has_order_book,
        imports=imports.block(),
    )


def _ways(product: Product) -> str:
    """What an asynchronous client offers, as in "REST, WebSocket API and streams"."""
    offered = {
        "REST": bool(_groups(product, ASYNC_REST)),
        "WebSocket API": bool(_groups(product, WS_API)),
        "market streams": bool(product.streams),
        "user data": bool(product.events),
    }
    return listed([way for way, is_there in offered.items() if is_there], "and")


def _ws_api(product: Product) -> WsApiView:
    imports = Imports((product.name, "ws_api"), is_package=True)
    imports.standard("functools", "cached_property")
    base = imports.local(("_runtime", "method"), "WsGroups")
    groups = _attributes(product, WS_API, imports, argument="self._caller")
    return WsApiView(
        source=f"{product.name}/operations",
        docstring=docstring([f"The WebSocket API of {product.title}."], indent=0),
        base=base,
        groups=groups,
        imports=imports.block(),
    )


def _groups(product: Product, way: Way) -> Sequence[str]:
    carried = {operation.group for operation in product.operations.values() if way.carried(operation) is not None}
    return [group for group in product.groups if group in carried]


def _attributes(product: Product, way: Way, imports: Imports, *, argument: str) -> list[LazyAttributeView]:
    return [
        LazyAttributeView(
            name=group,
            class_name=imports.local_type((product.name, way.package, group), group_class_name(way, group)),
            module=imports.relative((product.name, way.package, group)),
            argument=argument,
            docstring=docstring(wrap(sentence(product.groups[group].summary.en), 106), indent=8),
        )
        for group in _groups(product, way)
    ]


def _services(product: Product, imports: Imports) -> list[LazyAttributeView]:
    services: list[LazyAttributeView] = []
    if _groups(product, WS_API):
        module = (product.name, "ws_api")
        services.append(
            LazyAttributeView(
                name="ws_api",
                class_name=imports.local_type(module, "WsApi"),
                module=imports.relative(module),
                argument="self._websockets.caller",
                docstring=docstring(["The WebSocket API: the same groups, over one connection."], indent=8),
            )
        )
    if stream_groups(product):
        module = (product.name, "streams")
        services.append(
            LazyAttributeView(
                name="streams",
                class_name=imports.local_type(module, "Streams"),
                module=imports.relative(module),
                argument="self._websockets.hub",
                docstring=docstring(["The market streams."], indent=8),
            )
        )
    return services
