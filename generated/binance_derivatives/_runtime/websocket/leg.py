"""One connection of a stream session: which streams it carries, and what it was asked and has not answered."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from attrs import define, field

from .line import Line, ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .address import Deliver
    from .pacing import RollingWindow

__all__ = ["Leg", "Method", "Request"]

Method: TypeAlias = Literal["SUBSCRIBE", "UNSUBSCRIBE"]

_NAMES_PER_MESSAGE = 100
_ANSWER_WITHIN = 10.0
"""Seconds; a connection that does not answer by then is taken for dead."""


@define(eq=False)
class Request:
    """A control message that has not been answered."""

    method: Method
    names: list[str]
    deadline: float


@define(eq=False)
class Leg(Line):
    """A connection and its streams."""

    key: Callable[[str], bytes] = field(kw_only=True)
    """What a stream's route is found by."""
    window: RollingWindow = field(kw_only=True)
    host: str = "?"
    """For messages; never the whole address, because a listen key may stand in it."""
    routes: dict[bytes, Deliver] = field(factory=dict)
    """Key of a stream → where its payloads go."""
    active: dict[str, float] = field(factory=dict)
    """Acknowledged streams → local time in seconds since 1970 of the acknowledgement. Not those that it was asked to
    end: from then on nobody knows how much of them comes."""
    requests: dict[int, Request] = field(factory=dict)
    whole_at: float | None = None
    """Monotonic time at which all wanted streams were active for the first time."""
    rejoined: dict[str, float] = field(factory=dict)
    """Streams that it was asked for after the others, in a takeover from a connection that brings them too → monotonic
    time of the acknowledgement."""
    shuts_down: bool = False
    """Whether the server has said that it will go."""
    url_names: list[str] = field(factory=list)
    """Streams that the URL asks for."""
    _suspects: deque[list[str]] = field(factory=deque)
    """Parts of rejected batches: they are asked for again, in halves, until the rejected name stands alone."""
    _last_id: int = 0
    _held_at: float | None = None
    """Local time in seconds since 1970 from which on what came may lie unread."""
    _released_at: float | None = None
    """Monotonic time from which on it is read again; None: it is held, or never was."""

    @property
    def heard_until(self) -> float:
        """Local time in seconds since 1970: what came until then was read. `heard_at`, unless reading lags behind."""
        return self.heard_at if self._held_at is None or self._has_caught_up else min(self.heard_at, self._held_at)

    def hold(self, time: float) -> None:
        """Nothing is read from now on, in seconds since 1970."""
        if self._held_at is None or self._has_caught_up:
            self._held_at = time
        self._released_at = None

    def release(self, now: float) -> None:
        """It is read again: what was asked may be answered from now on, in monotonic seconds."""
        self._released_at = now
        for request in self.requests.values():
            request.deadline = now + _ANSWER_WITHIN

    @property
    def _has_caught_up(self) -> bool:
        """Whether all has been read that came while it was held."""
        read, whole = self._released_at, self.whole_until
        return read is not None and whole is not None and whole >= read

    def asked(self, method: Method) -> list[str]:
        """Streams of requests that have not been answered."""
        return [name for request in self.requests.values() if request.method == method for name in request.names]

    def expects(self, name: str) -> bool:
        """Whether it brings a stream, or has been asked to."""
        is_in_url = self.opened_at is None and name in self.url_names
        return is_in_url or name in self.active or name in self.asked("SUBSCRIBE")

    def route(self, name: str, deliver: Deliver) -> None:
        """Sends a stream's payloads somewhere."""
        self.routes[self.key(name)] = deliver

    def silence(self) -> None:
        """Lets go of all messages from now on: the connection is being closed."""
        self.is_over = True
        self.receive = ignore
        self.routes.clear()

    def next_batch(self, wanted: Collection[str]) -> tuple[Method, list[str]] | None:
        """What to ask for next, so that the streams become the wanted ones; None: nothing."""
        while self._suspects:
            names = [name for name in self._suspects[0] if name in wanted]
            if names:
                return "SUBSCRIBE", names
            self._suspects.popleft()
        in_flight = {name for request in self.requests.values() for name in request.names}
        # First what is not wanted any more: a connection that is full would refuse more.
        superfluous = [name for name in self.active if name not in wanted and name not in in_flight]
        if superfluous:
            return "UNSUBSCRIBE", superfluous[:_NAMES_PER_MESSAGE]
        missing = [name for name in wanted if name not in self.active and name not in in_flight]
        if missing:
            return "SUBSCRIBE", missing[:_NAMES_PER_MESSAGE]
        return None

    def ask(self, method: Method, names: list[str], now: float) -> bytes:
        """Notes a request as sent; gives its message."""
        if self._suspects:
            self._suspects.popleft()
        if method == "UNSUBSCRIBE":
            for name in names:
                del self.active[name]
        self._last_id += 1
        self.requests[self._last_id] = Request(method, names, now + _ANSWER_WITHIN)
        self.window.sent(now)
        return msgspec.json.encode({"method": method, "params": names, "id": self._last_id})

    def drop(self, names: list[str], wanted: Collection[str]) -> None:
        """The exchange sends these no more."""
        for name in names:
            if name not in wanted:
                self.routes.pop(self.key(name), None)

    def suspect(self, names: list[str]) -> None:
        """A batch was rejected for at least one of its names: asks again for each half."""
        middle = len(names) // 2
        self._suspects.extend([names[:middle], names[middle:]])
