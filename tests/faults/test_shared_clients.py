"""One client in many hands: threads, forked processes, settings, and after its end."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives.errors import CallTimeout, ClientClosed, DecodeError
from specwright.simulator import Reply

from .trader import BOOK, EVERY_WAY, ORDER, OWN_WAYS, TIME, Trader

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives._runtime.settings import CallEvent
    from specwright.simulator import Simulator

    from .proxy import FaultProxy
    from .trader import Way

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


# --- Settings ---------------------------------------------------------------------------------------------------------


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
        assert trader.do(TIME).server_time == 1
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
