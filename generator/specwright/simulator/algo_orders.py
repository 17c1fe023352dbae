"""Conditional orders: kept beside the book until a price triggers them."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define

from .order_checks import check_client_order_id, check_good_till, check_price, check_quantity, matched_price
from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .accounts import Account
    from .clock import Clock
    from .instruments import Instrument
    from .market import Market
    from .orders import Order, Ticket
    from .trading import Trading

AlgoStatus: TypeAlias = Literal["NEW", "TRIGGERING", "TRIGGERED", "FINISHED", "CANCELED", "EXPIRED", "REJECTED"]

MAX_OPEN = 200
_ZERO = Decimal(0)
_DAY_MS = 86_400_000


@define(eq=False)
class AlgoOrder:
    """One conditional order; `ticket` is the order that it becomes."""

    algo_id: int
    client_algo_id: str
    account: Account
    instrument: Instrument
    ticket: Ticket
    order_type: str
    trigger_price: Decimal
    created_ms: int
    updated_ms: int
    price_protect: bool = False
    activate_price: Decimal | None = None
    callback_rate: Decimal | None = None
    """In percent."""
    extreme: Decimal | None = None
    """Trailing orders: the best price since activation; None before it."""
    status: AlgoStatus = "NEW"
    trigger_ms: int = 0
    order: Order | None = None
    failure: str = ""

    @property
    def is_trailing(self) -> bool:
        return self.order_type == "TRAILING_STOP_MARKET"

    def view(self) -> dict[str, object]:
        """The order as REST and WebSocket API replies tell it: every field that any of them has."""
        ticket, price, quantity = self.ticket, self.instrument.price_text, self.instrument.quantity_text
        executed = self.order
        return {
            "algoId": self.algo_id,
            "clientAlgoId": self.client_algo_id,
            "algoType": "CONDITIONAL",
            "orderType": self.order_type,
            "symbol": self.instrument.symbol,
            "side": ticket.side,
            "positionSide": ticket.position_side,
            "timeInForce": ticket.time_in_force,
            "quantity": quantity(ticket.quantity),
            "algoStatus": self.status,
            "actualOrderId": str(executed.order_id) if executed else "",
            "actualPrice": price(executed.average_price) if executed else "0.00000",
            "actualType": executed.ticket.type if executed else ticket.type,
            "actualQty": quantity(executed.executed if executed else _ZERO),
            "triggerPrice": price(self.trigger_price),
            "price": price(ticket.price or _ZERO),
            "icebergQuantity": None,
            "tpTriggerPrice": "0.000",
            "tpPrice": "0.000",
            "slTriggerPrice": "0.000",
            "slPrice": "0.000",
            "tpOrderType": "",
            "selfTradePreventionMode": ticket.prevention,
            "workingType": ticket.working_type,
            "priceMatch": ticket.price_match,
            "closePosition": ticket.close_position,
            "priceProtect": self.price_protect,
            "reduceOnly": ticket.reduce_only,
            "activatePrice": "" if self.activate_price is None else price(self.activate_price),
            "callbackRate": "" if self.callback_rate is None else f"{self.callback_rate}",
            "createTime": self.created_ms,
            "updateTime": self.updated_ms,
            "triggerTime": self.trigger_ms,
            "goodTillDate": ticket.good_till_ms,
        }

    def event(self) -> dict[str, object]:
        """The order as ALGO_UPDATE tells it."""
        view, ticket, executed = self.view(), self.ticket, self.order
        fields: dict[str, object] = {
            "caid": self.client_algo_id, "aid": self.algo_id, "at": "CONDITIONAL", "o": self.order_type,
            "s": self.instrument.symbol, "S": ticket.side, "ps": ticket.position_side, "f": ticket.time_in_force,
            "q": view["quantity"], "X": self.status, "ai": view["actualOrderId"], "tp": view["triggerPrice"],
            "p": view["price"], "V": ticket.prevention, "wt": ticket.working_type, "pm": ticket.price_match,
            "cp": ticket.close_position, "pP": self.price_protect, "R": ticket.reduce_only, "tt": self.trigger_ms,
            "gtd": ticket.good_till_ms, "rm": self.failure,
        }  # fmt: skip
        if executed is not None:
            fields |= {"ap": view["actualPrice"], "aq": view["actualQty"], "act": executed.ticket.type}
        if self.is_trailing:
            fields["ia"] = self.extreme is not None
        return fields


class AlgoOrders:
    """Keeps conditional orders, watches prices, and hands triggered orders to the book.

    Args:
        clock: The exchange's time.
        markets: The contracts' markets by symbol.
        trading: Where triggered orders go.
    """

    def __init__(self, clock: Clock, markets: Mapping[str, Market], trading: Trading) -> None:
        self._clock = clock
        self._markets = markets
        self._trading = trading
        self._orders: dict[int, AlgoOrder] = {}
        self._waiting: dict[str, dict[int, AlgoOrder]] = {symbol: {} for symbol in markets}
        self._next_id = itertools.count(2_146_760).__next__

    def watch(self, market: Market) -> None:
        """Triggers orders whenever this market's prices move."""
        market.price_listeners.append(lambda: self._prices_moved(market))

    def place(self, order: AlgoOrder) -> AlgoOrder:
        """Keeps a conditional order.

        Raises:
            Rejection: With the code of the first rule that it breaks.
        """
        self._check(order)
        order.algo_id = self._next_id()
        order.client_algo_id = order.client_algo_id or self._trading.new_client_id()
        self._orders[order.algo_id] = self._waiting[order.instrument.symbol][order.algo_id] = order
        if order.is_trailing and order.activate_price is None:
            order.extreme = self._price(order)
        self._announce(order)
        if order.ticket.time_in_force == "GTD":
            self._clock.call_at(order.ticket.good_till_ms, lambda: self._expire(order))
        return order

    def cancel(self, order: AlgoOrder) -> None:
        """Takes back an order that has not triggered.

        Raises:
            Rejection: -2011, it is no longer waiting.
        """
        if order.status != "NEW":
            raise Rejection(-2011)
        self._finish(order, "CANCELED")

    def waiting(self, account: Account, symbol: str | None = None) -> list[AlgoOrder]:
        """Orders that have not triggered, oldest first."""
        return [order for order in self.all(account, symbol) if order.status == "NEW"]

    def all(self, account: Account, symbol: str | None = None) -> list[AlgoOrder]:
        """Every order that can still be looked up, oldest first."""
        now_ms = self._clock.now_ms()
        return [
            order
            for order in self._orders.values()
            if order.account is account
            and (symbol is None or order.instrument.symbol == symbol)
            and (order.status == "NEW" or now_ms - order.updated_ms <= (90 if order.order else 3) * _DAY_MS)
        ]

    def find(self, account: Account, algo_id: int | None, client_algo_id: str | None) -> AlgoOrder:
        """The order of this number or, without one, of this client id (the newest that had it).

        Raises:
            Rejection: -2013, there is none.
        """
        for order in reversed(self.all(account)):
            if order.algo_id == algo_id or (algo_id is None and order.client_algo_id == client_algo_id):
                return order
        raise Rejection(-2013)

    def _check(self, order: AlgoOrder) -> None:
        market, ticket = self._markets[order.instrument.symbol], order.ticket
        waiting = self.waiting(order.account)
        if len(waiting) >= MAX_OPEN:
            raise Rejection(-4045)
        if order.client_algo_id:
            check_client_order_id(order.client_algo_id)
            if any(other.client_algo_id == order.client_algo_id for other in waiting):
                raise Rejection(-4116)
        if (ticket.position_side == "BOTH") == order.account.hedge_mode:
            raise Rejection(-4061)
        if not ticket.close_position:
            check_quantity(order.instrument, ticket.quantity, market_order=ticket.type == "MARKET")
        if ticket.price is not None:
            check_price(market, ticket.side, ticket.price)
        if ticket.time_in_force == "GTD":
            check_good_till(ticket.good_till_ms, self._clock.now_ms())
        price = self._price(order)
        if order.is_trailing:
            active = order.activate_price
            if active is not None and (active >= price if ticket.side == "BUY" else active <= price):
                raise Rejection(-2021)
        elif self._is_reached(order, price):
            raise Rejection(-2021)

    def _price(self, order: AlgoOrder) -> Decimal:
        return self._markets[order.instrument.symbol].price_of(order.ticket.working_type)

    def _is_reached(self, order: AlgoOrder, price: Decimal) -> bool:
        rises = (order.ticket.side == "BUY") == order.order_type.startswith("STOP")
        return price >= order.trigger_price if rises else price <= order.trigger_price

    def _is_trailed(self, order: AlgoOrder, price: Decimal) -> bool:
        buys, rate = order.ticket.side == "BUY", (order.callback_rate or _ZERO) / 100
        if order.extreme is None:
            active = order.activate_price
            if active is None or (price > active if buys else price < active):
                return False
            order.extreme = price
            self._announce(order)
        order.extreme = min(order.extreme, price) if buys else max(order.extreme, price)
        return price >= order.extreme * (1 + rate) if buys else price <= order.extreme * (1 - rate)

    def _prices_moved(self, market: Market) -> None:
        for order in list(self._waiting[market.instrument.symbol].values()):
            reached = self._is_trailed if order.is_trailing else self._is_reached
            if order.status == "NEW" and reached(order, self._price(order)):
                self._trigger(order)

    def _trigger(self, order: AlgoOrder) -> None:
        del self._waiting[order.instrument.symbol][order.algo_id]
        order.trigger_ms = self._clock.now_ms()
        order.status = "TRIGGERING"
        self._announce(order)
        ticket = order.ticket
        try:
            if ticket.close_position:
                ticket.quantity = abs(order.account.position(order.instrument, ticket.position_side).amount)
                ticket.reduce_only = ticket.position_side == "BOTH"
                if ticket.quantity == 0:
                    self._finish(order, "EXPIRED")
                    return
            if ticket.price_match != "NONE":
                market = self._markets[order.instrument.symbol]
                ticket.price = matched_price(market, ticket.side, ticket.price_match)
            order.order = self._trading.place(order.account, ticket)
        except Rejection as rejection:
            order.failure = rejection.message
            self._finish(order, "REJECTED")
            return
        order.status = "TRIGGERED"
        self._announce(order)
        if not order.order.is_open:
            self._finish(order, "FINISHED")

    def _expire(self, order: AlgoOrder) -> None:
        if order.status == "NEW":
            self._finish(order, "EXPIRED")

    def _finish(self, order: AlgoOrder, status: AlgoStatus) -> None:
        self._waiting[order.instrument.symbol].pop(order.algo_id, None)
        order.status = status
        self._announce(order)

    def _announce(self, order: AlgoOrder) -> None:
        order.updated_ms = self._clock.now_ms()
        self._trading.events.algo(order.account, order.event())
