"""An outage that lasts is seen while it lasts: in the log, and in the state of each stream that is cut off."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from manual_clock import ManualClock
from specwright.runtime.errors import HandshakeRejected
from specwright.runtime.websocket import timing
from specwright.runtime.websocket.hub import StreamHub

from ...conditions import until
from .conftest import SETTINGS
from .tiny import LOOK, ORDER, PRODUCT, Streams, call

if TYPE_CHECKING:
    from .account_desk import Desk
    from .server import ExchangeServer
    from .tiny import TinyClient


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Levels and texts, without the numbers of seconds."""
    records = [each for each in caplog.records if each.name.endswith(".outage_log")]
    return [(each.levelname, re.sub(r"\d+\.\d s", "… s", each.getMessage())) for each in records]


async def cut_off(server: ExchangeServer) -> None:
    """Ends all connections, and refuses others from now on."""
    server.reject = 503
    refused = server.rejected
    for peer in server.open_peers:
        peer.cut()
    await until(lambda: server.rejected > refused)


async def test_the_log_says_what_was_lost_what_fails_and_that_it_is_there_again(
    server: ExchangeServer, client: TinyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with client.streams.trades("a") as stream:
        await cut_off(server)
        await until(lambda: len(told(caplog)) > 2)
        server.reject = None
        await until(lambda: stream.statistics.reconnects == 1)

    (lost, refused, *more) = told(caplog)
    assert lost[0] == "WARNING"
    assert re.fullmatch(r"connection to 127\.0\.0\.1 ended: .*; tried again in … s", lost[1])
    assert refused[0] == "WARNING"
    assert re.fullmatch(r"127\.0\.0\.1 refused the connection with status 503.*; tried again in … s", refused[1])
    assert set(more[:-1]) <= {refused}
    assert more[-1] == ("INFO", "connected to 127.0.0.1 again, after … s")


async def test_the_log_says_that_a_first_connection_that_is_refused_is_not_tried_again(
    server: ExchangeServer, client: TinyClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.reject = 401
    with pytest.raises(HandshakeRejected):
        await client.streams.trades("a").start()

    ((level, text),) = told(caplog)
    assert level == "WARNING"
    assert text.endswith("; it is not tried again")


async def test_the_log_of_calls_over_the_websocket_api_says_the_same(
    server: ExchangeServer, client: TinyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.answer = lambda peer, message: {"id": message["id"], "status": 200, "result": ORDER}
    await call(client, LOOK, symbol="A")
    server.peers[0].cut()
    await until(lambda: len(told(caplog)) == 2)

    assert [level for level, _ in told(caplog)] == ["WARNING", "INFO"]


async def test_the_log_never_tells_a_listen_key(
    server: ExchangeServer, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.account.key = "k1-that-is-secret"
    async with desk.open() as stream:
        await cut_off(server)
        server.reject = None
        await until(lambda: stream.statistics.reconnects == 1)

    assert told(caplog) != []
    assert [each for each in caplog.records if "specwright" in each.name and "secret" in str(vars(each))] == []


async def test_a_stream_that_is_cut_off_says_so_until_it_is_whole_again(
    server: ExchangeServer, client: TinyClient
) -> None:
    both = client.streams.merge(client.streams.trades("a"), client.streams.trades("b"))
    async with both, client.streams.trades("a") as one:
        states = [[one.state, both.state]]
        await cut_off(server)
        states.append([one.state, both.state])
        server.reject = None
        await until(lambda: one.statistics.reconnects == both.statistics.reconnects == 1)
        states.append([one.state, both.state])
        await cut_off(server)
    states.append([one.state, both.state])

    assert states == [["running"] * 2, ["reconnecting"] * 2, ["running"] * 2, ["closed"] * 2]
    assert "closed" in repr(one)


async def test_a_merged_stream_is_cut_off_until_the_last_of_its_streams_is_whole_again(
    server: ExchangeServer, client: TinyClient
) -> None:
    group = client.streams
    async with group.merge(group.trades("a"), group.depth("b")) as stream:
        states = [stream.state]
        server.reject_path, refused = "/public", server.rejected
        for peer in server.open_peers:
            peer.cut()
        await until(lambda: stream.statistics.reconnects == 1 and server.rejected > refused)
        states.append(stream.state)
        server.reject_path = None
        await until(lambda: stream.statistics.reconnects == 2)
        states.append(stream.state)

    assert states == ["running", "reconnecting", "running"]


async def test_user_data_that_is_cut_off_says_so_until_it_is_whole_again(server: ExchangeServer, desk: Desk) -> None:
    async with desk.open() as stream:
        states: list[Any] = [stream.state]
        await cut_off(server)
        states.append(stream.state)
        server.reject = None
        await until(lambda: stream.statistics.reconnects == 1)
        states.append(stream.state)

    assert states == ["running", "reconnecting", "running"]


async def test_a_connection_that_does_not_answer_a_request_is_told_in_the_log_as_lost(
    server: ExchangeServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "LOOK_AGAIN", 0.002)
    clock = ManualClock()
    hub = StreamHub(PRODUCT, server.url, settings=SETTINGS, clock=clock, policy=SETTINGS.reconnect)
    first, second = Streams(hub).trades("a"), Streams(hub).trades("b")
    await first.start()
    server.answer = lambda peer, message: None
    starting = asyncio.create_task(second.start())
    await until(lambda: server.peers[0].received)
    clock.advance(11)
    await starting
    await hub.close()

    assert told(caplog) == [("WARNING", "127.0.0.1 did not answer a request in time: SUBSCRIBE; tried again in … s")]
