"""The session of the WebSocket API: matches replies with calls over connections that come and go. No I/O.

It dials when the first call wants a connection, and keeps one from then on. A call that is in flight when its
connection ends is settled at once. Before the exchange cuts a connection for its age a second one takes the new calls,
and the first one stays until its last reply is there.
"""

from __future__ import annotations

import logging
import random
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ..errors import BinanceError, ConnectError, ConnectionLost, TransportError
from ..lenient_json import UNREADABLE
from .api_leg import ApiLeg, Envelope
from .backoff import Backoff, ReconnectPolicy
from .control import shutdown_notice
from .line import Close, Dial
from .statistics import WsApiStatistics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..clock import Clock
    from ..product import Connections
    from .api_leg import PendingCall
    from .line import Effect, Line

__all__ = ["ApiSession"]

logger = logging.getLogger(__name__)

_NOT_SENT = "the connection ended before the call could be sent"
_DRAIN = 10.0
"""Seconds that a connection which has been replaced waits for its last replies."""


Admit: TypeAlias = "Callable[[ApiLeg | BinanceError], None]"


class ApiSession:
    """Decides when to dial, and which reply belongs to which call.

    Args:
        url: Address of the WebSocket API.
        limits: The exchange's limits for connections.
        clock: Local time.
        prepare: Told of each connection that stands; calls `ready` with it when calls may use it.
        policy: When to try again.
        jitter: A random number from [0, 1).
    """

    def __init__(
        self,
        url: str,
        limits: Connections,
        *,
        clock: Clock,
        prepare: Callable[[ApiLeg], None],
        policy: ReconnectPolicy | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._url = url
        self._limits = limits
        self._announces_shutdown = shutdown_notice(limits.shutdown_event)
        self._clock = clock
        self._prepare = prepare
        self._policy = policy or ReconnectPolicy()
        self._jitter = jitter
        self._backoff = Backoff(self._policy, jitter)
        self._takeover_backoff = Backoff.of_takeovers(self._policy, jitter)
        self._current: ApiLeg | None = None
        self._next: ApiLeg | None = None
        self._leaving: list[ApiLeg] = []
        self._dial_at: float | None = None
        self._roll_at: float | None = None
        self._waiting: list[Admit] = []
        self._legs = 0
        self._last_id = 0
        self._effects: list[Effect] = []
        self.attention: Callable[[], None] = lambda: None
        """Called when a message gives reason to `wake` soon; set by whoever carries this machine."""
        self.late = 0
        """Replies that came after their call had ended; they are dropped."""
        self.unmatched = 0
        """Messages that are no reply to any call."""
        self.reconnects = 0

    # --- Calls --------------------------------------------------------------------------------------------------------

    @property
    def leg(self) -> ApiLeg | None:
        """The connection for calls now; None: there is none."""
        leg = self._current
        return leg if leg is not None and leg.is_ready and not leg.is_ending else None

    @property
    def statistics(self) -> WsApiStatistics:
        """Counters, as of now."""
        in_flight = sum(len(leg.pending) for leg in self._all())
        return WsApiStatistics(in_flight, self.late, self.unmatched, self.reconnects)

    def want(self, admit: Admit) -> None:
        """Asks for a connection; `admit` is called with it, or with what prevents it. Then `wake`."""
        if self.leg is not None:
            admit(self.leg)
            return
        self._waiting.append(admit)
        if self._current is None and self._dial_at is None:
            self._dial_at = self._clock.monotonic()

    def withdraw(self, admit: Admit) -> None:
        """Who asked for a connection does not want it any more."""
        if admit in self._waiting:
            self._waiting.remove(admit)

    def send(self, leg: ApiLeg, method: str, params: object) -> int:
        """Sends a call over a connection, under an id of its own. Who sends it puts it into `leg.pending`, at once.

        Args:
            leg: The connection.
            method: The WebSocket API method.
            params: Its parameters; left out where there are none.

        Returns:
            The id.

        Raises:
            ConnectError: The connection has ended since it was chosen; nothing was sent.
        """
        self._last_id = number = self._last_id + 1
        request: dict[str, object] = {"id": number, "method": method}
        if params:
            request["params"] = params
        if leg.is_over or not leg.send(msgspec.json.encode(request)):
            leg.is_ending = True
            raise ConnectError(_NOT_SENT)
        return number

    # --- What happened ------------------------------------------------------------------------------------------------

    def opened(self, line: Line) -> None:
        """A dialled connection stands."""
        leg = next((leg for leg in (self._current, self._next) if leg is line), None)
        if leg is None:
            self._effects.append(Close(line))
            return
        leg.opened_at = self._clock.monotonic()
        if leg is self._current:
            self._backoff.opened(leg.opened_at)
        self._prepare(leg)

    def ready(self, leg: ApiLeg) -> None:
        """Calls may use this connection."""
        if leg.is_over or leg.is_ready or leg.opened_at is None:
            return
        leg.is_ready = True
        if leg is self._next:
            assert self._current is not None
            self._current.leaves_at = self._clock.monotonic() + _DRAIN
            self._leaving.append(self._current)
            self._current, self._next = leg, None
            self._backoff.opened(leg.opened_at)
            self._takeover_backoff = Backoff.of_takeovers(self._policy, self._jitter)
        life = self._limits.lifetime_ms / 1000
        self._roll_at = leg.opened_at + life - min(600.0, life / 10) * (1 + self._jitter())
        waiting, self._waiting = self._waiting, []
        for admit in waiting:
            admit(leg)

    def failed(self, line: Line, error: TransportError) -> None:
        """A connection could not be opened."""
        self._gone(line, error)

    def lost(self, line: Line, error: TransportError) -> None:
        """A connection ended by itself."""
        self._gone(line, error)

    def broken(self, error: BinanceError) -> None:
        """Nothing can go on."""
        for leg in self._all():
            leg.is_over = True
            self._effects.append(Close(leg))
            leg.end(ConnectionLost(str(error)))
        self._current = self._next = self._dial_at = None
        self._leaving.clear()
        self._refuse(error)

    def wake(self) -> None:
        """Does what is due."""
        now = self._clock.monotonic()
        for leg in self._all():
            leg.give_up(now)
        for leg in [leg for leg in self._leaving if not leg.pending or now >= (leg.leaves_at or now)]:
            self._leaving.remove(leg)
            leg.is_over = True
            self._effects.append(Close(leg))
            leg.end(ConnectionLost("the connection was replaced before the reply came"))
        if self._current is None:
            if self._dial_at is not None and now >= self._dial_at:
                self._dial_at = None
                self._current = self._dial()
        elif self._next is None and self._roll_at is not None and now >= self._roll_at:
            self._roll_at = None
            self._next = self._dial()

    def take(self) -> list[Effect]:
        """The effects since the last call."""
        effects, self._effects = self._effects, []
        return effects

    def deadline(self) -> float | None:
        """Monotonic time of the next thing to do."""
        times = [deadline for leg in self._all() for _, deadline in leg.pending.values()]
        times += [leg.leaves_at for leg in self._leaving if leg.leaves_at is not None]
        if self._current is None:
            times += [self._dial_at] if self._dial_at is not None else []
        elif self._next is None and self._roll_at is not None:
            times.append(self._roll_at)
        return min(times, default=None)

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _all(self) -> list[ApiLeg]:
        return [leg for leg in (self._current, self._next, *self._leaving) if leg is not None]

    def _dial(self) -> ApiLeg:
        self._legs += 1
        leg = ApiLeg(self._legs)
        leg.receive = partial(self._receive, leg)
        self._effects.append(Dial(leg, self._url))
        return leg

    def _gone(self, line: Line, error: TransportError) -> None:
        leg = next((leg for leg in self._all() if leg is line), None)
        if leg is None:
            return
        leg.is_over = True
        was_ready, leg.is_ready = leg.is_ready, False
        now = self._clock.monotonic()
        if leg is self._current:
            self._current, self._next = self._next, None
            self.reconnects += was_ready
            self._roll_at = None
            if self._current is None:
                pause = self._backoff.failed(now, error)
                # Without a pause there is nothing to wait for: the next call begins anew.
                self._dial_at = None if pause is None else now + pause
                if not was_ready:
                    self._refuse(error)
        elif leg is self._next:
            self._next = None
            pause = self._takeover_backoff.failed(now, error)
            self._roll_at = now + (self._policy.cap if pause is None else pause)
        else:
            self._leaving.remove(leg)
        leg.end(error)

    def _refuse(self, error: BinanceError) -> None:
        waiting, self._waiting = self._waiting, []
        for admit in waiting:
            admit(error)

    def _receive(self, leg: ApiLeg, messages: Sequence[bytes]) -> None:
        answered: list[PendingCall] = []
        for message in messages:
            try:
                envelope = _decode(message)
            except UNREADABLE:
                self._take_no_reply(leg, message)
                continue
            pending = leg.pending.pop(envelope.id, None) if isinstance(envelope.id, int) else None
            if pending is not None:
                if pending[0].answer(envelope):
                    answered.append(pending[0])
                else:
                    self.late += 1
                if leg.leaves_at is not None:
                    self.attention()
            elif isinstance(envelope.id, int) and 0 < envelope.id <= self._last_id:
                self.late += 1
            else:
                self.unmatched += 1
        # A caller goes on when all that came with its reply is known: what it does next may be to send an order.
        if len(answered) == 1 and not leg.more_follows:
            answered[0].go_on()
        else:
            for call in answered:
                call.go_on_soon()

    def _take_no_reply(self, leg: ApiLeg, message: bytes) -> None:
        self.unmatched += 1
        if self._announces_shutdown(message) and leg is self._current:
            self._roll_at = self._clock.monotonic()
            self.attention()
        else:
            logger.warning("a message of %d bytes is no reply and is left out", len(message))


_decode = msgspec.json.Decoder(Envelope).decode
