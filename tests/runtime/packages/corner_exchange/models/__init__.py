"""The models of the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specwright.runtime.model import Model, model, wire
from specwright.runtime.wire import DECIMAL, INT, STRING, TIMESTAMP, ListOf

if TYPE_CHECKING:
    from decimal import Decimal


@model
class ServerTime(Model):
    server_time: int = wire("serverTime", TIMESTAMP)


@model
class OrderBook(Model):
    last_update_id: int = wire("lastUpdateId", INT)
    bids: list[list[Decimal]] = wire("bids", ListOf(ListOf(DECIMAL)))


@model
class Order(Model):
    order_id: int = wire("orderId", INT)
    client_order_id: str = wire("clientOrderId", STRING)
    symbol: str = wire("symbol", STRING)
    status: str = wire("status", STRING)
    price: Decimal | None = wire("price", DECIMAL, default=None)


@model
class ListenKey(Model):
    listen_key: str = wire("listenKey", STRING, secret=True)
