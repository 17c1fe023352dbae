"""Budgets that several processes share through a real Redis server, and what happens when it is away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from attrs import define

from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import BOOK, Server
from manual_clock import ManualClock
from specwright.runtime.errors import BudgetExceeded, ConfigurationError
from specwright.runtime.limits import Charge, Observation, Refusal, Reservation
from specwright.runtime.limits_redis import RedisLedger
from specwright.runtime.product import Budget

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="the redis-server binary is missing (Debian: apt install redis-server)"
)

LIMIT = 20
WEIGHT = Budget("weight", LIMIT, 60_000, "ip")
QUICK = Budget("quick", 5, 200, "account")


@define
class RedisServer:
    """A Redis server on a port of its own, which can be stopped and started."""

    port: int
    folder: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", self.folder]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16) == b"+PONG\r\n":
                    return
        raise RuntimeError("redis-server did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = RedisServer(port, str(tmp_path_factory.mktemp("redis")))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(running: RedisServer, request: pytest.FixtureRequest) -> RedisServer:
    if running.process is None:
        running.start()
    return running


@pytest.fixture
def scope(request: pytest.FixtureRequest) -> str:
    """Counters of its own for each test."""
    return str(request.node.name)


def ledger(server: RedisServer) -> RedisLedger:
    return RedisLedger(server.url, timeout=2.0)


def weight(scope: str, cost: int) -> tuple[Charge, ...]:
    return (Charge(WEIGHT, scope, cost),)


def test_two_ledgers_share_a_budget(redis: RedisServer, scope: str) -> None:
    first, second = ledger(redis), ledger(redis)
    assert isinstance(first.reserve(weight(scope, 15)), Reservation)
    refusal = second.reserve(weight(scope, 6))

    assert isinstance(refusal, Refusal)
    assert (refusal.used, refusal.limit) == (15, LIMIT)
    assert isinstance(second.reserve(weight(scope, 5)), Reservation)
    assert [each.state(weight(scope, 0))[0].used for each in (first, second)] == [20, 20]
    first.close()
    second.close()


def test_many_threads_and_processes_never_overdraw_a_budget(redis: RedisServer, scope: str) -> None:
    program = (
        "import sys; from specwright.runtime.limits import *; from specwright.runtime.limits_redis import RedisLedger;"
        "from specwright.runtime.product import Budget;"
        "ledger = RedisLedger(sys.argv[1], timeout=5.0);"
        f"charge = (Charge(Budget('weight', {LIMIT}, 60000, 'ip'), sys.argv[2], 1),);"
        f"print(sum(isinstance(ledger.reserve(charge), Reservation) for _ in range({LIMIT})))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, redis.url, scope], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    shared = ledger(redis)
    taken: list[bool] = []

    def spend() -> None:
        taken.extend(isinstance(shared.reserve(weight(scope, 1)), Reservation) for _ in range(LIMIT))

    threads = [threading.Thread(target=spend) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elsewhere = [int(process.communicate()[0]) for process in processes]
    shared.close()

    assert sum(taken) + sum(elsewhere) == LIMIT


def test_a_cost_counts_until_one_interval_after_its_reply(redis: RedisServer, scope: str) -> None:
    shared = ledger(redis)
    charge = (Charge(QUICK, scope, 5),)
    reservation = shared.reserve(charge)
    assert isinstance(reservation, Reservation)
    shared.settle(reservation, {})
    refusal = shared.reserve(charge)
    assert isinstance(refusal, Refusal)
    assert refusal.wait is not None
    assert 0 < refusal.wait <= 0.202
    answered = time.monotonic()
    while isinstance(again := shared.reserve(charge), Refusal):
        assert again.wait is not None
        time.sleep(again.wait)
    shared.close()

    assert time.monotonic() - answered >= 0.15


def test_what_was_never_sent_is_given_back(redis: RedisServer, scope: str) -> None:
    shared = ledger(redis)
    reservation = shared.reserve(weight(scope, LIMIT))
    assert isinstance(reservation, Reservation)
    shared.cancel(reservation)
    shared.cancel(reservation)

    assert shared.state(weight(scope, 0))[0].used == 0
    shared.close()


def test_a_figure_that_one_process_sees_holds_for_all(redis: RedisServer, scope: str) -> None:
    first, second = ledger(redis), ledger(redis)
    reservation = first.reserve(weight(scope, 1))
    assert isinstance(reservation, Reservation)
    first.settle(reservation, {"weight": Observation(15)})

    assert second.state(weight(scope, 0))[0].used == 15
    refusal = second.reserve(weight(scope, 6))
    assert isinstance(refusal, Refusal)
    assert 59 < (refusal.wait or 0) < 61
    assert isinstance(second.reserve(weight(scope, 5)), Reservation)
    first.close()
    second.close()


def test_an_older_figure_that_arrives_late_does_not_replace_a_newer_one(redis: RedisServer, scope: str) -> None:
    shared = ledger(redis)
    slow, quick = shared.reserve(weight(scope, 1)), shared.reserve(weight(scope, 1))
    assert isinstance(slow, Reservation)
    assert isinstance(quick, Reservation)
    shared.settle(quick, {"weight": Observation(15)})
    shared.settle(slow, {"weight": Observation(1)})

    assert shared.state(weight(scope, 0))[0].used == 16
    shared.close()


def test_a_block_holds_for_all_and_never_fitting_costs_are_told_apart(redis: RedisServer, scope: str) -> None:
    first, second = ledger(redis), ledger(redis)
    too_much = first.reserve(weight(scope, LIMIT + 1))
    first.block(weight(scope, 0), 30.0, banned=True)
    refusal = second.reserve(weight(scope, 0))

    assert isinstance(too_much, Refusal)
    assert too_much.wait is None
    assert isinstance(refusal, Refusal)
    assert refusal.banned
    assert 29 < (refusal.wait or 0) <= 30
    assert 29 < second.state(weight(scope, 0))[0].blocked_for <= 30
    assert isinstance(second.reserve(weight(scope, 1), force=True), Reservation)
    first.close()
    second.close()


async def test_the_asynchronous_side_shares_with_the_synchronous_one(redis: RedisServer, scope: str) -> None:
    shared = ledger(redis)
    first = await shared.reserve_async(weight(scope, 15))
    assert isinstance(first, Reservation)
    assert isinstance(shared.reserve(weight(scope, 6)), Refusal)
    await shared.settle_async(first, {"weight": Observation(18)})
    second = await shared.reserve_async(weight(scope, 1))
    assert isinstance(second, Reservation)
    await shared.cancel_async(second)
    assert shared.state(weight(scope, 0))[0].used == 18
    await shared.block_async(weight(scope, 0), 5.0)
    assert isinstance(await shared.reserve_async(weight(scope, 0)), Refusal)
    await shared.aclose()
    shared.close()


def test_clients_draw_on_a_shared_ledger(redis: RedisServer) -> None:
    shared = ledger(redis)
    with Server([BOOK] * 2) as server:
        with CornerExchange(rest_url=server.url, ledger=shared) as client:
            client.order_book(symbol="BTCUSDT", limit=100)
            used = [client.limits["weight"].used]
        asyncio.run(ask_asynchronously(server.url, shared))
        used.append(client.limits["weight"].used)
        refusing = CornerExchange(rest_url=server.url, ledger=shared, limits="raise")
        with pytest.raises(BudgetExceeded):
            refusing.request("GET", "/v1/depth", weight=91)
    shared.close()
    assert used == [5, 10]


async def ask_asynchronously(url: str, shared: RedisLedger) -> None:
    async with AsyncCornerExchange(rest_url=url, ledger=shared) as client:
        await client.order_book(symbol="BTCUSDT", limit=100)
    await shared.aclose()


def test_without_redis_a_process_goes_on_with_what_it_knows_and_says_so_once(
    redis: RedisServer, scope: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "specwright")
    clock = ManualClock()
    shared = RedisLedger(redis.url, timeout=2.0, clock=clock)
    before = shared.reserve(weight(scope, 12))
    redis.stop()
    assert isinstance(before, Reservation)
    shared.settle(before, {})
    during = [shared.reserve(weight(scope, 4)) for _ in range(3)]
    assert [type(each) for each in during] == [Reservation, Reservation, Refusal]
    assert shared.state(weight(scope, 0))[0].used == LIMIT

    redis.start()
    clock.now += 2.0
    assert isinstance(shared.reserve(weight(scope, 1)), Reservation)
    shared.close()
    assert [record.getMessage().partition(" (")[0].partition(":")[0] for record in caplog.records] == [
        "Redis is away",
        "Redis is back",
    ]


def test_a_wrong_address_or_a_missing_package_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="the address of Redis is wrong"):
        RedisLedger("http://127.0.0.1")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"needs the redis package: pip install redis$"):
        RedisLedger("redis://127.0.0.1")
