"""Choices that no user data can follow are refused before anything is sent, with what the option takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import ConfigurationError

from .tiny import EVENTS

if TYPE_CHECKING:
    from .tiny import TinyClient


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"events": "ORDER"}, "events is a list of names, as in events=['ORDER'], not 'ORDER'"),
        ({"events": "ODER"}, "events is a list of names, as in events=['ORDER'], not 'ODER'"),
        ({"events": b"ORDER"}, "events is a list of names, as in events=['ORDER'], not b'ORDER'"),
        ({"events": None}, "events is a list of names, as in events=['ORDER'], not None"),
        ({"events": ["ORDER", "ODER"]}, "'ODER' is no user data event; there are ORDER, listenKeyExpired"),
        ({"via": "websocket"}, """via is "rest" or "ws_api", not 'websocket'"""),
        ({"close_key": "no"}, "close_key is True or False, not 'no'"),
    ],
    ids=str,
)
def test_a_choice_that_cannot_be_followed_is_refused(client: TinyClient, options: Any, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        client._websockets.user_data(EVENTS, options)

    assert str(refused.value) == said
