"""A recording that lacks its end is played up to there; one that is damaged says where."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from manual_clock import ManualClock
from specwright.runtime.errors import BinanceError, ConfigurationError
from specwright.runtime.websocket.line import ignore
from specwright.runtime.websocket.notices import Stalled
from specwright.runtime.websocket.recording import Recorder
from specwright.runtime.websocket.source import Source

from . import virtual_time
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specwright.runtime.clock import Clock
    from specwright.runtime.websocket.notices import Notice

SOURCE = Source("a@trade", "market", bytes)
HEAD = b'{"recording":1,"streams":["a@trade"]}\n'


def payload(number: int) -> bytes:
    return b'{"e":"trade","E":1,"s":"A","t":%d,"p":"1.5"}' % number


def lines(numbers: Sequence[int]) -> bytes:
    return b"".join(b'{"t":1,"s":"a@trade","d":%b}\n' % payload(number) for number in numbers)


def up_to_a_block(text: bytes) -> bytes:
    """The start of a compressed file, behind which a block begins."""
    pack = zlib.compressobj(wbits=31)
    return pack.compress(text) + pack.flush(zlib.Z_FULL_FLUSH)


def no_notice(notice: Notice) -> None:
    """These recordings can be written to their end."""
    raise AssertionError(notice)


class Process:
    """One that records and may die: what its file holds then, is there to be looked at."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / "live.gz"
        self._left = folder / "left.gz"
        self._recorder = Recorder(self._path, [SOURCE], lambda: clock.time() * 1000, no_notice)
        self._recorder.begin()
        self._sink = self._recorder.between(SOURCE.name, ignore)

    def receive(self, *numbers: int) -> None:
        """Trades come together."""
        self._sink([payload(number) for number in numbers])

    def stall(self) -> None:
        """The consumer is told that nothing comes."""
        self._recorder.notice(Stalled(("a@trade",), since=1, until=2))

    def dies(self) -> Path:
        """What is left when it dies now."""
        shutil.copyfile(self._path, self._left)
        return self._left

    def ends(self) -> None:
        self._recorder.close()


async def played(path: Path) -> tuple[list[Any], str]:
    """What a recording holds, trades by their numbers, and what its end is."""
    items: list[Any] = []
    async with TinyClient() as client:
        try:
            async for item in client.streams.trades("a").replay(path):
                items.append(item.trade_id if isinstance(item, Trade) else type(item))
        except BinanceError as error:
            return items, str(error)
    return items, "whole"


async def test_a_process_that_dies_leaves_all_but_the_last_second_of_a_busy_stream(tmp_path: Path) -> None:
    clock = ManualClock()
    process = Process(tmp_path, clock)
    for number in range(1, 26):
        process.receive(number)
        clock.advance(0.1)

    items, end = await played(process.dies())
    process.ends()

    assert items == list(range(1, 22))
    assert end == f"{tmp_path / 'left.gz'} breaks off behind line 22: its end is missing"


def test_a_process_that_dies_leaves_what_came_a_second_before_in_a_quiet_stream(tmp_path: Path) -> None:
    async def record() -> list[Path]:
        process = Process(tmp_path, virtual_time.VirtualClock())
        process.receive(1, 2)
        process.stall()
        await asyncio.sleep(1.0)
        left = process.dies()
        process.ends()
        return [left]

    (left,) = virtual_time.run(record())

    items, end = asyncio.run(played(left))
    assert items == [1, 2, Stalled]
    assert end.endswith("breaks off behind line 4: its end is missing")


async def test_a_process_that_dies_at_once_leaves_a_recording_of_nothing(tmp_path: Path) -> None:
    process = Process(tmp_path, ManualClock())

    items, end = await played(process.dies())
    process.ends()

    assert items == []
    assert end.endswith("breaks off behind line 1: its end is missing")


async def test_a_recording_that_is_closed_is_whole(tmp_path: Path) -> None:
    process = Process(tmp_path, ManualClock())
    process.receive(1, 2, 3)
    process.ends()

    assert await played(process.dies()) == ([1, 2, 3], "whole")


async def test_what_came_before_the_stream_had_started_is_recorded_too(tmp_path: Path) -> None:
    path = tmp_path / "live.gz"
    recorder = Recorder(path, [SOURCE], lambda: 0.0, no_notice)
    recorder.between(SOURCE.name, ignore)([payload(1)])
    assert not path.exists()

    recorder.begin()
    recorder.close()

    assert await played(path) == ([1], "whole")


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (gzip.compress(b'{"t":1,"s":"a@tr\n')[10:-8], "is damaged in line 52: JSON is malformed: invalid character"),
        (
            gzip.compress(b'{"t":1,"s":"a\xff","d":1}\n')[10:-8],
            "is damaged in line 52: 'utf-8' codec can't decode byte",
        ),
        (
            gzip.compress(b'{"t":1,"s":"a@trade","d":' + b"[" * 100_000 + b"\n")[10:-8],
            "is damaged in line 52: maximum recursion depth exceeded",
        ),
    ],
)
async def test_a_damaged_recording_says_where_after_what_comes_before(tmp_path: Path, broken: bytes, what: str) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(up_to_a_block(HEAD + lines(range(50))) + broken)

    items, end = await played(path)

    assert items == list(range(50))
    assert end.startswith(f"{path} {what}")


async def test_a_recording_that_cannot_be_unpacked_says_behind_which_line(tmp_path: Path) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(up_to_a_block(HEAD + lines(range(20_000))) + b"\xff" * 20)

    items, end = await played(path)

    assert items == list(range(len(items)))
    assert 10_000 < len(items) <= 20_000
    assert end.startswith(f"{path} is damaged behind line {len(items) + 1}: Error -3 while decompressing data")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(HEAD)[:10] + b"\xff" * 20, "invalid block type"),
        (gzip.compress(HEAD + lines(range(20)))[:60] + b"\xff" * 20, "invalid"),
        (gzip.compress(HEAD)[:12], "ended before the end-of-stream marker"),
    ],
    ids=["in its first line", "in a short recording", "cut off in its first line"],
)
async def test_a_recording_of_which_nothing_can_be_unpacked_is_damaged(
    tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(content)

    async with TinyClient() as client:
        said = rf"damaged\.gz is damaged, and nothing of it can be played: .*{what}"
        with pytest.raises(ConfigurationError, match=said):
            await client.streams.trades("a").replay(path).start()
