"""Whatever breaks between client and exchange: questions are answered in the end, and no order is ever sent twice."""

from __future__ import annotations

import itertools
import socket
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from binance_derivatives import RetryPolicy, UsdsFutures
from binance_derivatives.errors import CallTimeout, ConnectError, ConnectionLost, ExecutionUnknown, TransportError

from .certificates import Authority
from .proxy import DAMAGES, EXECUTED, FaultProxy
from .trader import EVERY_WAY, OWN_WAYS, Call, Trader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from specwright.simulator import Simulator

    from .proxy import Damage
    from .trader import Way

SYMBOL = "BTCUSDT"
SLOW: list[Damage] = ["stall", "drip head", "drip body"]
PATIENCE: dict[Damage, float] = {damage: 0.05 if damage in SLOW else 10.0 for damage in DAMAGES}
"""Seconds that a call waits: not long where the reply does not come, or drips."""
CAUSES: dict[Damage, type[TransportError]] = {
    damage: CallTimeout if damage in SLOW else ConnectionLost for damage in DAMAGES
}
_names = (f"order-{number}" for number in itertools.count())


class Rested(NamedTuple):
    """An order that rests in the book, far from the market."""

    name: str
    price: Decimal


@pytest.fixture
def rested(exchange: Simulator, options: dict[str, Any]) -> Iterator[Rested]:
    with UsdsFutures(**options) as client:
        bid = client.market_data.order_book(symbol=SYMBOL, limit=5).bids[0].price
        order = Rested(next(_names), (bid * Decimal("0.95")).quantize(bid))
        client.trade.new_order(**limit_order(order).arguments)
        yield order
        client.trade.cancel_all_open_orders(symbol=SYMBOL)


def limit_order(order: Rested) -> Call:
    return Call(
        "trade",
        "new_order",
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        time_in_force="GTC",
        quantity="0.010",
        price=order.price,
        new_client_order_id=order.name,
    )


# --- Questions --------------------------------------------------------------------------------------------------------

TIME = "GET /fapi/v1/time"
BOOK = "GET /fapi/v1/depth"
ORDER = "GET /fapi/v1/order"


def question(line: str, rested: Rested) -> Call:
    return {
        TIME: Call("market_data", "server_time"),
        BOOK: Call("market_data", "order_book", symbol=SYMBOL, limit=5),
        ORDER: Call("trade", "query_order", symbol=SYMBOL, orig_client_order_id=rested.name),
    }[line]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    ("way", "line"),
    [
        *itertools.product(OWN_WAYS, [TIME, BOOK, ORDER]),
        *itertools.product([way for way in EVERY_WAY if way not in OWN_WAYS], [ORDER]),
    ],
)
def test_a_question_is_asked_again(
    way: Way, line: str, damage: Damage, rested: Rested, proxy: FaultProxy, through_proxy: dict[str, Any]
) -> None:
    asked = question(line, rested)
    with Trader(way, **through_proxy) as trader:
        trader.finish(trader.client.warm_up)
        answer = trader.do(asked)
        before = proxy.count(line)
        proxy.ruin(line, damage)

        assert trader.do(asked, timeout=PATIENCE[damage]) == answer

    assert proxy.count(line) >= before + 2


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_question_without_a_connection_fails_in_the_end(
    way: Way, rested: Rested, proxy: FaultProxy, through_proxy: dict[str, Any]
) -> None:
    retry = RetryPolicy(attempts=10, random=lambda: 0.0)
    with Trader(way, **through_proxy, retry=retry) as trader:
        trader.finish(trader.client.warm_up)
        proxy.ruin(BOOK, "cut after forwarding", times=100)
        with pytest.raises(ConnectionLost):
            trader.do(question(BOOK, rested))

    assert proxy.count(BOOK) == 10, "as often as the retry policy says"


# --- Orders -----------------------------------------------------------------------------------------------------------


class Sent(NamedTuple):
    """An order call: its first line, what it is called with, and what the exchange makes of it."""

    operation: str
    line: str
    arguments: dict[str, object]
    state: str
    status: str


ORDERS = {
    "new order": Sent("new_order", "POST /fapi/v1/order", {"type": "LIMIT", "time_in_force": "GTC"}, "placed", "NEW"),
    "market order": Sent("new_order", "POST /fapi/v1/order", {"type": "MARKET"}, "filled", "FILLED"),
    "cancellation": Sent("cancel_order", "DELETE /fapi/v1/order", {}, "placed", "CANCELED"),
    "algo order": Sent("new_algo_order", "POST /fapi/v1/algoOrder", {"type": "STOP_MARKET"}, "placed", "NEW"),
}


def order_call(kind: str, rested: Rested) -> Call:
    sent = ORDERS[kind]
    arguments: dict[str, object] = {"symbol": SYMBOL, **sent.arguments}
    match kind:
        case "new order":
            arguments |= {"side": "BUY", "quantity": "0.010", "price": rested.price}
        case "market order":
            arguments |= {"side": "BUY", "quantity": "0.010"}
        case "cancellation":
            arguments |= {"orig_client_order_id": rested.name}
        case "algo order":
            arguments |= {"algo_type": "CONDITIONAL", "side": "SELL", "quantity": "0.010"}
            arguments |= {"trigger_price": rested.price}
    return Call("trade", sent.operation, **arguments)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    ("way", "kind"),
    [
        *itertools.product(OWN_WAYS, ORDERS),
        *itertools.product([way for way in EVERY_WAY if way not in OWN_WAYS], ["new order"]),
    ],
)
def test_an_order_is_sent_once_and_its_fate_is_found_out(
    way: Way,
    kind: str,
    damage: Damage,
    rested: Rested,
    exchange: Simulator,
    proxy: FaultProxy,
    through_proxy: dict[str, Any],
) -> None:
    sent = ORDERS[kind]
    logged = len(exchange.order_log)
    proxy.ruin(sent.line, damage)
    with Trader(way, **through_proxy) as trader:
        with pytest.raises(ExecutionUnknown) as raised:
            trader.do(order_call(kind, rested), timeout=PATIENCE[damage])
        proxy.wait_for_damage()
        outcome = trader.resolve(raised.value)

    assert isinstance(raised.value.__cause__, CAUSES[damage])
    assert raised.value.operation == sent.operation
    assert proxy.count(sent.line) == 1
    executed = [entry.operation for entry in exchange.order_log[logged:] if entry.executed]
    if damage in EXECUTED:
        assert executed == [sent.operation]
        assert outcome.state == sent.state
        assert getattr(outcome.order, "status", None) or outcome.order.algo_status == sent.status
    else:
        assert executed == []
        assert (outcome.state, outcome.order) == never_arrived(kind, outcome)


def never_arrived(kind: str, outcome: Any) -> tuple[str, object]:
    """What is true when the exchange never saw the request."""
    if kind == "cancellation":
        assert outcome.order.status == "NEW", "the order that was to be cancelled is still there"
        return "placed", outcome.order
    return "absent", None


@pytest.mark.parametrize("way", OWN_WAYS)
def test_an_order_goes_out_even_if_the_clock_cannot_be_measured(
    way: Way, rested: Rested, exchange: Simulator, proxy: FaultProxy, through_proxy: dict[str, Any]
) -> None:
    proxy.ruin(TIME, "cut after forwarding", times=100)
    with Trader(way, **through_proxy) as trader:
        order = trader.do(order_call("new order", rested))

    assert [entry.parameters["newClientOrderId"] for entry in exchange.order_log[-1:]] == [order.client_order_id]
    assert proxy.count("POST /fapi/v1/order") == 1


# --- No connection at all ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def refused() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize("kind", ["new order", "question"])
def test_a_refused_connection_means_that_nothing_was_sent(
    way: Way, kind: str, rested: Rested, options: dict[str, Any]
) -> None:
    call = question(BOOK, rested) if kind == "question" else order_call(kind, rested)
    with Trader(way, **{**options, "rest_url": refused()}) as trader, pytest.raises(ConnectError) as raised:
        trader.do(call)

    assert raised.value.sent is False


@pytest.mark.parametrize("fault", ["unknown authority", "another address", "expired"])
@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_wrong_certificate_means_that_nothing_was_sent(
    way: Way, fault: str, rested: Rested, exchange: Simulator, authority: Authority, options: dict[str, Any]
) -> None:
    address = "127.0.0.9" if fault == "another address" else "127.0.0.1"
    served = authority.server_context(address, expired=fault == "expired")
    logged = len(exchange.order_log)
    if fault != "unknown authority":
        options["verify"] = authority.trusting_context()
    with FaultProxy(exchange.rest_url, tls=served) as proxy:
        options |= {"rest_url": proxy.url, "retry": RetryPolicy(attempts=2, random=lambda: 0.0)}
        with Trader(way, **options) as trader:
            for call in (order_call("new order", rested), question(BOOK, rested)):
                with pytest.raises(ConnectError, match=r"(?i)certificate") as raised:
                    trader.do(call)
                assert raised.value.sent is False

    assert proxy.seen == []
    assert len(exchange.order_log) == logged


@pytest.mark.parametrize("way", EVERY_WAY)
def test_an_authority_of_ones_own_is_trusted(
    way: Way, rested: Rested, exchange: Simulator, authority: Authority, options: dict[str, Any]
) -> None:
    with FaultProxy(exchange.rest_url, tls=authority.server_context()) as proxy:
        options |= {"rest_url": proxy.url, "verify": authority.trusting_context()}
        with Trader(way, **options) as trader:
            assert trader.do(question(ORDER, rested)).status == "NEW"

    assert proxy.count(ORDER) == 1


def test_an_authority_is_trusted_by_the_path_of_its_certificate(
    exchange: Simulator, authority: Authority, options: dict[str, Any], tmp_path: Path
) -> None:
    with FaultProxy(exchange.rest_url, tls=authority.server_context()) as proxy:
        options |= {"rest_url": proxy.url, "verify": authority.certificate_file}
        with UsdsFutures(**options) as client:
            assert client.market_data.server_time().server_time > 0
