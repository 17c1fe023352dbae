"""What session machines and the shell that carries them say to each other.

A machine decides; it does no I/O. It names connections by `Line` objects, hands out effects, and is told what happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..errors import BinanceError, TransportError

__all__ = ["Close", "Dial", "Effect", "Hold", "Line", "Machine", "Ping", "Release", "Send", "ignore", "nowhere"]


def ignore(messages: Sequence[bytes]) -> None:
    """Receives messages that nobody waits for."""


def nowhere(message: bytes) -> bool:
    """Sends nothing: the connection does not stand yet, or not any more."""
    return False


@define(eq=False)
class Line:
    """One physical connection, from the wish to dial it to its end."""

    number: int
    receive: Callable[[Sequence[bytes]], None] = field(default=ignore, repr=False)
    """Where its messages go, those of one read together; the machine replaces it as it likes."""
    send: Callable[[bytes], bool] = field(default=nowhere, repr=False)
    """Writes one text message, in UTF-8; set by the shell as long as the connection is open. False: it has just ended,
    which the machine is about to be told, and nothing was written."""
    heard_at: float = 0.0
    """Local time in seconds since 1970 when the last bytes came."""
    more_follows: bool = False
    """While messages are received: behind them the same read brings what may be the end of the connection."""
    whole_until: float | None = None
    """Monotonic time: all that the server had sent by then has come. None: there are no pings that would show it."""
    opened_at: float | None = None
    """Monotonic seconds; None while it is being dialled."""
    is_over: bool = False


@frozen
class Dial:
    """Open `line` to `url`, then tell `opened`, or `failed`."""

    line: Line
    url: str = field(repr=False)


@frozen
class Send:
    """Send a text message, in UTF-8."""

    line: Line
    message: bytes = field(repr=False)


@frozen
class Close:
    """Close `line`, or stop dialling it; nothing is told afterwards."""

    line: Line
    error: TransportError | None = None
    """Why it is of no use any more; None: it is not needed any more."""


@frozen
class Ping:
    """Find out how much of `line` has come: an answer moves its `whole_until`."""

    line: Line


@frozen
class Hold:
    """Stop reading from `line`."""

    line: Line


@frozen
class Release:
    """Go on reading from `line`."""

    line: Line


Effect: TypeAlias = Dial | Send | Ping | Close | Hold | Release


class Machine(Protocol):
    """A session's decisions. Times come from the clock that it was made with; every call may leave effects."""

    attention: Callable[[], None]
    """Called when a message gives reason to `wake` soon; set by whoever carries the machine."""

    def opened(self, line: Line) -> None:
        """The line that was dialled stands."""
        ...

    def failed(self, line: Line, error: TransportError) -> None:
        """The line could not be opened."""
        ...

    def lost(self, line: Line, error: TransportError) -> None:
        """The line ended without having been closed here."""
        ...

    def broken(self, error: BinanceError) -> None:
        """Nothing can go on: wrong configuration, or a fault in this package."""
        ...

    def wake(self) -> None:
        """Time has passed, or something was asked for."""
        ...

    def take(self) -> list[Effect]:
        """The effects since the last call, in order."""
        ...

    def deadline(self) -> float | None:
        """Monotonic time of the next `wake`; None: only when something happens."""
        ...
