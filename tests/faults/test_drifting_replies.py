"""The exchange changes its replies without saying so: no order is lost to that, and each change is heard of once."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from binance_derivatives import to_json, to_wire
from binance_derivatives.errors import DecodeError, ExecutionUnknown
from binance_derivatives.usds_futures.models import OrderAck, ServerTime
from specwright.simulator import Reply

from .trader import ORDER, OWN_WAYS, TIME, Call, Trader

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives import Drift
    from specwright.simulator import Simulator

    from .trader import Way

HUGE = 2**80
HEARD = "binance_derivatives._runtime.drift"


class Change(NamedTuple):
    """What an order's reply looks like now, and what is said of it."""

    body: Callable[[dict[str, Any]], str]
    drift: list[tuple[str, str]]
    """JSON path and kind."""
    attribute: str
    reading: object


def changed(**fields: object) -> Callable[[dict[str, Any]], str]:
    return lambda reply: json.dumps(reply | fields)


def without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda reply: json.dumps({key: value for key, value in reply.items() if key != name})


def written(name: str, text: str) -> Callable[[dict[str, Any]], str]:
    """The field as JSON text that no encoder here would write."""
    return lambda reply: json.dumps(reply | {name: "@@"}).replace('"@@"', text)


CHANGES = {
    "missing field": Change(without("price"), [("$.price", "missing")], "price", None),
    "new field": Change(changed(novel=[1, {"a": None}]), [("$.novel", "unknown_field")], "symbol", "BTCUSDT"),
    "number for a decimal": Change(changed(origQty=0.01), [("$.origQty", "type")], "orig_qty", Decimal("0.01")),
    "text for an integer": Change(changed(updateTime="12"), [("$.updateTime", "type")], "update_time", 12),
    "text for a bool": Change(changed(reduceOnly="false"), [("$.reduceOnly", "type")], "reduce_only", False),
    "object for text": Change(changed(status={"v": 1}), [("$.status", "type")], "status", {"v": 1}),
    "null": Change(changed(side=None), [("$.side", "null")], "side", None),
    "huge integer": Change(changed(orderId=HUGE), [], "order_id", HUGE),
    "exponent": Change(changed(price="1E-7"), [], "price", Decimal("1E-7")),
    "integer with an exponent": Change(
        written("updateTime", "1.7E+12"), [("$.updateTime", "type")], "update_time", 1_700_000_000_000
    ),
    "unknown enum value": Change(changed(status="HALTED"), [], "status", "HALTED"),
    "broken text": Change(written("side", '"B\\ud800Y"'), [], "side", "B�Y"),
}

IN_OTHER_WORDS = {"exponent": {"price": "0.0000001"}, "broken text": {"side": "B�Y"}}
"""What is given back otherwise than it came: digits are written out, and half a character cannot be."""


@pytest.fixture
def reply(exchange: Simulator, options: dict[str, Any]) -> dict[str, Any]:
    """What the exchange answers to an order today."""
    with Trader("sync", **options) as trader:
        found: dict[str, Any] = json.loads(trader.client.trade.new_order.raw(**ORDER.arguments).body)
    return found


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_is_returned_whatever_its_reply_looks_like(
    way: Way,
    name: str,
    reply: dict[str, Any],
    exchange: Simulator,
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    change = CHANGES[name]
    heard: list[Drift] = []
    exchange.faults.add(Reply(200, change.body(reply), executed=True), operation="new_order", times=4)
    with Trader(way, **options, on_drift=heard.append) as trader, caplog.at_level(logging.WARNING, HEARD):
        orders = [trader.do(ORDER) for _ in range(4)]

    assert {type(order) for order in orders} == {OrderAck}
    for order in orders:
        value = getattr(order, change.attribute)
        assert (type(value), value) == (type(change.reading), change.reading)
        assert order.client_order_id == reply["clientOrderId"]
    assert [(drift.path, drift.kind) for drift in heard] == change.drift, "each once, though there were four replies"
    assert len([record for record in caplog.records if record.name == HEARD]) == len(change.drift)


@pytest.mark.parametrize("name", CHANGES)
def test_what_came_is_given_back(
    name: str, reply: dict[str, Any], exchange: Simulator, options: dict[str, Any]
) -> None:
    body = CHANGES[name].body(reply)
    exchange.faults.add(Reply(200, body, executed=True), operation="new_order")
    with Trader("sync", **options) as trader:
        order = trader.do(ORDER)

    expected = json.loads(body, parse_float=Decimal) | IN_OTHER_WORDS.get(name, {})
    assert to_wire(order) == expected
    assert json.loads(to_json(order)) == json.loads(json.dumps(to_wire(order), default=float))


@pytest.mark.parametrize("name", [name for name, change in CHANGES.items() if change.drift])
@pytest.mark.parametrize("way", OWN_WAYS)
def test_who_wants_no_drift_gets_an_error_with_the_whole_reply(
    way: Way, name: str, reply: dict[str, Any], exchange: Simulator, options: dict[str, Any]
) -> None:
    change = CHANGES[name]
    exchange.faults.add(Reply(200, change.body(reply), executed=True), operation="new_order")
    with Trader(way, **options, strict=True) as trader, pytest.raises(DecodeError) as raised:
        trader.do(ORDER)

    assert raised.value.path == change.drift[0][0]
    assert raised.value.body == change.body(reply).encode()


NO_JSON = {
    "page": "<!DOCTYPE html><html><title>Attention required</title></html>",
    "nothing": "",
    "half": '{"orderId": 1, "symbol": "BTCUS',
}


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("name", NO_JSON)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_that_is_answered_with_no_json_is_unknown_and_found(
    way: Way, name: str, strict: bool, exchange: Simulator, options: dict[str, Any]
) -> None:
    exchange.faults.add(Reply(200, NO_JSON[name], {"Content-Type": "text/html"}, executed=True), operation="new_order")
    logged = len(exchange.order_log)
    with Trader(way, **options, strict=strict) as trader:
        with pytest.raises(ExecutionUnknown) as raised:
            trader.do(ORDER)
        outcome = trader.resolve(raised.value)

    assert outcome.state == "filled"
    assert outcome.order.client_order_id == raised.value.client_order_id
    assert len(exchange.order_log) == logged + 1


@pytest.mark.parametrize("name", NO_JSON)
@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_question_that_is_answered_with_no_json_is_an_error(
    way: Way, name: str, exchange: Simulator, options: dict[str, Any]
) -> None:
    exchange.faults.add(Reply(200, NO_JSON[name]), operation="server_time")
    with Trader(way, **options) as trader, pytest.raises(DecodeError) as raised:
        trader.do(TIME)

    assert raised.value.body == NO_JSON[name].encode()


@pytest.mark.parametrize("body", ["[]", "null", '"SUCCESS"', "17", '[{"serverTime": 17}]', '{"time": 17}'])
def test_a_reply_of_another_shape_is_still_of_the_type_that_was_asked_for(
    body: str, exchange: Simulator, options: dict[str, Any]
) -> None:
    exchange.faults.add(Reply(200, body), operation="server_time")
    heard: list[Drift] = []
    with Trader("sync", **options, on_drift=heard.append) as trader:
        answer = trader.do(TIME)

    assert isinstance(answer, ServerTime)
    assert to_wire(answer) == json.loads(body)
    assert heard


def test_of_a_batch_no_item_is_lost(exchange: Simulator, options: dict[str, Any], reply: dict[str, Any]) -> None:
    items = [reply | {"orderId": "7"}, {"code": -2019, "msg": "Margin is insufficient.", "hint": 1}, "what is this?"]
    exchange.faults.add(Reply(200, json.dumps(items), executed=True), operation="place_multiple_orders")
    orders = [dict(ORDER.arguments)] * 3
    with Trader("sync", **options) as trader:
        placed, rejected, strange = trader.do(Call("trade", "place_multiple_orders", batch_orders=orders))

    assert placed.order_id == 7
    assert (rejected.code, type(rejected.error).__name__) == (-2019, "MarginNotSufficien")
    assert [to_wire(item) for item in (placed, rejected, strange)] == items


def test_a_clock_that_is_told_in_another_form_does_not_keep_an_order_back(
    exchange: Simulator, options: dict[str, Any]
) -> None:
    exchange.faults.add(Reply(200, '{"serverTime": "soon"}'), operation="server_time", times=2)
    with Trader("sync", **options) as trader:
        assert trader.do(ORDER).order_id
