"""Recordings: every payload of a stream with the time it came, and what its consumer was told between them.

A recording is gzip over lines of JSON, so that ordinary tools can read it:

    {"recording":1,"streams":["btcusdt@aggTrade"]}
    {"t":1700000000000123,"s":"btcusdt@aggTrade","d":{"e":"aggTrade",…}}       payload, as it came
    {"t":1700000000456789,"n":"Reconnected","v":{"streams":…,"since":…}}        notice
    {"t":1700000000567890,"n":"Resynchronized","v":{"since":…,"state":{"positions":[…],…}}}     notice with replies

`t` is in microseconds since 1970, local time of arrival. Lines stand in the order of arrival, which is the consumer's
but for user data behind a gap: it waits for the state, and waits again when it is played (`playback`). A payload that
is no JSON stands as text under `x` instead of `d`.

The file is opened, and what it held is gone, when the stream has started. What has come is in it a second later at the
latest: a process that dies leaves a file that lacks its end, and is played up to there. Where it cannot be written any
more, the recording ends, the stream goes on, and its consumer is told with `RecordingEnded`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import os
from typing import IO, TYPE_CHECKING, cast

import attrs
import msgspec

from ..encoding import to_json
from ..errors import ConfigurationError
from ..lenient_json import read_or_none
from .notices import Notice, Reconnected, RecordingEnded, Resynchronized, Stalled
from .recording_files import leave_file, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .address import Deliver
    from .source import Source

__all__ = ["Recorder"]

logger = logging.getLogger(__name__)

_CHUNK = 256 * 1024
"""Bytes of lines that are compressed at once: one write per payload would cost more than receiving it."""
_FLUSH_EVERY = 1.0
"""Seconds that lines may wait for others, by the stream's clock and by the event loop's: whichever comes first."""


class Recorder:
    """Writes a recording. What comes before `begin` waits for it.

    Args:
        path: The file; an existing one is replaced by `begin`.
        sources: What is recorded.
        now_ms: Local time in ms since 1970.
        tell: Told when it cannot be written any more.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        sources: Sequence[Source],
        now_ms: Callable[[], float],
        tell: Callable[[Notice], None],
    ) -> None:
        self.path = path
        self._tell = tell
        self._now_ms = now_ms
        self._file: IO[bytes] | None = None
        self._is_over = False
        self._flush_due = 0.0
        """When lines are not to wait any longer, in µs since 1970."""
        self._timer: asyncio.TimerHandle | None = None
        """Sees to the lines of a stream that has become quiet."""
        self._lines = bytearray(msgspec.json.encode({"recording": 1, "streams": [each.name for each in sources]}))
        self._lines += b"\n"
        self._latest = 0

    def latest_ms(self) -> float:
        """When the latest payloads came, as it was written down, in ms since 1970."""
        return self._latest / 1000

    def begin(self) -> None:
        """Opens the file.

        Raises:
            ConfigurationError: It cannot be opened, or is written or played by another one.
        """
        write_file(self.path, self)
        try:
            # The fastest level: three quarters of what the best one saves, in a tenth of its time.
            self._file = cast("IO[bytes]", gzip.open(self.path, "wb", compresslevel=1))  # noqa: SIM115
        except OSError as error:
            raise ConfigurationError(f"nothing can be recorded to {self.path}: {error}") from error
        self._flush()

    def between(self, name: str, take: Deliver) -> Deliver:
        """A sink that writes each payload down before it hands it on."""
        start = b',"s":' + msgspec.json.encode(name)

        def record(payloads: Sequence[bytes]) -> None:
            self._latest = now = int(self._now_ms() * 1000)
            for payload in payloads:
                self._lines += b'{"t":%d%s%s}\n' % (now, start, _field(payload))
            self._see_to_lines(now)
            take(payloads)

        return record

    def notice(self, notice: Notice) -> None:
        """Writes a notice of a feed down, but for its own end. What a consumer drops, and what is `Malformed`, comes
        of the payloads again."""
        if isinstance(notice, Resynchronized):
            state = {name: msgspec.Raw(to_json(reply)) for name, reply in notice.state.items()}
            value = {**attrs.asdict(notice, recurse=False), "state": state}
        elif isinstance(notice, (Reconnected, Stalled)):
            value = attrs.asdict(notice)
        else:
            return
        name = type(notice).__name__.encode()
        now = self._now_ms() * 1000
        self._lines += b'{"t":%d,"n":"%s","v":%s}\n' % (now, name, msgspec.json.encode(value))
        self._see_to_lines(now)

    def close(self) -> None:
        """Writes what is left and closes the file."""
        self._is_over = True
        leave_file(self)
        self._stop_timer()
        if self._file is not None:
            file, self._file = self._file, None
            try:
                with file:
                    file.write(self._lines)
            except OSError:
                # Nor must a full disk keep a stream, or a client with all its streams, from being closed.
                logger.exception("the end of the recording cannot be written")
        self._lines.clear()

    def _see_to_lines(self, now: float) -> None:
        """Lines were added, at `now` in µs since 1970: they are written now or soon."""
        if self._is_over:
            self._lines.clear()
        elif self._file is None:
            return
        elif now >= self._flush_due or len(self._lines) >= _CHUNK:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_EVERY, self._flush)

    def _flush(self) -> None:
        """Writes the lines so that they can be read although the file may never be closed."""
        self._stop_timer()
        self._flush_due = (self._now_ms() + _FLUSH_EVERY * 1000) * 1000
        if self._file is None:
            return
        try:
            self._file.write(self._lines)
            self._file.flush()
        except OSError as error:
            # A full disk must not end the stream that is recorded.
            logger.exception("the recording ends here: it cannot be written")
            self._tell(RecordingEnded(os.fspath(self.path), error))
            with contextlib.suppress(OSError):  # Of the same disk.
                self._file.close()
            self._file = None
            self._is_over = True
            leave_file(self)
        self._lines.clear()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _field(payload: bytes) -> bytes:
    """The payload as it came, where that is one line of JSON; else as text."""
    is_a_line = payload[:1] in (b"{", b"[") and b"\n" not in payload and b"\r" not in payload
    if is_a_line and read_or_none(_decode_raw, payload) is not None:
        return b',"d":' + payload
    return b',"x":' + msgspec.json.encode(payload.decode("utf-8", "replace"))


_decode_raw = msgspec.json.Decoder(msgspec.Raw).decode
