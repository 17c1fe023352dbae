"""Error codes, and HTTP statuses that come without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

from .text import Suppressing

if TYPE_CHECKING:
    from ..position import Position
    from .text import Text

__all__ = ["ErrorCode", "ErrorKind", "Execution", "HttpError"]


Execution: TypeAlias = Literal["unknown", "not_executed", "rejected"]
"""What is known of the request: it may have been executed · it never reached execution · its content was refused."""
ErrorKind: TypeAlias = Literal["limit", "ban", "authentication", "clock", "server", "rejected"]


@define(kw_only=True)
class ErrorCode(Suppressing):
    """One documented error code."""

    code: int
    name: str
    """The documented name, `TOO_MANY_REQUESTS`; the class is `TooManyRequests`."""
    alias: str | None = None
    """A second name of the class, where the documented one is misspelt: `INSUFFICIENT_MARGIN`."""
    kind: ErrorKind = "rejected"
    execution: Execution = "rejected"
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class HttpError(Suppressing):
    """What a status (and the start of the message in its body) says where no code does."""

    status: int
    message: str | None = None
    """The body's message starts with this; None: any."""
    name: str
    kind: ErrorKind
    execution: Execution
    summary: Text
    position: Position = field(eq=False)
