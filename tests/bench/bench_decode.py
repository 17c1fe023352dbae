"""Decoding: generated models beside bare msgspec Structs of the same fields, and beside what the official SDK does.

The Structs have decimals for decimals and no unknown fields refused: the least that anybody would have to do. The SDK's
way is the one of its own receiving loop. Every way decodes the same bytes.
"""

from __future__ import annotations

import json
import logging
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from binance_common.utils import parse_user_event
from binance_sdk_derivatives_trading_usds_futures.rest_api.models import OrderBookResponse
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import (
    AggregateTradeStreamsResponse,
    UserDataStreamEventsResponse,
)

from binance_derivatives._runtime.codec import decoder
from binance_derivatives._runtime.drift import DriftReport
from binance_derivatives._runtime.wire import ListOf, MapOf, Scalar, resolve_model

from . import payloads
from .measuring import timed_contest
from .results import SDK, Result, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives._runtime.model import Model
    from binance_derivatives._runtime.wire import WireType

PRODUCT = "binance_derivatives.usds_futures"
LEVELS = 1000

_PLAIN = {"string": str, "int": int, "timestamp": int, "decimal": Decimal, "number": Decimal, "bool": bool, "json": Any}


def plain(wire_type: WireType) -> Any:
    """A wire type as a bare Struct would annotate it."""
    match wire_type:
        case Scalar(name=name):
            return _PLAIN[name]
        case ListOf(item=item):
            return list[plain(item)]  # type: ignore[misc]
        case MapOf(value=value):
            return dict[str, plain(value)]  # type: ignore[misc]
        case str():
            return struct_of(resolve_model(wire_type, PRODUCT))
    raise TypeError(f"{wire_type} is not in this bench")


def struct_of(cls: type[Model]) -> type[msgspec.Struct]:
    """A bare Struct with a model's fields."""
    fields = [
        (field.name, kind | None, None) if field.optional else (field.name, kind)
        for field in cls.__wire__.fields
        for kind in [plain(field.type)]
    ]
    return msgspec.defstruct(
        cls.__name__,
        fields,
        rename={field.name: field.wire for field in cls.__wire__.fields},
        array_like=cls.__wire__.array,
        kw_only=not cls.__wire__.array,
    )


def order_book() -> bytes:
    """A reply of full depth."""
    sides = {
        "bids": [[f"{64000 - place / 10:.2f}", "431.000"] for place in range(LEVELS)],
        "asks": [[f"{64000 + place / 10:.2f}", "12.000"] for place in range(LEVELS)],
    }
    return msgspec.json.encode(json.loads(payloads.reply("order_book")) | sides)


def sdk_event(data: bytes) -> object:
    """A user data event as the SDK's receiving loop reads it."""
    return parse_user_event(json.loads(data), UserDataStreamEventsResponse)


def sdk_trade(data: bytes) -> object:
    """A market event as the SDK's receiving loop reads it, written out as JSON once more on the way."""
    return AggregateTradeStreamsResponse.model_validate_json(json.dumps(json.loads(data)))


def sdk_book(data: bytes) -> object:
    """A reply as the SDK reads it; levels stay lists of text."""
    return OrderBookResponse.from_dict(json.loads(data))


def ways(name: str, data: bytes, sdk: Callable[[bytes], object]) -> dict[str, Callable[[], object]]:
    """Name of a way → one decoding by it."""
    bare = msgspec.json.Decoder(struct_of(resolve_model(name, PRODUCT))).decode
    ours, report, seen = decoder(name, PRODUCT), DriftReport(), DriftReport()
    # Every field in its place, and one that the model does not have: the second time it is known.
    drifted = data[:-1] + b',"new":"1.0"}'
    for _ in range(3):
        ours.decode(drifted, report=seen)
    return {
        "ours": lambda: ours.decode(data, report=report),
        "drifted": lambda: ours.decode(drifted, report=seen),
        "bare msgspec Struct": lambda: bare(data),
        SDK: lambda: sdk(data),
        "json.loads, untyped": lambda: json.loads(data),
    }


def measure(subject: str, name: str, data: bytes, sdk: Callable[[bytes], object], rounds: int) -> list[Result]:
    """One payload by every way."""
    calls = max(1, 20_000 // len(data))
    _, contest = timed_contest(ways(name, data, sdk), calls=calls, rounds=rounds)

    def row(subject: str, way: str, peer: str, target: float | None = None) -> Result:
        taken, beside = (f"{contest.best(each) * 1e6:,.1f} µs" for each in (way, peer))
        return Result(subject, taken, peer, beside, contest.ratio(way, peer), target)

    return [
        row(f"{subject}, decoded", "ours", "bare msgspec Struct", 1.5),
        row(f"{subject}, decoded", "ours", SDK),
        row(f"{subject}, decoded", "ours", "json.loads, untyped"),
        row(f"{subject}, with a new field", "drifted", "bare msgspec Struct"),
    ]


def main(rounds: int = 200) -> None:
    """Runs the bench."""
    # The unknown field is the point; that it is reported is not.
    logging.getLogger("binance_derivatives").setLevel(logging.CRITICAL)
    trade = msgspec.json.encode(payloads.agg_trade())
    show(
        "decode",
        measure("ORDER_TRADE_UPDATE", "OrderTradeUpdate", payloads.event("ORDER_TRADE_UPDATE"), sdk_event, rounds)
        + measure("aggTrade", "AggTradeEvent", trade, sdk_trade, rounds)
        + measure(f"order book, {LEVELS} levels a side", "OrderBook", order_book(), sdk_book, rounds),
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
