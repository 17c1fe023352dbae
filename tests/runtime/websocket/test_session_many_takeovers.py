"""Over many takeovers each event comes once, however far one of the connections lags behind the other: no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from .doubles import Consumer
from .network import Network

if TYPE_CHECKING:
    from specwright.runtime.websocket.line import Line

STREAM = "a@trade"


@define
class Lagging:
    """A connection that brings every event from its subscription on, some time later."""

    line: Line
    brought: int


@define
class Days:
    """A stream whose connection is replaced again and again."""

    network: Network = field(factory=Network)
    events: int = 0

    def begin(self) -> Lagging:
        """The connection that is being dialled stands."""
        return Lagging(self.network.open(), self.events)

    def bring(self, connection: Lagging, most: int = 1) -> None:
        for _ in range(min(most, self.events - connection.brought)):
            connection.brought += 1
            self.network.say(connection.line, STREAM, connection.brought)

    def share(self) -> None:
        """Another consumer of the stream comes and goes."""
        other = Consumer()
        self.network.want(STREAM, consumer=other)
        self.network.session.remove(STREAM, other)

    def live(self, steps: list[str], **connections: Lagging) -> None:
        """Events happen, and the connections bring them, each at its own pace."""
        for step in steps:
            if step == "happen":
                self.events += 1
            elif step == "share":
                self.share()
            elif step == "act":
                self.network.act()
            elif step in connections:
                self.bring(connections[step])

    def replace(self, old: Lagging, steps: list[str]) -> Lagging:
        """Another connection takes over from one that brings everything before it is left."""
        self.network.announce_shutdown(old.line)
        new = self.begin()
        self.live(steps, old=old, new=new)
        self.bring(old, self.events)
        self.network.wait(10)
        assert old.line in self.network.closed
        return new


steps = st.lists(st.sampled_from(["happen", "old", "new", "share", "act"]), max_size=10)


@settings(deadline=None)
@given(days=st.lists(st.tuples(steps, steps), min_size=2, max_size=5))
def test_each_event_comes_once_over_many_takeovers(days: list[tuple[list[str], list[str]]]) -> None:
    life = Days()
    life.network.want(STREAM, silence=60.0)
    connection = life.begin()
    for alone, together in days:
        life.live(alone, old=connection)
        connection = life.replace(connection, together)
    life.bring(connection, life.events)

    assert life.network.consumer.items == [b'{"u":%d}' % number for number in range(1, life.events + 1)]
    assert life.network.session.rollovers == len(days)
