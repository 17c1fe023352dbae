"""Changes of open orders: price and quantity, with or without losing the place in the queue."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from .order_checks import check_notional, check_price, check_quantity, matched_price
from .orders import Amendment, Order
from .rejections import Rejection

if TYPE_CHECKING:
    from decimal import Decimal

    from .trading import Trading

MAX_AMENDMENTS = 10_000


class Amending:
    """Amends orders that rest in the book.

    Args:
        trading: Where they rest.
    """

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._next_number = itertools.count(5_363).__next__

    def amend(
        self,
        order: Order,
        *,
        quantity: Decimal,
        price: Decimal | None,
        price_match: str = "NONE",
        modify_id: int | None = None,
        reduce_only: bool = False,
    ) -> None:
        """Gives an open LIMIT order another price and quantity.

        An order whose new quantity is already executed is cancelled, and so is a post-only order that would trade.

        Raises:
            Rejection: The order stays as it is.
        """
        market = self._trading.markets[order.instrument.symbol]
        if not order.is_open:
            raise Rejection(-2013)
        if order.ticket.type != "LIMIT":
            raise Rejection(-5025)
        if len(order.amendments) >= MAX_AMENDMENTS:
            raise Rejection(-5026)
        if reduce_only and not order.ticket.reduce_only:
            raise Rejection(-5047)
        new_price = matched_price(market, order.ticket.side, price_match) if price is None else price
        if (new_price, quantity) == (order.price, order.quantity):
            raise Rejection(-5027)
        check_quantity(order.instrument, quantity, market_order=False)
        check_price(market, order.ticket.side, new_price)
        if not order.ticket.reduce_only:
            check_notional(market, quantity, new_price, code=-5029)
        post_only = order.ticket.time_in_force in ("GTX", "RPI")
        if quantity <= order.executed or (post_only and market.book.crosses(order.ticket.side, new_price)):
            self._trading.cancel(order)
            return
        self._apply(order, quantity, new_price, modify_id)

    def _apply(self, order: Order, quantity: Decimal, price: Decimal, modify_id: int | None) -> None:
        now_ms = self._trading.clock.now_ms()
        order.amendments.append(
            Amendment(
                number=self._next_number(),
                time_ms=now_ms,
                price_before=order.price,
                price_after=price,
                quantity_before=order.quantity,
                quantity_after=quantity,
                count=len(order.amendments) + 1,
                modify_id=modify_id,
            )
        )
        # Less of the same price keeps its place in the queue; anything else goes to the back.
        shrinks = price == order.price and quantity < order.quantity
        surplus = order.quantity - quantity
        if not shrinks:
            self._trading.withdraw(order)
        order.price, order.quantity, order.updated_ms = price, quantity, now_ms
        self._trading.events.order(order, "AMENDMENT")
        if shrinks:
            self._trading.markets[order.instrument.symbol].book.reduce(order.order_id, surplus)
        else:
            self._trading.run(order)
