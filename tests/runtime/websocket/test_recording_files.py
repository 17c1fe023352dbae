"""The file of a recording: opened when its stream has started, written by one, not emptied while it is played."""

from __future__ import annotations

import errno
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import BinanceError, ConfigurationError, HandshakeRejected
from specwright.runtime.websocket.notices import RecordingEnded

from ...conditions import until
from .tapes import PLAYED, trade, written

if TYPE_CHECKING:
    from .server import ExchangeServer
    from .tiny import TinyClient


def open_files() -> set[Path]:
    """The files that this process has open."""
    return {descriptor.resolve() for descriptor in Path("/proc/self/fd").iterdir()}


async def test_a_recording_begins_with_its_stream(server: ExchangeServer, client: TinyClient, tmp_path: Path) -> None:
    async with client.streams.trades("a") as stream:
        with pytest.raises(ConfigurationError, match="before the stream is started"):
            stream.record(tmp_path / "late.gz")


async def test_a_stream_that_is_being_recorded_is_not_merged(client: TinyClient, tmp_path: Path) -> None:
    recorded = client.streams.trades("a").record(tmp_path / "trades.gz")
    with pytest.raises(ConfigurationError, match="merge first"):
        client.streams.merge(recorded, client.streams.trades("b"))
    await recorded.close()


async def test_a_stream_is_recorded_to_one_file(client: TinyClient, tmp_path: Path) -> None:
    stream = client.streams.trades("a").record(tmp_path / "one.gz")

    with pytest.raises(ConfigurationError, match=r"is recorded to .*one\.gz already"):
        stream.record(tmp_path / "two.gz")


async def test_of_two_streams_that_would_write_to_one_file_the_second_does_not_start(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path, same = tmp_path / "trades.gz", tmp_path / "the same.gz"
    same.symlink_to(path)
    async with client.streams.trades("a").record(path) as stream:
        second = client.streams.trades("b").record(same)
        with pytest.raises(ConfigurationError, match="another stream is being recorded to"):
            await second.start()
        assert second.state == "closed"
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 1)

    assert [item async for item in client.streams.trades("a").replay(path)] == [trade(1)]
    async with client.streams.trades("b").record(same):
        pass
    assert [item async for item in client.streams.trades("b").replay(path)] == []


async def test_a_recording_is_not_overwritten_while_it_is_played(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path = written(tmp_path / "yesterday.gz", *range(10))
    for overwriting in (
        client.streams.trades("a").replay(path).record(path),
        client.streams.trades("a").record(path),
    ):
        async with client.streams.trades("a", buffer_size=1).replay(path) as playing:
            with pytest.raises(ConfigurationError, match="is being played, and recording to it would empty it"):
                await overwriting.start()
            assert [item async for item in playing] == [PLAYED] * 10

    async with client.streams.trades("b").record(path):
        pass
    assert [item async for item in client.streams.trades("b").replay(path)] == []


async def test_a_stream_that_never_starts_leaves_the_file_as_it_was(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path = written(tmp_path / "yesterday.gz", 0)
    server.reject = 403
    with pytest.raises(HandshakeRejected):
        await client.streams.trades("a").record(path).start()

    assert [item async for item in client.streams.trades("a").replay(path)] == [PLAYED]


async def test_a_stream_whose_file_cannot_be_opened_does_not_start(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    stream = client.streams.trades("a").record(tmp_path / "missing" / "trades.gz")
    with pytest.raises(ConfigurationError, match=r"nothing can be recorded to .*missing.*trades\.gz"):
        await stream.start()

    assert stream.state == "closed"
    await until(lambda: not server.open_peers)


async def test_a_playback_that_is_refused_lets_go_of_the_file(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "trades.gz", 0)

    with pytest.raises(ConfigurationError) as kept:
        await client.streams.trades("b").replay(path).start()

    assert path not in open_files()
    assert kept.value.__traceback__ is not None, "the error is still there, with all that it holds"


async def test_a_playback_that_ends_by_an_error_lets_go_of_the_file(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "trades.gz", *range(10_000))
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    path.write_bytes(gzip.compress(b"\n".join([lines[0], b'{"n":"Reconnected","v":{}}', *lines[1:]])))

    with pytest.raises(BinanceError) as kept:
        [event async for event in client.streams.trades("a").replay(path)]

    assert path not in open_files()
    assert kept.value.__traceback__ is not None, "the error is still there, with all that it holds"


async def test_a_playback_that_is_closed_lets_go_of_the_file(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "trades.gz", *range(10_000))
    stream = client.streams.trades("a").replay(path)
    await stream.start()
    assert path in open_files()

    await stream.close()

    assert path not in open_files()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
async def test_a_full_disk_ends_the_recording_with_a_notice_in_its_place_and_the_stream_goes_on(
    server: ExchangeServer, client: TinyClient
) -> None:
    async with client.streams.trades("a").record("/dev/full") as stream:
        await server.trade("a", 1)
        items = aiter(stream)
        ended, event = await anext(items), await anext(items)
        await server.trade("a", 2)
        assert await anext(items) == trade(2)

    assert event == trade(1)
    assert isinstance(ended, RecordingEnded)
    assert (ended.path, ended.error.errno) == ("/dev/full", errno.ENOSPC)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
async def test_a_full_disk_keeps_nothing_from_being_closed(
    server: ExchangeServer, client: TinyClient, caplog: pytest.LogCaptureFixture
) -> None:
    async with client.streams.trades("a").record("/dev/full") as stream:
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 1)

    assert "the recording ends here: it cannot be written" in caplog.text
    await until(lambda: not server.open_peers)
