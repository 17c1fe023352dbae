"""What a call needs is prepared at its first time and never again: compiling takes longer than calling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from binance_derivatives._runtime.shape import Namespace

if TYPE_CHECKING:
    import pytest

    from binance_derivatives import UsdsFutures


def test_replies_of_two_types_are_read_by_what_was_made_for_the_first_ones(
    client: UsdsFutures, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_function = Namespace.function

    def counted(self: Namespace, name: str, parameter: str, lines: list[str]) -> object:
        compiled.append(name)
        return compile_function(self, name, parameter, lines)

    monkeypatch.setattr(Namespace, "function", counted)
    ticker = client.market_data.ticker_price
    first = [ticker(symbol="BTCUSDT"), *ticker()]
    assert compiled, "the first replies were read by code that was made for them"
    compiled.clear()

    assert [ticker(symbol="BTCUSDT"), *ticker()] == first
    assert compiled == []
