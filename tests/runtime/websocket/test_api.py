"""Calls over the WebSocket API: matched by id, ended at once when the connection goes, never sent twice by mistake."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from specwright.runtime.errors import (
    ApiError,
    CallTimeout,
    ClientClosed,
    ConnectError,
    ConnectionLost,
    ExecutionUnknown,
    RateLimited,
)
from specwright.runtime.websocket.connection import Connection

from ...conditions import until
from .conftest import SETTINGS
from .server import idle_port
from .tiny import LOOK, ORDER, PLACE, START, Order, TinyClient, call

if TYPE_CHECKING:
    from specwright.runtime.operation import Carrier, Operation

    from .server import ExchangeServer, Peer


def answering(**fields: Any) -> Any:
    """Answers every request with the same fields."""

    def answer(peer: Peer, message: dict[str, Any]) -> dict[str, Any]:
        return {"id": message["id"], **fields}

    return answer


async def test_nothing_goes_over_a_connection_that_is_about_to_be_closed(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = answering(status=200, result=ORDER)
    await call(client, LOOK, symbol="A")
    caller = client._websockets.caller
    leg = caller.session.leg
    assert leg is not None and caller._runner is not None

    caller.session.broken(ClientClosed("the client was closed"))
    caller._runner.act()
    leg.send(b'{"id": 2, "method": "order.place"}')
    await caller.close()

    assert [message["id"] for message in server.peers[0].received] == [1]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [(PLACE, [ConnectError, Order, Order]), (LOOK, [Order, Order, Order])],
    ids=["an order", "a question"],
)
async def test_a_call_that_could_not_be_written_any_more_was_not_sent_and_others_wait_for_another_connection(
    server: ExchangeServer, client: TinyClient, operation: Operation, expected: list[type]
) -> None:
    server.answer = answering(status=200, result=ORDER)
    await call(client, LOOK, symbol="A")
    leg = client._websockets.caller.session.leg
    assert leg is not None
    connection: Any = leg.send.__self__  # type: ignore[attr-defined]
    connection.abort()  # The system says that the peer is gone; nobody else knows yet.

    calls = [asyncio.ensure_future(call(client, operation, symbol="A")) for _ in range(3)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == expected
    assert len(server.peers[0].received) == 1
    methods = {message["method"] for message in server.peers[1].received}
    assert (methods, len(server.peers[1].received)) == ({cast("Carrier", operation.ws).method}, expected.count(Order))


async def test_an_order_does_not_go_over_a_connection_whose_end_came_together_with_the_last_reply(
    server: ExchangeServer, client: TinyClient
) -> None:
    def answer_and_close(peer: Peer, message: dict[str, Any]) -> None:
        reply = json.dumps({"id": message["id"], "status": 200, "result": ORDER}).encode()
        normal_closure = b"\x88\x02\x03\xe8"
        peer.connection.transport.write(b"\x81%c%b%b" % (len(reply), reply, normal_closure))

    server.answer = answer_and_close
    await call(client, LOOK, symbol="A")

    with pytest.raises(ConnectError) as refused:
        await call(client, PLACE, symbol="A")

    assert not refused.value.sent
    assert [message["method"] for peer in server.peers for message in peer.received] == ["order.look"]


async def test_nothing_is_connected_before_the_first_call(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = answering(status=200, result=ORDER)
    assert client._websockets.caller.session.leg is None
    assert server.peers == []

    assert await call(client, LOOK, symbol="A") == Order(order_id=7, client_order_id="mine")

    assert [peer.path for peer in server.peers] == ["/ws-api"]
    assert server.peers[0].received == [{"id": 1, "method": "order.look", "params": {"symbol": "A"}}]


async def test_a_connection_that_ends_as_soon_as_it_stands_keeps_no_call_waiting(
    server: ExchangeServer, client: TinyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = answering(status=200, result=ORDER)
    run = Connection.run

    async def run_the_second(self: Connection) -> ConnectionLost:
        # The end is there before whoever waits for the connection has had a turn.
        return await run(self) if len(server.peers) > 1 else ConnectionLost("cut")

    monkeypatch.setattr(Connection, "run", run_the_second)
    async with asyncio.timeout(5):
        order = await call(client, LOOK, symbol="A")

    assert order == Order(order_id=7, client_order_id="mine")
    assert len(server.peers) == 2


async def test_a_signed_call_carries_key_timestamp_and_a_signature_over_its_sorted_parameters(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = answering(status=200, result=ORDER)
    await call(client, PLACE, symbol="A", client_order_id="mine")

    params = server.peers[0].received[0]["params"]
    signature = params.pop("signature")
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params))
    assert signature == hmac.digest(b"secret", payload.encode(), hashlib.sha256).hex()
    assert sorted(params) == ["apiKey", "newClientOrderId", "recvWindow", "symbol", "timestamp"]


async def test_a_user_stream_call_carries_the_key_alone(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = answering(status=200, result={"listenKey": "k"})
    await call(client, START)

    assert server.peers[0].received == [{"id": 1, "method": "stream.start", "params": {"apiKey": "key"}}]


async def test_many_calls_in_flight_get_their_own_replies_in_any_order(
    server: ExchangeServer, client: TinyClient
) -> None:
    asked: list[dict[str, Any]] = []
    server.answer = lambda peer, message: asked.append(message)
    calls = [asyncio.ensure_future(call(client, LOOK, symbol=f"S{number}")) for number in range(50)]
    await until(lambda: len(asked) == 50)
    for message in reversed(asked):
        number = int(message["params"]["symbol"][1:])
        await server.peers[0].send(id=message["id"], status=200, result={"orderId": number, "clientOrderId": ""})

    assert [order.order_id for order in await asyncio.gather(*calls)] == list(range(50))
    assert len(server.peers) == 1


async def test_rate_limits_of_a_reply_correct_the_budget_that_rest_shares(
    server: ExchangeServer, client: TinyClient
) -> None:
    limit = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 1000, "count": 321}
    server.answer = answering(status=200, result=ORDER, rateLimits=[limit])
    await call(client, LOOK, symbol="A")

    assert client.limits["weight"].used == 321


@pytest.mark.parametrize("rate_limits", [None, {}, "soon", [None], [{"rateLimitType": 7, "count": "many"}]])
async def test_rate_limits_that_cannot_be_read_do_not_cost_the_reply(
    server: ExchangeServer, client: TinyClient, rate_limits: object
) -> None:
    server.answer = answering(status=200, result=ORDER, rateLimits=rate_limits)

    assert (await call(client, LOOK, symbol="A")).order_id == 7


async def test_an_error_is_the_same_exception_as_over_rest(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = answering(status=400, error={"code": -1102, "msg": "Mandatory parameter missing."})
    with pytest.raises(ApiError) as caught:
        await call(client, PLACE, symbol="A")

    assert (caught.value.code, caught.value.status, caught.value.operation) == (-1102, 400, "place")
    assert "order.place #1" in str(caught.value)


async def test_too_many_requests_are_a_limit_error(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = answering(status=429, error={"code": -1003, "msg": "Too many requests."})
    with pytest.raises(RateLimited):
        await call(client, PLACE, symbol="A")


async def test_an_order_in_flight_when_the_connection_goes_is_unknown_at_once(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    placing = asyncio.ensure_future(call(client, PLACE, symbol="A", client_order_id="mine"))
    await until(lambda: server.peers and server.peers[0].received)
    server.peers[0].cut()

    with pytest.raises(ExecutionUnknown) as caught:
        await asyncio.wait_for(placing, 1)
    assert caught.value.client_order_id == "mine"
    await until(lambda: len(server.peers) == 2)
    assert server.peers[1].received == []


async def test_a_safe_call_in_flight_when_the_connection_goes_is_repeated_on_the_new_one(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: (
        {"id": message["id"], "status": 200, "result": ORDER} if len(server.peers) == 2 else None
    )
    looking = asyncio.ensure_future(call(client, LOOK, symbol="A"))
    await until(lambda: server.peers and server.peers[0].received)
    server.peers[0].cut()

    assert (await asyncio.wait_for(looking, 5)).order_id == 7
    assert [len(peer.received) for peer in server.peers] == [1, 1]


async def test_a_call_without_a_reply_ends_at_its_deadline_and_a_late_reply_is_counted(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    with pytest.raises(ExecutionUnknown) as caught:
        await client._websockets.caller.call(PLACE, {"symbol": "A"}, timeout=0.05)
    assert isinstance(caught.value.__cause__, CallTimeout)

    await server.peers[0].send(id=1, status=200, result=ORDER)
    await until(lambda: client._websockets.caller.session.late == 1)


async def test_a_cancelled_call_leaves_the_connection_usable(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = lambda peer, message: None
    looking = asyncio.ensure_future(call(client, LOOK, symbol="A"))
    await until(lambda: server.peers and server.peers[0].received)
    looking.cancel()
    await asyncio.wait([looking])
    await server.peers[0].send(id=1, status=200, result=ORDER)
    server.answer = answering(status=200, result=ORDER)

    assert (await call(client, LOOK, symbol="A")).order_id == 7
    assert client._websockets.caller.session.late == 1
    assert len(server.peers) == 1


async def test_a_cancelled_call_does_not_hurt_the_session_when_its_time_is_over(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    caller = client._websockets.caller
    looking = asyncio.ensure_future(cast("Any", caller.call(LOOK, {"symbol": "A"}, timeout=0.05)))
    await until(lambda: server.peers and server.peers[0].received)
    looking.cancel()
    await until(lambda: caller.statistics.in_flight == 0)
    server.answer = answering(status=200, result=ORDER)

    assert (await call(client, LOOK, symbol="A")).order_id == 7
    assert len(server.peers) == 1


async def test_a_cancelled_call_does_not_hurt_the_session_when_its_connection_goes(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: None
    cancelled, placing = (asyncio.ensure_future(call(client, PLACE, symbol="A")) for _ in range(2))
    await until(lambda: server.peers and len(server.peers[0].received) == 2)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    server.peers[0].cut()

    with pytest.raises(ExecutionUnknown):
        await asyncio.wait_for(placing, 1)
    await until(lambda: len(server.peers) == 2)


async def test_a_host_that_does_not_listen_is_an_error_that_says_that_nothing_was_sent() -> None:
    port = await idle_port()
    async with TinyClient(
        environment="production",
        api_key="key",
        api_secret="secret",
        ws_api_url=f"ws://127.0.0.1:{port}/",
        connection_settings=SETTINGS,
    ) as client:
        with pytest.raises(ConnectError):
            await call(client, PLACE, symbol="A")


async def test_closing_the_client_ends_calls_in_flight(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = lambda peer, message: None
    placing = asyncio.ensure_future(call(client, PLACE, symbol="A"))
    await until(lambda: server.peers and server.peers[0].received)

    await client.aclose()

    with pytest.raises(ExecutionUnknown):
        await placing
    with pytest.raises(ClientClosed):
        await call(client, LOOK, symbol="A")


async def test_the_envelope_can_be_had_as_it_came(server: ExchangeServer, client: TinyClient) -> None:
    server.answer = answering(status=200, result=ORDER)
    response = await client._websockets.caller.raw(LOOK, {"symbol": "A"})

    assert response.status == 200
    assert response.result == Order(order_id=7, client_order_id="mine")
