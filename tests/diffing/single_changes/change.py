"""What a single change is, and the files of the example spec."""

from __future__ import annotations

from attrs import frozen

EXCHANGE = "exchange.yaml"
PRODUCT = "futures/product.yaml"
ENUMS = "futures/enums.yaml"
ERRORS = "futures/errors.yaml"
MARKET_MODELS = "futures/models/market.yaml"
TRADE_MODELS = "futures/models/trade.yaml"
MARKET = "futures/operations/market.yaml"
TRADE = "futures/operations/trade.yaml"
STREAMS = "futures/streams/market.yaml"
EVENTS = "futures/streams/user_data.yaml"


@frozen
class SingleChange:
    """Replaces the first `old` of a file by `new`; an empty `old` appends."""

    title: str
    file: str
    old: str
    new: str
    expected: tuple[str, ...]
    """`class kind path action`, where the action of a change is the fact."""


def change(title: str, file: str, old: str, new: str, *expected: str) -> SingleChange:
    return SingleChange(title, file, old, new, expected)
