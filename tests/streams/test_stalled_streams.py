"""A stream that brings nothing for longer than the spec says it may is told of, and dialled again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from binance_derivatives import Reconnected, Stalled

from ..conditions import until
from .reader import Reader

if TYPE_CHECKING:
    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import ManualClock, Simulator

SILENT = "btcusdt@markPrice"
CADENCE = 3
"""Seconds between two mark prices."""
PATIENCE = 30
"""Seconds after which the spec takes them for stalled."""


async def test_a_stream_that_falls_silent_is_told_of_and_dialled_again_while_another_one_goes_on(
    exchange: Simulator, client: AsyncUsdsFutures, clock: ManualClock
) -> None:
    streams = client.streams
    async with Reader(streams.mark_price("btcusdt")) as silent, Reader(streams.mark_price("ethusdt")) as other:
        (place,) = streams._hub._places
        session: Any = place.session

        async def go_on() -> None:
            taken = len(other.items)
            clock.advance(CADENCE)
            await other.until(lambda: len(other.items) > taken)
            # The client has looked at the clock too.
            await until(lambda: (session.deadline() or 0) > clock.now_ms() / 1000)

        await go_on()
        await silent.until(lambda: silent.items)
        exchange.faults.silence(SILENT)
        began = clock.now_ms()
        while not silent.of(Stalled):
            await go_on()
            assert clock.now_ms() - began < 3 * PATIENCE * 1000, "nobody has noticed"
        exchange.faults.clear()
        await silent.take(Reconnected)
        await go_on()
        before = len(silent.items)
        await go_on()
        await silent.until(lambda: len(silent.items) > before)

    (stall,), (gap,) = silent.of(Stalled), silent.of(Reconnected)
    assert stall.streams == gap.streams == (SILENT,)
    found_after = (stall.until - began) / 1000
    assert PATIENCE <= found_after <= 1.5 * PATIENCE + CADENCE
    assert began <= stall.since <= stall.until - PATIENCE * 1000
    assert gap.since == stall.since
    times = [event.event_time for event in other.items]
    assert times == list(range(times[0], times[-1] + 1, CADENCE * 1000)), "each price of the other one, and no notice"
