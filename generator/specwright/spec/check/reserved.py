"""Python names that generated code cannot use freely, with the reason."""

from __future__ import annotations

import builtins
import keyword
from typing import Final

from ...runtime import errors as hierarchy

__all__ = ["CLASSES", "ERRORS", "FIELDS", "GROUPS", "OPERATIONS", "PARAMS", "STREAMS", "STREAM_PARAMS", "reason"]

_BUILTINS: Final = dict.fromkeys((name for name in dir(builtins) if not name.startswith("_")), "hides a builtin")

# `type`, `filter` or `open` are good names of data, and the exchange uses them; the names of types are not.
_BUILTIN_TYPES: Final = dict.fromkeys(
    ("bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"),
    "hides a builtin that annotations need",
)

FIELDS: Final = {
    **_BUILTIN_TYPES,
    "wire": "hides the function that declares a field",
    "mro": "is an attribute of every class",
}
"""Names of fields: they are attributes of a class."""

PARAMS: Final = {
    **_BUILTIN_TYPES,
    "self": "is the method's own object",
    "timeout": "is an option of every call",
    "recv_window": "is an option of every signed call",
}
"""Names of parameters: they are arguments of a method."""

STREAM_PARAMS: Final = {
    **_BUILTIN_TYPES,
    "self": "is the method's own object",
    "on_full": "is an option of every stream",
    "buffer_size": "is an option of every stream",
    "options": "is what a stream's options are called together",
}

OPERATIONS: Final = _BUILTINS | dict.fromkeys(
    ("raw", "cost", "costs", "iter", "operation", "resolve"), "is what a generated method or group has for itself"
)
"""Ids of operations: they are attributes of a group."""

STREAMS: Final = _BUILTINS | dict.fromkeys(("merge", "raw"), "is what every group of streams has for itself")

GROUPS: Final = _BUILTINS | dict.fromkeys(
    (
        "aclose",
        "close",
        "environment",
        "exchange_clock",
        "limits",
        "order_book",
        "product",
        "request",
        "statistics",
        "streams",
        "user_data",
        "warm_up",
        "with_options",
        "ws_api",
    ),
    "is what every client or its WebSocket API has for itself",
)
"""Names of groups: they are attributes of the client, and of its WebSocket API."""

CLASSES: Final = _BUILTINS | dict.fromkeys(
    (
        "Any",
        "AsyncPages",
        "AsyncRestGroup",
        "AsyncRestMethod",
        "ByPresence",
        "Carrier",
        "Decimal",
        "DecimalInput",
        "Event",
        "ListOf",
        "Literal",
        "MapOf",
        "Mapping",
        "Model",
        "Notice",
        "Operation",
        "Pages",
        "Param",
        "RawEvent",
        "RawResponse",
        "RejectedItem",
        "Required",
        "RestCaller",
        "RestGroup",
        "RestMethod",
        "ResultOrError",
        "Sequence",
        "Stream",
        "StreamGroup",
        "StreamOptions",
        "Streams",
        "Tagged",
        "TypeAlias",
        "TypedDict",
        "UnknownVariant",
        "Unpack",
        "UserDataEvent",
        "WsApi",
        "WsCaller",
        "WsGroup",
        "WsMethod",
    ),
    "is a name that generated modules import or define",
)
"""Names of models, unions, enums and inputs."""

ERRORS: Final = _BUILTINS | dict.fromkeys((*hierarchy.__all__, "ErrorCode", "HttpError"), "is a class of the runtime")
"""Names of error classes."""


def reason(name: str, table: dict[str, str]) -> str | None:
    """Why a Python name cannot be used in a place, or None where it can."""
    if keyword.iskeyword(name):
        return "is a Python keyword"
    return table.get(name)
