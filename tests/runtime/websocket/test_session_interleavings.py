"""However connections, messages and wishes cross each other, a consumer gets each event once, or within a gap.

The exchange has one order of events. What it sends on a connection arrives in that order, as late as it likes, or not
at all once the connection has broken, of which the client may hear long afterwards.
"""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field
from hypothesis import given, note, settings
from hypothesis import strategies as st

from manual_clock import ManualClock
from specwright.runtime.errors import ConnectError, ConnectionLost
from specwright.runtime.websocket.address import CombinedStreams
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.line import Close, Dial, Hold, Line, Ping, Release, Send
from specwright.runtime.websocket.notices import Notice, Reconnected
from specwright.runtime.websocket.session import StreamSession

from .doubles import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STREAMS = {"a@trade": None, "b@trade": 8.0}
"""Stream → seconds of silence after which it is taken for stalled."""
NOTICED_WITHIN = 45
"""Seconds in which a broken connection is found out by its unanswered pings."""


@define(eq=False)
class Wire:
    """A connection, with what travels on it."""

    line: Line
    url_names: set[str]
    subscribed: set[str] = field(factory=set)
    """At the exchange."""
    is_accepted: bool = False
    is_broken: bool = False
    is_left: bool = False
    """By the client."""
    to_exchange: deque[Any] = field(factory=deque)
    to_client: deque[bytes | Callable[[], None]] = field(factory=deque)
    """Messages, and what else the client is told."""


@define(eq=False)
class Reader:
    """A consumer of one stream."""

    name: str
    items: list[int | Notice] = field(factory=list)
    ready_at: int | None = None
    """The last event that the exchange had told when the stream was ready."""
    is_missing: bool = False
    """The stream was lost, and is not whole again."""
    latest: Callable[[str], int] = field(kw_only=True)

    def ready(self, name: str) -> None:
        if self.ready_at is None:
            self.ready_at = self.latest(name)

    def lost(self, name: str) -> None:
        assert not self.is_missing, "each loss is told once"
        self.is_missing = True

    def tell(self, notice: Notice) -> None:
        if isinstance(notice, Reconnected):
            assert self.is_missing, "a gap was told of when it began"
            self.is_missing = False
        self.items.append(notice)

    def fail(self, error: BaseException) -> None:
        raise AssertionError("nothing ends a stream here") from error

    def take(self, payloads: Sequence[bytes]) -> None:
        self.items.extend(json.loads(payload)["u"] for payload in payloads)

    def check(self) -> None:
        """Each event came once and in order; what is missing since the stream was ready lies in a gap."""
        last, has_gap = None, False
        for item in self.items:
            if isinstance(item, Reconnected):
                has_gap = True
            elif isinstance(item, int):
                assert last is None or item > last, f"{item} came again or late: {self.items}"
                expected = (last if last is not None else item - 1) + 1
                if self.ready_at is not None:
                    expected = max(self.ready_at, last if last is not None else -1) + 1
                missing = range(expected, item)
                assert has_gap or not missing, f"{list(missing)} are missing without a word: {self.items}"
                last, has_gap = item, False


@define(eq=False)
class World:
    """The client's session, its connections, and the exchange."""

    clock: ManualClock = field(factory=lambda: ManualClock(reading=1e-9))
    session: StreamSession = field(init=False)
    wires: list[Wire] = field(factory=list)
    events: dict[str, int] = field(factory=lambda: dict.fromkeys(STREAMS, 0))
    readers: list[Reader] = field(factory=list)
    former: list[Reader] = field(factory=list)
    is_held: bool = False

    def __attrs_post_init__(self) -> None:
        self.session = StreamSession(
            CombinedStreams("wss://host/market"),
            LIMITS,
            clock=self.clock,
            policy=ReconnectPolicy(base=1.0, attempts_at_start=1_000),
            jitter=lambda: 0.5,
        )

    # --- The client ---------------------------------------------------------------------------------------------------

    def act(self) -> None:
        self.session.wake()
        for effect in self.session.take():
            if isinstance(effect, Dial):
                names = parse_qs(urlsplit(effect.url).query).get("streams", [""])[0].split("/")
                effect.line.whole_until = self.clock.now
                self.wires.append(Wire(effect.line, set(names)))
                continue
            wire = next((each for each in self.wires if each.line is effect.line), None)
            if wire is None:
                continue
            if isinstance(effect, Close):
                wire.is_left = True
                self.wires.remove(wire)
            elif isinstance(effect, Send):
                wire.to_exchange.append(json.loads(effect.message))
            elif isinstance(effect, (Ping, Release)):
                wire.to_exchange.append(self.clock.now)
            else:
                assert isinstance(effect, Hold)

    def want(self, number: int) -> None:
        """Somebody wants a stream, not always one that nobody has."""
        if len(self.readers) < 4:
            name = list(STREAMS)[number % len(STREAMS)]
            reader = Reader(name, latest=lambda name: self.events[name])
            self.readers.append(reader)
            self.session.add(name, reader, reader.take, STREAMS[name])

    def leave(self, number: int) -> None:
        if self.readers:
            reader = self.readers.pop(number % len(self.readers))
            self.former.append(reader)
            self.session.remove(reader.name, reader)

    def hold(self, number: int) -> None:
        self.is_held = not self.is_held
        if self.is_held:
            self.session.hold()
        else:
            self.session.release()
        self.act()

    def wait(self, seconds: float) -> None:
        self.clock.pass_deadlines(seconds, self.session.deadline, self.act)
        self.act()

    # --- The exchange and the network ---------------------------------------------------------------------------------

    def accept(self, number: int) -> None:
        """A connection that is being dialled stands; the client may hear of it behind its first events."""
        if wire := self._pick(number, lambda each: not each.is_accepted):
            wire.is_accepted = True
            wire.subscribed = wire.url_names & set(STREAMS)
            wire.to_client.append(lambda: self._opened(wire))

    def _opened(self, wire: Wire) -> None:
        self.session.opened(wire.line)
        self.act()

    def refuse(self, number: int) -> None:
        if wire := self._pick(number, lambda each: not each.is_accepted):
            self.wires.remove(wire)
            self.session.failed(wire.line, ConnectError("refused"))
            self.act()

    def happen(self, number: int) -> None:
        """An event of a stream."""
        name = list(STREAMS)[number % len(STREAMS)]
        self.events[name] += 1
        text = json.dumps({"stream": name, "data": {"u": self.events[name]}}, separators=(",", ":")).encode()
        for wire in self.wires:
            if wire.is_accepted and not wire.is_broken and name in wire.subscribed:
                wire.to_client.append(text)

    def shut_down(self, number: int) -> None:
        if wire := self._pick(number, lambda each: each.is_accepted and not each.is_broken):
            wire.to_client.append(b'{"e":"serverShutdown","E":1}')

    def roll_over(self, number: int) -> None:
        """A server goes, and the overlap with the next connection passes, of which one brings everything late."""
        self.shut_down(0)
        for _ in range(4):
            for action in (self.arrive, self.accept, self.answer):
                action(number)
        for seconds in (1.0, 5.0, 5.0, 1.0):
            self.happen(0)
            self.wait(seconds)
            for _ in range(3):
                self.answer(number)
                self.arrive(number)

    def answer(self, number: int) -> None:
        """The exchange gets the next message of a connection."""
        if wire := self._pick(number, lambda each: each.is_accepted and bool(each.to_exchange)):
            message = wire.to_exchange.popleft()
            if wire.is_broken:
                return
            if isinstance(message, float):
                wire.to_client.append(lambda: self._ponged(wire, message))
                return
            names = set(message["params"])
            wire.subscribed = wire.subscribed | names if message["method"] == "SUBSCRIBE" else wire.subscribed - names
            wire.to_client.append(json.dumps({"result": None, "id": message["id"]}).encode())

    def _ponged(self, wire: Wire, sent_at: float) -> None:
        wire.line.whole_until = sent_at

    def arrive(self, number: int) -> None:
        """What was sent first on a connection reaches the client, with some messages that came behind it."""
        if self.is_held or not (wire := self._pick(number, lambda each: bool(each.to_client))):
            return
        wire.line.heard_at = self.clock.time()
        messages: list[bytes] = []
        while wire.to_client and isinstance(message := wire.to_client[0], bytes) and len(messages) <= number:
            messages.append(message)
            wire.to_client.popleft()
        if messages:
            wire.line.receive(messages)
        else:
            tell = wire.to_client.popleft()
            assert not isinstance(tell, bytes)
            tell()
        self.act()

    def cut(self, number: int) -> None:
        """A connection breaks, with what was on its way or behind it; the client hears of it now or later."""
        if wire := self._pick(number, lambda each: each.is_accepted and not each.is_broken):
            wire.is_broken = True
            if number % 2:
                wire.to_client.clear()

    def notice(self, number: int) -> None:
        """The client finds a connection broken, when all is read that came before."""
        if not self.is_held and (wire := self._pick(number, lambda each: each.is_broken and not each.to_client)):
            self.wires.remove(wire)
            if wire.line.opened_at is None:
                self.session.failed(wire.line, ConnectError("cut"))
            else:
                self.session.lost(wire.line, ConnectionLost("cut"))
            self.act()

    def _pick(self, number: int, suits: Callable[[Wire], bool]) -> Wire | None:
        wires = [each for each in self.wires if suits(each)]
        return wires[number % len(wires)] if wires else None

    # --- The end ------------------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Nothing breaks any more, and everything arrives, again and again for more than a minute."""
        if self.is_held:
            self.hold(0)
        for round_ in range(20):
            if round_ * 5 >= NOTICED_WITHIN:
                self.notice(0)
            self.wait(5)
            for number in range(len(STREAMS)):
                self.happen(number)
            while any(each.to_exchange or each.to_client or not each.is_accepted for each in self.wires):
                self.accept(0)
                self.answer(0)
                self.arrive(0)


ACTIONS = [
    *[World.hold, World.accept, World.refuse, World.shut_down, World.cut, World.notice],
    *[World.want, World.leave, World.roll_over] * 2,
    *[World.happen, World.answer, World.arrive] * 3,
]
steps = st.one_of(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5)),
    st.tuples(st.just(World.wait), st.sampled_from([0.0, 0.0, 0.1, 1.2, 5.0, 11.0])),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, min_size=5, max_size=120))
def test_each_event_comes_once_or_lies_in_a_gap(script: list[tuple[Callable[[World, Any], None], Any]]) -> None:
    note(" ".join(f"{action.__name__}({number})" for action, number in script))
    world = World()
    world.want(0)
    world.act()
    world.accept(0)
    world.arrive(0)
    for action, number in script:
        action(world, number)
    world.act()
    world.come_to_rest()

    for reader in [*world.readers, *world.former]:
        reader.check()
    for reader in world.readers:
        assert reader.ready_at is not None, f"{reader.name} never became ready"
        assert not reader.is_missing, f"{reader.name} never became whole again"
        assert reader.items[-1:] == [world.events[reader.name]], "and what happens now is delivered"
