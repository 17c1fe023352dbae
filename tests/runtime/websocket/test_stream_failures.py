"""What fails around a stream: typed errors at its start, gaps and notices once it runs, and it lives on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import (
    ConnectError,
    HandshakeRejected,
    InvalidParameter,
    RequestRejected,
)
from specwright.runtime.websocket.notices import Malformed, Reconnected

from ...conditions import until
from .conftest import SETTINGS
from .consuming import first
from .server import ExchangeServer, idle_port
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from typing import Any

    from .server import Peer


async def test_the_first_connection_that_is_refused_is_a_typed_error(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.reject = 403
    with pytest.raises(HandshakeRejected, match="status 403") as caught:
        await client.streams.trades("a").start()
    assert caught.value.status == 403


async def test_a_host_that_does_not_listen_is_a_typed_error() -> None:
    port = await idle_port()
    address = f"ws://127.0.0.1:{port}"
    async with TinyClient(environment="production", stream_url=address, connection_settings=SETTINGS) as client:
        with pytest.raises(ConnectError, match=r"127\.0\.0\.1"):
            async for _ in client.streams.trades("a"):
                raise AssertionError


async def test_a_rejected_subscription_raises(server: ExchangeServer, client: TinyClient) -> None:
    def refuse(peer: Any, message: dict[str, Any]) -> dict[str, Any]:
        return {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}

    server.answer = refuse
    async with client.streams.trades("a"):
        with pytest.raises(RequestRejected, match="Invalid request"):
            await client.streams.trades("b").start()


async def test_one_rejected_name_among_many_fails_its_own_stream_alone(
    server: ExchangeServer, client: TinyClient
) -> None:
    def refuse(peer: Peer, message: dict[str, Any]) -> dict[str, Any]:
        if "bad@trade" in message["params"]:
            return {"id": message["id"], "error": {"code": 2, "msg": "Invalid request"}}
        return {"id": message["id"], "result": None}

    server.answer = refuse
    async with client.streams.trades("a"):
        bad, good = client.streams.trades("bad"), client.streams.trades("good")
        outcome = await asyncio.gather(bad.start(), good.start(), return_exceptions=True)

        assert isinstance(outcome[0], RequestRejected)
        assert outcome[1] is None
        assert good.state == "running"
        await good.close()


@pytest.mark.parametrize("symbol", ["", "a/b@trade", "a b", "a?", 'a"'])
async def test_a_symbol_that_would_name_another_stream_is_refused(client: TinyClient, symbol: str) -> None:
    with pytest.raises(InvalidParameter):
        client.streams.trades(symbol)


async def test_after_a_cut_the_stream_goes_on_and_tells_of_the_gap(server: ExchangeServer, client: TinyClient) -> None:
    async with client.streams.trades("a") as stream:
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 1)
        server.peers[0].cut()
        await until(lambda: len(server.open_peers) == 1 and len(server.peers) == 2)
        await until(lambda: stream.statistics.reconnects == 1)
        await server.trade("a", 3)
        items = await first(3, stream)

    assert [getattr(item, "trade_id", type(item)) for item in items] == [1, Reconnected, 3]
    gap = items[1]
    assert isinstance(gap, Reconnected)
    assert gap.streams == ("a@trade",)
    assert gap.since <= gap.until


async def test_hundreds_of_reconnects_in_a_row_leave_one_connection_and_no_task(
    server: ExchangeServer, client: TinyClient
) -> None:
    cuts = 300
    async with client.streams.trades("a") as stream:
        before = len(asyncio.all_tasks())
        for number in range(cuts):
            await until(lambda number=number: len(server.peers) > number)  # type: ignore[misc]
            server.peers[number].cut()
        await until(lambda: stream.statistics.reconnects == cuts)
        await server.trade("a", 1)

        assert (await anext(stream.events())).trade_id == 1
        assert len(server.open_peers) == 1
        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_payload_that_is_no_json_is_told_as_a_payload_and_one_of_another_type_is_an_event_all_the_same(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        for data in ("nonsense", "[" * 100_000, "[1,2]", '{"p":"abc"}'):
            await server.peers[0].connection.send(f'{{"stream":"a@trade","data":{data}}}')
        malformed, nested, *events = await first(4, stream)

    assert isinstance(malformed, Malformed)
    assert isinstance(nested, Malformed)
    assert str(malformed.error).startswith("the payload is no JSON: ")
    assert [(type(event), getattr(event, "price", ...)) for event in events] == [(Trade, None), (Trade, "abc")]


async def test_a_payload_that_is_no_json_is_told_with_the_name_of_its_stream_or_of_how_many_it_may_be(
    server: ExchangeServer, client: TinyClient
) -> None:
    group = client.streams
    async with group.merge(group.trades("a"), group.trades("b"), group.depth("c")) as stream:
        for peer in server.open_peers:
            for name in sorted(peer.streams):
                await peer.connection.send(f'{{"stream":"{name}","data":nonsense}}')
        told = await first(3, stream)

    assert sorted(notice.stream for notice in told) == ["c@depth", "one of 2 streams", "one of 2 streams"]


async def test_a_server_that_announces_its_shutdown_is_left_at_once_and_without_a_gap(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.peers[0].send(e="serverShutdown", E=1)
        await until(lambda: len(server.open_peers) == 2)
        for number in range(3):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 3)
        server.peers[0].cut()
        await until(lambda: len(server.open_peers) == 1)
        await server.trade("a", 3)
        taken = await first(4, stream)

    assert [item.trade_id for item in taken if isinstance(item, Trade)] == [0, 1, 2, 3]


async def test_a_frame_that_cannot_be_read_is_handed_on_and_the_stream_lives(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a") as stream:
        await server.peers[0].connection.send('{"stream":"a@trade","data":{"e":nonsense}}')
        await server.trade("a", 1)
        items = await first(2, stream)

    assert isinstance(items[0], Malformed)
    assert items[0].body == b'{"e":nonsense}'
    assert isinstance(items[1], Trade)
    assert stream.statistics.malformed == 1


async def test_a_start_that_is_cancelled_leaves_nothing_behind(server: ExchangeServer, client: TinyClient) -> None:
    for turns in range(12):
        starting = asyncio.ensure_future(client.streams.trades("a").start())
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
    await until(lambda: not server.open_peers)

    assert client._websockets.hub.connections == 0
