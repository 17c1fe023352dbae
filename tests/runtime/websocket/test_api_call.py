"""What the caller of a call in flight is told, and when it goes on."""

from __future__ import annotations

import asyncio

import pytest

from specwright.runtime.errors import ConnectionLost, TransportError
from specwright.runtime.websocket.api_call import ApiCall


async def test_callers_go_on_when_all_calls_of_a_lost_connection_are_settled() -> None:
    """What one of them does next may end in the session that is about to settle the others."""
    calls = [ApiCall() for _ in range(3)]
    settled: list[list[bool]] = []

    async def wait(call: ApiCall) -> None:
        with pytest.raises(TransportError):
            await call
        settled.append([each.done() for each in calls])

    def lose() -> None:
        for call in calls:
            call.fail(ConnectionLost("cut"))

    waiting = [asyncio.create_task(wait(call)) for call in calls]
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(lose)
    await asyncio.gather(*waiting)

    assert settled == [[True] * 3] * 3
