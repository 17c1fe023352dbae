"""The filters of a contract and the account's limits, as an order meets them before it reaches the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instruments import Instrument, Side, decimals
from .rejections import Rejection

if TYPE_CHECKING:
    from decimal import Decimal

    from .market import Market
    from .orders import Ticket

_MAX_GOOD_TILL_MS = 253_402_300_799_000
_MIN_GOOD_TILL_AHEAD_MS = 600_000
_CONDITIONAL = frozenset(("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"))


def check_ticket(ticket: Ticket, market: Market, now_ms: int) -> None:
    """Everything that can be said of a new order without looking at the account.

    Raises:
        Rejection: With the code of the first rule that it breaks.
    """
    if ticket.type in _CONDITIONAL:
        raise Rejection(-4120)
    if ticket.type not in ("LIMIT", "MARKET"):
        raise Rejection(-1116)
    check_quantity(market.instrument, ticket.quantity, market_order=ticket.type == "MARKET")
    if ticket.price is not None and ticket.type == "LIMIT":
        check_price(market, ticket.side, ticket.price)
    if ticket.price_match != "NONE" and ticket.type != "LIMIT":
        raise Rejection(-5038)
    if ticket.time_in_force == "GTD":
        check_good_till(ticket.good_till_ms, now_ms)
    if not ticket.reduce_only:
        check_notional(market, ticket.quantity, ticket.price)


def check_price(market: Market, side: Side, price: Decimal) -> None:
    """PRICE_FILTER and PERCENT_PRICE.

    Raises:
        Rejection: -4001, -1111, -4013, -4002, -4014, -4016 or -4024.
    """
    instrument = market.instrument
    if price <= 0:
        raise Rejection(-4001)
    if decimals(price) > instrument.price_precision:
        raise Rejection(-1111)
    if price < instrument.min_price:
        raise Rejection(-4013)
    if price > instrument.max_price:
        raise Rejection(-4002)
    if price % instrument.tick:
        raise Rejection(-4014)
    highest, lowest = market.mark_price * instrument.multiplier_up, market.mark_price * instrument.multiplier_down
    if side == "BUY" and price > highest:
        raise Rejection(-4016, instrument.price_text(highest))
    if side == "SELL" and price < lowest:
        raise Rejection(-4024, instrument.price_text(lowest))


def check_quantity(instrument: Instrument, quantity: Decimal, *, market_order: bool) -> None:
    """LOT_SIZE and MARKET_LOT_SIZE.

    Raises:
        Rejection: -4003, -1111, -4004, -4005 or -4023.
    """
    if quantity <= 0:
        raise Rejection(-4003)
    if decimals(quantity) > instrument.quantity_precision:
        raise Rejection(-1111)
    if quantity < instrument.min_quantity:
        raise Rejection(-4004)
    if quantity > (instrument.market_max_quantity if market_order else instrument.max_quantity):
        raise Rejection(-4005)
    if quantity % instrument.step:
        raise Rejection(-4023)


def check_notional(market: Market, quantity: Decimal, price: Decimal | None, *, code: int = -4164) -> None:
    """MIN_NOTIONAL, with the mark price where the order has none.

    Raises:
        Rejection: -4164, or the given code.
    """
    if quantity * (price or market.mark_price) < market.instrument.min_notional:
        raise Rejection(code, market.instrument.min_notional)


def check_good_till(good_till_ms: int, now_ms: int) -> None:
    """A GTD order's last moment.

    Raises:
        Rejection: -5040.
    """
    if not now_ms + _MIN_GOOD_TILL_AHEAD_MS < good_till_ms < _MAX_GOOD_TILL_MS:
        raise Rejection(-5040)


def check_client_order_id(client_order_id: str) -> None:
    """Length of a client order id; its characters are checked with the other parameters.

    Raises:
        Rejection: -4015.
    """
    if not 1 <= len(client_order_id) <= 36:
        raise Rejection(-4015)


def matched_price(market: Market, side: Side, price_match: str) -> Decimal:
    """The price that `priceMatch` stands for: of the opponent's or the own queue, at a level.

    Raises:
        Rejection: -5041, the book is not that deep.
    """
    whose, _, level = price_match.partition("_")
    book_side: Side = side if whose == "QUEUE" else ("SELL" if side == "BUY" else "BUY")
    depth = int(level or 1)
    levels = market.book.levels(book_side, depth)
    if len(levels) < depth:
        raise Rejection(-5041)
    return levels[-1][0]
