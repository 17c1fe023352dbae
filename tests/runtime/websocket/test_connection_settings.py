"""How connections are made is said once, and what no connection can have is refused when it is said."""

from __future__ import annotations

from typing import Any

import pytest

from specwright.runtime.errors import ConfigurationError
from specwright.runtime.websocket.connection import ConnectionSettings


def test_settings_do_not_show_a_proxy_and_its_password() -> None:
    assert "hunter2" not in repr(ConnectionSettings(proxy="http://user:hunter2@proxy"))


PROXY_RULE = (
    "proxy must be an address like http://host:port or socks5://host, True for what the environment says, or None for "
    "none"
)
OUT_OF_RANGE: list[tuple[dict[str, Any], str]] = [
    ({"open_timeout": "5"}, "open_timeout='5' must be a number of seconds above 0"),
    ({"open_timeout": 0}, "open_timeout=0 must be a number of seconds above 0"),
    ({"open_timeout": None}, "open_timeout=None must be a number of seconds above 0"),
    ({"close_timeout": -0.1}, "close_timeout=-0.1 must be a number of seconds, at least 0"),
    ({"close_timeout": float("inf")}, "close_timeout=inf must be a number of seconds, at least 0"),
    ({"ping_interval": 0}, "ping_interval=0 must be a number of seconds above 0, or None"),
    ({"ping_interval": -1}, "ping_interval=-1 must be a number of seconds above 0, or None"),
    ({"ping_interval": float("nan")}, "ping_interval=nan must be a number of seconds above 0, or None"),
    ({"ping_timeout": True}, "ping_timeout=True must be a number of seconds above 0, or None"),
    ({"max_message_bytes": None}, "max_message_bytes=None must be a whole number, at least 1"),
    ({"compression": "deflate"}, "compression must be of the type bool, not str"),
    ({"proxy": "user:hunter2@host"}, PROXY_RULE),
    ({"proxy": "ftp://user:hunter2@host"}, PROXY_RULE),
    ({"proxy": 8080}, PROXY_RULE),
    ({"ssl": True}, "ssl must be of the type SSLContext or None, not bool"),
    ({"reconnect": None}, "reconnect must be of the type ReconnectPolicy, not NoneType"),
    ({"headers": [("A", "secret")]}, "headers must be of the type Mapping or None, not list"),
]


@pytest.mark.parametrize(("given", "said"), OUT_OF_RANGE, ids=str)
def test_settings_that_no_connection_can_have_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ConnectionSettings(**given)

    assert str(refused.value) == said


def test_no_proxy_is_false_as_for_a_client() -> None:
    assert ConnectionSettings(proxy=False) == ConnectionSettings(proxy=None)
