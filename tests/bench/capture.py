"""Catches the bytes of one HTTP request, so that a bare library can send exactly the same."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from attrs import frozen

from .rest_server import response

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Captured", "capture"]


@frozen
class Captured:
    """One request as it stood on the wire."""

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


def capture(send: Callable[[str], object], path: bytes, body: bytes) -> Captured:
    """What a client sends to a path.

    Args:
        send: Makes one call to the server at this address.
        path: Requests to other paths (of the clock, say) are answered and forgotten.
        body: The reply's body.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with ThreadPoolExecutor(1) as thread:
            call = thread.submit(send, url)
            connection, _ = listener.accept()
            with connection:
                found = _first(connection, path, body)
            call.result()
    return found


def _first(connection: socket.socket, path: bytes, body: bytes) -> Captured:
    while True:
        request = _read(connection)
        wanted = request.target.partition(b"?")[0] == path
        connection.sendall(response(body if wanted else b'{"serverTime":1700000000000}'))
        if wanted:
            return request


def _read(connection: socket.socket) -> Captured:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    headers = [(name, value.strip()) for name, _, value in (each.partition(b":") for each in lines)]
    length = int({name.lower(): value for name, value in headers}.get(b"content-length", b"0"))
    while len(body) < length:
        body += connection.recv(65536)
    method, target, _ = line.split(b" ")
    return Captured(method, target, headers, body)
