"""Direct connections over real sockets: kept, given up in time, with TLS or without, blocking and on the event loop."""

from __future__ import annotations

import asyncio
import datetime
import gc
import ipaddress
import itertools
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Protocol

import pytest
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from corner_exchange.server import json_reply
from loopback import LoopbackServer
from specwright.runtime.direct import Connection, Place
from specwright.runtime.direct_async import AsyncConnection
from specwright.runtime.effects import HttpRequest
from specwright.runtime.errors import ConnectError, ConnectionLost

from ..cancelling import Finished, cancelled_at, no_socket_left, set_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REPLY = json_reply(200, {"orderId": 7})


@define
class TlsServer(LoopbackServer):
    """Answers every request alike, by TLS or in the clear."""

    after_reply: Callable[[socket.socket], object] = lambda connection: None
    answered: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    """Counts replies, with all that follows them."""

    def serve(self, connection: socket.socket) -> None:
        while connection.recv(65536):
            connection.sendall(REPLY)
            self.after_reply(connection)
            self.answered.release()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(params=["in the clear", "by TLS"])
def server(request: pytest.FixtureRequest, server_tls: ssl.SSLContext) -> Iterator[TlsServer]:
    with TlsServer(tls=server_tls if request.param == "by TLS" else None) as running:
        yield running


class Exchanges(Protocol):
    """Makes a number of exchanges over one connection, with a pause for the server between them; gives the bodies."""

    def __call__(self, place: Place, server: TlsServer, count: int) -> list[bytes]: ...


def request() -> HttpRequest:
    return HttpRequest("GET", b"/v1/order?orderId=7", [(b"Host", b"127.0.0.1")], b"", 5.0)


def blocking(place: Place, server: TlsServer, count: int) -> list[bytes]:
    connection = Connection(place)
    try:
        bodies = []
        for _ in range(count):
            bodies.append(connection.exchange(request(), 5.0, 10.0).body)
            server.answered.acquire(timeout=5)
        return bodies
    finally:
        connection.close()


def on_the_loop(place: Place, server: TlsServer, count: int) -> list[bytes]:
    async def main() -> list[bytes]:
        connection = AsyncConnection(place)
        try:
            bodies = []
            for _ in range(count):
                bodies.append((await connection.exchange(request(), 5.0, 10.0)).body)
                await asyncio.to_thread(server.answered.acquire, timeout=5)
                # What the server did after its reply has reached this socket; the loop has to look at it.
                for _ in range(5):
                    await asyncio.sleep(0)
            return bodies
        finally:
            await connection.aclose()

    bodies = asyncio.run(main())
    gc.collect()  # A socket that was not closed would be told of now.
    return bodies


both = pytest.mark.parametrize("exchanges", [blocking, on_the_loop])


def place(server: TlsServer, certificate: Path, keepalive: float = 30.0) -> Place:
    tls = None if server.tls is None else ssl.create_default_context(cafile=certificate)
    return Place(server.url, tls, keepalive)


@both
def test_one_connection_carries_many_calls(exchanges: Exchanges, server: TlsServer, certificate: Path) -> None:
    assert exchanges(place(server, certificate), server, 4) == [b'{"orderId": 7}'] * 4
    assert server.connections == 1


@both
def test_a_connection_that_the_server_has_ended_is_replaced(
    exchanges: Exchanges, server: TlsServer, certificate: Path
) -> None:
    server.after_reply = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    assert exchanges(place(server, certificate), server, 3) == [b'{"orderId": 7}'] * 3
    assert server.connections == 3


@both
def test_a_reply_that_nobody_asked_for_answers_nothing(
    exchanges: Exchanges, server: TlsServer, certificate: Path
) -> None:
    server.after_reply = lambda connection: connection.sendall(json_reply(200, {"orderId": 8}))
    assert exchanges(place(server, certificate), server, 3) == [b'{"orderId": 7}'] * 3
    assert server.connections == 3


@both
def test_a_connection_that_was_idle_for_too_long_is_replaced(
    exchanges: Exchanges, server: TlsServer, certificate: Path
) -> None:
    assert exchanges(place(server, certificate, keepalive=0.0), server, 2) == [b'{"orderId": 7}'] * 2
    assert server.connections == 2


@both
def test_a_certificate_of_nobody_known_means_that_nothing_was_sent(
    exchanges: Exchanges, server_tls: ssl.SSLContext
) -> None:
    with TlsServer(tls=server_tls) as server, pytest.raises(ConnectError, match="certificate verify failed"):
        exchanges(Place(server.url, ssl.create_default_context(), 30.0), server, 1)


@both
def test_a_host_without_a_server_is_named(exchanges: Exchanges) -> None:
    with TlsServer() as server:
        gone = Place(server.url, None, 30.0)
    with pytest.raises(ConnectError, match=r"could not connect to 127\.0\.0\.1") as raised:
        exchanges(gone, server, 1)
    assert not raised.value.sent


@both
def test_a_call_on_a_connection_that_breaks_under_it_may_have_arrived(exchanges: Exchanges) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        leads = Place(f"http://127.0.0.1:{listener.getsockname()[1]}", None, 30.0)
        with TlsServer() as bystander, pytest.raises(ConnectionLost) as raised:
            exchanges(leads, bystander, 1)
        thread.join()
    assert raised.value.sent


@pytest.mark.parametrize("late", [False, True])
async def test_a_cancellation_at_any_await_leaves_no_socket(server: TlsServer, certificate: Path, late: bool) -> None:
    leads = place(server, certificate)

    async def exchange_once() -> None:
        connection = AsyncConnection(leads)
        await connection.exchange(request(), 5.0, 10.0)
        await connection.aclose()

    set_aside()
    for suspension in itertools.count():
        with no_socket_left():
            task = asyncio.create_task(cancelled_at(exchange_once(), suspension, late=late))
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
            for _ in range(5):
                await asyncio.sleep(0)  # What was closed is closed in the event loop's next turns.
            del task
        if isinstance(outcome, Finished):
            break
        assert isinstance(outcome, asyncio.CancelledError)

    assert suspension >= 2, "connecting and reading"
