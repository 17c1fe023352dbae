"""The receiving end of a stream: what a feed puts payloads, notices and the end into, whatever the consumer does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from ..errors import ConfigurationError
from .buffer import Buffer, Entry, OnFull
from .notices import Reconnected
from .source import Source, key_finder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .address import Deliver
    from .notices import Notice
    from .recording import Recorder

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
        self.buffer = Buffer(
            buffer_size,
            on_full,
            key=_key(self.sources) if on_full == "latest" else None,
            hold=lambda: feed.hold(self),
            release=lambda: feed.release(self),
        )
        decoders = {source.decode for source in sources}
        self._shares_decoder = len(decoders) == 1
        self.decode: Callable[[bytes], object] = next(iter(decoders))
        """The decoder of all sources, where they share one; else each payload brings its own."""
        self.recorder: Recorder | None = None
        """Also takes everything, before the buffer does."""
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
        return self.buffer.put if self._shares_decoder else self._with_decoder(source.decode)

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
        names = [source.name for source in self.sources if source.decode is decode]
        return names[0] if len(names) == 1 else f"one of {len(names)} streams"

    def _with_decoder(self, decode: Callable[[bytes], object]) -> Deliver:
        put = self.buffer.put

        def take(payloads: Sequence[bytes]) -> None:
            put([(decode, payload) for payload in payloads])

        return take


def _key(sources: Sequence[Source]) -> Callable[[Entry], object | None]:
    """What an entry is about, for `latest`: the field that the spec names, together with its kind."""
    finders = {source.decode: key_finder(source.latest_key) for source in sources if source.latest_key}
    only = next(iter(finders.values())) if len(finders) == 1 else None

    def key(entry: Entry) -> object | None:
        if isinstance(entry, tuple):
            decode, payload = entry
            find = finders.get(decode)
            found = None if find is None else find(payload)
            return None if found is None else (decode, found)
        return None if only is None else only(cast("bytes", entry))

    return key
