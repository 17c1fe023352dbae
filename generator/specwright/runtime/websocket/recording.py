"""Recordings: every payload of a stream with the time it came, and playing it back through the same typed stream.

A recording is gzip over lines of JSON, so that ordinary tools can read it:

    {"recording":1,"streams":["btcusdt@aggTrade"]}
    {"t":1700000000000123,"s":"btcusdt@aggTrade","d":{"e":"aggTrade",…}}       payload, as it came
    {"t":1700000000456789,"n":"Reconnected","v":{"streams":…,"since":…}}        notice

`t` is in microseconds since 1970, local time; of user data that waited behind a gap, the time of its delivery. The
state of a `Resynchronized` is not recorded. A payload that is no JSON stands as text under `x` instead of `d`.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import IO, TYPE_CHECKING, Any, cast

import attrs
import msgspec

from ..errors import BinanceError, ConfigurationError
from .notices import Dropped, Notice, Reconnected, Stalled

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from .address import Deliver
    from .intake import Intake
    from .source import Source

__all__ = ["Playback", "Recorder"]

logger = logging.getLogger(__name__)

_CHUNK = 256 * 1024
"""Bytes of lines that are compressed at once: one write per payload would cost more than receiving it."""
_AT_ONCE = 200
"""Payloads that a playback delivers between two pauses."""
_REPLAYED: dict[str, type[Reconnected | Stalled | Dropped]] = {
    kind.__name__: kind for kind in (Reconnected, Stalled, Dropped)
}


class _Line(msgspec.Struct):
    t: int = 0
    s: str = ""
    d: msgspec.Raw = msgspec.Raw()
    x: str | None = None
    n: str | None = None
    v: dict[str, Any] | None = None
    recording: int | None = None
    streams: list[str] | None = None


class Recorder:
    """Writes a recording.

    Args:
        path: The file; an existing one is replaced.
        sources: What is recorded.
        now_ms: Local time in ms since 1970.
    """

    def __init__(self, path: str | os.PathLike[str], sources: Sequence[Source], now_ms: Callable[[], float]) -> None:
        self._now_ms = now_ms
        # The fastest level: three quarters of what the best one saves, in a tenth of its time.
        self._file: IO[bytes] | None = cast("IO[bytes]", gzip.open(path, "wb", compresslevel=1))  # noqa: SIM115
        self._lines = bytearray(msgspec.json.encode({"recording": 1, "streams": [each.name for each in sources]}))
        self._lines += b"\n"
        self._prefixes: dict[str, bytes] = {}

    def between(self, name: str, take: Deliver) -> Deliver:
        """A sink that writes each payload down before it hands it on."""
        start = b',"s":' + msgspec.json.encode(name)

        def record(payloads: Sequence[bytes]) -> None:
            now = self._now_ms() * 1000
            for payload in payloads:
                self._write(b'{"t":%d%s%s}\n' % (now, start, _field(payload)))
            take(payloads)

        return record

    def notice(self, notice: Notice) -> None:
        """Writes a notice down."""
        if type(notice).__name__ in _REPLAYED:
            value = msgspec.json.encode(attrs.asdict(notice))
            name = type(notice).__name__.encode()
            self._write(b'{"t":%d,"n":"%s","v":%s}\n' % (self._now_ms() * 1000, name, value))

    def close(self) -> None:
        """Writes what is left and closes the file."""
        if self._file is not None:
            file, self._file = self._file, None
            try:
                with file:
                    file.write(self._lines)
            except OSError:
                # Nor must a full disk keep a stream, or a client with all its streams, from being closed.
                logger.exception("the end of the recording cannot be written")
            self._lines.clear()

    def _write(self, line: bytes) -> None:
        if self._file is None:
            return
        self._lines += line
        if len(self._lines) >= _CHUNK:
            try:
                self._file.write(self._lines)
            except OSError:
                # A full disk must not end the stream that is recorded.
                logger.exception("the recording ends here: it cannot be written")
                self._file = None
            self._lines.clear()


def _field(payload: bytes) -> bytes:
    """The payload as it came, where that is one line of JSON; else as text."""
    if payload[:1] in (b"{", b"[") and b"\n" not in payload and b"\r" not in payload:
        try:
            msgspec.json.decode(payload, type=msgspec.Raw)
        except msgspec.DecodeError:
            pass
        else:
            return b',"d":' + payload
    return b',"x":' + msgspec.json.encode(payload.decode("utf-8", "replace"))


class Playback:
    """A recording as the feed of a stream. The reader waits for its consumer: nothing is dropped.

    Args:
        path: What a `Recorder` wrote.
        pace: Times as fast as it was received; None: as fast as it is taken.
    """

    def __init__(self, path: str | os.PathLike[str], pace: float | None) -> None:
        if pace is not None and pace <= 0:
            raise ConfigurationError("pace must be above 0; None plays as fast as events are taken")
        self._path = path
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._now = 0.0

    def now_ms(self) -> float:
        """The time of the recording."""
        return self._now

    async def start(self, intake: Intake) -> None:
        """Begins to play; see `Feed`."""
        lines = self._lines()
        try:
            head = next(lines)
        except (OSError, StopIteration, msgspec.DecodeError, EOFError) as error:
            raise ConfigurationError(f"{self._path} is no recording: {error}") from error
        if head.recording != 1:
            raise ConfigurationError(f"{self._path} is no recording that this version can read")
        self._room.set()
        self._task = asyncio.create_task(self._play(intake, lines))

    async def stop(self, intake: Intake) -> None:
        """Stops playing; see `Feed`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def hold(self, intake: Intake) -> None:
        """Waits for the consumer; see `Feed`."""
        self._room.clear()

    def release(self, intake: Intake) -> None:
        """Goes on; see `Feed`."""
        self._room.set()

    def _lines(self) -> Iterator[_Line]:
        decode = msgspec.json.Decoder(_Line).decode
        with gzip.open(self._path, "rb") as file:
            for line in file:
                yield decode(line)

    async def _play(self, intake: Intake, lines: Iterator[_Line]) -> None:
        sinks = {source.name: intake.sink(source) for source in intake.sources}
        loop = asyncio.get_running_loop()
        began: tuple[float, int] | None = None
        try:
            for number, line in enumerate(lines):
                self._now = line.t / 1000
                if self._pace is not None:
                    began = began or (loop.time(), line.t)
                    due = began[0] + (line.t - began[1]) / 1e6 / self._pace
                    if due > loop.time():
                        await asyncio.sleep(due - loop.time())
                elif number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
                await self._room.wait()
                self._deliver(intake, sinks, line)
        except (OSError, EOFError, msgspec.DecodeError) as error:
            intake.fail(BinanceError(f"{self._path} breaks off: {error}"))
        else:
            intake.end()

    def _deliver(self, intake: Intake, sinks: dict[str, Deliver], line: _Line) -> None:
        if line.n in _REPLAYED and line.v is not None:
            value: dict[str, Any] = {
                name: tuple(each) if isinstance(each, list) else each for name, each in line.v.items()
            }
            intake.tell(_REPLAYED[line.n](**value))
        elif (sink := sinks.get(line.s)) is not None:
            sink([line.x.encode() if line.x is not None else bytes(line.d)])
