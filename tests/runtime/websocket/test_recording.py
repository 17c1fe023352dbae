"""What is recorded is what came, and playing it gives the same typed items."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import BinanceError, ConfigurationError
from specwright.runtime.websocket.notices import Malformed, Reconnected

from ...conditions import until
from . import virtual_time
from .tapes import PAYLOAD, PLAYED, trade, written
from .tiny import TinyClient, Trade

if TYPE_CHECKING:
    from pathlib import Path

    from .server import ExchangeServer


async def record(server: ExchangeServer, client: TinyClient, path: Path) -> list[Any]:
    """A stream of two trades, a gap, a frame that cannot be read, and another trade; gives what its consumer got."""
    async with client.streams.trades("a").record(path) as stream:
        await server.trade("a", 1)
        await server.trade("a", 2)
        await until(lambda: stream.statistics.received == 2)
        server.peers[-1].cut()
        await until(lambda: stream.statistics.reconnects == 1)
        await server.open_peers[0].connection.send('{"stream":"a@trade","data":nonsense}')
        await server.trade("a", 3)
        await until(lambda: stream.statistics.received == 4)
        items = []
        async for item in stream:
            items.append(item)
            if len(items) == 5:
                break
    return items


async def test_a_recording_plays_the_same_items(server: ExchangeServer, client: TinyClient, tmp_path: Path) -> None:
    path = tmp_path / "trades.gz"
    original = await record(server, client, path)

    played = [item async for item in client.streams.trades("a").replay(path)]

    assert [type(item) for item in original] == [Trade, Trade, Reconnected, Malformed, Trade]
    assert [item for item in played if not isinstance(item, Malformed)] == [
        item for item in original if not isinstance(item, Malformed)
    ]
    assert [item.body for item in played if isinstance(item, Malformed)] == [b"nonsense"]


async def test_a_recording_is_lines_of_json_for_ordinary_tools(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path = tmp_path / "trades.gz"
    await record(server, client, path)

    head, first, *_ = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]

    assert head == {"recording": 1, "streams": ["a@trade"]}
    assert first["s"] == "a@trade"
    assert first["d"] == {"e": "trade", "E": 1_700_000_000_000, "s": "A", "t": 1, "p": "1.5"}


async def test_payloads_and_notices_stand_in_the_order_of_their_times(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path = tmp_path / "trades.gz"
    await record(server, client, path)

    _, *lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    times = [line["t"] for line in lines]

    assert [line.get("n") for line in lines] == [None, None, "Reconnected", None, None]
    assert times == sorted(times)
    assert times[2] // 1000 >= lines[2]["v"]["until"], "a gap is told when it has ended"


async def test_a_recording_is_compressed(server: ExchangeServer, client: TinyClient, tmp_path: Path) -> None:
    path = tmp_path / "trades.gz"
    async with client.streams.trades("a").record(path) as stream:
        for number in range(500):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 500)

    assert path.stat().st_size * 5 < len(gzip.decompress(path.read_bytes()))


async def test_what_the_consumer_drops_is_recorded_all_the_same(
    server: ExchangeServer, client: TinyClient, tmp_path: Path
) -> None:
    path = tmp_path / "trades.gz"
    async with client.streams.trades("a", buffer_size=1, on_full="drop_oldest").record(path) as stream:
        for number in range(10):
            await server.trade("a", number)
        await until(lambda: stream.statistics.received == 10)

    played = [event async for event in client.streams.trades("a").replay(path).events()]

    assert played == [trade(number) for number in range(10)]


def test_a_recording_can_be_played_at_its_own_pace(tmp_path: Path) -> None:
    path = written(tmp_path / "paced.gz", 0, 100_000, 200_000)

    async def play() -> list[float]:
        async with TinyClient() as client:
            return [asyncio.get_running_loop().time() async for _ in client.streams.trades("a").replay(path, pace=4.0)]

    assert virtual_time.run(play()) == pytest.approx([0.0, 0.025, 0.05], abs=1e-6)


def test_notices_are_played_at_their_own_time_too(tmp_path: Path) -> None:
    gap = {"streams": ["a@trade"], "since": 0, "until": 200, "reason": "cut"}
    lines: list[dict[str, Any]] = [{"recording": 1, "streams": ["a@trade"]}]
    lines += [{"t": 0, "s": "a@trade", "d": PAYLOAD}, {"t": 200_000, "n": "Reconnected", "v": gap}]
    path = tmp_path / "paced.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))

    async def play() -> list[tuple[type, float]]:
        now = asyncio.get_running_loop().time
        async with TinyClient() as client:
            return [(type(item), now()) async for item in client.streams.trades("a").replay(path, pace=4.0)]

    (event, began), (notice, came) = virtual_time.run(play())
    assert (event, notice) == (Trade, Reconnected)
    assert came - began == pytest.approx(0.05, abs=1e-6)


async def test_a_playback_waits_for_its_consumer(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "long.gz", *range(5_000))
    stream = client.streams.trades("a", buffer_size=10).replay(path)
    most = count = 0
    async for _ in stream:
        count += 1
        most = max(most, stream.statistics.waiting)
        if count % 500 == 0:
            await asyncio.sleep(0.001)

    assert count == 5_000
    assert most <= 11


@pytest.mark.parametrize("content", [b"", b"{}", b"no JSON", b'{"recording":2}'])
@pytest.mark.parametrize("is_compressed", [True, False])
async def test_what_is_no_recording_is_refused(
    client: TinyClient, tmp_path: Path, content: bytes, is_compressed: bool
) -> None:
    path = tmp_path / "other.gz"
    path.write_bytes(gzip.compress(content) if is_compressed else content)

    with pytest.raises(ConfigurationError, match="recording"):
        await client.streams.trades("a").replay(path).start()


async def test_a_recording_that_lacks_a_stream_says_which_it_has(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "trades.gz", 0)
    wanted = client.streams.merge(*[client.streams.trades(symbol) for symbol in ("a", "b", "c")])

    with pytest.raises(ConfigurationError, match=r"trades\.gz is no recording of b@trade, c@trade, but of a@trade"):
        await wanted.replay(path).start()


@pytest.mark.parametrize("pace", ["x", "1", 0, -1.0, float("nan"), True])
def test_a_pace_that_nothing_can_have_is_refused(client: TinyClient, tmp_path: Path, pace: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^pace={pace!r} must be a number above 0, or None for as fast as "):
        client.streams.trades("a").replay(tmp_path / "trades.gz", pace=pace)


async def test_a_recording_that_lacks_hundreds_of_streams_names_some(client: TinyClient, tmp_path: Path) -> None:
    path = written(tmp_path / "trades.gz", 0)
    wanted = client.streams.merge(*[client.streams.trades(f"b{number}") for number in range(300)])

    with pytest.raises(ConfigurationError, match=r"b9@trade and 290 more, but of a@trade"):
        async for _ in wanted.replay(path):
            pass


async def test_one_of_several_recorded_streams_is_played_alone_with_its_own_gaps(
    client: TinyClient, tmp_path: Path
) -> None:
    def gap(*streams: str) -> dict[str, Any]:
        return {"t": 1, "n": "Reconnected", "v": {"streams": streams, "since": 1, "until": 2, "reason": "cut"}}

    lines: list[dict[str, Any]] = [{"recording": 1, "streams": ["a@trade", "b@trade"]}]
    lines += [gap("a@trade", "b@trade"), {"t": 1, "s": "a@trade", "d": PAYLOAD}, gap("b@trade")]
    lines += [{"t": 2, "s": "b@trade", "d": PAYLOAD}, {"t": 3, "s": "a@trade", "d": PAYLOAD}]
    path = tmp_path / "merged.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))

    played = [item async for item in client.streams.trades("a").replay(path)]

    assert played == [Reconnected(("a@trade",), since=1, until=2, reason="cut"), PLAYED, PLAYED]


async def test_notices_in_a_row_are_played_one_by_one_without_filling_memory(
    client: TinyClient, tmp_path: Path
) -> None:
    """A consumer that was awake took each of them; one that sleeps here is waited for."""
    lines: list[dict[str, Any]] = [{"recording": 1, "streams": ["a@trade"]}]
    for number in range(1_000):
        value = {"streams": ["a@trade"], "since": number, "until": number, "reason": "cut"}
        lines.append({"t": number, "n": "Reconnected", "v": value})
    path = tmp_path / "gaps.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    stream = client.streams.trades("a").replay(path)

    played, most = [], 0
    async for item in stream:
        assert isinstance(item, Reconnected)
        played.append(item.since)
        most = max(most, stream.statistics.waiting)

    assert played == list(range(1_000))
    assert most <= 1
    assert stream.statistics.reconnects == 1_000


async def test_a_notice_that_is_damaged_ends_the_playback_with_an_error(client: TinyClient, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gz"
    path.write_bytes(gzip.compress(b'{"recording":1,"streams":["a@trade"]}\n{"t":1,"n":"Reconnected","v":{}}\n'))

    with pytest.raises(BinanceError, match=r"damaged\.gz is damaged in line 2: .*`streams`"):
        async with asyncio.timeout(5):
            async for _ in client.streams.trades("a").replay(path):
                pass


@pytest.mark.parametrize("payload", ["[" * 100_000, "[" * 20_000 + "]" * 20_000, '{"e":"tra'])
async def test_what_cannot_be_read_is_recorded_and_ends_no_connection(
    server: ExchangeServer, client: TinyClient, tmp_path: Path, payload: str
) -> None:
    path = tmp_path / "trades.gz"
    async with client.streams.trades("a").record(path) as stream:
        await server.peers[0].connection.send(f'{{"stream":"a@trade","data":{payload}}}')
        await server.trade("a", 1)
        await until(lambda: stream.statistics.received == 2)

    played = [item async for item in client.streams.trades("a").replay(path)]
    assert [getattr(item, "body", item) for item in played] == [payload.encode(), trade(1)]
    assert len(server.peers) == 1
