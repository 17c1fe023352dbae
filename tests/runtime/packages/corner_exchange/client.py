"""Both clients of the exchange."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from specwright.runtime.client import AsyncClient, SyncClient
from specwright.runtime.method import AsyncRestMethod, RestMethod
from specwright.runtime.resolving import AsyncResolvingGroup, ResolvingGroup

from .operations import market, trade
from .product import PRODUCT

if TYPE_CHECKING:
    from decimal import Decimal

    from specwright.runtime.method import AsyncRestCaller, RawResponse, RestCaller

    from .models import Order, OrderBook, ServerTime


class ServerTimeMethod(RestMethod["ServerTime"]):
    __slots__ = ()
    operation = market.SERVER_TIME

    def __call__(self, *, timeout: float | None = None) -> ServerTime:
        return self._call({}, timeout=timeout)


class OrderBookMethod(RestMethod["OrderBook"]):
    __slots__ = ()
    operation = market.ORDER_BOOK

    def __call__(self, *, symbol: str, limit: int | None = None, timeout: float | None = None) -> OrderBook:
        return self._call({"symbol": symbol, "limit": limit}, timeout=timeout)

    def raw(self, **arguments: object) -> RawResponse[OrderBook]:
        return self._raw(arguments)


class NewOrderMethod(RestMethod["Order"]):
    __slots__ = ()
    operation = trade.NEW_ORDER

    def __call__(
        self,
        *,
        symbol: str,
        side: str,
        quantity: Decimal | str,
        price: Decimal | str | None = None,
        new_client_order_id: str | None = None,
        recv_window: int | None = None,
        timeout: float | None = None,
    ) -> Order:
        arguments = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "price": price,
            "new_client_order_id": new_client_order_id,
        }
        return self._call(arguments, recv_window=recv_window, timeout=timeout)

    def raw(self, **arguments: object) -> RawResponse[Order]:
        return self._raw(arguments)


class QueryOrderMethod(RestMethod["Order"]):
    __slots__ = ()
    operation = trade.QUERY_ORDER

    def __call__(self, *, symbol: str, orig_client_order_id: str | None = None) -> Order:
        return self._call({"symbol": symbol, "orig_client_order_id": orig_client_order_id})


class Trade(ResolvingGroup):
    def __init__(self, caller: RestCaller) -> None:
        super().__init__(caller)
        self.new_order = NewOrderMethod(caller)
        self.query_order = QueryOrderMethod(caller)


class CornerExchange(SyncClient):
    product = PRODUCT

    @cached_property
    def server_time(self) -> ServerTimeMethod:
        return ServerTimeMethod(self._caller)

    @cached_property
    def order_book(self) -> OrderBookMethod:
        return OrderBookMethod(self._caller)

    @cached_property
    def trade(self) -> Trade:
        return Trade(self._caller)


class AsyncOrderBookMethod(AsyncRestMethod["OrderBook"]):
    __slots__ = ()
    operation = market.ORDER_BOOK

    async def __call__(self, *, symbol: str, limit: int | None = None, timeout: float | None = None) -> OrderBook:
        return await self._call({"symbol": symbol, "limit": limit}, timeout=timeout)


class AsyncNewOrderMethod(AsyncRestMethod["Order"]):
    __slots__ = ()
    operation = trade.NEW_ORDER

    async def __call__(self, *, symbol: str, side: str, quantity: Decimal | str, timeout: float | None = None) -> Order:
        return await self._call({"symbol": symbol, "side": side, "quantity": quantity}, timeout=timeout)


class AsyncTrade(AsyncResolvingGroup):
    def __init__(self, caller: AsyncRestCaller) -> None:
        super().__init__(caller)
        self.new_order = AsyncNewOrderMethod(caller)


class AsyncCornerExchange(AsyncClient):
    product = PRODUCT

    @cached_property
    def order_book(self) -> AsyncOrderBookMethod:
        return AsyncOrderBookMethod(self._caller)

    @cached_property
    def trade(self) -> AsyncTrade:
        return AsyncTrade(self._caller)
