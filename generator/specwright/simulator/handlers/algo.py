"""Conditional orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..algo_orders import AlgoOrder
from ..rejections import Rejection
from .history_requests import asked_for
from .trade import ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..instruments import Instrument
    from . import Call, Handler


def new_algo_order(call: Call) -> object:
    """Keeps a conditional order until its price comes."""
    exchange, arguments = call.exchange, call.arguments
    kind = arguments.text("type")
    becomes = ticket(exchange, arguments)
    becomes.type = "MARKET" if kind.endswith("MARKET") else "LIMIT"
    becomes.price = None if becomes.type == "MARKET" else arguments.optional_number("price")
    becomes.original_type = kind
    becomes.stop_price = arguments.optional_number("triggerPrice") or Decimal(0)
    becomes.working_type = arguments.text("workingType", "CONTRACT_PRICE")
    order = AlgoOrder(
        algo_id=0,
        client_algo_id=arguments.text("clientAlgoId", ""),
        account=call.account,
        instrument=exchange.markets[becomes.symbol].instrument,
        ticket=becomes,
        order_type=kind,
        trigger_price=becomes.stop_price,
        created_ms=call.now_ms,
        updated_ms=call.now_ms,
        price_protect=arguments.flag("priceProtect"),
        activate_price=arguments.optional_number("activatePrice"),
        callback_rate=arguments.optional_number("callbackRate"),
    )
    return exchange.algo_orders.place(order).view()


def _find(call: Call) -> AlgoOrder:
    algo_id, client_id = call.arguments.optional_integer("algoId"), call.arguments.optional_text("clientAlgoId")
    return call.exchange.algo_orders.find(call.account, algo_id, client_id)


def cancel_algo_order(call: Call) -> object:
    """Takes back a conditional order."""
    try:
        order = _find(call)
    except Rejection:
        raise Rejection(-2011) from None
    call.exchange.algo_orders.cancel(order)
    return {"algoId": order.algo_id, "clientAlgoId": order.client_algo_id, "code": "200", "msg": "success"}


def _symbol(call: Call) -> str | None:
    symbol = call.arguments.optional_text("symbol")
    instrument: Instrument | None = None if symbol is None else call.exchange.market(symbol).instrument
    return None if instrument is None else instrument.symbol


def cancel_all_algo_open_orders(call: Call) -> object:
    """Takes back a contract's conditional orders."""
    for order in call.exchange.algo_orders.waiting(call.account, _symbol(call)):
        call.exchange.algo_orders.cancel(order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def query_algo_order(call: Call) -> object:
    """A conditional order, whatever became of it."""
    return _find(call).view()


def current_all_algo_open_orders(call: Call) -> object:
    """Conditional orders that wait."""
    algo_id = call.arguments.optional_integer("algoId")
    waiting = call.exchange.algo_orders.waiting(call.account, _symbol(call))
    return [order.view() for order in waiting if algo_id in (None, order.algo_id)]


def query_all_algo_orders(call: Call) -> object:
    """Conditional orders of a time window or from a number on, oldest first."""
    orders = call.exchange.algo_orders.all(call.account, _symbol(call))
    chosen = asked_for(
        call, orders, first="algoId", number=lambda order: order.algo_id, time_ms=lambda order: order.created_ms
    )
    return [order.view() for order in chosen]


HANDLERS: Mapping[str, Handler] = {
    "new_algo_order": new_algo_order,
    "cancel_algo_order": cancel_algo_order,
    "cancel_all_algo_open_orders": cancel_all_algo_open_orders,
    "query_algo_order": query_algo_order,
    "current_all_algo_open_orders": current_all_algo_open_orders,
    "query_all_algo_orders": query_all_algo_orders,
}
