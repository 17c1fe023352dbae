"""Runs a flow in the calling thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar, cast

from .call import Answer
from .effects import HttpRequest, Sleep, WsRequest
from .errors import BinanceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .attempts import Outcome
    from .call import Call
    from .effects import Flow, Reply
    from .flow import CallFlow

__all__ = ["drive", "drive_call"]

_T = TypeVar("_T")


def drive(flow: Flow[_T], send: Callable[[HttpRequest], Reply], sleep: Callable[[float], None] = time.sleep) -> _T:
    """The result of a flow; what it raises is raised."""
    try:
        effect = next(flow)
        while True:
            answer: object = None
            try:
                if isinstance(effect, HttpRequest):
                    answer = send(effect)
                elif isinstance(effect, Sleep):
                    sleep(effect.seconds)
                elif isinstance(effect, WsRequest):
                    raise TypeError("the WebSocket API has no synchronous client")
                else:
                    answer = effect.ask()
            except BinanceError as error:
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        return cast("_T", stop.value)
    finally:
        flow.close()


def drive_call(
    flow: CallFlow,
    call: Call,
    take: Callable[[Answer], _T],
    send: Callable[[HttpRequest], Reply],
    sleep: Callable[[float], None] = time.sleep,
) -> _T:
    """What `take` makes of the successful reply to a call; what `flow.perform` raises is raised."""
    request = flow.attempts.start(call)
    if request is None:
        return take(drive(flow.perform(call), send, sleep))
    outcome: Outcome
    try:
        outcome = reply = send(cast("HttpRequest", request))
    except BinanceError as error:
        outcome = error
    except BaseException:
        flow.attempts.abandon(call)
        raise
    else:
        if flow.attempts.finish(call, reply):
            return take(Answer(call, reply))
    return take(drive(flow.perform(call, outcome), send, sleep))
