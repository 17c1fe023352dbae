"""Runs a flow on the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from .call import Answer
from .effects import HttpRequest, Sleep, WsRequest
from .errors import BinanceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .attempts import Outcome
    from .call import Call
    from .effects import Flow, Reply
    from .flow import CallFlow

__all__ = ["drive_async", "drive_call_async"]

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


async def drive_call_async(
    flow: CallFlow,
    call: Call,
    take: Callable[[Answer], _T],
    send: Callable[[HttpRequest], Awaitable[Reply]],
    send_ws: Callable[[WsRequest], Awaitable[Reply]] | None = None,
) -> _T:
    """What `take` makes of the successful reply to a call; what `flow.perform` raises is raised.

    The senders are those of `drive_async`.
    """
    request = flow.attempts.start(call)
    if request is None:
        return take(await drive_async(flow.perform(call), send, send_ws))
    outcome: Outcome
    try:
        if isinstance(request, HttpRequest):
            outcome = reply = await send(request)
        else:
            assert send_ws is not None  # who makes a WebSocket API call brings it
            outcome = reply = await send_ws(request)
    except BinanceError as error:
        outcome = error
    except BaseException:
        flow.attempts.abandon(call)
        raise
    else:
        if flow.attempts.finish(call, reply):
            return take(Answer(call, reply))
    return take(await drive_async(flow.perform(call, outcome), send, send_ws))
