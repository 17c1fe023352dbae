"""What an operator reads of an outage: once that it began, how each attempt went, and how long it took in all."""

from __future__ import annotations

import logging

import pytest

from manual_clock import ManualClock
from specwright.runtime.errors import ConnectError, ConnectionLost
from specwright.runtime.websocket.outage_log import OutageLog

LOST = ConnectionLost("connection to host ended: cut")
REFUSED = ConnectError("cannot connect to host: refused")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> OutageLog:
    caplog.set_level(logging.INFO)
    return OutageLog(clock)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Levels and texts."""
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_an_outage_is_told_from_its_beginning_to_its_end(
    log: OutageLog, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    log.stands("host")
    log.missing(LOST, again_at=clock.now + 0.54, other_goes_on=False)
    clock.advance(2)
    log.missing(REFUSED, again_at=clock.now + 4, other_goes_on=False)
    clock.advance(5)
    log.stands("host")
    log.stands("host")

    assert told(caplog) == [
        ("WARNING", "connection to host ended: cut; tried again in 0.5 s"),
        ("WARNING", "cannot connect to host: refused; tried again in 4.0 s"),
        ("INFO", "connected to host again, after 7.0 s"),
    ]


def test_each_outage_is_timed_by_itself(log: OutageLog, clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    for seconds in (3, 1):
        log.missing(LOST, again_at=clock.now, other_goes_on=False)
        clock.advance(seconds)
        log.stands("host")
        clock.advance(60)

    assert [text for level, text in told(caplog) if level == "INFO"] == [
        "connected to host again, after 3.0 s",
        "connected to host again, after 1.0 s",
    ]


def test_what_is_lost_while_another_connection_goes_on_is_no_outage(
    log: OutageLog, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    log.missing(LOST, again_at=clock.now + 1, other_goes_on=True)
    clock.advance(1)
    log.stands("host")

    assert told(caplog) == [("WARNING", "connection to host ended: cut; another connection goes on")]


def test_what_is_due_is_tried_again_now(log: OutageLog, clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    log.missing(LOST, again_at=clock.now - 1, other_goes_on=False)
    log.missing(REFUSED, again_at=None, other_goes_on=False)

    assert told(caplog) == [
        ("WARNING", "connection to host ended: cut; tried again in 0.0 s"),
        ("WARNING", "cannot connect to host: refused; it is not tried again"),
    ]


def test_a_record_that_is_kept_keeps_no_error(
    log: OutageLog, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    for again_at, other_goes_on in ((clock.now, False), (None, False), (None, True)):
        log.missing(LOST, again_at=again_at, other_goes_on=other_goes_on)

    kept = [value for record in caplog.records for value in (record.args or ())]
    assert {type(value) for value in kept} == {str, float}
