"""Orders and account trades: what they are, how they read on the wire, and where they are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import Factory, define

from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .accounts import Account, PositionSide
    from .clock import Timer
    from .instruments import Instrument, Side
    from .matching import SelfTradePrevention

OrderStatus: TypeAlias = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"]

OPEN: frozenset[str] = frozenset(("NEW", "PARTIALLY_FILLED"))
_ZERO = Decimal(0)
_DAY_MS = 86_400_000
_KEPT = 100_000


@define
class Ticket:
    """What a trader asks for: the parameters of one new order, checked for their form."""

    symbol: str
    side: Side
    type: str
    quantity: Decimal
    price: Decimal | None = None
    time_in_force: str = "GTC"
    position_side: PositionSide = "BOTH"
    reduce_only: bool = False
    close_position: bool = False
    client_order_id: str | None = None
    price_match: str = "NONE"
    prevention: SelfTradePrevention = "NONE"
    good_till_ms: int = 0
    original_type: str | None = None
    """Type of the conditional order that this one comes from."""
    stop_price: Decimal = _ZERO
    working_type: str = "CONTRACT_PRICE"


@define(frozen=True)
class Amendment:
    """One change of an open order."""

    number: int
    time_ms: int
    price_before: Decimal
    price_after: Decimal
    quantity_before: Decimal
    quantity_after: Decimal
    count: int
    modify_id: int | None


@define(eq=False)
class Order:
    """One order that the exchange accepted."""

    order_id: int
    client_order_id: str
    account: Account
    instrument: Instrument
    ticket: Ticket
    quantity: Decimal
    price: Decimal
    created_ms: int
    updated_ms: int
    status: OrderStatus = "NEW"
    executed: Decimal = _ZERO
    quote: Decimal = _ZERO
    """Executed so far, in the quote asset."""
    expiry_reason: int = 0
    amendments: list[Amendment] = Factory(list)
    expiry: Timer | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def average_price(self) -> Decimal:
        return self.quote / self.executed if self.executed else _ZERO

    @property
    def reduces(self) -> bool:
        """Whether the order may only make its position smaller."""
        closes = ("LONG", "SELL"), ("SHORT", "BUY")
        return self.ticket.reduce_only or (self.ticket.position_side, self.ticket.side) in closes

    def view(self) -> dict[str, object]:
        """The order as REST and WebSocket API replies tell it: every field that any of them has."""
        ticket, instrument = self.ticket, self.instrument
        view: dict[str, object] = {
            "orderId": self.order_id,
            "symbol": instrument.symbol,
            "pair": instrument.pair,
            "status": self.status,
            "clientOrderId": self.client_order_id,
            "price": instrument.price_text(self.price),
            "avgPrice": f"{self.average_price:.{instrument.price_precision}f}",
            "origQty": instrument.quantity_text(self.quantity),
            "executedQty": instrument.quantity_text(self.executed),
            "cumQty": instrument.quantity_text(self.executed),
            "cumQuote": f"{self.quote:.5f}",
            "cumBase": instrument.quantity_text(self.executed),
            "timeInForce": ticket.time_in_force,
            "type": ticket.type,
            "origType": ticket.original_type or ticket.type,
            "reduceOnly": ticket.reduce_only,
            "closePosition": ticket.close_position,
            "side": ticket.side,
            "positionSide": ticket.position_side,
            "stopPrice": instrument.price_text(ticket.stop_price),
            "workingType": ticket.working_type,
            "priceProtect": False,
            "priceMatch": ticket.price_match,
            "selfTradePreventionMode": ticket.prevention,
            "goodTillDate": ticket.good_till_ms,
            "time": self.created_ms,
            "updateTime": self.updated_ms,
        }
        if self.amendments and self.amendments[-1].modify_id is not None:
            view["modifyId"] = self.amendments[-1].modify_id
        return view


@define(frozen=True)
class AccountTrade:
    """One fill as the account that it belongs to sees it."""

    id: int
    order: Order
    price: Decimal
    quantity: Decimal
    commission: Decimal
    profit: Decimal
    maker: bool
    time_ms: int

    def view(self) -> dict[str, object]:
        """The trade as the account's trade list tells it."""
        instrument, ticket = self.order.instrument, self.order.ticket
        return {
            "symbol": instrument.symbol,
            "pair": instrument.pair,
            "id": self.id,
            "orderId": self.order.order_id,
            "side": ticket.side,
            "price": instrument.price_text(self.price),
            "qty": instrument.quantity_text(self.quantity),
            "quoteQty": f"{self.price * self.quantity:.8f}",
            "baseQty": instrument.quantity_text(self.quantity),
            "realizedPnl": f"{self.profit:.8f}",
            "marginAsset": instrument.quote,
            "commission": f"{self.commission:.8f}",
            "commissionAsset": instrument.quote,
            "time": self.time_ms,
            "positionSide": ticket.position_side,
            "buyer": ticket.side == "BUY",
            "maker": self.maker,
        }


class OrderStore:
    """Every order and trade of one account, oldest first."""

    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}
        self._by_client_id: dict[str, Order] = {}
        self._open: dict[int, Order] = {}
        self.trades: list[AccountTrade] = []

    def add(self, order: Order) -> None:
        """Keeps a new, open order; the very oldest closed ones are forgotten."""
        self._orders[order.order_id] = self._open[order.order_id] = order
        self._by_client_id[order.client_order_id] = order
        if len(self._orders) > _KEPT:
            oldest = next(iter(self._orders.values()))
            if not oldest.is_open:
                del self._orders[oldest.order_id]

    def closed(self, order: Order) -> None:
        """The order is open no more."""
        self._open.pop(order.order_id, None)

    def open(self, symbol: str | None = None) -> list[Order]:
        """Open orders, oldest first."""
        return [order for order in self._open.values() if symbol is None or order.instrument.symbol == symbol]

    def all(self, symbol: str | None = None) -> Iterator[Order]:
        """Open and closed orders, oldest first."""
        return (order for order in self._orders.values() if symbol is None or order.instrument.symbol == symbol)

    def has_open_client_id(self, client_order_id: str) -> bool:
        """Whether an open order goes by this id."""
        order = self._by_client_id.get(client_order_id)
        return order is not None and order.is_open

    def find(self, symbol: str, order_id: int | None, client_order_id: str | None, now_ms: int) -> Order:
        """The order of this number or, without one, of this client id (the newest that had it).

        Raises:
            Rejection: -2013, there is none, or it is too old to be looked up.
        """
        order = self._orders.get(order_id) if order_id is not None else self._by_client_id.get(client_order_id or "")
        if order is None or order.instrument.symbol != symbol or not is_kept(order, now_ms):
            raise Rejection(-2013)
        return order


def is_kept(order: Order, now_ms: int) -> bool:
    """Whether an order can still be looked up: unfilled ones for 3 days after their end, others for 90 days."""
    if order.is_open:
        return True
    age_ms = now_ms - order.updated_ms
    return age_ms <= (3 if order.executed == 0 else 90) * _DAY_MS
