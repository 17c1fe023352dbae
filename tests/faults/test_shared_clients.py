"""One client in many hands: threads, forked processes, hooks, settings, and after its end."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives.errors import CallTimeout, ClientClosed, ConfigurationError, DecodeError, ExecutionUnknown
from specwright.simulator import Drop, Reply

from .trader import EVERY_WAY, OWN_WAYS, Call, Trader

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives._runtime.settings import CallEvent
    from specwright.simulator import Simulator

    from .proxy import FaultProxy
    from .trader import Way

ORDER = Call("trade", "new_order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
BOOK = Call("market_data", "order_book", symbol="BTCUSDT", limit=5)
THREADS = 8
CALLS = 20


# --- Threads and processes --------------------------------------------------------------------------------------------


def test_threads_share_a_client_and_their_weights_add_up(exchange: Simulator, options: dict[str, Any]) -> None:
    since = len(exchange.requests)
    start = threading.Barrier(THREADS)
    with UsdsFutures(**options) as client:

        def trade(_: int) -> list[str]:
            start.wait()
            ids = []
            for _ in range(CALLS):
                client.market_data.order_book(symbol="BTCUSDT", limit=5)
                ids.append(client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010"))
            return [order.client_order_id for order in ids]

        with ThreadPoolExecutor(THREADS) as pool:
            ids = [each for done in pool.map(trade, range(THREADS)) for each in done]
        used = {name: state.used for name, state in client.limits.items()}

    assert len(set(ids)) == THREADS * CALLS
    entries = exchange.requests[since:]
    assert {entry.status for entry in entries} == {200}
    measured = sum(entry.operation == "server_time" for entry in entries)
    assert len(entries) - measured == 2 * THREADS * CALLS
    assert 1 <= measured <= 2, "one thread measures for all"
    spent = 2 * THREADS * CALLS + measured
    assert exchange.limits.used("request_weight", "127.0.0.1") == spent
    # The exchange's figure in a reply may or may not hold the calls that were on their way beside it.
    assert spent <= used["request_weight"] <= spent + 2 * THREADS
    assert exchange.limits.used("orders_1m", exchange.api_key) == THREADS * CALLS
    assert THREADS * CALLS <= used["orders_1m"] <= THREADS * (CALLS + 1)


FORKING = """
import os, sys
from binance_derivatives import UsdsFutures
client = UsdsFutures(rest_url=sys.argv[1], api_key=sys.argv[2], api_secret=sys.argv[3], proxy=False)
def order():
    client.market_data.order_book(symbol="BTCUSDT", limit=5)
    return client.trade.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010").client_order_id
print(order(), flush=True)
child = os.fork()
if child == 0:
    print(order(), client.limits["orders_1m"].used, flush=True)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
print(order(), client.limits["orders_1m"].used, flush=True)
client.close()
"""


def test_a_forked_process_goes_on_with_connections_of_its_own(exchange: Simulator) -> None:
    since = len(exchange.order_log)
    # In a process without threads, because Python does not like to fork others.
    program = [sys.executable, "-W", "error", "-c", FORKING]
    account = [exchange.rest_url, exchange.api_key, exchange.client_options["api_secret"]]
    done = subprocess.run([*program, *account], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    first, child, code, last = done.stdout.splitlines()
    assert code == "0"
    ids = [first, child.split()[0], last.split()[0]]
    executed = [entry for entry in exchange.order_log[since:] if entry.executed]
    assert [entry.parameters["newClientOrderId"] for entry in executed] == ids
    assert (child.split()[1], last.split()[1]) == ("2", "3"), "the parent hears from the exchange of the child's order"


# --- Hooks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", OWN_WAYS)
def test_hooks_hear_of_every_attempt(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    exchange.faults.add(Drop(), operation="order_book")
    asked: list[CallEvent] = []
    told: list[CallEvent] = []
    with Trader(way, **options, event_hooks={"request": [asked.append], "response": [told.append]}) as trader:
        trader.do(BOOK)

    assert [(event.operation, event.attempt, event.costs) for event in asked] == [
        ("order_book", 1, {"request_weight": 2}),
        ("order_book", 2, {"request_weight": 2}),
    ]
    assert [(event.status, event.used.get("request_weight")) for event in told] == [(None, None), (200, 2)]
    assert told[0].error is not None
    assert told[1].error is None


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_hook_that_fails_after_the_reply_loses_neither_result_nor_error(
    way: Way, exchange: Simulator, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: CallEvent) -> None:
        raise RuntimeError("the hook is broken")

    with Trader(way, **options, event_hooks={"response": [fail]}) as trader:
        assert trader.do(ORDER).order_id
        exchange.faults.add(Drop(executed=True), operation="new_order")
        with pytest.raises(ExecutionUnknown):
            trader.do(ORDER)

    assert "a response hook failed" in caplog.text


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_hook_can_keep_a_call_back(way: Way, exchange: Simulator, options: dict[str, Any]) -> None:
    def refuse(event: CallEvent) -> None:
        if event.operation == "new_order":
            raise PermissionError("no trading today")

    logged = len(exchange.order_log)
    with Trader(way, **options, event_hooks={"request": [refuse]}) as trader:
        with pytest.raises(PermissionError, match="no trading today"):
            trader.do(ORDER)
        assert trader.client.limits["orders_1m"].used == 0

    assert len(exchange.order_log) == logged


# --- What the spec lacks, and settings --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", EVERY_WAY)
def test_what_the_spec_lacks_is_called_with_everything_else_in_force(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    with Trader(way, **options) as trader:
        request = trader.client.request
        order = trader.finish(
            lambda: request(
                "POST",
                "/fapi/v1/order",
                params={"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 0.01, "x": None},
                security="TRADE",
                weight=0,
                costs={"orders_1m": 1, "orders_10s": 1},
            )
        )
        found = trader.finish(
            lambda: request(
                "GET",
                "/fapi/v1/order",
                params={"symbol": "BTCUSDT", "orderId": order.result["orderId"]},
                security="USER_DATA",
            )
        )
        used = {name: state.used for name, state in trader.client.limits.items() if state.used}

    assert (found.status, found.result["orderId"], found.headers["X-MBX-USED-WEIGHT-1M"]) == (
        200,
        order.result["orderId"],
        "2",
    )
    assert used == {"request_weight": 2, "orders_1m": 1, "orders_10s": 1}


@pytest.mark.parametrize("way", OWN_WAYS)
def test_a_lost_call_that_the_spec_lacks_is_unknown_and_says_how_to_find_out(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    logged = len(exchange.order_log)
    exchange.faults.add(Drop(executed=True), operation="new_order")
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    with Trader(way, **options) as trader:
        with pytest.raises(ExecutionUnknown) as raised:
            trader.finish(lambda: trader.client.request("POST", "/fapi/v1/order", params=params, security="TRADE"))
        with pytest.raises(ConfigurationError, match="look at orders or positions yourself"):
            trader.resolve(raised.value)

    assert raised.value.parameters == params
    assert len(exchange.order_log) == logged + 1


@pytest.mark.parametrize("way", OWN_WAYS)
def test_raw_keeps_status_headers_and_body_beside_the_result(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    with Trader(way, **options) as trader:
        response = trader.finish(lambda: trader.client.trade.new_order.raw(**ORDER.arguments, timeout=5.0))

    assert (response.status, response.request) == (200, "POST /fapi/v1/order")
    assert response.headers["x-mbx-order-count-1m"] == response.headers["X-MBX-ORDER-COUNT-1M"] == "1"
    assert response.used == {"request_weight": 1, "orders_10s": 1, "orders_1m": 1}
    assert response.json()["orderId"] == response.result.order_id


@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_time_limit_holds_for_one_call_or_for_a_client(
    way: Way, proxy: FaultProxy, through_proxy: dict[str, Any]
) -> None:
    with Trader(way, **through_proxy) as trader:
        quick = trader.client.with_options(timeout=0.05, retry=None)
        proxy.ruin("GET /fapi/v1/depth", "stall")
        with pytest.raises(CallTimeout):
            trader.finish(lambda: quick.market_data.order_book(symbol="BTCUSDT", limit=5))
        proxy.ruin("GET /fapi/v1/depth", "stall")
        assert trader.do(BOOK, timeout=0.05).bids, "asked again"


@pytest.mark.parametrize("way", OWN_WAYS)
def test_settings_of_a_derived_client_do_not_touch_the_first(
    way: Way, exchange: Simulator, options: dict[str, Any]
) -> None:
    heard: list[CallEvent] = []
    exchange.faults.add(Reply(200, '{"serverTime": 1, "novel": 2}'), operation="server_time", times=2)
    with Trader(way, **options) as trader:
        strict = trader.client.with_options(strict=True, event_hooks={"response": [heard.append]})
        with pytest.raises(DecodeError, match="novel"):
            trader.finish(lambda: strict.market_data.server_time())
        assert trader.do(Call("market_data", "server_time")).server_time == 1
        trader.finish(strict.close if way == "sync" else strict.aclose)
        assert trader.do(BOOK).bids, "closing the derived client closed nothing"

    assert len(heard) == 1


# --- After the end ----------------------------------------------------------------------------------------------------


def test_a_closed_client_says_so_wherever_it_is_asked(options: dict[str, Any]) -> None:
    client = UsdsFutures(**options)
    derived = client.with_options(timeout=1.0)
    client.close()
    client.close()

    asked: list[Callable[[], object]] = [
        lambda: client.market_data.server_time(),
        lambda: client.trade.new_order(**ORDER.arguments),
        lambda: client.market_data.order_book.raw(symbol="BTCUSDT"),
        lambda: list(client.trade.account_trades.iter(symbol="BTCUSDT")),
        lambda: client.request("GET", "/fapi/v1/time"),
        lambda: client.with_options(timeout=1.0),
        lambda: client.warm_up(),
        lambda: client.__enter__(),
        lambda: derived.market_data.server_time(),
    ]
    for number, ask in enumerate(asked):
        with pytest.raises(ClientClosed):
            pytest.fail(f"number {number} gave {ask()!r}")


async def test_a_closed_asynchronous_client_says_so_wherever_it_is_asked(options: dict[str, Any]) -> None:
    client = AsyncUsdsFutures(**options)
    await client.ws_api.market_data.order_book(symbol="BTCUSDT", limit=5)
    ws_api, streams = client.ws_api, client.streams
    await client.aclose()
    await client.aclose()

    for ask in (
        lambda: client.market_data.server_time(),
        lambda: client.request("GET", "/fapi/v1/time"),
        lambda: client.warm_up(),
        lambda: ws_api.market_data.order_book(symbol="BTCUSDT"),
        lambda: anext(aiter(streams.agg_trade("btcusdt"))),
        lambda: anext(aiter(client.user_data())),
    ):
        with pytest.raises(ClientClosed):
            await ask()


def test_clients_are_not_pickled_and_say_why(options: dict[str, Any]) -> None:
    with UsdsFutures(**options) as client:
        for thing in (client, client.with_options(timeout=1.0), AsyncUsdsFutures(**options)):
            with pytest.raises(TypeError, match="make one in the process that needs it"):
                pickle.dumps(thing)
        book = client.market_data.order_book(symbol="BTCUSDT", limit=5)

    assert pickle.loads(pickle.dumps(book)) == book
