"""The generated package itself: what `import binance_derivatives` offers, and what each product offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..prose import docstring
from .client import async_client_name
from .documentation import both_languages
from .lazy import plan_lazy_package

if TYPE_CHECKING:
    from ...spec.dialect.exchange import Spec
    from ...spec.dialect.product import Product
    from .views import PlannedFile

__all__ = ["plan_package", "plan_product_package"]

_PUBLIC = {
    ("_runtime", "codec"): ("to_json", "to_wire"),
    ("_runtime", "drift"): ("Drift",),
    ("_runtime", "limits"): ("LocalLedger",),
    ("_runtime", "limits_redis"): ("RedisLedger",),
    ("_runtime", "method"): ("RawResponse",),
    ("_runtime", "model"): ("RejectedItem", "UnknownVariant"),
    ("_runtime", "retry"): ("RetryPolicy",),
    ("_runtime", "websocket", "backoff"): ("ReconnectPolicy",),
    ("_runtime", "websocket", "book"): ("Level",),
    ("_runtime", "websocket", "buffer"): ("BufferOverflow", "OnFull"),
    ("_runtime", "websocket", "connection"): ("ConnectionSettings",),
    ("_runtime", "websocket", "notices"): (
        "Dropped",
        "Malformed",
        "Notice",
        "Reconnected",
        "RecordingEnded",
        "Resynchronized",
        "Stalled",
    ),
    ("_runtime", "websocket", "order_book"): ("LocalOrderBook", "OrderBookOptions", "OrderBookState"),
    ("_runtime", "websocket", "raw"): ("RawEvent",),
    ("_runtime", "websocket", "statistics"): ("StreamStatistics", "WsApiStatistics"),
    ("_runtime", "websocket", "stream_iterator"): ("StreamIterator",),
    ("_runtime", "websocket", "streams"): ("Stream", "StreamOptions", "StreamState"),
    ("_runtime", "websocket", "user_data"): ("UserDataOptions", "UserDataStream"),
}
"""What every generated package offers of the runtime: module → names. All that users make, take or name in types."""


def plan_package(spec: Spec) -> PlannedFile:
    """Plans the package's `__init__`; it alone carries the spec's digest, so that an edit changes few files."""
    places = {name: module for module, names in _PUBLIC.items() for name in names}
    for product in spec.products.values():
        client = (product.name, "client")
        places |= {product.client: client, async_client_name(product): client}
    lines = [*both_languages(spec.summary, indent=0), "", f"Made from the spec {spec.digest[:16]}."]
    return plan_lazy_package(
        path=(),
        source="exchange.yaml",
        docstring=docstring(lines, indent=0),
        places=places,
        modules=["errors", *spec.products],
    )


def plan_product_package(product: Product) -> PlannedFile:
    """Plans a product's `__init__`."""
    client = (product.name, "client")
    places = {product.client: client, async_client_name(product): client}
    if product.events:
        places["UserDataEvent"] = (product.name, "user_data")
    return plan_lazy_package(
        path=(product.name,),
        source=f"{product.name}/product.yaml",
        docstring=docstring(both_languages(product.summary, indent=0), indent=0),
        places=places,
        modules=[*(["enums"] if product.enums else []), "errors", "models", "params"],
    )
