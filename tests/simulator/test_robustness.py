"""No request, however odd, breaks the exchange; every refusal is one that the exchange documents."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specwright.simulator import ManualClock, Simulator, bundled_spec
from specwright.simulator.rejections import MESSAGES
from specwright.simulator.request_log import RequestLog
from specwright.simulator.rest import RestRequest, RestService
from specwright.simulator.signatures import hmac_signature

PRODUCT = bundled_spec().products["usds_futures"]
OPERATIONS = [operation.id for operation in PRODUCT.operations.values() if operation.rest is not None]
DOCUMENTED = {error.code for error in PRODUCT.errors}

WORDS = ["BTCUSDT", "ETHUSDT", "BUY", "SELL", "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TRAILING_STOP_MARKET", "GTC",
         "IOC", "FOK", "GTX", "GTD", "BOTH", "LONG", "SHORT", "1m", "1M", "5m", "PERPETUAL", "CONDITIONAL", "QUEUE",
         "OPPONENT_20", "true", "false", "ISOLATED", "RESULT", "EXPIRE_BOTH", "USDT", "", "  ", "币安人生USDT", "\x00",
         "[1,2]", '["a"]', "[{}]", "{", "null"]  # fmt: skip
NUMBERS = ["0", "1", "-1", "0.1", "0.5", "5", "20", "100", "1000", "64000", "65000.0", "66000", "1e5", "NaN", "9" * 25,
           "0." + "1" * 19, "1793577600000", "1793577000000", "1793579000000"]  # fmt: skip
VALUES = st.sampled_from(WORDS + NUMBERS)
FITTING = {
    "symbol": ["BTCUSDT"], "pair": ["BTCUSDT"], "side": ["BUY", "SELL"], "type": ["LIMIT", "MARKET", "STOP_MARKET"],
    "quantity": ["0.1", "1"], "price": ["64000", "65000.0"], "timeInForce": ["GTC", "IOC"], "interval": ["1m", "1M"],
    "positionSide": ["BOTH"], "algoType": ["CONDITIONAL"], "triggerPrice": ["64000", "66000"], "limit": ["5", "100"],
    "orderId": ["8887389", "1"], "startTime": ["1793577000000"], "endTime": ["1793577600000"], "leverage": ["20"],
    "marginType": ["ISOLATED", "CROSSED"], "amount": ["1"], "countdownTime": ["0", "1000"], "fromId": ["100010"],
    "batchOrders": ['[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.1"}]', "[1]"],
    "orderIdList": ["[8887389]"], "origClientOrderIdList": ['["a"]'], "callbackRate": ["1"], "algoId": ["2146760"],
}  # fmt: skip
ORDER = st.fixed_dictionaries(
    {
        "symbol": st.just("BTCUSDT"),
        "side": st.sampled_from(["BUY", "SELL"]),
        "type": st.sampled_from(["LIMIT", "MARKET"]),
        "quantity": st.sampled_from(["0.1", "0.5", "1", "20"]),
    },
    optional={
        "price": st.sampled_from(["64000", "65000.0", "66000"]),
        "timeInForce": st.sampled_from(["GTC", "IOC", "FOK", "GTX"]),
        "reduceOnly": st.sampled_from(["true", "false"]),
        "selfTradePreventionMode": st.sampled_from(["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "NONE"]),
    },
)


class Caller:
    """Asks an exchange without sockets."""

    def __init__(self) -> None:
        self.simulator = Simulator(clock=ManualClock(), symbols=["BTCUSDT", "ETHUSDT"])
        self.simulator.limits.enabled = False
        self.service = RestService(self.simulator.exchanges.values(), RequestLog())

    def ask(self, method: str, path: str, values: dict[str, str]) -> tuple[int, object]:
        query = urlencode({**values, "timestamp": self.simulator.clock.now_ms()})
        query += f"&signature={hmac_signature(self.simulator.api_secret, query.encode())}"
        headers = {"x-mbx-apikey": self.simulator.api_key}
        request = RestRequest(method, path, query.encode(), headers, b"", "127.0.0.1")
        reply = self.service.answer(request, self.service.note(request))
        return reply.status, json.loads(reply.body, parse_float=Decimal)


@pytest.fixture(scope="module")
def caller() -> Caller:
    return Caller()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_every_request_is_answered(caller: Caller, data: st.DataObject) -> None:
    operation = PRODUCT.operations[data.draw(st.sampled_from(OPERATIONS))]
    assert operation.rest is not None
    values = {}
    for param in operation.params_on(operation.rest):
        if param.required or data.draw(st.booleans()):
            fitting = FITTING.get(param.wire)
            values[param.wire] = data.draw(VALUES if fitting is None else st.sampled_from(fitting) | VALUES)
    status, body = caller.ask(operation.rest.method, operation.rest.path or "", values)
    assert status == 200 or (isinstance(body, dict) and body["code"] in DOCUMENTED)


@settings(max_examples=40, deadline=None)
@given(st.lists(ORDER, max_size=25), st.lists(st.sampled_from([64_000, 64_500, 65_500, 66_000]), max_size=4))
def test_whatever_is_traded_the_account_adds_up(orders: list[dict[str, str]], prices: list[int]) -> None:
    caller = Caller()
    for number, order in enumerate(orders):
        caller.ask("POST", "/fapi/v1/order", order)
        if number < len(prices):
            caller.simulator.move_price("BTCUSDT", prices[number])
    account, store = caller.simulator.account(), caller.simulator.exchange.trading.store(caller.simulator.account())
    position = account.position(caller.simulator.market("BTCUSDT").instrument)
    signed = [t.quantity if t.order.ticket.side == "BUY" else -t.quantity for t in store.trades]
    assert position.amount == sum(signed, Decimal(0))
    assert account.balance("USDT").wallet == 100_000 + sum((line.amount for line in account.incomes), Decimal(0))
    book = caller.simulator.market("BTCUSDT").book
    resting = [book.order(order.order_id) for order in store.open()]
    assert all(order is not None and order.remaining > 0 for order in resting)


def test_every_code_is_documented() -> None:
    assert set(MESSAGES) <= DOCUMENTED
