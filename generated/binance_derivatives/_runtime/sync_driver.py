"""Runs a flow in the calling thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar, cast

from .effects import HttpRequest, Sleep, WsRequest
from .errors import BinanceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .effects import Flow, Reply

__all__ = ["drive"]

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
