"""Round trips of the WebSocket API: a signed order and a price, beside the official SDK and bare messages."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from websockets.asyncio.client import connect

from .clients import API_KEY, API_SECRET, NOWHERE, UnhurriedAsyncClient
from .measuring import Contest
from .peers import official_sdk_ws_api
from .results import SDK, Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

__all__ = ["round_trips"]

ORDER, PRICE, ECHO = "signed order, typed reply", "ticker price, typed reply", "bare websockets, same messages"
ORDER_REQUEST = json.dumps(
    {
        "id": 1,
        "method": "order.place",
        "params": {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.01",
            "price": "64000.1",
            "newClientOrderId": "0" * 32,
            "apiKey": API_KEY,
            "recvWindow": 5000,
            "timestamp": 1_700_000_000_000,
            "signature": "f" * 64,
        },
    },
    separators=(",", ":"),
)
"""What our client sends, but for its random parts."""
PRICE_REQUEST = '{"id":1,"method":"ticker.price","params":{"symbol":"BTCUSDT"}}'


PROCESSES = 5
"""How code and data happen to lie in memory moves a round trip by some percent from one process to the next."""


def round_trips(port: int, rounds: int) -> list[Result]:
    """Calls with typed replies, beside an exchange of the same messages that nobody looks into.

    Each comparison is that of the median process.

    Args:
        port: Of the server.
        rounds: In each process.
    """
    command = [sys.executable, "-m", __spec__.name, str(port), str(rounds)]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(PROCESSES)]
    return [_result(runs, call, peer, target) for call in (PRICE, ORDER) for peer, target in ((ECHO, 1.3), (SDK, None))]


def _result(runs: Sequence[Mapping[str, float]], call: str, peer: str, target: float | None) -> Result:
    pairs = [(run[f"{call}, ours"], run[f"{call}, {peer}"]) for run in runs]
    ours, theirs = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    return Result(
        f"WebSocket API, {call}", f"{ours * 1e6:,.0f} µs", peer, f"{theirs * 1e6:,.0f} µs", ours / theirs, target
    )


async def _taken(port: int, rounds: int, calls: int = 10) -> Contest:
    """Seconds per round trip, in turns on one event loop."""
    contest = Contest()
    sdk = official_sdk_ws_api(f"ws://127.0.0.1:{port}/ws-api")
    await sdk.create_connection()
    async with (
        UnhurriedAsyncClient(
            api_key=API_KEY, api_secret=API_SECRET, rest_url=NOWHERE, ws_api_url=f"ws://127.0.0.1:{port}/ws-api"
        ) as ours,
        connect(f"ws://127.0.0.1:{port}/ws-api", compression=None, close_timeout=0.1) as bare,
    ):
        # No REST server is there to tell the time; the local clock serves.
        ours.exchange_clock.record(time.monotonic(), time.monotonic(), int(time.time() * 1000))

        async def our_order() -> object:
            placed = await ours.ws_api.trade.new_order(
                symbol="BTCUSDT",
                side="BUY",
                type="LIMIT",
                time_in_force="GTC",
                quantity=Decimal("0.01"),
                price=Decimal("64000.1"),
            )
            return placed.order_id

        async def our_price() -> object:
            return (await ours.ws_api.market_data.ticker_price(symbol="BTCUSDT")).price

        async def sdk_order() -> object:
            placed = await sdk.new_order(
                symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=64000.1
            )
            return placed.data().result.order_id

        async def sdk_price() -> object:
            return (await sdk.symbol_price_ticker(symbol="BTCUSDT")).data()

        def echo(text: str) -> Callable[[], Awaitable[object]]:
            async def call() -> object:
                await bare.send(text)
                return await bare.recv()

            return call

        ways: dict[str, Callable[[], Awaitable[object]]] = {
            f"{ORDER}, ours": our_order,
            f"{ORDER}, {SDK}": sdk_order,
            f"{ORDER}, {ECHO}": echo(ORDER_REQUEST),
            f"{PRICE}, ours": our_price,
            f"{PRICE}, {SDK}": sdk_price,
            f"{PRICE}, {ECHO}": echo(PRICE_REQUEST),
        }
        for number in range(rounds + 1):
            for name, call in ways.items():
                began = time.perf_counter()
                for _ in range(calls):
                    await call()
                if number:
                    contest.add(name, (time.perf_counter() - began) / calls)
    await sdk.close_connection(close_session=True)
    return contest


def main(port: int, rounds: int) -> None:
    """One process of them; prints what each way takes."""
    contest = asyncio.run(_taken(port, rounds))
    print(json.dumps({way: contest.best(way) for way in contest.rounds}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
