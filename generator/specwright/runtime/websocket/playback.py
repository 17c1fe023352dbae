"""Playing a recording back through the same typed stream: the same items, in the same order."""

from __future__ import annotations

import asyncio
import gzip
import logging
import zlib
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from attrs import evolve

from ..errors import BinanceError, ConfigurationError
from ..lenient_json import UNREADABLE
from ..option_checks import is_number
from .healing import Healing
from .notices import Reconnected, Resynchronized, Stalled
from .recording_files import leave_file, read_file

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterator, Sequence

    from .address import Deliver
    from .intake import Intake

__all__ = ["Playback", "ReadState"]

logger = logging.getLogger(__name__)

ReadState: TypeAlias = "Callable[[str, bytes], object]"
"""Decodes a reply of a `Resynchronized`, by its name in the state."""

_BROKEN = (OSError, EOFError, zlib.error, *UNREADABLE)
"""What reading a file raises that is no recording, or not any more."""
_AT_ONCE = 200
"""Lines that are played between two pauses."""
_MOST_NAMES = 10
"""Streams that a message names."""
_KINDS: dict[str, type[Reconnected | Stalled]] = {kind.__name__: kind for kind in (Reconnected, Stalled)}


class _Line(msgspec.Struct):
    t: int = 0
    s: str = ""
    d: msgspec.Raw = msgspec.Raw()
    x: str | None = None
    n: str | None = None
    v: msgspec.Raw = msgspec.Raw()
    recording: int | None = None
    streams: list[str] = []


class _Resynchronized(msgspec.Struct):
    since: int
    until: int
    reason: str
    state: dict[str, msgspec.Raw]
    asked_at: int


class Playback:
    """A recording as the feed of a stream. The reader waits for its consumer: nothing is dropped, and notices that its
    consumer may have taken one by one are not put together.

    Args:
        path: What a `Recorder` wrote.
        pace: Times as fast as it was received; None: as fast as it is taken.
        read_state: For user data, which waits behind a gap until the state is there.
    """

    def __init__(self, path: str | os.PathLike[str], pace: float | None, read_state: ReadState | None = None) -> None:
        if pace is not None and not (is_number(pace) and pace > 0):
            raise ConfigurationError(f"pace={pace!r} must be a number above 0, or None for as fast as events are taken")
        self._path = path
        self._pace = pace
        self._read_state = read_state
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._now = 0.0
        self._read = 0
        """Lines that have been read."""

    def now_ms(self) -> float:
        """The time of the recording."""
        return self._now

    async def start(self, intake: Intake) -> None:
        """Begins to play; see `Feed`.

        Raises:
            ConfigurationError: The file is no recording, is damaged at its start, or lacks a stream that is asked
                for.
        """
        lines = self._lines()
        try:
            self._check(lines, intake)
            read_file(self._path, self)
        except BaseException:
            lines.close()  # And the file with it: the error would keep it open for as long as somebody keeps that.
            raise
        self._room.set()
        self._task = asyncio.create_task(self._play(_Projector(intake, self._read_state), lines))

    def _check(self, lines: Iterator[_Line], intake: Intake) -> None:
        """Reads the head; refuses what is no recording of these streams."""
        try:
            head = next(lines, None)
        except (zlib.error, EOFError) as error:
            # It is unpacked in pieces of some thousand bytes: the damage may be far behind the first line.
            raise ConfigurationError(f"{self._path} is damaged, and nothing of it can be played: {error}") from error
        except _BROKEN as error:
            raise ConfigurationError(f"{self._path} is no recording: {error}") from error
        if head is None:
            raise ConfigurationError(f"{self._path} is no recording: it is empty")
        if head.recording != 1:
            raise ConfigurationError(f"{self._path} is no recording that this version can read")
        lacking = [source.name for source in intake.sources if source.name not in head.streams]
        if lacking:
            raise ConfigurationError(f"{self._path} is no recording of {_list(lacking)}, but of {_list(head.streams)}")

    async def stop(self, intake: Intake) -> None:
        """Stops playing; see `Feed`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            leave_file(self)

    def is_cut_off(self, intake: Intake) -> bool:
        """No: it has no connection."""
        return False

    def hold(self, intake: Intake) -> None:
        """Waits for the consumer; see `Feed`."""
        self._room.clear()

    def release(self, intake: Intake) -> None:
        """Goes on; see `Feed`."""
        self._room.set()

    def _lines(self) -> Generator[_Line, None, None]:
        decode = msgspec.json.Decoder(_Line).decode
        with gzip.open(self._path, "rb") as file:
            for line in file:
                self._read += 1
                yield decode(line)

    async def _play(self, projector: _Projector, lines: Generator[_Line, None, None]) -> None:
        error: BinanceError | None = None
        try:
            await self._play_each(projector, lines)
        except EOFError:
            error = BinanceError(f"{self._path} breaks off behind line {self._read}: its end is missing")
        except _BROKEN as broken:
            where = "in" if isinstance(broken, UNREADABLE) else "behind"
            error = BinanceError(f"{self._path} is damaged {where} line {self._read}: {broken}")
            error.__cause__ = broken
        except BinanceError as unread:
            error = unread
        except Exception as fault:
            # A fault in this package must end the stream, not leave its consumer waiting for ever.
            logger.exception("a playback failed")
            error = BinanceError(f"{self._path} cannot be played: {fault!r}")
        finally:
            lines.close()
        leave_file(self)
        projector.end(error)

    async def _play_each(self, projector: _Projector, lines: Iterator[_Line]) -> None:
        loop = asyncio.get_running_loop()
        began: tuple[float, int] | None = None
        for number, line in enumerate(lines):
            if self._pace is not None:
                began = began or (loop.time(), line.t)
                due = began[0] + (line.t - began[1]) / 1e6 / self._pace
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
            elif number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            await self._room.wait()
            while line.n is not None and projector.has_untaken_notice():
                await self._room.wait()
            self._now = line.t / 1000
            projector.show(line)


class _Projector:
    """Puts what lines tell into a stream.

    Args:
        intake: The stream.
        read_state: See `Playback`.
    """

    def __init__(self, intake: Intake, read_state: ReadState | None) -> None:
        self._intake = intake
        self._read_state = read_state
        self._sinks: dict[str, Deliver] = {source.name: intake.sink(source) for source in intake.sources}
        self._healing: Healing | None = None
        if read_state is not None:
            ((name, sink),) = self._sinks.items()
            self._healing = healing = Healing(
                deliver=lambda payload: sink([payload]), tell=intake.tell, hold=_go_on, release=_go_on
            )

            def hold_back(payloads: Sequence[bytes]) -> None:
                for payload in payloads:
                    healing.receive(payload)

            self._sinks[name] = hold_back

    def has_untaken_notice(self) -> bool:
        """Whether a notice waits for the consumer; then the playback is asked to pause until something is taken."""
        if self._intake.buffer.notices:
            self._intake.buffer.pause()
            return True
        return False

    def show(self, line: _Line) -> None:
        """Puts in what a line holds."""
        if line.n is not None:
            self._tell(line.n, line.v)
        elif (sink := self._sinks.get(line.s)) is not None:
            sink([line.x.encode() if line.x is not None else bytes(line.d)])

    def end(self, error: BinanceError | None) -> None:
        """Nothing more comes."""
        if self._healing is not None:
            self._healing.give_up()
        if error is None:
            self._intake.end()
        else:
            self._intake.fail(error)

    def _tell(self, kind: str, value: msgspec.Raw) -> None:
        if kind in _KINDS:
            notice = msgspec.json.decode(value, type=_KINDS[kind])
            # Of a recording of several streams others may be concerned.
            notice = evolve(notice, streams=tuple(name for name in notice.streams if name in self._sinks))
            if not notice.streams:
                return
            if self._healing is not None and isinstance(notice, Reconnected):
                self._healing.begin(notice)
            else:
                self._intake.tell(notice)
        elif kind == Resynchronized.__name__ and self._healing is not None and self._read_state is not None:
            told = msgspec.json.decode(value, type=_Resynchronized)
            state = {name: self._read_state(name, bytes(reply)) for name, reply in told.state.items()}
            self._healing.heal(Resynchronized(told.since, told.until, told.reason, state, told.asked_at))


def _go_on() -> None:
    """What was held back when it was recorded has its end among the next lines: they must be read."""


def _list(names: Sequence[str]) -> str:
    """Names for a message; not all of hundreds."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "") if names else "no stream"
