"""Runs a flow on the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from .effects import HttpRequest, Sleep, WsRequest
from .errors import BinanceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .effects import Flow, Reply

__all__ = ["drive_async"]

_T = TypeVar("_T")


async def drive_async(
    flow: Flow[_T],
    send: Callable[[HttpRequest], Awaitable[Reply]],
    send_ws: Callable[[WsRequest], Awaitable[Reply]] | None = None,
) -> _T:
    """The result of a flow; what it raises is raised.

    Args:
        flow: What to run.
        send: Sends over HTTP; also the flow of a WebSocket API call does so, to measure the clock.
        send_ws: Sends over the WebSocket API.
    """
    try:
        effect = next(flow)
        while True:
            answer: object = None
            try:
                if isinstance(effect, HttpRequest):
                    answer = await send(effect)
                elif isinstance(effect, WsRequest):
                    assert send_ws is not None  # who makes a WebSocket API call brings it
                    answer = await send_ws(effect)
                elif isinstance(effect, Sleep):
                    # Here, because a synchronous client imports this module and never needs an event loop.
                    from asyncio import sleep

                    await sleep(effect.seconds)
                else:
                    answer = await effect.ask_async()
            except BinanceError as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        return cast("_T", stop.value)
    finally:
        flow.close()
