"""The receiving end of a stream: what a feed puts payloads, notices and the end into, whatever the consumer does."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from ..errors import ConfigurationError
from .buffer import Buffer, Entry, OnFull
from .notices import Reconnected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .address import Deliver
    from .notices import Notice
    from .recording import Recorder
    from .source import Source
    from .starting import Starting

__all__ = ["Feed", "Intake"]


class Feed(Protocol):
    """Where a stream's payloads come from: the exchange, or a recording."""

    async def start(self, intake: Intake) -> None:
        """Begins to deliver; returns when the exchange has acknowledged everything.

        Raises:
            BinanceError: It cannot begin.
        """
        ...

    async def stop(self, intake: Intake) -> None:
        """Stops delivering, at once, and lets go of what was held for the stream."""
        ...

    def is_cut_off(self, intake: Intake) -> bool:
        """Whether all tasks of the event loop are being cancelled: what is begun now nobody waits for."""
        ...

    def hold(self, intake: Intake) -> None:
        """Stops receiving until `release`."""
        ...

    def release(self, intake: Intake) -> None:
        """Goes on."""
        ...

    def now_ms(self) -> float:
        """Local time in ms since 1970."""
        ...


class Intake:
    """Takes in what comes for one stream.

    Args:
        feed: Where it comes from.
        sources: What to subscribe to.
        on_full: What happens when the buffer is full.
        buffer_size: Events that may wait.
    """

    def __init__(self, feed: Feed, sources: Sequence[Source], on_full: OnFull, buffer_size: int) -> None:
        if on_full not in ("raise", "drop_oldest", "latest", "wait"):
            raise ConfigurationError(f'on_full is "raise", "drop_oldest", "latest" or "wait", not {on_full!r}')
        self.feed = feed
        self.sources = tuple(sources)
        self.on_full = on_full
        self._decoders = _decoders(self.sources, told_apart=on_full == "latest")
        self.buffer = Buffer(
            buffer_size,
            on_full,
            key=_key(self.sources, self._decoders) if on_full == "latest" else None,
            hold=lambda: feed.hold(self),
            release=lambda: feed.release(self),
        )
        decoders = set(self._decoders.values())
        self._shares_decoder = len(decoders) == 1
        self.decode: Callable[[bytes], object] = next(iter(decoders))
        """The decoder of all sources, where they share one; else each payload brings its own."""
        self.recorder: Recorder | None = None
        """Also takes everything, before the buffer does."""
        self.starting: Starting | None = None
        """The stream's start: its client waits for its end when it closes."""
        self.stream: object = None
        """The stream while it is fed: its client closes it also when nobody else has kept it."""
        self.missing: set[str] = set()
        """Names of the sources of which something is missing now: from the loss to the `Reconnected` that ends it."""
        self.on_loss: Callable[[], None] = lambda: None
        """Called at once when a source is lost; must neither fail nor wait."""

    def sink(self, source: Source) -> Deliver:
        """Where a feed puts the payloads of one source as they come."""
        return self.recorded(source, self.entrance(source))

    def recorded(self, source: Source, take: Deliver) -> Deliver:
        """The same for a feed that does not deliver payloads as they come: `take`, and the recording before it."""
        return take if self.recorder is None else self.recorder.between(source.name, take)

    def entrance(self, source: Source) -> Deliver:
        """Where such a feed puts them in the end."""
        if source.decode_from is not None:
            return self._with_time(source.decode_from)
        return self.buffer.put if self._shares_decoder else self._with_decoder(self._decoders[source.name])

    def lose(self, name: str) -> None:
        """Something of a source is missing from now on."""
        self.missing.add(name)
        self.on_loss()

    def tell(self, notice: Notice) -> None:
        """Puts a notice in its place between the events."""
        if isinstance(notice, Reconnected):
            self.missing.difference_update(notice.streams)
        if self.recorder is not None:
            self.recorder.notice(notice)
        self.buffer.tell(notice)

    def fail(self, error: BaseException) -> None:
        """Ends the stream with an error, behind what waits."""
        self.buffer.end(error)

    def end(self) -> None:
        """Ends the stream behind what waits."""
        self.buffer.end()

    def discard(self) -> None:
        """Ends the stream at once: what waits is let go."""
        self.buffer.end()
        self.buffer.clear()

    def name_of(self, decode: Callable[[bytes], object]) -> str:
        """Whose payloads a decoder reads, for messages."""
        names = [name for name, each in self._decoders.items() if each is decode]
        return names[0] if len(names) == 1 else f"one of {len(names)} streams"

    def _with_decoder(self, decode: Callable[[bytes], object]) -> Deliver:
        put = self.buffer.put

        def take(payloads: Sequence[bytes]) -> None:
            put([(decode, payload) for payload in payloads])

        return take

    def _with_time(self, decode_from: Callable[[int], Callable[[bytes], object]]) -> Deliver:
        put = self.buffer.put
        # A recording says the same time of it.
        now_ms = self.feed.now_ms if self.recorder is None else self.recorder.latest_ms

        def take(payloads: Sequence[bytes]) -> None:
            decode = decode_from(int(now_ms()))
            put([(decode, payload) for payload in payloads])

        return take


def _decoders(sources: Sequence[Source], *, told_apart: bool) -> dict[str, Callable[[bytes], object]]:
    """The decoders by the names of the sources.

    Args:
        sources: What they are of.
        told_apart: Whether each has one of its own. It comes with every payload that waits, and tells a 1m candle from
            a 5m candle of the symbol.
    """
    users = Counter(source.decode for source in sources)
    return {
        source.name: partial(source.decode) if told_apart and users[source.decode] > 1 else source.decode
        for source in sources
    }


def _key(
    sources: Sequence[Source], decoders: Mapping[str, Callable[[bytes], object]]
) -> Callable[[Entry], object | None]:
    """What an entry is about, for `latest`: what its source finds in it, together with its stream."""
    finders = {decoders[source.name]: source.key for source in sources if source.key is not None}
    only = next(iter(finders.values())) if len(finders) == 1 else None

    def key(entry: Entry) -> object | None:
        if isinstance(entry, tuple):
            decode, payload = entry
            find = finders.get(decode)
            found = None if find is None else find(payload)
            return None if found is None else (decode, found)
        return None if only is None else only(cast("bytes", entry))

    return key
