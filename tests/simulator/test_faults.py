"""Faults that tests ask for, and the log that tells what was really done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from specwright.simulator import (
    INTERNAL_ERROR,
    SERVICE_UNAVAILABLE,
    THROTTLED,
    UNKNOWN_EXECUTION,
    Delay,
    Drop,
    ManualClock,
    Reply,
    Simulator,
    Stall,
    Truncate,
    malformed,
    unavailable,
)

from ..conditions import until

if TYPE_CHECKING:
    from tests.simulator.conftest import RestTrader

Open = Callable[[str], Any]


def place(trader: RestTrader) -> httpx.Response:
    return trader.send("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")


class TestRest:
    @pytest.mark.parametrize("body", [UNKNOWN_EXECUTION, SERVICE_UNAVAILABLE, INTERNAL_ERROR, THROTTLED])
    @pytest.mark.parametrize("executed", [True, False])
    def test_a_503_tells_nothing_of_the_order(self, trader: RestTrader, body: str, executed: bool) -> None:
        trader.exchange.faults.add(unavailable(body, executed=executed), operation="new_order")
        response = place(trader)
        assert (response.status_code, response.text) == (503, body)
        assert [(entry.executed, entry.status) for entry in trader.exchange.order_log] == [(executed, 503)]
        assert len(trader.ask("/fapi/v1/allOrders", symbol="BTCUSDT")) == int(executed)

    @pytest.mark.parametrize("executed", [True, False])
    def test_a_cut_connection(self, trader: RestTrader, executed: bool) -> None:
        trader.exchange.faults.add(Drop(executed=executed))
        with pytest.raises(httpx.TransportError):
            place(trader)
        assert [(entry.executed, entry.status) for entry in trader.exchange.order_log] == [(executed, None)]
        assert len(trader.ask("/fapi/v1/allOrders", symbol="BTCUSDT")) == int(executed)

    def test_silence(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(Stall())
        with pytest.raises(httpx.ReadTimeout):
            trader.client.get("/fapi/v1/time", timeout=httpx.Timeout(10, read=0.05))
        assert trader.client.get("/fapi/v1/time").status_code == 200

    def test_half_a_reply(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(Truncate(10))
        with pytest.raises(httpx.RemoteProtocolError):
            place(trader)
        assert trader.exchange.order_log[0].executed

    def test_a_reply_that_is_no_json(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(malformed("<html>"))
        response = place(trader)
        assert (response.status_code, response.text, trader.exchange.order_log[0].executed) == (200, "<html>", True)

    def test_headers_of_a_made_up_reply(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(Reply(429, '{"code":-1003,"msg":""}', {"Retry-After": "7"}))
        response = trader.client.get("/fapi/v1/time")
        assert (response.status_code, response.headers["Retry-After"]) == (429, "7")

    async def test_a_delay_of_the_exchanges_time(self, exchange: Simulator, clock: ManualClock) -> None:
        exchange.faults.add(Delay(1_000), operation="server_time")
        asked_ms = clock.now_ms()
        async with httpx.AsyncClient(base_url=exchange.rest_url) as client:
            asking = asyncio.create_task(client.get("/fapi/v1/time"))
            await until(lambda: exchange.requests)
            clock.advance(2)
            response = await asking
        assert response.json() == {"serverTime": asked_ms + 2_000}

    def test_faults_are_counted_and_may_wait_their_turn(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(unavailable(), operation="server_time", times=2, skip=1)
        statuses = [
            trader.client.get(f"/fapi/v1/{name}").status_code for name in ("ping", "time", "time", "time", "time")
        ]
        assert statuses == [200, 200, 503, 503, 200]

    def test_nothing_goes_wrong_any_more(self, trader: RestTrader) -> None:
        trader.exchange.faults.add(Drop(), times=100)
        trader.exchange.faults.clear()
        assert trader.client.get("/fapi/v1/time").status_code == 200


class TestWebSocketApi:
    async def call(self, socket: Any) -> Any:
        return await socket.call({"id": 1, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})

    async def test_an_error_in_place_of_the_reply(self, exchange: Simulator, open_socket: Open) -> None:
        exchange.faults.add(unavailable(THROTTLED), transport="ws_api")
        reply = await self.call(await open_socket(exchange.ws_api_url))
        assert (reply["id"], reply["status"], reply["error"]) == (1, 503, json.loads(THROTTLED))

    async def test_a_cut_connection(self, exchange: Simulator, open_socket: Open) -> None:
        exchange.faults.add(Drop(executed=True), operation="ticker_price")
        with pytest.raises(ConnectionClosedError):
            await self.call(await open_socket(exchange.ws_api_url))
        assert exchange.requests[0].executed

    async def test_a_delay_of_the_exchanges_time(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        exchange.faults.add(Delay(1_000), operation="session_status")
        socket = await open_socket(exchange.ws_api_url)
        asked_ms = clock.now_ms()
        await socket.connection.send('{"id": 1, "method": "session.status"}')
        await until(lambda: exchange.requests)
        clock.advance(2)
        assert (await socket.next())["result"]["serverTime"] == asked_ms + 2_000

    async def test_a_delayed_answer_holds_up_no_other(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        exchange.faults.add(Delay(1_000), operation="session_status")
        socket = await open_socket(exchange.ws_api_url)
        await socket.connection.send('{"id": 0, "method": "session.status"}')
        assert (await self.call(socket))["id"] == 1
        clock.advance(1)
        assert (await socket.next())["id"] == 0

    async def test_one_request_without_an_answer(self, exchange: Simulator, open_socket: Open) -> None:
        exchange.faults.add(Stall(executed=True))
        socket = await open_socket(exchange.ws_api_url)
        await socket.connection.send('{"id": 0, "method": "ticker.price", "params": {"symbol": "BTCUSDT"}}')
        assert (await self.call(socket))["id"] == 1
        assert [request.executed for request in exchange.requests] == [True, True]


class TestConnections:
    @pytest.mark.parametrize("status", [401, 403, 429, 503])
    async def test_a_refused_handshake(self, exchange: Simulator, open_socket: Open, status: int) -> None:
        exchange.faults.refuse_handshakes(status)
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{exchange.stream_url}/public/ws", proxy=None)
        await open_socket(f"{exchange.stream_url}/public/ws")
        assert refused.value.response.status_code == status

    @pytest.mark.parametrize(("code", "seen"), [(1001, 1001), (1012, 1012), (None, 1006)])
    async def test_closed_by_the_exchange(
        self, exchange: Simulator, open_socket: Open, code: int | None, seen: int
    ) -> None:
        streams, api = await open_socket(f"{exchange.stream_url}/public/ws"), await open_socket(exchange.ws_api_url)
        exchange.faults.close_sockets("streams", code)
        assert (await streams.closed())[0] == seen
        assert exchange.connections["ws_api"] == 1
        await api.connection.ping()

    async def test_an_exchange_that_hears_nothing(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/market/ws/btcusdt@markPrice@1s")
        exchange.faults.stop_answering("streams")
        answered = await socket.connection.ping()
        clock.advance(1)
        assert (await socket.next())["e"] == "markPriceUpdate"
        # Others are heard, and answered, later than this ping could have been.
        assert await (await open_socket(f"{exchange.stream_url}/public/ws")).received() == []
        assert not answered.done()

    async def test_any_frame_can_be_sent(self, exchange: Simulator, open_socket: Open) -> None:
        socket = await open_socket(f"{exchange.stream_url}/public/ws")
        exchange.faults.send('{"e":"serverShutdown"}')
        assert await socket.next() == {"e": "serverShutdown"}

    async def test_a_listen_key_runs_out_when_it_is_told_to(self, trader: RestTrader) -> None:
        trader.client.post("/fapi/v1/listenKey")
        trader.exchange.faults.expire_listen_key()
        assert trader.client.put("/fapi/v1/listenKey").json()["code"] == -1125


class TestFrames:
    async def second_by_second(self, exchange: Simulator, clock: ManualClock, socket: Any) -> list[int]:
        start_ms = clock.now_ms()
        for _ in range(4):
            clock.advance(1)
        return [(frame["E"] - start_ms) // 1_000 for frame in await socket.received()]

    @pytest.mark.parametrize(
        ("fault", "seconds"),
        [
            ("drop_frames", [2, 3, 4]),
            ("duplicate_frames", [1, 1, 2, 3, 4]),
            ("swap_frames", [2, 1, 3, 4]),
            ("silence", []),
        ],
    )
    async def test_frames_of_a_stream(
        self, exchange: Simulator, clock: ManualClock, open_socket: Open, fault: str, seconds: list[int]
    ) -> None:
        socket = await open_socket(f"{exchange.stream_url}/market/ws/btcusdt@markPrice@1s")
        getattr(exchange.faults, fault)("btcusdt@*")
        assert await self.second_by_second(exchange, clock, socket) == seconds


def test_the_log_keeps_what_was_sent_byte_for_byte(trader: RestTrader) -> None:
    query = trader.signed({"symbol": "BTCUSDT", "orderId": 1})
    trader.client.request("DELETE", f"/fapi/v1/order?{query}", headers={"X-Mine": "yes"})
    entry = trader.exchange.order_log[0]
    assert (entry.target, entry.headers["x-mine"], entry.headers["x-mbx-apikey"], entry.executed, entry.code) == (
        f"DELETE /fapi/v1/order?{query}",
        "yes",
        trader.api_key,
        False,
        -2011,
    )
