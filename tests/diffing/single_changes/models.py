"""Changes of models and enums, each alone."""

from __future__ import annotations

from ...spec.example_files import ENUMS, MARKET_MODELS, TRADE_MODELS
from .change import change

MODEL_CHANGES = [
    change(
        "a new field",
        MARKET_MODELS,
        "      family:",
        "      zone: {type: string, optional: true}\n      family:",
        "additive field models.ExchangeInformation.zone added",
    ),
    change(
        "a field that is gone",
        TRADE_MODELS,
        "      closed: {type: bool, optional: true}\n",
        "",
        "breaking field models.Order.closed removed",
    ),
    change(
        "a field that may be missing",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: {type: int, optional: true}\n",
        "breaking field models.Order.order_id may_be_none",
        "internal field models.Order.order_id optional",
    ),
    change(
        "a field whose end is declared",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: {type: int, optional: true, deprecated: {since: 2026-10-01}}\n",
        "additive field models.Order.order_id deprecated",
        "additive field models.Order.order_id may_be_none",
        "internal field models.Order.order_id optional",
    ),
    change(
        "a field that is always there now",
        TRADE_MODELS,
        "closed: {type: bool, optional: true}",
        "closed: {type: bool, nullable: true}",
        "internal field models.Order.closed optional",
        "internal field models.Order.closed nullable",
    ),
    change(
        "a field of another type",
        TRADE_MODELS,
        "      orderId: int\n",
        "      orderId: string\n",
        "breaking field models.Order.order_id type",
    ),
    change(
        "a field whose values have names now",
        TRADE_MODELS,
        "      e: {name: event_type, type: string}\n      o:",
        "      e: {name: event_type, type: Side}\n      o:",
        "additive field models.OrderUpdate.event_type type",
    ),
    change(
        "a field that is read from another key",
        TRADE_MODELS,
        "      o: {name: order, type: Order}",
        "      order: Order",
        "internal field models.OrderUpdate.order wire",
    ),
    change(
        "a renamed field whose old name is declared",
        TRADE_MODELS,
        "      o: {name: order, type: Order}",
        "      o: {name: placed_order, renamed_from: order, type: Order}",
        "additive field models.OrderUpdate.placed_order name",
    ),
    change(
        "a new variant of a union",
        MARKET_MODELS,
        "LOT_SIZE: LotSizeFilter}}",
        "LOT_SIZE: LotSizeFilter, MARKET_LOT_SIZE: LotSizeFilter}}",
        "additive variant models.SymbolFilter.MARKET_LOT_SIZE added",
    ),
    change(
        "a unit", MARKET_MODELS, "unit: quote asset", "unit: base asset", "internal field models.Ticker.last_price unit"
    ),
    change(
        "a new value", ENUMS, "Side: [BUY, SELL]", "Side: [BUY, SELL, BOTH]", "additive value enums.Side.BOTH added"
    ),
    change(
        "a value that parameters took",
        ENUMS,
        "      MARKET:\n",
        "",
        "breaking value enums.OrderType.MARKET removed",
    ),
    change(
        "a value that only replies bring",
        ENUMS,
        ", 2: {en: Inverse., zh: 反向。}",
        "",
        "internal value enums.Family.2 removed",
    ),
]
