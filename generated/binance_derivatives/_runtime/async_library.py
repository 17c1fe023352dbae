"""Spares `httpcore` a search of the whole import path, four times a request."""

from __future__ import annotations

import sys
from functools import wraps

__all__ = ["answer_without_searching"]


def answer_without_searching() -> None:
    """Lets `httpcore` know at once that `asyncio` is what runs, where nothing else can.

    For each lock and each cancellation scope httpcore tries to import `sniffio`, which tells `asyncio` from `trio`.
    Where that package is not installed, Python searches for it every time, and the searches took as long as the rest of
    the request. The pool makes these scopes itself, so a network backend of our own would not avoid them.

    Whatever else could be running has imported sniffio by the time it runs, and so has `anyio` where it is installed;
    from then on httpcore's own function is asked as before. Nothing outside of httpcore sees a difference. Where a
    later httpcore has no such function, nothing is done, and nothing but time is lost.
    """
    module = sys.modules.get("httpcore._synchronization")
    theirs = getattr(module, "current_async_library", None)
    if theirs is None or hasattr(theirs, "__wrapped__"):
        return

    @wraps(theirs)
    def current_async_library() -> str:
        return str(theirs()) if "sniffio" in sys.modules else "asyncio"

    vars(module)["current_async_library"] = current_async_library
