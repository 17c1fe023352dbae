"""A session of the WebSocket API without a network: a test does to it what a network does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.errors import ConnectionLost, TransportError
from specwright.runtime.websocket.api_session import ApiSession
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.line import Close, Dial, Line

from .doubles import LIMITS

if TYPE_CHECKING:
    from specwright.runtime.websocket.api_leg import ApiLeg, Envelope

DAY = 24 * 3600
UNTIL_TAKEOVER = DAY - 900
"""Seconds after which a connection's replacement is dialled."""
SHUTDOWN = b'{"event":{"e":"serverShutdown","E":1}}'
REFUSED = TransportError("refused")


@define(eq=False)
class Network:
    """Carries out what the session wants."""

    clock: ManualClock = field(factory=ManualClock)
    session: ApiSession = field(init=False)
    dials: list[Dial] = field(factory=list)
    sent: list[bytes] = field(factory=list)
    closed: list[Line] = field(factory=list)
    outcomes: list[object] = field(factory=list)
    went_on: list[str] = field(factory=list)
    slow: list[ApiLeg] = field(factory=list)
    """Connections that stand, and that calls may not use yet."""
    is_slow: bool = False
    """Connections take their time until calls may use them."""
    wants_attention: bool = False

    def __attrs_post_init__(self) -> None:
        self.session = ApiSession(
            "wss://host/ws-api",
            LIMITS,
            clock=self.clock,
            prepare=lambda leg: self.slow.append(leg) if self.is_slow else self.session.ready(leg),
            policy=ReconnectPolicy(base=1.0),
            jitter=lambda: 0.5,
        )
        self.session.attention = self.be_asked

    def be_asked(self) -> None:
        self.wants_attention = True

    def act(self) -> None:
        self.session.wake()
        for effect in self.session.take():
            if isinstance(effect, Dial):
                self.dials.append(effect)
            elif isinstance(effect, Close):
                self.closed.append(effect.line)

    def carry(self, message: bytes) -> bool:
        """Carries what is sent over an open connection."""
        self.sent.append(message)
        return True

    def open(self) -> Line:
        self.dials[-1].line.send = self.carry
        self.session.opened(self.dials[-1].line)
        self.act()
        return self.dials[-1].line

    def connect(self) -> Line:
        self.session.want(lambda outcome: None)
        self.act()
        return self.open()

    def ask(self, timeout: float = 10.0) -> tuple[Line, int]:
        """Sends a call over the connection for calls; gives that connection and the call's id."""
        leg = self.session.leg
        assert leg is not None
        number = self.session.send(leg, "depth", {})
        leg.pending[number] = (self, self.clock.monotonic() + timeout)
        self.act()
        return leg, number

    # --- What a call in flight is told; it is always waited for ---

    def answer(self, envelope: Envelope) -> bool:
        self.outcomes.append(envelope)
        return True

    def fail(self, error: TransportError) -> None:
        self.outcomes.append(error)

    def go_on(self) -> None:
        self.went_on.append("at once")

    def go_on_soon(self) -> None:
        self.went_on.append("soon")

    def hear(self, line: Line, message: bytes) -> None:
        """A message comes; whether the session has to act then it says itself."""
        self.wants_attention = False
        line.receive([message])
        if self.wants_attention:
            self.act()

    def reply(self, line: Line, number: int) -> None:
        self.hear(line, reply_to(number))

    def lose(self, line: Line) -> ConnectionLost:
        """A connection ends by itself; gives how."""
        lost = ConnectionLost("cut")
        self.session.lost(line, lost)
        self.act()
        return lost

    def refuse(self, error: TransportError) -> float:
        """What was dialled last cannot be opened; gives the seconds until the next attempt."""
        self.session.failed(self.dials[-1].line, error)
        before, dials = self.clock.monotonic(), len(self.dials)
        while len(self.dials) == dials:
            self.wait(0.25)
        return self.clock.monotonic() - before

    def wait(self, seconds: float) -> None:
        self.clock.pass_deadlines(seconds, self.session.deadline, self.act)


def reply_to(number: int) -> bytes:
    """The reply to a call."""
    return json.dumps({"id": number, "status": 200, "result": {}}).encode()


def kinds(outcomes: list[object]) -> list[type]:
    """What became of calls, in short."""
    return [type(outcome) for outcome in outcomes]
