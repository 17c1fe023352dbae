"""A connection is dead when its pings are not answered although it is read; time in which it is held does not count."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from attrs import define, evolve, field

from manual_clock import ManualClock
from specwright.runtime.websocket import keepalive, timing
from specwright.runtime.websocket.connection import Connection, open_connection
from specwright.runtime.websocket.line import Line

from ...conditions import until
from .conftest import SETTINGS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from specwright.runtime.errors import ConnectionLost

    from .server import ExchangeServer, Peer

INTERVAL = TIMEOUT = 20.0


@define(eq=False)
class Wire:
    """An open connection."""

    connection: Connection
    peer: Peer
    line: Line
    received: list[bytes]
    running: asyncio.Task[ConnectionLost]

    @property
    def peers_transport(self) -> asyncio.Transport:
        """Where the server reads: paused, it answers no ping; what it sends still comes."""
        return self.peer.connection.transport

    @property
    def unanswered(self) -> int:
        """Pings that were sent and not answered."""
        return len(self.connection._websocket.pending_pings)


@define(eq=False)
class Desk:
    """Opens connections to a server, in the time of one clock."""

    server: ExchangeServer
    clock: ManualClock = field(factory=ManualClock)
    wires: list[Wire] = field(factory=list)

    async def open(self, interval: float | None = INTERVAL, timeout: float | None = TIMEOUT) -> Wire:
        received: list[bytes] = []
        line = Line(len(self.wires), received.extend)
        settings = evolve(SETTINGS, ping_interval=interval, ping_timeout=timeout, close_timeout=0.05)
        connection = await open_connection(self.server.url, line, settings, self.clock)
        wire = Wire(connection, self.server.peers[-1], line, received, asyncio.create_task(connection.run()))
        self.wires.append(wire)
        await until(lambda: interval is None or line.whole_until is not None)
        return wire

    async def finds_dead(self, wire: Wire, step: float = 1.0) -> str:
        """Lets time pass until a connection has ended; says why."""
        await until(wire.running.done, moving=self.clock, step=step)
        return str(await wire.running)

    async def finds_others_dead(self, interval: float = INTERVAL, timeout: float = TIMEOUT) -> None:
        """Lets so much time pass that connections which answer no ping, and are opened only now, are found dead."""
        for _ in range(2):
            witness = await self.open(interval, timeout)
            witness.peers_transport.pause_reading()
            await self.finds_dead(witness, step=interval / 20)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is looked at in each turn of the event loop, and a last look for an answer is short."""
    monkeypatch.setattr(timing, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(keepalive, "_LAST_LOOK", 0.03)


@pytest.fixture
async def desk(server: ExchangeServer) -> AsyncIterator[Desk]:
    """Opens connections, and closes what is left of them; then nothing may run any more."""
    desk = Desk(server)
    yield desk
    for wire in desk.wires:
        await wire.connection.close()
        await wire.running
    assert [task for task in asyncio.all_tasks() if "specwright" in repr(task)] == []


async def test_a_server_that_stops_answering_is_found_dead(desk: Desk) -> None:
    wire = await desk.open()
    wire.peers_transport.pause_reading()
    start = desk.clock.now

    assert "keepalive ping timeout" in await desk.finds_dead(wire)
    assert desk.clock.now - start >= INTERVAL + TIMEOUT


async def test_unless_told_otherwise_such_a_server_is_found_dead_within_a_minute(desk: Desk) -> None:
    wire = await desk.open(SETTINGS.ping_interval, SETTINGS.ping_timeout)
    wire.peers_transport.pause_reading()
    start = desk.clock.now

    assert "keepalive ping timeout" in await desk.finds_dead(wire, step=0.1)
    assert desk.clock.now - start < 60


async def test_a_server_that_answers_lives_on_and_what_it_had_sent_before_the_ping_has_come(desk: Desk) -> None:
    wire = await desk.open()
    for _ in range(20):
        desk.clock.advance(INTERVAL)
        await until(lambda: wire.line.whole_until == desk.clock.now)

    assert not wire.running.done()


async def test_a_connection_that_is_held_for_five_minutes_lives_and_loses_nothing(desk: Desk) -> None:
    wire = await desk.open()
    wire.connection.hold()
    await wire.peer.connection.send("while nobody reads")
    desk.clock.advance(300)
    await until(lambda: wire.unanswered)
    await desk.finds_others_dead()
    assert not wire.running.done()

    wire.connection.release()
    released_at = desk.clock.now
    await until(lambda: wire.unanswered == 0)
    await until(lambda: (wire.line.whole_until or 0) > released_at, moving=desk.clock, step=0.05)
    assert desk.clock.now < released_at + INTERVAL, "another ping did not wait for its turn"

    assert wire.received == [b"while nobody reads"]
    assert not wire.running.done()


async def test_a_server_that_dies_while_its_connection_is_held_is_found_dead_when_it_is_read_again(desk: Desk) -> None:
    wire = await desk.open()
    wire.connection.hold()
    wire.peers_transport.pause_reading()
    desk.clock.advance(300)
    await until(lambda: wire.unanswered)
    wire.connection.release()

    assert "keepalive ping timeout" in await desk.finds_dead(wire)


async def test_when_a_connection_is_read_again_its_answer_may_take_as_long_as_any(desk: Desk) -> None:
    wire = await desk.open()
    wire.connection.hold()
    wire.peers_transport.pause_reading()
    desk.clock.advance(300)
    await until(lambda: wire.unanswered)
    desk.clock.advance(300)
    wire.connection.release()
    released_at = desk.clock.now
    await desk.finds_others_dead(interval=0.5, timeout=0.5)
    assert desk.clock.now < released_at + TIMEOUT
    wire.peers_transport.resume_reading()
    await until(lambda: wire.unanswered == 0)

    assert not wire.running.done()


async def test_a_ping_that_was_asked_for_is_one_and_the_next_one_waits_for_its_turn(desk: Desk) -> None:
    wire = await desk.open()
    opened_at = wire.line.whole_until or 0.0
    wire.connection.ping()
    await until(lambda: (wire.line.whole_until or 0.0) > opened_at, moving=desk.clock, step=0.05)
    asked_for_at = wire.line.whole_until or 0.0
    await until(lambda: (wire.line.whole_until or 0.0) > asked_for_at, moving=desk.clock, step=0.5)

    assert opened_at + 1 <= asked_for_at < opened_at + INTERVAL
    assert (wire.line.whole_until or 0.0) >= asked_for_at + INTERVAL


async def test_a_connection_that_is_held_when_its_answer_is_overdue_is_not_given_up(desk: Desk) -> None:
    wire = await desk.open()
    wire.peers_transport.pause_reading()
    desk.clock.advance(INTERVAL)
    await until(lambda: wire.unanswered)
    desk.clock.advance(TIMEOUT)
    for _ in range(10):
        await asyncio.sleep(0)  # The clock is looked at.
    wire.connection.hold()
    await desk.finds_others_dead()

    assert not wire.running.done()


async def test_an_answer_that_came_in_time_counts_although_it_is_read_late(desk: Desk) -> None:
    """The event loop was blocked, or the machine slept: what came meanwhile lies in the socket."""
    wire = await desk.open()
    wire.peers_transport.pause_reading()
    desk.clock.advance(INTERVAL)
    await until(lambda: wire.unanswered)
    pinged_at = desk.clock.now
    desk.clock.advance(24 * 3600)
    for _ in range(10):
        await asyncio.sleep(0)  # The clock is looked at.
    wire.peers_transport.resume_reading()
    await until(lambda: wire.line.whole_until == pinged_at)

    assert not wire.running.done()


async def test_without_an_interval_there_are_no_pings(desk: Desk) -> None:
    wire = await desk.open(interval=None)
    await desk.finds_others_dead()

    assert wire.line.whole_until is None
    assert not wire.running.done()


async def test_without_a_timeout_an_answer_may_take_any_time(desk: Desk) -> None:
    wire = await desk.open(timeout=None)
    wire.peers_transport.pause_reading()
    desk.clock.advance(INTERVAL)
    await until(lambda: wire.unanswered)
    pinged_at = desk.clock.now
    await desk.finds_others_dead()
    assert not wire.running.done()

    wire.peers_transport.resume_reading()
    await until(lambda: wire.line.whole_until == pinged_at)
