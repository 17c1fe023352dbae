"""User data is recorded as it comes, and played as its consumer saw it: the state behind a gap, then what waited."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import BinanceError, ConfigurationError
from specwright.runtime.websocket.notices import Resynchronized

from .account_desk import shown, take

if TYPE_CHECKING:
    from pathlib import Path

    from .account_desk import Desk


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


async def played(desk: Desk, path: Path) -> list[Any]:
    async with asyncio.timeout(5):
        return [item async for item in desk.open().replay(path)]


async def record_two_gaps(desk: Desk, path: Path) -> list[Any]:
    """An order, a gap with an order behind it, another gap before the state is there, and orders during the fetch."""
    fetch = desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open().record(path) as stream:
        await desk.tell(1)
        await desk.heard()
        for cuts in (1, 2):
            desk.clock.advance(10.0)
            desk.peer.cut()
            await desk.called("look", cuts)
            await desk.tell(10 * cuts)
            await desk.heard()
        desk.clock.advance(10.0)
        fetch.set()
        await desk.tell(21)
        items = await take(stream, 7)
        desk.peer.cut()
        items += await take(stream, 2)
    assert [shown(item) for item in items] == [
        1,
        "Reconnected",
        10,
        "Reconnected",
        "Resynchronized",
        20,
        21,
        "Reconnected",
        "Resynchronized",
    ]
    return items


async def test_a_recording_plays_gaps_states_and_events_in_the_order_in_which_they_were_seen(
    desk: Desk, tmp_path: Path
) -> None:
    original = await record_two_gaps(desk, tmp_path / "account.gz")

    assert await played(desk, tmp_path / "account.gz") == original


async def test_every_frame_is_recorded_with_the_time_at_which_it_came(desk: Desk, tmp_path: Path) -> None:
    start = desk.clock.time()
    await record_two_gaps(desk, tmp_path / "account.gz")

    came = {line["d"]["i"]: line["t"] / 1e6 - start for line in lines(tmp_path / "account.gz") if "d" in line}
    assert came == {1: 0.0, 10: 10.0, 20: 20.0, 21: 30.0}


async def test_the_replies_of_a_state_stand_in_the_recording_as_the_exchange_gave_them(
    desk: Desk, tmp_path: Path
) -> None:
    items = await record_two_gaps(desk, tmp_path / "account.gz")

    states = [line["v"] for line in lines(tmp_path / "account.gz") if line.get("n") == "Resynchronized"]
    assert states == [
        {
            "since": item.since,
            "until": item.until,
            "reason": item.reason,
            "state": {"open_orders": item.open_orders},
            "asked_at": item.asked_at,
        }
        for item in items
        if isinstance(item, Resynchronized)
    ]


async def test_what_waited_for_a_state_that_was_never_there_is_recorded_and_played_all_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    desk.account.on_their_way["look"] = asyncio.Event()
    async with desk.open().record(tmp_path / "account.gz") as stream:
        desk.peer.cut()
        await desk.called("look")
        await desk.tell(1)
        await desk.heard()
        assert stream.statistics.received == 0

    assert [shown(item) for item in await played(desk, tmp_path / "account.gz")] == ["Reconnected", 1]


async def test_a_state_that_cannot_be_read_ends_the_playback_behind_what_came(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "account.gz"
    await record_two_gaps(desk, path)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'"asked_at"', b'"asked"', 1)))

    seen: list[object] = []
    with pytest.raises(BinanceError, match=r"is damaged in line \d+: .*asked_at"):
        async with asyncio.timeout(5):
            async for item in desk.open().replay(path):
                seen.append(shown(item))

    assert seen == [1, "Reconnected", 10, "Reconnected", 20]


async def test_a_recording_of_market_streams_is_no_recording_of_user_data(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "trades.gz"
    path.write_bytes(gzip.compress(b'{"recording":1,"streams":["a@trade"]}\n'))

    with pytest.raises(ConfigurationError, match="no recording of user_data, but of a@trade"):
        await desk.open().replay(path).start()
