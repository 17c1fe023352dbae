"""The protocol of a direct connection, byte by byte and without a socket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.runtime.effects import HttpRequest, Reply
from specwright.runtime.errors import ConfigurationError
from specwright.runtime.http11 import BrokenProtocol, Http11

HEADERS = [(b"Host", b"exchange.example"), (b"X-MBX-APIKEY", b"the-api-key")]
ORDER = b"symbol=BTCUSDT&side=BUY&signature=abc"
PLACED = b'HTTP/1.1 200 OK\r\nX-MBX-Used-Weight: 7\r\nContent-Length: 13\r\n\r\n{"orderId":7}'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"order\r\n6\r\nId":7}\r\n0\r\n\r\n'
UNTIL_THE_END = b'HTTP/1.0 200 OK\r\n\r\n{"orderId":7}'


def request(body: bytes = ORDER, headers: list[tuple[bytes, bytes]] | None = None) -> HttpRequest:
    length = [(b"Content-Length", b"%d" % len(body))] if body else []
    return HttpRequest("POST", b"/v1/order", [*(headers or HEADERS), *length], body, 1.0)


def fed(connection: Http11, pieces: list[bytes]) -> Reply | None:
    """What a connection makes of pieces that come one after the other."""
    reply = None
    for piece in pieces:
        assert reply is None, "a reply was whole before its end"
        reply = connection.receive(piece)
    return reply


def test_a_request_is_one_piece_and_its_bytes_are_the_callers() -> None:
    assert Http11(30.0).start(request()) == (
        b"POST /v1/order HTTP/1.1\r\nHost: exchange.example\r\nX-MBX-APIKEY: the-api-key\r\nContent-Length: 37\r\n\r\n"
        + ORDER
    )


@pytest.mark.parametrize("whole", [PLACED, CHUNKED], ids=["with a length", "in chunks"])
@given(data=st.data())
def test_a_reply_may_come_in_any_pieces(whole: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1))))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    connection = Http11(30.0)
    connection.start(request())

    reply = fed(connection, pieces)
    assert reply is not None
    assert (reply.status, reply.body, connection.is_usable) == (200, b'{"orderId":7}', True)


def test_headers_keep_their_spelling() -> None:
    connection = Http11(30.0)
    connection.start(request())
    reply = fed(connection, [PLACED])
    assert reply is not None
    assert reply.headers == [(b"X-MBX-Used-Weight", b"7"), (b"Content-Length", b"13")]


def test_a_connection_carries_one_request_after_the_other() -> None:
    connection = Http11(30.0)
    for number in range(3):
        connection.start(request(b"" if number == 1 else ORDER))
        assert not connection.is_usable
        assert fed(connection, [PLACED]) is not None
        assert connection.is_usable


def test_what_comes_before_the_reply_is_passed_over() -> None:
    connection = Http11(30.0)
    connection.start(request())
    reply = fed(connection, [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + PLACED])
    assert reply is not None
    assert reply.status == 200


def test_a_reply_without_a_length_ends_with_the_connection() -> None:
    connection = Http11(30.0)
    connection.start(request())
    reply = fed(connection, [UNTIL_THE_END, b""])
    assert reply is not None
    assert (reply.body, connection.is_usable) == (b'{"orderId":7}', False)


def test_a_server_that_wants_no_other_request_gets_none() -> None:
    connection = Http11(30.0)
    connection.start(request())
    assert fed(connection, [PLACED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")]) is not None
    assert not connection.is_usable


def test_a_second_reply_that_nobody_asked_for_is_never_taken_for_the_next_one() -> None:
    connection = Http11(30.0)
    connection.start(request())
    assert fed(connection, [PLACED + PLACED]) is not None
    assert not connection.is_usable


def test_an_idle_connection_is_given_up_in_time() -> None:
    connection = Http11(0.0)
    connection.start(request())
    assert fed(connection, [PLACED]) is not None
    assert not connection.is_usable


@pytest.mark.parametrize(
    "pieces",
    [[b""], [PLACED[:20], b""], [PLACED[:-1], b""], [CHUNKED[:-2], b""], [b"\x16\x03\x01 no HTTP\r\n\r\n"]],
    ids=["nothing", "half a head", "half a body", "no last chunk", "another protocol"],
)
def test_half_a_reply_is_none(pieces: list[bytes]) -> None:
    connection = Http11(30.0)
    connection.start(request())
    with pytest.raises(BrokenProtocol):
        fed(connection, pieces)
    assert not connection.is_usable


def test_a_switch_to_another_protocol_is_no_reply() -> None:
    connection = Http11(30.0)
    connection.start(request(headers=[*HEADERS, (b"Connection", b"upgrade"), (b"Upgrade", b"websocket")]))
    with pytest.raises(BrokenProtocol, match="another protocol"):
        fed(connection, [b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"])


def test_a_key_that_is_no_header_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="nothing was sent") as raised:
        Http11(30.0).start(request(headers=[(b"Host", b"exchange.example"), (b"X-MBX-APIKEY", b"the-api\nkey")]))
    assert "the-api" not in str(raised.value) + str(raised.value.__cause__)
