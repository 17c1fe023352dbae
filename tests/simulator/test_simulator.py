"""The exchange as a tool of traders' own tests: starting, stopping, the fixture, the command."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest
import typer

from specwright.simulator import Instrument, ManualClock, Simulator, SystemClock, read_spec
from specwright.simulator.bundled import bundled_spec_folder
from specwright.simulator.command import simulate

if TYPE_CHECKING:
    from pathlib import Path


def test_the_fixture_is_there(binance_simulator: Simulator) -> None:
    assert httpx.get(f"{binance_simulator.rest_url}/fapi/v1/ping").json() == {}


def test_it_starts_and_stops_quickly_and_leaves_no_thread() -> None:
    threads = threading.active_count()
    # The processor's time: how long it takes besides depends on what else the machine does.
    began = time.process_time()
    for _ in range(5):
        with Simulator() as exchange:
            httpx.get(f"{exchange.rest_url}/fapi/v1/ping")
    assert threading.active_count() == threads
    assert time.process_time() - began < 2.5


def test_stopping_does_not_wait_for_clients() -> None:
    with Simulator() as exchange, httpx.Client() as client:
        client.get(f"{exchange.rest_url}/fapi/v1/ping")
        began = time.perf_counter()
        exchange.stop()
        # The client would keep its connection for as long as the exchange does: 75 seconds.
        assert time.perf_counter() - began < 10


async def test_it_may_be_entered_from_a_loop_that_it_does_not_block() -> None:
    async with Simulator() as exchange, httpx.AsyncClient(base_url=exchange.rest_url) as client:
        replies = await asyncio.gather(*(client.get("/fapi/v1/ping") for _ in range(10)))
    assert {reply.status_code for reply in replies} == {200}


def test_prices_move_by_themselves_in_real_time() -> None:
    with Simulator(symbols=["BTCUSDT"]) as exchange:
        market, moved = exchange.market("BTCUSDT"), threading.Event()
        before = market.last_trade_id
        exchange.call(lambda: market.aggregate_listeners.append(lambda trade: moved.set()))
        assert moved.wait(5)
        assert market.last_trade_id > before


def test_a_clock_that_is_ahead() -> None:
    with Simulator(clock=SystemClock(offset_ms=3_600_000)) as exchange:
        told_ms = httpx.get(f"{exchange.rest_url}/fapi/v1/time").json()["serverTime"]
    assert 3_590_000 < told_ms - time.time_ns() // 1_000_000 < 3_610_000


def test_contracts_of_ones_own() -> None:
    own = Instrument(symbol="MOONUSDT", base="MOON", start_price=Decimal("7.5"), tick=Decimal("0.5"), step=Decimal(1))
    with Simulator(symbols=[own, "ADAUSDT"], clock=ManualClock()) as exchange:
        information = httpx.get(f"{exchange.rest_url}/fapi/v1/exchangeInfo").json()
        price = httpx.get(f"{exchange.rest_url}/fapi/v1/ticker/price", params={"symbol": "MOONUSDT"}).json()["price"]
    assert [row["symbol"] for row in information["symbols"]] == ["MOONUSDT", "ADAUSDT"]
    assert Decimal(price) % own.tick == 0


def test_a_taken_port_is_told_and_nothing_keeps_running() -> None:
    with Simulator() as first:
        port = int(first.rest_url.rpartition(":")[2])
        second, threads = Simulator(rest_port=port), threading.active_count()
        with pytest.raises(OSError, match="in use"):
            second.start()
        assert threading.active_count() == threads


def test_a_spec_with_errors_is_told(tmp_path: object) -> None:
    with pytest.raises(ValueError, match=r"exchange\.yaml"):
        read_spec(bundled_spec_folder() / "usds_futures")


def test_the_command_says_what_keeps_it_from_serving(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        simulate(spec=tmp_path / "nowhere")
    assert "nowhere:1:1: unreadable-file: " in capsys.readouterr().err
    with Simulator() as first, pytest.raises(typer.Exit):
        simulate(port_rest=int(first.rest_url.rpartition(":")[2]))
    assert "in use" in capsys.readouterr().err


def test_the_command_serves_until_it_is_interrupted() -> None:
    code = "import typer; from specwright.simulator.command import simulate; typer.run(simulate)"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "--seed", "3", "--symbol", "BTCUSDT"],
        stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        address = re.search(r"http://\S+", lines[0])
        assert address is not None
        assert httpx.get(f"{address[0]}/fapi/v1/ping").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert [line.split()[0] for line in lines] == ["REST", "WebSocket", "Streams", "API", "API", "Ctrl-C"]
