"""Single orders: placed, changed, cancelled, looked up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from ..orders import Order, Ticket, is_kept
from ..rejections import Rejection
from .history_requests import asked_for, window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..accounts import Account, PositionSide
    from ..arguments import Arguments
    from ..exchange import Exchange
    from ..instruments import Side
    from ..matching import SelfTradePrevention
    from . import Call, Handler

_TEST_FIELDS = {"stopPrice": "stopPrice", "activationPrice": "activatePrice", "callbackRate": "priceRate"}
"""Parameters that only a tested order has, and how its reply calls them."""

_DONE = {"code": 200, "msg": "The operation of cancel all open order is done."}


def ticket(exchange: Exchange, arguments: Arguments) -> Ticket:
    """A new order's parameters.

    Raises:
        Rejection: -1121, the contract does not exist.
    """
    symbol = exchange.market(arguments.text("symbol")).instrument.symbol
    kind = arguments.text("type")
    return Ticket(
        symbol=symbol,
        side=cast("Side", arguments.text("side")),
        type=kind,
        quantity=arguments.optional_number("quantity") or Decimal(0),
        price=arguments.optional_number("price") if kind != "MARKET" else None,
        time_in_force=arguments.text("timeInForce", "GTC"),
        position_side=cast("PositionSide", arguments.text("positionSide", "BOTH")),
        reduce_only=arguments.flag("reduceOnly"),
        close_position=arguments.flag("closePosition"),
        client_order_id=arguments.optional_text("newClientOrderId"),
        price_match=arguments.text("priceMatch", "NONE"),
        prevention=cast("SelfTradePrevention", arguments.text("selfTradePreventionMode", "NONE")),
        good_till_ms=arguments.integer("goodTillDate", 0),
    )


def place(exchange: Exchange, account: Account, arguments: Arguments) -> dict[str, object]:
    """Places one order and tells of it what `newOrderRespType` asks for."""
    order = exchange.trading.place(account, ticket(exchange, arguments))
    view = order.view()
    if arguments.text("newOrderRespType", "ACK") == "ACK":
        # An acknowledgement is made before matching.
        zero = order.instrument.quantity_text(Decimal(0))
        view |= {"status": "NEW", "executedQty": zero, "cumQty": zero, "cumQuote": "0", "avgPrice": "0.00"}
    return view


def find(exchange: Exchange, account: Account, arguments: Arguments) -> Order:
    """The order that a request names by number or client id.

    Raises:
        Rejection: -1121 or -2013.
    """
    symbol = exchange.market(arguments.text("symbol")).instrument.symbol
    order_id, client_id = arguments.optional_integer("orderId"), arguments.optional_text("origClientOrderId")
    return exchange.trading.store(account).find(symbol, order_id, client_id, exchange.clock.now_ms())


def cancel(exchange: Exchange, account: Account, arguments: Arguments) -> dict[str, object]:
    """Cancels one order.

    Raises:
        Rejection: -2011, it is not open.
    """
    try:
        order = find(exchange, account, arguments)
    except Rejection as rejection:
        raise (Rejection(-2011) if rejection.code == -2013 else rejection) from None
    exchange.trading.cancel(order)
    return order.view()


def modify(exchange: Exchange, account: Account, arguments: Arguments) -> dict[str, object]:
    """Gives one order another price and quantity."""
    order = find(exchange, account, arguments)
    if arguments.text("side") != order.ticket.side:
        raise Rejection(-1117)
    price_match = arguments.text("priceMatch", "NONE")
    exchange.amending.amend(
        order,
        quantity=arguments.number("quantity"),
        price=arguments.optional_number("price") if price_match == "NONE" else None,
        price_match=price_match,
        modify_id=arguments.optional_integer("modifyId"),
        reduce_only=arguments.flag("reduceOnly"),
    )
    return order.view()


def new_order(call: Call) -> object:
    """Places an order."""
    return place(call.exchange, call.account, call.arguments)


def test_order(call: Call) -> object:
    """Checks an order as if it were placed."""
    exchange, arguments = call.exchange, call.arguments
    wanted = ticket(exchange, arguments)
    now_ms = call.now_ms
    if wanted.type in ("LIMIT", "MARKET"):
        exchange.trading.check(call.account, wanted)
    instrument = exchange.markets[wanted.symbol].instrument
    client_id = wanted.client_order_id or exchange.trading.new_client_id()
    price = wanted.price or Decimal(0)
    order = Order(0, client_id, call.account, instrument, wanted, wanted.quantity, price, now_ms, now_ms)
    view = order.view()
    for name, shown in _TEST_FIELDS.items():
        if name in arguments:
            view[shown] = f"{arguments.number(name)}"
    return view


def modify_order(call: Call) -> object:
    """Changes an open order."""
    return modify(call.exchange, call.account, call.arguments)


def cancel_order(call: Call) -> object:
    """Cancels an open order."""
    return cancel(call.exchange, call.account, call.arguments)


def cancel_all_open_orders(call: Call) -> object:
    """Cancels a contract's open orders."""
    symbol = call.exchange.market(call.arguments.text("symbol")).instrument.symbol
    call.exchange.trading.cancel_all(call.account, symbol)
    return _DONE


def countdown_cancel_all(call: Call) -> object:
    """Arranges for a contract's open orders to be cancelled unless asked again."""
    symbol = call.exchange.market(call.arguments.text("symbol")).instrument.symbol
    delay_ms = call.arguments.integer("countdownTime")
    call.exchange.trading.count_down(call.account, symbol, delay_ms)
    return {"symbol": symbol, "countdownTime": str(delay_ms)}


def query_order(call: Call) -> object:
    """An order, open or not."""
    return find(call.exchange, call.account, call.arguments).view()


def query_current_open_order(call: Call) -> object:
    """An order that is open."""
    order = find(call.exchange, call.account, call.arguments)
    if not order.is_open:
        raise Rejection(-2013)
    return order.view()


def _symbol(call: Call) -> str | None:
    symbol = call.arguments.optional_text("symbol")
    return None if symbol is None else call.exchange.market(symbol).instrument.symbol


def current_all_open_orders(call: Call) -> object:
    """Open orders."""
    return [order.view() for order in call.exchange.trading.store(call.account).open(_symbol(call))]


def all_orders(call: Call) -> object:
    """Orders of a time window or from a number on, oldest first."""
    orders = [o for o in call.exchange.trading.store(call.account).all(_symbol(call)) if is_kept(o, call.now_ms)]
    chosen = asked_for(
        call, orders, first="orderId", number=lambda order: order.order_id, time_ms=lambda order: order.created_ms
    )
    return [order.view() for order in chosen]


def account_trades(call: Call) -> object:
    """The account's fills of a time window or from an id on, oldest first."""
    symbol, order_id = _symbol(call), call.arguments.optional_integer("orderId")
    trades = [
        trade
        for trade in call.exchange.trading.store(call.account).trades
        if trade.order.instrument.symbol == symbol and order_id in (None, trade.order.order_id)
    ]
    chosen = asked_for(call, trades, first="fromId", number=lambda trade: trade.id, time_ms=lambda trade: trade.time_ms)
    return [trade.view() for trade in chosen]


def order_modify_history(call: Call) -> object:
    """The changes of an order, newest first."""
    order, limit = find(call.exchange, call.account, call.arguments), call.arguments.integer("limit", 50)
    price, quantity = order.instrument.price_text, order.instrument.quantity_text
    start_ms = call.arguments.integer("startTime", 0)
    end_ms = call.arguments.integer("endTime", call.now_ms)
    rows = []
    for change in reversed(order.amendments):
        if start_ms <= change.time_ms <= end_ms:
            amendment: dict[str, object] = {
                "price": {"before": price(change.price_before), "after": price(change.price_after)},
                "origQty": {"before": quantity(change.quantity_before), "after": quantity(change.quantity_after)},
                "count": change.count,
            }
            if change.modify_id is not None:
                amendment["modifyId"] = change.modify_id
            row = {"amendmentId": change.number, "symbol": order.instrument.symbol, "pair": order.instrument.pair,
                   "orderId": order.order_id, "clientOrderId": order.client_order_id, "time": change.time_ms,
                   "amendment": amendment}  # fmt: skip
            rows.append(row)
    return rows[:limit]


def force_orders(call: Call) -> object:
    """Orders by which the exchange closed the account's positions."""
    if call.arguments.optional_text("autoCloseType") == "ADL":
        return []
    start_ms, end_ms = window(call)
    orders = call.exchange.trading.store(call.account).all(_symbol(call))
    chosen = [order.view() for order in orders if order.ticket.original_type == "LIQUIDATION"
              and start_ms <= order.created_ms <= end_ms]  # fmt: skip
    return chosen[-call.arguments.integer("limit", 50) :]


HANDLERS: Mapping[str, Handler] = {
    "new_order": new_order,
    "test_order": test_order,
    "modify_order": modify_order,
    "cancel_order": cancel_order,
    "cancel_all_open_orders": cancel_all_open_orders,
    "countdown_cancel_all": countdown_cancel_all,
    "query_order": query_order,
    "query_current_open_order": query_current_open_order,
    "current_all_open_orders": current_all_open_orders,
    "all_orders": all_orders,
    "account_trades": account_trades,
    "order_modify_history": order_modify_history,
    "force_orders": force_orders,
}
