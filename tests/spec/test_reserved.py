"""The reserved names are those that the runtime really uses."""

from __future__ import annotations

from typing import get_type_hints

from specwright.runtime import errors
from specwright.runtime.client import AsyncClient, SyncClient
from specwright.runtime.method import AsyncRestGroup, RestGroup, WsGroup, WsGroups
from specwright.runtime.resolving import AsyncResolvingGroup, ResolvingGroup
from specwright.runtime.websocket.stream_group import StreamGroup
from specwright.runtime.websocket.streams import StreamOptions
from specwright.spec.check import reserved


def public(*classes: type) -> set[str]:
    return {name for cls in classes for name in dir(cls) if not name.startswith("_")}


def test_nothing_hides_a_builtin_that_generated_code_needs() -> None:
    tables = {
        "operation": reserved.OPERATIONS,
        "stream": reserved.STREAMS,
        "group": reserved.GROUPS,
        "model": reserved.CLASSES,
        "error": reserved.ERRORS,
    }

    assert {kind: reserved.reason("print", table) for kind, table in tables.items()} == dict.fromkeys(
        tables, "hides a builtin"
    )
    assert reserved.reason("int", reserved.PARAMS) == "hides a builtin that annotations need"
    assert reserved.reason("type", reserved.PARAMS) is None


def test_a_group_cannot_hide_what_a_client_has() -> None:
    assert public(SyncClient, AsyncClient, WsGroups) <= reserved.GROUPS.keys()


def test_an_operation_cannot_hide_what_a_group_has() -> None:
    groups = (RestGroup, AsyncRestGroup, WsGroup, ResolvingGroup, AsyncResolvingGroup)
    assert public(*groups) <= reserved.OPERATIONS.keys()


def test_a_stream_cannot_hide_what_a_group_of_streams_has() -> None:
    assert public(StreamGroup) <= reserved.STREAMS.keys()


def test_a_parameter_of_a_stream_is_not_called_as_an_option() -> None:
    assert get_type_hints(StreamOptions).keys() <= reserved.STREAM_PARAMS.keys()


def test_an_error_is_not_called_as_a_class_of_the_runtime() -> None:
    classes = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert {name for name in classes if not name.startswith("_")} <= reserved.ERRORS.keys()
