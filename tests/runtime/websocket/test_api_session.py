"""The session of the WebSocket API, told with lists of inputs: takeover before the cut, nothing lost, no call twice."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.errors import CallTimeout, ConnectError, ConnectionLost, TransportError
from specwright.runtime.websocket.api_leg import ApiLeg, Envelope
from specwright.runtime.websocket.api_session import ApiSession
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.line import Close, Dial, Line

from .doubles import LIMITS

DAY = 24 * 3600


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

    def __attrs_post_init__(self) -> None:
        self.session = ApiSession(
            "wss://host/ws-api",
            LIMITS,
            clock=self.clock,
            prepare=lambda leg: self.session.ready(leg),
            policy=ReconnectPolicy(base=1.0),
            jitter=lambda: 0.5,
        )

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

    def reply(self, line: Line, number: int) -> None:
        line.receive([reply_to(number)])
        self.act()

    def wait(self, seconds: float) -> None:
        self.clock.pass_deadlines(seconds, self.session.deadline, self.act)


def reply_to(number: int) -> bytes:
    return json.dumps({"id": number, "status": 200, "result": {}}).encode()


def kinds(outcomes: list[object]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


def test_every_call_in_flight_ends_when_its_connection_does() -> None:
    network = Network()
    line = network.connect()
    for _ in range(3):
        network.ask()
    lost = ConnectionLost("cut")

    network.session.lost(line, lost)
    network.act()

    assert network.outcomes == [lost, lost, lost]


def test_a_call_over_a_connection_that_has_ended_meanwhile_is_not_sent() -> None:
    network = Network()
    admitted: list[Any] = []
    network.session.want(admitted.append)
    network.act()
    line = network.open()
    network.session.lost(line, ConnectionLost("cut"))
    network.act()

    with pytest.raises(ConnectError) as refused:
        network.session.send(admitted[0], "depth", {})

    assert not refused.value.sent
    assert network.sent == []


def test_a_connection_that_takes_no_call_any_more_is_not_offered_to_another_one() -> None:
    network = Network()
    line = network.connect()
    line.send = lambda message: False
    with pytest.raises(ConnectError):
        network.session.send(cast("ApiLeg", line), "depth", {})
    admitted: list[Any] = []

    network.session.want(admitted.append)
    network.act()
    waiting = list(admitted)
    network.session.lost(line, ConnectionLost("cut"))
    network.wait(1)
    network.open()

    assert waiting == []
    assert admitted == [network.dials[1].line]
    assert network.session.reconnects == 1


def test_before_the_cut_new_calls_go_to_a_second_connection_and_the_first_waits_for_its_replies() -> None:
    network = Network()
    old = network.connect()
    network.wait(DAY - 900)
    _, early = network.ask()
    new = network.open()
    line, late = network.ask()
    assert line is new
    assert network.closed == []

    network.reply(old, early)
    network.reply(new, late)

    assert kinds(network.outcomes) == [Envelope, Envelope]
    assert network.closed == [old]


def test_the_caller_of_the_only_reply_of_a_read_goes_on_at_once() -> None:
    network = Network()
    line, number = network.connect(), network.ask()[1]

    line.receive([reply_to(number), b"no reply"])

    assert network.went_on == ["at once"]


def test_where_a_read_brings_several_replies_no_caller_goes_on_before_all_are_settled() -> None:
    network = Network()
    line = network.connect()
    numbers = [network.ask()[1] for _ in range(3)]

    line.receive([reply_to(number) for number in numbers])

    assert kinds(network.outcomes) == [Envelope] * 3
    assert network.went_on == ["soon"] * 3


def test_a_replaced_connection_is_not_waited_for_for_ever() -> None:
    network = Network()
    old = network.connect()
    network.wait(DAY - 900)
    network.ask(timeout=60.0)
    network.open()
    network.wait(10)

    assert network.closed == [old]
    assert kinds(network.outcomes) == [ConnectionLost]


def test_a_call_is_settled_once_whatever_comes_afterwards() -> None:
    network = Network()
    line = network.connect()
    _, number = network.ask()
    network.reply(line, number)
    network.reply(line, number)
    network.session.lost(line, ConnectionLost("cut"))
    network.act()

    assert kinds(network.outcomes) == [Envelope]
    assert network.session.late == 1


def test_a_call_whose_time_is_over_is_told_once_and_forgotten() -> None:
    network = Network()
    network.connect()
    leg, _ = network.ask(timeout=10.0)

    network.wait(10)
    network.wait(60)

    assert kinds(network.outcomes) == [CallTimeout]
    assert network.session.leg is leg
    assert network.session.leg.pending == {}


def test_a_reply_behind_the_loss_of_its_connection_settles_nothing_again() -> None:
    network = Network()
    line = network.connect()
    _, number = network.ask()
    lost = ConnectionLost("cut")
    network.session.lost(line, lost)
    network.act()

    network.reply(line, number)

    assert network.outcomes == [lost]
    assert network.session.late == 1


def test_who_waits_for_a_connection_is_told_that_it_cannot_be_made_and_the_next_call_tries_again() -> None:
    network = Network()
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()
    error = TransportError("refused")
    network.session.failed(network.dials[-1].line, error)
    network.act()
    assert told == [error]

    network.connect()

    assert len(network.dials) == 2


def test_after_a_loss_the_session_connects_again_by_itself() -> None:
    network = Network()
    line = network.connect()
    network.session.lost(line, ConnectionLost("cut"))
    network.wait(1)
    network.open()

    assert network.session.leg is network.dials[1].line
    assert network.session.reconnects == 1


def test_a_lost_connection_is_dialled_again_after_a_pause() -> None:
    network = Network()
    network.session.lost(network.connect(), ConnectionLost("cut"))
    network.act()
    network.wait(0.4)
    assert len(network.dials) == 1

    network.wait(0.1)

    assert len(network.dials) == 2


def test_who_does_not_wait_for_a_connection_any_more_is_not_told_of_it() -> None:
    network = Network()
    told: list[ApiLeg | Exception] = []
    network.session.want(told.append)
    network.act()

    network.session.withdraw(told.append)
    network.open()

    assert told == []


def test_a_server_that_announces_its_shutdown_is_replaced_at_once() -> None:
    network = Network()
    line = network.connect()
    line.receive([b'{"event":{"e":"serverShutdown","E":1}}'])
    network.act()

    assert len(network.dials) == 2


def test_a_takeover_that_failed_is_tried_again_with_the_ordinary_backoff() -> None:
    network = Network()
    network.connect().receive([b'{"event":{"e":"serverShutdown","E":1}}'])
    network.act()
    pauses: list[float] = []
    for _ in range(4):
        network.session.failed(network.dials[-1].line, TransportError("refused"))
        before = network.clock.monotonic()
        while len(network.dials) == 2 + len(pauses):
            network.wait(0.25)
        pauses.append(network.clock.monotonic() - before)

    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_thirty_days_need_a_takeover_a_day_and_lose_no_call() -> None:
    network = Network()
    network.connect()
    for _ in range(30 * 24 * 4):
        before = len(network.dials)
        network.wait(900)
        if len(network.dials) > before:
            network.open()
        network.reply(*network.ask())

    assert kinds(network.outcomes) == [Envelope] * (30 * 24 * 4)
    assert len(network.dials) == 31
    assert network.session.reconnects == 0
