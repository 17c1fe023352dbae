"""Messages of the WebSocket API that are not what was to be expected: they are counted, and hurt nobody."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from ...conditions import until
from .tiny import END, LOOK, ORDER, call

if TYPE_CHECKING:
    from .server import ExchangeServer
    from .tiny import TinyClient


@pytest.mark.parametrize(
    "noise",
    [
        "{",
        "null",
        "[]",
        '{"id":99,"status":200,"result":{}}',
        '{"id":0,"status":200,"result":{}}',
        '{"id":"1","status":200,"result":{}}',
        '{"id":[1],"status":200,"result":{}}',
        '{"status":400,"id":null}',
    ],
)
async def test_messages_that_are_no_replies_hurt_nobody(server: ExchangeServer, client: TinyClient, noise: str) -> None:
    server.answer = lambda peer, message: None
    looking = asyncio.ensure_future(call(client, LOOK, symbol="A"))
    await until(lambda: server.peers and server.peers[0].received)
    await server.peers[0].connection.send(noise)
    await server.peers[0].send(id=1, status=200, result=ORDER)

    assert (await looking).order_id == 7
    assert client._websockets.caller.session.unmatched == 1


async def test_the_log_says_how_long_a_message_was_that_is_no_reply_and_not_what_it_held(
    server: ExchangeServer, client: TinyClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = lambda peer, message: {"id": message["id"], "status": 200, "result": ORDER}
    await call(client, LOOK, symbol="A")
    await server.peers[0].connection.send('["listenKey-secret"]')
    await until(lambda: client._websockets.caller.session.unmatched)

    texts = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert texts == ["a message of 20 bytes is no reply and is left out"]


async def test_a_reply_that_holds_nothing_is_read_as_one_without_fields(
    server: ExchangeServer, client: TinyClient
) -> None:
    server.answer = lambda peer, message: {"id": message["id"], "status": 200}

    assert (await call(client, LOOK, symbol="A")).order_id is None
    assert await call(client, END) is None
