"""Calls on the event loop do not make httpcore search for `sniffio`, and nothing but httpcore notices."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import httpcore
import httpx
import pytest

from corner_exchange.client import AsyncCornerExchange
from corner_exchange.server import BOOK, Server
from specwright.runtime.async_library import answer_without_searching

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec


class SearchLog:
    """Writes down what is searched on the import path."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        self.names.append(name)
        return None


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.delitem(sys.modules, "sniffio", raising=False)
    log = SearchLog()
    monkeypatch.setattr(sys, "meta_path", [log, *sys.meta_path])
    return log.names


async def test_a_call_searches_for_nothing_and_leaves_imports_alone(server: Server, searches: list[str]) -> None:
    server.script = [BOOK] * 2
    async with AsyncCornerExchange(rest_url=server.url) as client:
        await client.order_book(symbol="BTCUSDT")
        searches.clear()
        await client.order_book(symbol="BTCUSDT")
        assert searches == []
    assert "sniffio" not in sys.modules


def test_httpcore_has_the_function_that_is_replaced(searches: list[str]) -> None:
    httpx.AsyncHTTPTransport()
    answer_without_searching()

    assert _current_async_library() == "asyncio"
    assert searches == []


def test_where_another_library_can_be_running_httpcore_finds_out_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_without_searching()
    sniffio = ModuleType("sniffio")
    vars(sniffio)["current_async_library"] = lambda: "curio"
    monkeypatch.setitem(sys.modules, "sniffio", sniffio)

    with pytest.raises(RuntimeError, match="unsupported async environment"):
        _current_async_library()


def test_an_httpcore_without_that_function_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("httpcore._synchronization")
    monkeypatch.setitem(sys.modules, "httpcore._synchronization", other)
    before = dict(vars(other))

    answer_without_searching()

    assert vars(other) == before


def _current_async_library() -> str:
    synchronization = sys.modules[f"{httpcore.__name__}._synchronization"]
    return str(vars(synchronization)["current_async_library"]())
