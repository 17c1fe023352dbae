"""REST: one call at a time and 64 in flight, beside the official SDK and bare `httpcore` with the same bytes."""

from __future__ import annotations

import asyncio
import sys
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import httpcore

from . import payloads
from .capture import capture
from .clients import API_KEY, API_SECRET, UnhurriedAsyncClient, UnhurriedClient
from .measuring import Contest, Stopwatch, background, timed_contest
from .peers import ccxt_calls, python_binance_calls, sdk_calls
from .results import SDK, Result, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from .capture import Captured

IN_FLIGHT = 64
PRICE, QUANTITY = Decimal("64000.1"), Decimal("0.01")

Calls = tuple["Callable[[], object]", "Callable[[], object]"]


def our_calls(client: UnhurriedClient) -> Calls:
    """A signed order and the server's time, with typed replies."""

    def new_order() -> object:
        placed = client.trade.new_order(
            symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=QUANTITY, price=PRICE
        )
        return placed.order_id

    def server_time() -> object:
        return client.market_data.server_time().server_time

    return new_order, server_time


def bare_call(url: str, request: Captured) -> Callable[[], object]:
    """The same bytes by `httpcore`, whose reply is read and left as bytes."""
    pool = httpcore.ConnectionPool()
    address = httpcore.URL(url + request.target.decode())

    def call() -> object:
        return pool.request(request.method, address, headers=request.headers, content=request.body or None).content

    return call


def captured(name: str) -> Captured:
    """What our client sends for a call."""
    path, position, reply = {
        "order": (b"/fapi/v1/order", 0, payloads.reply("new_order")),
        "time": (b"/fapi/v1/time", 1, b'{"serverTime":1700000000000}'),
    }[name]

    def send(url: str) -> None:
        with UnhurriedClient(api_key=API_KEY, api_secret=API_SECRET, rest_url=url) as client:
            our_calls(client)[position]()

    return capture(send, path, reply)


def one_at_a_time(url: str, rounds: int) -> list[Result]:
    """Seconds per call, in turns."""
    results = []
    with UnhurriedClient(api_key=API_KEY, api_secret=API_SECRET, rest_url=url) as client:
        sets: dict[str, Calls] = {
            "ours": our_calls(client),
            SDK: sdk_calls(url),
            "python-binance": python_binance_calls(url),
            "ccxt": ccxt_calls(url),
            "bare httpcore": (bare_call(url, captured("order")), bare_call(url, captured("time"))),
        }
        subjects = [("signed order, typed reply", 1 / 3, 1.6), ("server_time, typed reply", 1 / 3, 1.4)]
        for position, (subject, beside_sdk, beside_bare) in enumerate(subjects):
            each = {name: calls[position] for name, calls in sets.items()}
            by_clock, by_processor = timed_contest(each, calls=10, rounds=rounds)
            targets = {SDK: beside_sdk, "bare httpcore": beside_bare}
            for contest, kind in ((by_clock, ""), (by_processor, ", processor time")):
                results += [
                    Result(
                        f"{subject}{kind}",
                        _micro(contest.best("ours")),
                        peer,
                        _micro(contest.best(peer)),
                        contest.ratio("ours", peer),
                        targets.get(peer) if contest is by_clock else None,
                    )
                    for peer in sets
                    if peer != "ours" and (contest is by_clock or peer in targets)
                ]
    return results


def in_flight(url: str, rounds: int, calls: int = 1000) -> list[Result]:
    """Calls per second with many at once: tasks here, threads there, as many as serve the SDK best."""
    by_clock, by_processor = Contest(), Contest()
    for _ in range(rounds):
        measured = {"ours": asyncio.run(_async_calls(url, calls))}
        for threads in (4, 16, IN_FLIGHT):
            measured[f"{SDK}, {threads} threads"] = _threaded_calls(url, calls // 2, threads)
        for name, (clock, processor) in measured.items():
            by_clock.add(name, clock)
            by_processor.add(name, processor)
    results = []
    for contest, kind in ((by_clock, ""), (by_processor, ", of processor time")):
        peer = min((name for name in contest.rounds if name != "ours"), key=contest.best)
        results.append(
            Result(
                f"server_time, {IN_FLIGHT} in flight{kind}",
                f"{1 / contest.best('ours'):,.0f}/s",
                peer,
                f"{1 / contest.best(peer):,.0f}/s",
                1 / contest.ratio("ours", peer),
                3.0,
                "at least",
            )
        )
    return results


async def _async_calls(url: str, calls: int) -> tuple[float, float]:
    async with UnhurriedAsyncClient(api_key=API_KEY, api_secret=API_SECRET, rest_url=url) as client:

        async def worker(count: int) -> None:
            for _ in range(count):
                await client.market_data.server_time()

        await asyncio.gather(*[worker(1) for _ in range(IN_FLIGHT)])
        stopwatch = Stopwatch()
        await asyncio.gather(*[worker(calls // IN_FLIGHT) for _ in range(IN_FLIGHT)])
        return stopwatch.read(calls // IN_FLIGHT * IN_FLIGHT)


def _threaded_calls(url: str, calls: int, threads: int) -> tuple[float, float]:
    """Every thread with an SDK of its own: sharing one costs it connections."""
    ready = threading.Barrier(threads + 1)

    def work() -> None:
        _, server_time = sdk_calls(url)
        server_time()
        ready.wait()
        for _ in range(calls // threads):
            server_time()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    stopwatch = Stopwatch()
    for worker in workers:
        worker.join()
    return stopwatch.read(calls // threads * threads)


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs"


def main(rounds: int = 300) -> None:
    """Runs the bench."""
    with background("rest_server") as port:
        url = f"http://127.0.0.1:{port}"
        show("rest", one_at_a_time(url, rounds) + in_flight(url, max(3, rounds // 50)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
