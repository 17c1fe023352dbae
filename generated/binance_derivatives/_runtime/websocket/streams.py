"""Typed streams: what a generated stream method gives back, and how a consumer takes events from it."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypedDict, TypeVar, cast, overload

from ..errors import ClientClosed, ConfigurationError, DecodeError
from .buffer import Buffer, Entry, OnFull, StreamStatistics
from .notices import Malformed, Notice
from .source import Source, key_finder

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self, Unpack

    from ..operation import Stream as Descriptor
    from .hub import StreamHub
    from .recording import Recorder

__all__ = ["Feed", "Stream", "StreamGroup", "StreamOptions", "StreamState"]

E = TypeVar("E", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

_BREATHE = 256
"""Events between two looks at anything else: enough to be quick, few enough for other tasks."""
_LONGEST_TURN = 0.005
"""Seconds for which a handler that always finds events keeps other tasks waiting."""
DEFAULT_BUFFER = 20_000
"""Events; one read of a busy socket can bring some thousand at once."""


class StreamOptions(TypedDict, total=False):
    """What a consumer may choose for its stream."""

    on_full: OnFull
    """What happens when the buffer is full; default "raise"."""
    buffer_size: int
    """Events that may wait; default 20,000."""


class Feed(Protocol):
    """Where a stream's payloads come from: the exchange, or a recording."""

    async def start(self, stream: Stream[Any]) -> None:
        """Begins to deliver; returns when the exchange has acknowledged everything.

        Raises:
            BinanceError: It cannot begin.
        """
        ...

    async def stop(self, stream: Stream[Any]) -> None:
        """Stops delivering, at once, and lets go of what was held for the stream."""
        ...

    def hold(self, stream: Stream[Any]) -> None:
        """Stops receiving until `release`."""
        ...

    def release(self, stream: Stream[Any]) -> None:
        """Goes on."""
        ...

    def now_ms(self) -> float:
        """Local time in ms since 1970."""
        ...


class Stream(Generic[E]):
    """Events of one stream or several, typed, in the order of arrival.

        async with client.streams.agg_trade("btcusdt") as stream:
            async for item in stream:             # events, and notices such as `Reconnected`
                ...

        async for event in client.streams.agg_trade("btcusdt").events():        # events alone
            ...

    It connects when it is entered or first asked for an event, and unsubscribes when it is left: an entered one with
    its `async with`, so that one loop after another can take from it, any other with its loop. One consumer takes from
    it at a time; who needs the same events twice opens two streams, which share one subscription.

    Args:
        feed: Where payloads come from.
        sources: What to subscribe to.
        options: See `StreamOptions`.
    """

    def __init__(self, feed: Feed, sources: Sequence[Source], options: StreamOptions) -> None:
        unknown = set(options) - StreamOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"unknown stream options: {', '.join(sorted(unknown))}")
        self._feed = feed
        self._options = options
        self.sources = tuple(sources)
        decoders = {source.decode for source in sources}
        self._shares_decoder = len(decoders) == 1
        self._decode: Callable[[bytes], object] = next(iter(decoders))
        """The decoder of all sources, where they share one; else each payload brings its own."""
        self.on_full: OnFull = options.get("on_full", "raise")
        if self.on_full not in ("raise", "drop_oldest", "latest", "wait"):
            raise ConfigurationError(f'on_full is "raise", "drop_oldest", "latest" or "wait", not {self.on_full!r}')
        self._buffer = Buffer(
            options.get("buffer_size", DEFAULT_BUFFER),
            self.on_full,
            key=_key(self.sources) if self.on_full == "latest" else None,
            hold=lambda: self._feed.hold(self),
            release=lambda: self._feed.release(self),
        )
        self._state: StreamState = "new"
        self._is_entered = False
        self._consumer: object = None
        """Who takes events now."""
        self._is_loop = False
        """The consumer is a loop, which may be broken out of without a word."""
        self._taken_notices = 0
        self._next_notice: Notice | None = None
        self._malformed = 0
        self._last: object = None
        self._lag_ms: float | None = None
        self._recorder: Recorder | None = None

    def __repr__(self) -> str:
        names = ", ".join(source.name for source in self.sources[:3])
        more = f" and {len(self.sources) - 3} more" if len(self.sources) > 3 else ""
        return f"<{type(self).__name__} {names}{more}, {self._state}>"

    # --- Life ---------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> StreamState:
        """`new` → `starting` → `running` → `closed`."""
        return self._state

    @property
    def statistics(self) -> StreamStatistics:
        """Counters, as of now. What was taken follows from what came and what is left, so nothing is counted twice."""
        buffer = self._buffer
        taken = buffer.received - buffer.dropped - (len(buffer.entries) - (buffer.told - self._taken_notices))
        return StreamStatistics(
            received=buffer.received,
            delivered=taken,
            dropped=buffer.dropped,
            decoded=taken - self._malformed,
            malformed=self._malformed,
            reconnects=buffer.reconnects,
            waiting=len(buffer.entries),
            lag_ms=self._lag_ms,
        )

    async def start(self) -> None:
        """Connects and subscribes; returns when the exchange has acknowledged. Iterating does it by itself.

        Raises:
            HandshakeRejected, ConnectError: The first connection could not be made.
            RequestRejected: The exchange refused the subscription.
            ClientClosed: The client, or this stream, was closed.
        """
        if self._state == "running":
            return
        if self._state != "new":
            raise ClientClosed(f"this stream is {self._state}; open another one")
        self._state = "starting"
        try:
            await self._feed.start(self)
        except BaseException:
            await self.close()
            raise
        if self._state == "starting":
            self._state = "running"

    async def close(self) -> None:
        """Unsubscribes; iterating ends at once, events that still wait are let go."""
        if self._state == "closed":
            return
        was_new = self._state == "new"
        self._state = "closed"
        self._buffer.end()
        self._buffer.entries.clear()
        try:
            if not was_new:
                await self._feed.stop(self)
        finally:
            if self._recorder is not None:
                self._recorder.close()

    async def __aenter__(self) -> Self:
        await self.start()
        self._is_entered = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # --- Taking events ------------------------------------------------------------------------------------------------

    def __aiter__(self) -> AsyncIterator[E | Notice]:
        return self._items(with_notices=True)

    def events(self) -> AsyncGenerator[E]:
        """Events alone, without notices. What was missed can then only be seen in `statistics`."""
        return cast("AsyncGenerator[E]", self._items(with_notices=False))

    async def run(
        self,
        on_event: Callable[[E], Awaitable[object] | object],
        on_notice: Callable[[Notice], Awaitable[object] | object] | None = None,
    ) -> None:
        """Calls a function, plain or async, with each event until the stream is closed.

        Args:
            on_event: Takes an event; what it raises ends the run.
            on_notice: Takes a notice.
        """
        consumer = self._claim(is_loop=False)
        try:
            await self.start()
            clock = asyncio.get_running_loop().time
            turn = clock()
            while await self._buffer.more():
                for event in self._batch():
                    result = on_event(event)
                    if result is not None and inspect.isawaitable(result):
                        await result
                notice = self._notice()
                if notice is not None and on_notice is not None:
                    result = on_notice(notice)
                    if result is not None and inspect.isawaitable(result):
                        await result
                self._look_at_lag()
                # Waiting for more is a turn for others; a handler that is never without work must give them one.
                if not self._buffer.entries:
                    turn = clock()
                elif clock() - turn > _LONGEST_TURN:
                    await asyncio.sleep(0)
                    turn = clock()
        finally:
            await self._leave(consumer)

    async def _items(self, *, with_notices: bool) -> AsyncGenerator[E | Notice]:
        consumer = self._claim(is_loop=True)
        try:
            await self.start()
            while self._still_takes(consumer) and await self._buffer.more():
                for event in self._batch():
                    yield event
                notice = self._notice()
                if notice is not None and with_notices:
                    yield notice
                self._look_at_lag()
        finally:
            await self._leave(consumer)

    def _claim(self, *, is_loop: bool) -> object:
        # A loop that was broken out of is told so only later, by the event loop: in a stream that was entered, the next
        # loop takes over from one that does not wait.
        is_left = self._is_entered and self._is_loop and not self._buffer.is_awaited
        if self._consumer is not None and not is_left:
            raise RuntimeError("this stream has a consumer already; open a second stream for a second one")
        self._consumer = consumer = object()
        self._is_loop = is_loop
        return consumer

    def _still_takes(self, consumer: object) -> bool:
        if self._consumer is not consumer:
            raise RuntimeError("another loop has taken over this stream; open a second stream for it")
        return True

    async def _leave(self, consumer: object) -> None:
        if self._consumer is consumer:
            self._consumer = None
            if not self._is_entered:
                await self.close()

    def _batch(self) -> Iterator[Any]:
        """Events that wait, up to the next notice; not too many, so that now and then something else is looked at."""
        buffer, entries, shared = self._buffer, self._buffer.entries, self._decode
        for _ in range(min(len(entries), _BREATHE)):
            if not entries or buffer.missing:
                return  # The consumer has closed the stream, or must first be told.
            entry = entries.popleft()
            if type(entry) is bytes:
                decode, payload = shared, entry
            elif type(entry) is tuple:
                decode, payload = entry
            else:
                self._taken_notices += 1
                self._next_notice = cast("Notice", entry)
                return
            try:
                self._last = event = decode(payload)
            except DecodeError as error:
                self._malformed += 1
                self._next_notice = Malformed(self._name_of(decode), payload, error)
                return
            yield event

    def _notice(self) -> Notice | None:
        """What the consumer has to be told before the next event."""
        notice, self._next_notice = self._next_notice, None
        return notice or self._buffer.report()

    def _look_at_lag(self) -> None:
        """Once in a while is enough, and reading a clock for each event is not."""
        self._buffer.taken()
        happened = getattr(self._last, "event_time", None)
        if isinstance(happened, int):
            self._lag_ms = self._feed.now_ms() - happened

    def _name_of(self, decode: Callable[[bytes], object]) -> str:
        names = [source.name for source in self.sources if source.decode is decode]
        return names[0] if len(names) == 1 else f"one of {len(names)} streams"

    # --- The receiving side: what a feed calls -----------------------------------------------------------------------

    def sink(self, source: Source) -> Callable[[bytes], None]:
        """Where a feed puts the payloads of one source."""
        take = self._buffer.put if self._shares_decoder else self._with_decoder(source.decode)
        return take if self._recorder is None else self._recorder.between(source.name, take)

    def _with_decoder(self, decode: Callable[[bytes], object]) -> Callable[[bytes], None]:
        put = self._buffer.put

        def take(payload: bytes) -> None:
            put((decode, payload))

        return take

    def tell(self, notice: Notice) -> None:
        """Puts a notice in its place between the events."""
        if self._recorder is not None:
            self._recorder.notice(notice)
        self._buffer.tell(notice)

    def fail(self, error: BaseException) -> None:
        """Ends the stream with an error, behind what waits."""
        self._buffer.end(error)

    def end(self) -> None:
        """Ends the stream behind what waits."""
        self._buffer.end()

    # --- Variants -----------------------------------------------------------------------------------------------------

    def record(self, path: str | os.PathLike[str]) -> Stream[E]:
        """Also writes every payload to a file as it arrives, whatever the consumer then takes; see `recording`.

        Args:
            path: The file; `.gz` is customary, it is always compressed.
        """
        if self._state != "new":
            raise ConfigurationError("a recording begins with its stream: call record before the stream is started")
        from .recording import Recorder

        self._recorder = Recorder(path, self.sources, self._feed.now_ms)
        return self

    def replay(self, path: str | os.PathLike[str], *, pace: float | None = None) -> Stream[E]:
        """The same stream from a recording: the same types, notices included.

        Args:
            path: What `record` wrote.
            pace: 1.0: as it was received; 10.0: ten times as fast; None: as fast as it is taken.
        """
        from .recording import Playback

        return Stream(Playback(path, pace), self.sources, {**self._options, "on_full": "wait"})


StreamState = Literal["new", "starting", "running", "closed"]


class StreamGroup:
    """Market streams of a product; generated classes have one method a stream."""

    __slots__ = ("_hub",)

    def __init__(self, hub: StreamHub) -> None:
        self._hub = hub

    def _open(self, descriptor: Descriptor, arguments: Mapping[str, object], options: StreamOptions) -> Stream[Any]:
        return Stream(self._hub.feed, [self._hub.source(descriptor, arguments)], options)

    @overload
    def merge(self, one: Stream[A], two: Stream[B], /, **options: Unpack[StreamOptions]) -> Stream[A | B]: ...
    @overload
    def merge(
        self, one: Stream[A], two: Stream[B], three: Stream[C], /, **options: Unpack[StreamOptions]
    ) -> Stream[A | B | C]: ...
    @overload
    def merge(
        self, one: Stream[A], two: Stream[B], three: Stream[C], four: Stream[D], /, **options: Unpack[StreamOptions]
    ) -> Stream[A | B | C | D]: ...
    @overload
    def merge(self, *streams: Stream[A], **options: Unpack[StreamOptions]) -> Stream[A]: ...
    def merge(self, *streams: Stream[Any], **options: Unpack[StreamOptions]) -> Stream[Any]:
        """One stream with the events of several, in the order of arrival.

        Args:
            streams: Streams that were not started; they are not used by themselves afterwards.
            options: As for a single stream, for the buffer that they share.
        """
        sources: dict[tuple[str, str], Source] = {}
        for stream in streams:
            if stream.state != "new":
                raise ConfigurationError(f"only new streams can be merged, not {stream!r}")
            sources.update({(source.route, source.name): source for source in stream.sources})
        if not sources:
            raise ConfigurationError("merge needs at least one stream")
        return Stream(self._hub.feed, list(sources.values()), options)


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
