"""A refused handshake that points elsewhere names that place, and no key that may stand in its address."""

from __future__ import annotations

import pickle

import pytest

from specwright.runtime.errors import HandshakeRejected


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("https://www.example.com/maintenance?listenKey=secret", "https://www.example.com"),
        ("ws://example.com:8080/ws/secret", "ws://example.com:8080"),
        ("//user:secret@example.com/ws", "//example.com"),
        ("wss://[::1]:443/private?listenKey=secret#secret", "wss://[::1]:443"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_place_is_named_without_what_stands_behind_the_host(status: int, location: str, place: str) -> None:
    error = HandshakeRejected("refused", status=status, location=location)
    again = pickle.loads(pickle.dumps(error))

    assert error.location == again.location == place
    assert (
        str(error)
        == str(again)
        == (
            f"refused: it points to {place}; if that is the exchange, name it in stream_url or ws_api_url, "
            "if not, look for a proxy or a login page on the way"
        )
    )
    assert b"secret" not in pickle.dumps(error)


@pytest.mark.parametrize("location", [None, "/ws/secret", "", "wss://host:secret/", "https://[secret/"])
def test_a_place_that_has_no_host_is_not_named(location: str | None) -> None:
    error = HandshakeRejected("refused", status=302, location=location)

    assert error.location is None
    assert str(error).startswith("refused: it points to another address; if ")
    assert "secret" not in str(error)
