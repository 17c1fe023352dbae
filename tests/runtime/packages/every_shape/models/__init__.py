"""One model for each shape, and one that holds them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.runtime.model import Model, RejectedItem, UnknownVariant, model, wire
from specwright.runtime.wire import (
    BOOL,
    DECIMAL,
    INT,
    JSON,
    NUMBER,
    STRING,
    TIMESTAMP,
    ListOf,
    MapOf,
    ResultOrError,
    Tagged,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from specwright.runtime.wire import JsonValue

UNIONS = {"SymbolFilter": "SYMBOL_FILTER"}


@model
class Order(Model):
    """Required scalars of every kind."""

    order_id: int = wire("orderId", INT)
    symbol: str = wire("symbol", STRING)
    price: Decimal = wire("price", DECIMAL)
    ratio: Decimal = wire("ratio", NUMBER)
    reduce_only: bool = wire("reduceOnly", BOOL)
    update_time: int = wire("updateTime", TIMESTAMP)
    extra: JsonValue = wire("extra", JSON)


@model
class Sparse(Model):
    """The same where the keys may be absent."""

    order_id: int | None = wire("orderId", INT, default=None)
    symbol: str | None = wire("symbol", STRING, default=None)
    price: Decimal | None = wire("price", DECIMAL, default=None)
    ratio: Decimal | None = wire("ratio", NUMBER, default=None)
    reduce_only: bool | None = wire("reduceOnly", BOOL, default=None)
    extra: JsonValue = wire("extra", JSON, default=None)
    level: PriceLevel | None = wire("level", "PriceLevel", default=None)


@model
class Empty(Model):
    """Fields that may be null, or "", or several of them."""

    price: Decimal | None = wire("price", DECIMAL, nullable=True)
    ratio: Decimal | None = wire("ratio", NUMBER, nullable=True)
    level: PriceLevel | None = wire("level", "PriceLevel", nullable=True)
    levels: list[PriceLevel] | None = wire("levels", ListOf("PriceLevel"), nullable=True)
    rate: Decimal | None = wire("rate", DECIMAL, blank=True)
    status: str | None = wire("status", STRING, blank=True)
    count: int | None = wire("count", INT, blank=True)
    both: Decimal | None = wire("both", DECIMAL, nullable=True, blank=True)
    value: Decimal | None = wire("value", NUMBER, blank=True)
    absent_or_null: int | None = wire("absentOrNull", INT, default=None, nullable=True)
    absent_or_blank: Decimal | None = wire("absentOrBlank", DECIMAL, default=None, blank=True)
    anything: int | None = wire("anything", TIMESTAMP, default=None, nullable=True, blank=True)
    number: Decimal | None = wire("number", NUMBER, default=None, nullable=True, blank=True)


@model(array=True)
class PriceLevel(Model):
    """A positional array."""

    price: Decimal = wire("price", DECIMAL)
    quantity: Decimal = wire("quantity", DECIMAL)


@model(array=True)
class Candle(Model):
    """A positional array with an end that may be missing."""

    open_time: int = wire("open_time", TIMESTAMP)
    close: Decimal = wire("close", DECIMAL)
    trades: int | None = wire("trades", INT, default=None)
    ignored: str | None = wire("ignored", STRING, default=None)


@model
class PriceFilter(Model):
    """A member of a tagged union."""

    filter_type: str = wire("filterType", STRING)
    tick_size: Decimal = wire("tickSize", DECIMAL)


@model
class LotSizeFilter(Model):
    """Another one."""

    filter_type: str = wire("filterType", STRING)
    step_size: Decimal = wire("stepSize", DECIMAL)
    level: PriceLevel | None = wire("level", "PriceLevel", default=None)


SYMBOL_FILTER = Tagged("filterType", {"PRICE_FILTER": "PriceFilter", "LOT_SIZE": "LotSizeFilter"})


@model
class Everything(Model):
    """Models in lists, maps, unions and batches."""

    order: Order = wire("o", "Order")
    sparse: Sparse = wire("sp", "Sparse")
    bids: list[PriceLevel] = wire("b", ListOf("PriceLevel"))
    prices: list[Decimal] = wire("ps", ListOf(DECIMAL))
    matrix: list[list[Decimal]] = wire("mx", ListOf(ListOf(NUMBER)))
    by_symbol: dict[str, list[Sparse]] = wire("bs", MapOf(ListOf("Sparse")))
    counts: dict[str, int] = wire("cs", MapOf(INT))
    filters: list[PriceFilter | LotSizeFilter | UnknownVariant] = wire("f", ListOf("SymbolFilter"))
    batch: list[Sparse | RejectedItem] = wire("ba", ListOf(ResultOrError("Sparse")))
    candle: Candle = wire("k", "Candle")
    filter: PriceFilter | LotSizeFilter | UnknownVariant | None = wire("sf", "SymbolFilter", default=None)


@model
class ListenKey(Model):
    """A model with a secret."""

    listen_key: str = wire("listenKey", STRING, secret=True)
