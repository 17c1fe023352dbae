"""Connections that fail in every way that a network has: each is noticed, and nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from manual_clock import ManualClock
from specwright.runtime.clock import SystemClock
from specwright.runtime.errors import ConfigurationError, ConnectError, ConnectionLost, HandshakeRejected
from specwright.runtime.websocket.connection import Connection, ConnectionSettings, open_connection
from specwright.runtime.websocket.line import Line

from ...conditions import until
from ...cutting_proxy import CuttingProxy, Limit
from .conftest import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from specwright.runtime.clock import Clock

    from .server import ExchangeServer

QUICK = evolve(SETTINGS, close_timeout=0.1)


@pytest.fixture
def proxy(server: ExchangeServer) -> Iterator[CuttingProxy]:
    """A proxy in front of the server."""
    with CuttingProxy(server.url) as running:
        yield running


async def connect(url: str, line: Line, settings: ConnectionSettings = QUICK) -> Connection:
    return await open_connection(f"{url}/ws/secret-listen-key", line, settings, SystemClock())


async def test_a_handshake_that_is_cut_at_any_byte_is_a_connect_error(
    server: ExchangeServer, proxy: CuttingProxy
) -> None:
    connection = await connect(proxy.url, Line(0))
    length = proxy.handshake("to client")
    await connection.close()
    for count in range(length):
        proxy.limits.append(Limit("to client", count))
        with pytest.raises(ConnectError):
            await connect(proxy.url, Line(count))


async def test_a_handshake_that_never_ends_is_given_up(server: ExchangeServer, proxy: CuttingProxy) -> None:
    proxy.limits.append(Limit("to client", 40, silent=True))
    async with asyncio.timeout(5):
        with pytest.raises(ConnectError, match="timed out"):
            await connect(proxy.url, Line(1), evolve(QUICK, open_timeout=0.3))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "check the key"),
        (403, "a firewall blocks this address"),
        (302, "it points to another address; if that is the exchange, name it in stream_url or ws_api_url"),
        (404, "check stream_url"),
        (418, "wait some minutes"),
        (429, "wait some minutes"),
        (503, "try again later"),
    ],
)
async def test_a_refused_handshake_says_its_status_and_what_to_do_and_never_the_path(
    server: ExchangeServer, status: int, advice: str
) -> None:
    server.reject = status
    with pytest.raises(HandshakeRejected) as caught:
        await connect(server.url, Line(1))

    assert caught.value.status == status
    assert f"status {status}: " in str(caught.value)
    assert advice in str(caught.value)
    assert "secret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_to_what_is_no_websocket_is_a_refusal_that_names_the_place(
    server: ExchangeServer, status: int
) -> None:
    server.reject, server.location = status, "https://login.example.com/ws/secret-listen-key?listenKey=secret"
    with pytest.raises(HandshakeRejected, match=r"it points to https://login\.example\.com; if that is ") as caught:
        await connect(server.url, Line(1))

    assert (caught.value.status, caught.value.location) == (status, "https://login.example.com")
    assert "secret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-7", None), ("\u00b2", None)],
)
async def test_a_refused_handshake_is_tried_again_when_the_server_says_so(
    server: ExchangeServer, said: str, seconds: float | None
) -> None:
    server.reject, server.retry_after = 429, said
    with pytest.raises(HandshakeRejected) as caught:
        await connect(server.url, Line(1))

    assert caught.value.retry_after == seconds


def test_a_refused_handshake_says_how_long_to_wait_where_that_is_known() -> None:
    assert "wait 7 s" in str(HandshakeRejected("refused", status=429, retry_after=7.0))
    assert str(HandshakeRejected("refused")) == "refused"


async def test_a_cut_within_a_frame_loses_that_frame_alone(server: ExchangeServer, proxy: CuttingProxy) -> None:
    received: list[bytes] = []
    line = Line(1, received.extend)
    connection = await connect(proxy.url, line)
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.send("whole")
    await until(lambda: received)
    proxy.cut_after(7)
    await server.peers[0].connection.send("x" * 500)

    lost = await running
    assert isinstance(lost, ConnectionLost)
    assert received == [b"whole"]
    assert "secret" not in str(lost)


async def test_a_tls_context_does_not_keep_from_an_address_without_tls(server: ExchangeServer) -> None:
    connection = await connect(server.url, Line(1), evolve(QUICK, ssl=ssl.create_default_context()))
    await connection.close()

    assert len(server.peers) == 1


async def test_a_connection_that_the_server_closes_says_how(server: ExchangeServer) -> None:
    connection = await connect(server.url, Line(1))
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.close(1001, "maintenance")

    assert (
        str(await running) == "connection to 127.0.0.1 ended: the server closed it with 1001 (going away) maintenance"
    )


async def test_a_connection_that_is_closed_here_says_so(server: ExchangeServer, proxy: CuttingProxy) -> None:
    connection = await connect(proxy.url, Line(1))
    running = asyncio.ensure_future(connection.run())
    proxy.fall_silent()
    await connection.close()

    assert str(await running) == "connection to 127.0.0.1 ended: closed here with 1000 (OK)"


async def test_headers_of_the_settings_go_with_the_handshake(server: ExchangeServer) -> None:
    connection = await connect(server.url, Line(1), evolve(QUICK, headers={"X-Desk": "seven"}))
    await connection.close()

    request = server.peers[0].connection.request
    assert request is not None and request.headers["X-Desk"] == "seven"


async def test_a_connection_that_is_held_is_not_read_again_because_the_long_way_is_free(server: ExchangeServer) -> None:
    received: list[bytes] = []

    def receive(messages: Sequence[bytes]) -> None:
        received.extend(messages)
        if len(received) == 1:
            connection.hold()

    connection = await connect(server.url, Line(1, receive))
    running = asyncio.ensure_future(connection.run())
    fragments = bytes([0x01, 1]) + b"x" + bytes([0x80, 1]) + b"y"
    server.peers[0].connection.transport.write(fragments * 100)
    await until(lambda: len(received) == 100)

    assert not connection._websocket.transport.is_reading()
    await connection.close()
    await running


async def test_fragments_pings_and_whole_frames_come_in_order(server: ExchangeServer) -> None:
    received: list[bytes] = []
    connection = await connect(server.url, Line(1, received.extend))
    running = asyncio.ensure_future(connection.run())
    peer = server.peers[0].connection
    await peer.send("one")
    await peer.send(["t", "w", "o"])
    await peer.ping()
    await peer.send("three")
    await until(lambda: len(received) == 3)

    assert received == [b"one", b"two", b"three"]
    await connection.close()
    await running


@pytest.mark.parametrize("message", ["whole", ["in ", "fragments"]])
async def test_what_a_receiver_raises_ends_the_connection_and_is_what_its_run_raises(
    server: ExchangeServer, message: str | list[str]
) -> None:
    received: list[bytes] = []

    def receive(messages: Sequence[bytes]) -> None:
        received.extend(messages)
        raise LookupError("a fault")

    connection = await connect(server.url, Line(1, receive))
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.send(message)

    with pytest.raises(LookupError, match="a fault"):
        async with asyncio.timeout(5):
            await running
    await until(lambda: not server.open_peers)
    assert received == ["".join(message).encode()]


async def test_what_a_receiver_raises_when_it_is_released_ends_the_connection_too(server: ExchangeServer) -> None:
    received: list[bytes] = []

    def receive(messages: Sequence[bytes]) -> None:
        received.extend(messages)
        if len(received) == 64:
            connection.hold()
        elif len(received) > 64:
            raise LookupError("a fault")

    connection = await connect(server.url, Line(1, receive))
    running = asyncio.ensure_future(connection.run())
    frames = b"".join(bytes([0x81, 1]) + b"x" for _ in range(65))
    server.peers[0].connection.transport.write(frames)
    await until(lambda: len(received) == 64)
    connection.release()

    with pytest.raises(LookupError, match="a fault"):
        async with asyncio.timeout(5):
            await running
    await until(lambda: not server.open_peers)


async def test_a_server_that_stops_answering_pings_is_found_dead(server: ExchangeServer, proxy: CuttingProxy) -> None:
    settings = evolve(QUICK, ping_interval=0.05, ping_timeout=0.05)
    connection = await connect(proxy.url, Line(1), settings)
    proxy.fall_silent()

    lost = await asyncio.wait_for(connection.run(), 2)

    assert "keepalive" in str(lost)


@pytest.mark.parametrize("compression", [False, True])
async def test_a_server_that_closes_and_leaves_the_connection_half_open_is_left_after_the_close_timeout(
    server: ExchangeServer, proxy: CuttingProxy, compression: bool
) -> None:
    line = Line(1)
    connection = await connect(proxy.url, line, evolve(QUICK, ping_interval=None, compression=compression))
    line.send = connection.send
    proxy.fall_silent()
    proxy.insert(b"\x88\x02\x03\xe9")

    lost = await asyncio.wait_for(connection.run(), 2)

    assert "1001" in str(lost)
    assert not line.send(b"an order")


async def test_a_server_that_does_not_answer_the_close_is_left_within_a_second(
    server: ExchangeServer, proxy: CuttingProxy, now: Callable[[], float]
) -> None:
    connection = await connect(proxy.url, Line(1), SETTINGS)
    running = asyncio.ensure_future(connection.run())
    proxy.fall_silent()
    start = now()

    await connection.close()
    await running

    assert now() - start < 1.0


async def crammed(server: ExchangeServer, settings: ConnectionSettings, clock: Clock) -> Connection:
    """A connection whose server reads nothing, and on which so much was sent that no more leaves."""
    connection = await open_connection(server.url, Line(1), settings, clock)
    server.peers[0].connection.transport.pause_reading()
    while not connection._websocket.paused:
        connection.send(b"x" * 100_000)
    return connection


async def test_a_server_that_reads_nothing_is_left_within_a_second_however_much_is_still_to_be_sent(
    server: ExchangeServer, now: Callable[[], float]
) -> None:
    connection = await crammed(server, SETTINGS, SystemClock())
    running = asyncio.ensure_future(connection.run())
    start = now()

    await connection.close()
    await running

    assert now() - start < 1.0


async def test_a_server_that_reads_nothing_is_found_dead_however_much_is_still_to_be_sent(
    server: ExchangeServer,
) -> None:
    clock = ManualClock()
    connection = await crammed(server, evolve(QUICK, ping_timeout=0.05), clock)
    running = asyncio.ensure_future(connection.run())
    await until(running.done, moving=clock)

    assert "keepalive" in str(running.result())


async def test_a_connection_that_is_held_closes_all_the_same(server: ExchangeServer) -> None:
    line = Line(1)
    connection = await connect(server.url, line, evolve(QUICK, close_timeout=60))
    line.receive = lambda message: connection.hold()
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.send("one")
    await server.peers[0].connection.send("two")

    async with asyncio.timeout(5):
        await connection.close()

    assert isinstance(await asyncio.wait_for(running, 1), ConnectionLost)


async def test_a_message_that_is_too_large_ends_the_connection_and_nothing_else(server: ExchangeServer) -> None:
    received: list[bytes] = []
    settings = evolve(QUICK, max_message_bytes=1_000)
    connection = await connect(server.url, Line(1, received.extend), settings)
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.send("x" * 1_000)
    await server.peers[0].connection.send("x" * 1_001)

    assert "1009" in str(await running)
    assert received == [b"x" * 1_000]


async def test_unless_told_otherwise_a_message_may_have_16_mib(server: ExchangeServer) -> None:
    received: list[bytes] = []
    connection = await connect(server.url, Line(1, received.extend), SETTINGS)
    running = asyncio.ensure_future(connection.run())
    await server.peers[0].connection.send("x" * 16 * 2**20)
    await until(lambda: received)
    await connection.close()
    await running

    assert [len(message) for message in received] == [16 * 2**20]


async def test_compression_can_be_asked_for(server: ExchangeServer) -> None:
    received: list[bytes] = []
    connection = await connect(server.url, Line(1, received.extend), evolve(QUICK, compression=True))
    running = asyncio.ensure_future(connection.run())
    for text in ("a" * 500, "b"):
        await server.peers[0].connection.send(text)
    await until(lambda: len(received) == 2)

    assert received == [b"a" * 500, b"b"]
    await connection.close()
    await running


async def test_a_malformed_address_is_a_configuration_error_that_does_not_quote_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        await open_connection("http://127.0.0.1/ws/secret-listen-key", Line(1), QUICK, SystemClock())

    assert "secret" not in str(caught.value)


async def test_a_listen_key_never_reaches_the_log(server: ExchangeServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        connection = await connect(server.url, Line(1))
        running = asyncio.ensure_future(connection.run())
        await connection.close()
        await running

    ours = [record.getMessage() for record in caplog.records if "specwright" in record.name]
    assert not [text for text in ours if "secret" in text]
