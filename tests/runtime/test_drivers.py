"""The short way of a call through its driver ends as the whole flow does, whatever comes of its requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corner_exchange.product import PRODUCT
from corner_exchange.rehearsal import BOOK, ORDER, PLACED, Rehearsal, patient, refusal, reply
from manual_clock import ManualClock
from specwright.runtime.async_driver import drive_call_async
from specwright.runtime.errors import (
    BinanceError,
    CallTimeout,
    ClientClosed,
    ConfigurationError,
    ConnectError,
    ConnectionLost,
)
from specwright.runtime.response import Results
from specwright.runtime.secret import Secret
from specwright.runtime.signing import HmacSigner
from specwright.runtime.sync_driver import drive, drive_call

if TYPE_CHECKING:
    from specwright.runtime.call import Answer, Call
    from specwright.runtime.effects import HttpRequest, Reply
    from specwright.runtime.settings import CallEvent

Way: TypeAlias = Callable[[Rehearsal, "Call", Callable[["Answer"], object]], object]

FAILURES = st.sampled_from(
    [
        refusal(400, -1121, "Invalid symbol."),
        refusal(400, -1021, "Timestamp for this request is outside of the recvWindow."),
        refusal(429, -1003, "Too many requests.", retry_after=7),
        refusal(418, -1003, "Way too many requests.", retry_after=120),
        refusal(503, None, "Unknown error, please check your request or try again later."),
        refusal(503, None, "Service Unavailable."),
        reply(302, b""),
        reply(200, b"half a re"),
        CallTimeout("no reply in time"),
        ConnectionLost("cut"),
        ConnectError("nobody is there"),
        ClientClosed("closed"),
        ConfigurationError("no such proxy"),
    ]
)
CALLS = st.sampled_from([("new_order", ORDER, PLACED), ("order_book", {"symbol": "BTCUSDT", "limit": 1000}, BOOK)])


class SleepingClock(ManualClock):
    """Whoever wants to wait moves it."""

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)


def by_the_whole_flow(stage: Rehearsal, call: Call, take: Callable[[Answer], object]) -> object:
    return take(drive(stage.flow.perform(call), stage.answer, stage.sleep))


def by_the_driver(stage: Rehearsal, call: Call, take: Callable[[Answer], object]) -> object:
    return drive_call(stage.flow, call, take, stage.answer, stage.sleep)


def by_the_asynchronous_driver(stage: Rehearsal, call: Call, take: Callable[[Answer], object]) -> object:
    async def send(request: HttpRequest) -> Reply:
        return stage.answer(request)

    return asyncio.run(drive_call_async(stage.flow, call, take, send))


def lived(way: Way, operation: str, arguments: dict[str, object], outcomes: list[Reply | BinanceError]) -> object:
    """All that can be seen of one call: its end, what it asked for and when, what was told, and its budgets."""
    told: list[CallEvent] = []
    stage = Rehearsal(list(outcomes), patient(on_response=(told.append,)), latency=0.25, clock=SleepingClock())
    end: object
    try:
        end = way(stage, stage.made(operation, arguments), Results(PRODUCT, stage.settings).result)
    except BinanceError as error:
        end = (type(error), str(error))
    budgets = stage.ledger.state(stage.flow.preparer.all_charges())
    events = [(event.attempt, event.status, event.duration, dict(event.used), str(event.error)) for event in told]
    asked = [effect for effect in stage.effects if not effect.startswith("sleep")]  # The clock tells how long it slept.
    return end, asked, stage.requests, stage.clock.now, events, budgets


@pytest.mark.parametrize("way", [by_the_driver, by_the_asynchronous_driver])
@given(asked=CALLS, failures=st.lists(FAILURES, max_size=4))
@example(asked=("new_order", ORDER, PLACED), failures=[])
def test_the_short_way_ends_as_the_whole_flow_does(
    way: Way, asked: tuple[str, dict[str, object], Reply], failures: list[Reply | BinanceError]
) -> None:
    operation, arguments, success = asked
    outcomes = [*failures, success]

    assert lived(way, operation, arguments, outcomes) == lived(by_the_whole_flow, operation, arguments, outcomes)


@pytest.mark.parametrize("way", [by_the_whole_flow, by_the_driver, by_the_asynchronous_driver])
def test_a_call_that_is_interrupted_on_its_way_keeps_its_cost(way: Way) -> None:
    stage = Rehearsal([KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        way(stage, stage.made("order_book", {"symbol": "BTCUSDT"}), str)

    assert stage.used("weight") == 10


@pytest.mark.parametrize("way", [by_the_whole_flow, by_the_driver, by_the_asynchronous_driver])
def test_a_call_that_cannot_be_signed_gives_its_cost_back(way: Way) -> None:
    class BrokenSigner(HmacSigner):
        def sign(self, payload: bytes) -> str:
            raise RuntimeError("the key's device is gone")

    stage = Rehearsal([])
    stage.flow.account.signer = BrokenSigner(Secret("s"))
    with pytest.raises(RuntimeError, match="device"):
        way(stage, stage.made("new_order", ORDER), str)

    assert stage.used("orders") == 0
