"""How long a stream may be silent before it is found stalled, and how that grows when it stays silent."""

from __future__ import annotations

import pytest
from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.websocket.leg import Leg
from specwright.runtime.websocket.pacing import RollingWindow
from specwright.runtime.websocket.subscription import Subscription
from specwright.runtime.websocket.watch import SilenceWatch

from .doubles import Consumer

PATIENCE = 4.0


@define(eq=False)
class Lookout:
    """A connection with one stream, which is watched."""

    clock: ManualClock = field(factory=ManualClock)
    watch: SilenceWatch = field(init=False)
    leg: Leg = field(init=False)
    stream: Subscription = field(init=False)
    consumer: Consumer = field(factory=Consumer)

    def __attrs_post_init__(self) -> None:
        self.watch = SilenceWatch(self.clock)
        self.stream = Subscription("a@trade", PATIENCE, consumers={self.consumer: self.consumer.take})
        self.connect()
        self.check()

    def connect(self) -> None:
        """Another connection brings the stream."""
        self.watch.clear()
        self.leg = Leg(1, key=str.encode, window=RollingWindow(5))
        self.leg.route("a@trade", self.stream.deliver)
        self.leg.active["a@trade"] = self.clock.time()

    def check(self) -> bool:
        """Whether the stream is found stalled now."""
        return self.watch.check(self.leg, [self.stream], self.clock.now) != []

    def hear(self) -> None:
        """A payload comes."""
        self.leg.routes[b"a@trade"]([b"payload"])

    def until_stalled(self) -> float:
        """Lets time pass from check to check until the stream is found stalled; gives the seconds."""
        start = self.clock.now
        self.check()
        while not self.check():
            deadline = self.watch.deadline()
            assert deadline is not None and deadline > self.clock.now
            self.clock.now = deadline
        return self.clock.now - start


@pytest.fixture
def lookout() -> Lookout:
    return Lookout()


@pytest.mark.parametrize("last_payload_after", [0.0, 0.5, 1.9, 2.1, 3.9])
def test_a_stream_is_found_stalled_between_one_and_one_and_a_half_times_its_patience_after_its_last_payload(
    lookout: Lookout, last_payload_after: float
) -> None:
    start = lookout.clock.now
    while (deadline := lookout.watch.deadline()) is not None and deadline <= start + last_payload_after:
        lookout.clock.now = deadline
        lookout.hear()
        lookout.check()
    lookout.clock.now = start + last_payload_after
    lookout.hear()

    assert PATIENCE <= lookout.until_stalled() <= 1.5 * PATIENCE


def test_a_stream_that_stays_silent_is_waited_for_twice_as_long_each_time_up_to_16_times(lookout: Lookout) -> None:
    waits = []
    for _ in range(6):
        waits.append(lookout.until_stalled())
        lookout.connect()

    assert waits == [PATIENCE * times for times in (1, 2, 4, 8, 16, 16)]


@pytest.mark.parametrize("how", ["a payload came", "it was not wanted for a while"])
def test_the_patience_with_a_stream_begins_anew(lookout: Lookout, how: str) -> None:
    lookout.until_stalled()
    lookout.connect()
    lookout.until_stalled()
    lookout.connect()
    lookout.check()
    if how == "a payload came":
        lookout.hear()
        deadline = lookout.watch.deadline()
        assert deadline is not None
        lookout.clock.now = deadline
    else:
        lookout.watch.forget("a@trade")
        assert lookout.watch.deadline() is None

    assert lookout.until_stalled() == PATIENCE


def test_only_the_first_payload_passes_the_watch(lookout: Lookout) -> None:
    lookout.hear()
    assert lookout.leg.routes[b"a@trade"] == lookout.stream.deliver

    lookout.hear()

    assert lookout.consumer.items == [b"payload"] * 2


def test_a_stream_that_is_not_acknowledged_is_not_watched(lookout: Lookout) -> None:
    lookout.connect()
    lookout.leg.active.clear()

    assert not lookout.check()
    assert lookout.watch.deadline() is None
