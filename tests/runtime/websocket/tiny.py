"""A product as small as can be: two streams, two user data events, a few operations; for a generated package."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from specwright.runtime.client import AsyncClient
from specwright.runtime.model import Model, model, wire
from specwright.runtime.operation import Carrier, Event, FixedWeight, Operation, Param
from specwright.runtime.operation import Stream as Descriptor
from specwright.runtime.product import (
    Budget,
    Environment,
    Product,
    Security,
    UserData,
    WsSession,
)
from specwright.runtime.product import LocalOrderBook as BookProcedure
from specwright.runtime.websocket.stream_group import StreamGroup
from specwright.runtime.wire import DECIMAL, INT, STRING, TIMESTAMP, ListOf

from .doubles import LIMITS

if TYPE_CHECKING:
    from decimal import Decimal

    from specwright.runtime.websocket.raw import RawEvent
    from specwright.runtime.websocket.streams import Stream


@model
class Trade(Model):
    """A trade of the stream."""

    event_type: str = wire("e", STRING)
    event_time: int = wire("E", TIMESTAMP)
    symbol: str = wire("s", STRING)
    trade_id: int = wire("t", INT)
    price: Decimal = wire("p", DECIMAL)


@model
class Order(Model):
    """What became of an order."""

    order_id: int = wire("orderId", INT)
    client_order_id: str = wire("clientOrderId", STRING)


@model
class OrderEvent(Model):
    """An event of the account."""

    event_type: str = wire("e", STRING)
    event_time: int = wire("E", TIMESTAMP)
    order_id: int = wire("i", INT)


@model
class KeyExpired(Model):
    """The listen key has expired."""

    event_type: str = wire("e", STRING)
    event_time: int = wire("E", TIMESTAMP)
    listen_key: str = wire("listenKey", STRING)


@model
class ListenKey(Model):
    """A listen key."""

    listen_key: str = wire("listenKey", STRING, secret=True)


@model
class SessionStatus(Model):
    """Who is logged on."""

    api_key: str | None = wire("apiKey", STRING, nullable=True)


@model(array=True)
class Level(Model):
    """A price level."""

    price: Decimal = wire("price", DECIMAL)
    quantity: Decimal = wire("quantity", DECIMAL)


@model
class Depth(Model):
    """A change of the order book."""

    event_time: int = wire("E", TIMESTAMP)
    first_id: int = wire("U", INT)
    final_id: int = wire("u", INT)
    previous_id: int = wire("pu", INT)
    bids: list[Level] = wire("b", ListOf("Level"))
    asks: list[Level] = wire("a", ListOf("Level"))


@model
class Snapshot(Model):
    """An order book."""

    last_id: int = wire("lastUpdateId", INT)
    bids: list[Level] = wire("bids", ListOf("Level"))
    asks: list[Level] = wire("asks", ListOf("Level"))


def _param(wire_name: str, python: str, *, required: bool = False, generated: bool = False) -> Param:
    return Param(
        wire=wire_name,
        python=python,
        kind="string",
        required=required,
        generated="client_order_id" if generated else None,
    )


def _operation(
    name: str, security: str, retry: str, returns: str | None, method: str, *params: Param, rest: str = ""
) -> Operation:
    costs = {"weight": FixedWeight(1)}
    return Operation(
        id=name,
        group="trade",
        security=security,
        retry="safe" if retry == "safe" else "never",
        rest=Carrier(rest, params, costs, lambda: returns, f"/{name}") if rest else None,
        ws=Carrier(method, params, costs, lambda: returns),
    )


_symbol = _param("symbol", "symbol", required=True)
_order_id = _param("newClientOrderId", "client_order_id", generated=True)
PLACE = _operation("place", "TRADE", "never", "Order", "order.place", _symbol, _order_id)
LOOK = _operation("look", "NONE", "safe", "Order", "order.look", _symbol)
START = _operation("start", "USER_STREAM", "safe", "ListenKey", "stream.start", rest="POST")
KEEP = _operation("keep", "USER_STREAM", "safe", "ListenKey", "stream.ping", rest="PUT")
END = _operation("end", "USER_STREAM", "safe", None, "stream.stop", rest="DELETE")
SNAPSHOT = _operation(
    "snapshot", "NONE", "safe", "Snapshot", "depth", _symbol, Param("limit", "limit", "int"), rest="GET"
)
LOGON = _operation("logon", "SIGNED", "safe", "SessionStatus", "session.logon")
STATUS = _operation("status", "NONE", "safe", "SessionStatus", "session.status")
LOGOUT = _operation("logout", "NONE", "safe", "SessionStatus", "session.logout")

ORDER = {"orderId": 7, "clientOrderId": "mine"}
"""What `PLACE` and `LOOK` are answered with."""

_of = (Param(wire="symbol", python="symbol", kind="string", required=True, case="lower"),)
TRADES = Descriptor("trades", "<symbol>@trade", "market", lambda: "Trade", _of, latest_key="s")
DEPTH = Descriptor("depth", "<symbol>@depth", "public", lambda: "Depth", _of)
EVENTS = {
    "ORDER": Event(wire="ORDER", returns=lambda: "OrderEvent"),
    "listenKeyExpired": Event(wire="listenKeyExpired", returns=lambda: "KeyExpired"),
}


class Streams(StreamGroup):
    """The streams of the tiny product."""

    __slots__ = ()

    _listed = (TRADES, DEPTH)

    def raw(self, *names: str, route: str | None = None, **options: object) -> Stream[RawEvent]:
        """Streams by their wire names."""
        return self._open_raw(names, route, options)  # type: ignore[arg-type]

    def trades(self, symbol: str, **options: object) -> Stream[Trade]:
        """Trades of a symbol."""
        return self._open(TRADES, {"symbol": symbol}, options)  # type: ignore[arg-type]

    def depth(self, symbol: str, **options: object) -> Stream[Depth]:
        """Changes of a symbol's order book."""
        return self._open(DEPTH, {"symbol": symbol}, options)  # type: ignore[arg-type]


def _register(name: str, **content: object) -> None:
    module = ModuleType(name)
    module.__dict__.update(content)
    module.__path__ = []
    sys.modules[name] = module


PRODUCT = Product(
    name="tiny",
    title="Tiny",
    module="tiny_exchange",
    environments={"production": Environment("http://127.0.0.1:1", "ws://127.0.0.1:1/ws-api", "ws://127.0.0.1:1")},
    routes={"public": "/public", "market": "/market", "private": "/private"},
    security={
        "NONE": Security("NONE", False, False),
        "USER_STREAM": Security("USER_STREAM", True, False),
        "TRADE": Security("TRADE", True, True),
        "SIGNED": Security("SIGNED", True, True),
    },
    api_key_header="X-KEY",
    api_key_variable="TINY_API_KEY",
    api_secret_variable="TINY_API_SECRET",
    recv_window_ms=5_000,
    max_recv_window_ms=60_000,
    weight_budget="weight",
    budgets={"weight": Budget("weight", 1_000, 60_000, "ip", "X-USED", "REQUEST_WEIGHT")},
    groups=dict.fromkeys(("place", "look", "start", "keep", "end", "snapshot", "logon", "status", "logout"), "trade"),
    errors=dict,
    http_errors=tuple,
    user_data=UserData(
        start="start",
        keepalive="keep",
        close="end",
        listen_key="listen_key",
        listen_key_wire="listenKey",
        route="private",
        validity_ms=3_600_000,
        expired_event="listenKeyExpired",
        lost=(-1125,),
        resync={"open_orders": "look"},
    ),
    order_book=BookProcedure("snapshot", "depth", 1_000, "first_id", "final_id", "previous_id", "last_id"),
    ws_session=WsSession("logon", "status", "logout"),
    connections=LIMITS,
)

_models = (Trade, Order, OrderEvent, KeyExpired, ListenKey, SessionStatus, Level, Depth, Snapshot)
_register("tiny_exchange")
_register("tiny_exchange.models", **{each.__name__: each for each in _models})
_register("tiny_exchange.errors", ERRORS={})
_register("tiny_exchange.operations")
_register(
    "tiny_exchange.operations.trade",
    **{each.id.upper(): each for each in (PLACE, LOOK, START, KEEP, END, SNAPSHOT, LOGON, STATUS, LOGOUT)},
)
_register("tiny_exchange.streams", Streams=Streams)


class TinyClient(AsyncClient):
    """An asynchronous client of the tiny product."""

    product = PRODUCT

    @property
    def streams(self) -> Streams:
        """Market streams."""
        return Streams(self._websockets.hub)


async def call(client: TinyClient, operation: Operation, **arguments: Any) -> Any:
    """Calls an operation over the WebSocket API."""
    return await client._websockets.caller.call(operation, arguments)
