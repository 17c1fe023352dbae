"""Several orders in one request: each item succeeds or fails by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from specwright.spec.dialect.types import ListOf, Named

from ..accounts import Account
from ..arguments import Arguments
from ..exchange import Exchange
from ..rejections import Rejection
from . import Call, Handler, trade

_Single = Callable[[Exchange, Account, Arguments], dict[str, object]]


def _each(call: Call, single: _Single) -> object:
    results: list[dict[str, object]] = []
    for item in call.arguments.items("batchOrders"):
        try:
            arguments = call.exchange.checker.input(_input(call), item, call.exchange.modes(call.account))
            results.append(single(call.exchange, call.account, arguments))
        except Rejection as rejection:
            results.append(rejection.body())
    return results


def _input(call: Call) -> str:
    for param in call.operation.params:
        if param.wire == "batchOrders" and isinstance(param.type, ListOf) and isinstance(param.type.item, Named):
            return param.type.item.name
    raise LookupError(f"{call.operation.id} has no list of inputs")


def place_multiple_orders(call: Call) -> object:
    """Places each order."""
    return _each(call, trade.place)


def modify_multiple_orders(call: Call) -> object:
    """Changes each order."""
    return _each(call, trade.modify)


def cancel_multiple_orders(call: Call) -> object:
    """Cancels each order that is named by number, or else by client id."""
    arguments, results = call.arguments, []
    symbol = call.exchange.market(arguments.text("symbol")).instrument.symbol
    key = "orderId" if arguments.items("orderIdList") else "origClientOrderId"
    for value in arguments.items("orderIdList") or arguments.items("origClientOrderIdList"):
        try:
            results.append(trade.cancel(call.exchange, call.account, Arguments({"symbol": symbol, key: value})))
        except Rejection as rejection:
            results.append(rejection.body())
    return results


HANDLERS: Mapping[str, Handler] = {
    "place_multiple_orders": place_multiple_orders,
    "modify_multiple_orders": modify_multiple_orders,
    "cancel_multiple_orders": cancel_multiple_orders,
}
