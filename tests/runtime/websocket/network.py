"""A session of streams without a network: what it wants is carried out, and a test does to it what a network does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import define, field

from manual_clock import EPOCH, ManualClock
from specwright.runtime.errors import ConnectionLost
from specwright.runtime.websocket.address import CombinedStreams
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.line import Close, Dial, Line, Ping, Send
from specwright.runtime.websocket.session import StreamSession

from .doubles import LIMITS, Consumer

if TYPE_CHECKING:
    from specwright.runtime.product import Connections

START_MS = int(EPOCH * 1000)
DAY = 24 * 3600
"""Seconds after which the exchange cuts a connection."""
UNTIL_TAKEOVER = DAY - 600
"""Seconds after which a connection's replacement is being dialled."""
SHUTDOWN = b'{"e":"serverShutdown","E":1770123456789}'


@define(eq=False)
class Network:
    """Carries out what the session wants, and does to it what a test wants."""

    clock: ManualClock = field(factory=lambda: ManualClock(reading=1e-9))
    session: StreamSession = field(init=False)
    dials: list[Dial] = field(factory=list)
    sent: list[tuple[float, Line, dict[str, Any]]] = field(factory=list)
    closed: list[Line] = field(factory=list)
    deaf: set[Line] = field(factory=set)
    """Connections on which no ping is answered."""
    consumer: Consumer = field(factory=Consumer)
    policy: ReconnectPolicy = field(factory=lambda: ReconnectPolicy(base=1.0))
    limits: Connections = LIMITS

    def __attrs_post_init__(self) -> None:
        address = CombinedStreams("wss://host/market")
        self.session = StreamSession(address, self.limits, clock=self.clock, policy=self.policy, jitter=lambda: 0.5)

    def act(self) -> None:
        self.session.wake()
        for effect in self.session.take():
            if isinstance(effect, Dial):
                self.dials.append(effect)
            elif isinstance(effect, Send):
                self.sent.append((self.clock.now, effect.line, json.loads(effect.message)))
            elif isinstance(effect, Close):
                self.closed.append(effect.line)
            elif isinstance(effect, Ping) and effect.line not in self.deaf:
                effect.line.whole_until = self.clock.now
                self.act()

    def want(self, *names: str, consumer: Consumer | None = None, silence: float | None = None) -> None:
        consumer = consumer or self.consumer
        for name in names:
            self.session.add(name, consumer, consumer.take, silence)
        self.act()

    @property
    def line(self) -> Line:
        """The connection that was dialled last."""
        return self.dials[-1].line

    def open(self) -> Line:
        self.line.whole_until = self.clock.now
        self.session.opened(self.line)
        self.act()
        return self.line

    def lose(self, line: Line) -> None:
        self.session.lost(line, ConnectionLost("the cable was cut"))
        self.act()

    def hold(self) -> None:
        """Reading stops: a consumer takes its time."""
        self.session.hold()
        self.act()

    def release(self) -> None:
        self.session.release()
        self.act()

    def announce_shutdown(self, line: Line) -> None:
        """The exchange says on a connection that it will cut it soon."""
        line.receive([SHUTDOWN])
        self.act()

    def answer(self, **fields: Any) -> None:
        """The exchange answers the last control message."""
        _, line, message = self.sent[-1]
        line.receive([json.dumps({"id": message["id"], **(fields or {"result": None})}).encode()])
        self.act()

    def say(self, line: Line, stream: str, number: int) -> bytes:
        payload = b'{"u":%d}' % number
        line.heard_at = self.clock.time()
        line.receive([b'{"stream":"%s","data":%s}' % (stream.encode(), payload)])
        return payload

    def wait(self, seconds: float) -> None:
        """Time passes; the session acts at each of its deadlines."""
        self.clock.pass_deadlines(seconds, self.session.deadline, self.act)
        self.act()


def taking_over(*names: str) -> tuple[Network, Line, Line]:
    """A takeover in which both connections carry the streams; the old one and the new."""
    network = Network()
    network.want(*names)
    old = network.open()
    network.wait(UNTIL_TAKEOVER)
    return network, old, network.open()
