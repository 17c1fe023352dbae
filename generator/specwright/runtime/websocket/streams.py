"""Typed streams: what a generated stream method gives back, and how a consumer takes events from it."""

from __future__ import annotations

import asyncio
import inspect
from functools import partial
from typing import TYPE_CHECKING, Generic, Literal, TypedDict, TypeVar, cast

from ..errors import ClientClosed, ConfigurationError
from .buffer import OnFull  # noqa: TC001 - who asks for the options' type hints needs it.
from .closing import Closing
from .intake import Feed, Intake
from .one_loop import OneLoop
from .outlet import Outlet
from .starting import Starting
from .stream_iterator import StreamIterator

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from types import TracebackType
    from typing import Self

    from .notices import Notice
    from .source import Source
    from .statistics import StreamStatistics

__all__ = ["Stream", "StreamOptions", "StreamState", "check_names"]

E = TypeVar("E", covariant=True)

_LONGEST_TURN = 0.005
"""Seconds for which a handler that always finds events keeps other tasks waiting."""
DEFAULT_BUFFER = 20_000
"""Events; one read of a busy socket can bring some thousand at once."""


StreamState = Literal["new", "starting", "running", "reconnecting", "closed"]


class StreamOptions(TypedDict, total=False):
    """What a consumer may choose for its stream."""

    on_full: OnFull
    """What happens when the buffer is full; default "raise"."""
    buffer_size: int
    """Events that may wait; default 20,000."""


class Stream(Generic[E]):
    """Events of one stream or several, typed, in the order of arrival.

        async with client.streams.agg_trade("btcusdt") as stream:
            async for item in stream:             # events, and notices such as `Reconnected`
                ...

        async for event in client.streams.agg_trade("btcusdt").events():        # events alone
            ...

    It connects when it is entered or first asked for an event, and unsubscribes when it is left: an entered one with
    its `async with`, so that one loop after another can take from it, any other with its loop. One consumer takes from
    it at a time; who needs the same events twice opens two streams, which share one subscription. A timeout for one
    event, `await asyncio.wait_for(anext(iterator), 5)`, ends neither the iterator nor the stream, which goes on
    starting if it has not begun.

    Args:
        feed: Where payloads come from.
        sources: What to subscribe to.
        options: See `StreamOptions`.
    """

    def __init__(self, feed: Feed, sources: Sequence[Source], options: StreamOptions) -> None:
        check_names(options, StreamOptions)
        self._options = options
        self._intake = Intake(
            feed, sources, options.get("on_full", "raise"), options.get("buffer_size", DEFAULT_BUFFER)
        )
        self._buffer = self._intake.buffer
        self._outlet = Outlet(self._intake)
        self._state: StreamState = "new"
        self._home = OneLoop()
        self._starting = self._intake.starting = Starting(self._start)
        self._closing = Closing(self._end, self._home)
        self._is_entered = False
        self._consumer: object = None
        """Who takes events now."""
        self._is_loop = False
        """The consumer is a loop, which may be broken out of without a word."""

    def __repr__(self) -> str:
        names = ", ".join(self.names[:3]) + (f" and {len(self.names) - 3} more" if len(self.names) > 3 else "")
        counters = {"received": self._buffer.received, "waiting": len(self._buffer.entries)}
        counters["dropped"] = self._buffer.dropped
        counts = "".join(f", {count} {what}" for what, count in counters.items() if count)
        return f"<{type(self).__name__} {names}: {self.state}{counts}>"

    # --- Life ---------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """What it is subscribed to, as notices call it."""
        return tuple(source.name for source in self._intake.sources)

    @property
    def state(self) -> StreamState:
        """`new` → `starting` → `running` → `closed`.

        `reconnecting` while it is cut off, of a merged stream one of its streams at least: from the loss to the
        `Reconnected` that ends the gap.
        """
        return "reconnecting" if self._state == "running" and self._intake.missing else self._state

    @property
    def statistics(self) -> StreamStatistics:
        """Counters, as of now."""
        return self._outlet.statistics

    async def start(self) -> None:
        """Connects and subscribes; returns when the exchange has acknowledged. Iterating does it by itself.

        Whoever else starts it meanwhile gets the same outcome. Cancelling the first of them closes it.

        Raises:
            HandshakeRejected, ConnectError: The first connection could not be made.
            RequestRejected: The exchange refused the subscription.
            ClientClosed: The client, or this stream, was closed.
            ConfigurationError: The client, or this stream, belongs to another event loop.
        """
        is_first = self._state == "new"
        try:
            await self._begun()
        except asyncio.CancelledError:
            if is_first:
                await self.close()
            raise

    async def _begun(self) -> None:
        """Waits until it runs, and starts it if nobody has; whoever gives that up ends nothing."""
        self._home.enter()
        if self._state == "new":
            self._state = "starting"
            self._starting.begin()
        if self._state == "closed":
            raise ClientClosed("this stream is closed; open another one")
        await self._starting.outcome()

    async def _start(self) -> None:
        try:
            self._check_wanted()
            self._intake.stream = self
            await self._intake.feed.start(self._intake)
            self._check_wanted()
            if self._intake.recorder is not None:
                self._intake.recorder.begin()
        except BaseException:
            # Not by `close`, which waits for this.
            self._state = "closed"
            self._intake.discard()
            try:
                await self._intake.feed.stop(self._intake)
            finally:
                self._let_go()
            raise
        self._state = "running"

    def _check_wanted(self) -> None:
        if self._state != "starting":
            raise ClientClosed("the stream was closed before it had begun")

    async def close(self) -> None:
        """Unsubscribes; iterating ends at once, events that still wait are let go.

        Raises:
            ConfigurationError: It belongs to another event loop, which is not closed.
        """
        if self._state != "closed" and not self._home.is_over:
            self._home.check()
            self._intake.discard()
        self._state = "closed"
        try:
            await self._closing.finish()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._intake.stream = None
        if self._intake.recorder is not None:
            self._intake.recorder.close()

    async def _end(self) -> None:
        if self._starting.task is not None:
            await self._intake.feed.stop(self._intake)
            await self._starting.is_over()

    def _fail(self, error: BaseException) -> None:
        """Ends it with an error, behind what waits; to be closed all the same."""
        self._intake.fail(error)

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

    def __aiter__(self) -> StreamIterator[E | Notice]:
        return StreamIterator(partial(self._items, with_notices=True), self._leave_untaken)

    def events(self) -> StreamIterator[E]:
        """Events alone, without notices. What was missed can then only be seen in `statistics`."""
        return cast("StreamIterator[E]", StreamIterator(partial(self._items, with_notices=False), self._leave_untaken))

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
                result = self._outlet.hand_out(on_event)
                if result is not None:
                    # From here on each event waits until the one before it was dealt with.
                    if inspect.isawaitable(result):
                        await result
                    for event in self._outlet.batch():
                        result = on_event(event)
                        if result is not None and inspect.isawaitable(result):
                            await result
                notice = self._outlet.notice()
                if notice is not None and on_notice is not None:
                    result = on_notice(notice)
                    if result is not None and inspect.isawaitable(result):
                        await result
                # Waiting for more is a turn for others; a handler that is never without work must give them one.
                if not self._buffer.entries:
                    turn = clock()
                elif clock() - turn > _LONGEST_TURN:
                    await asyncio.sleep(0)
                    turn = clock()
        finally:
            await self._leave(consumer)

    async def _items(
        self, renew: Callable[[], None], *, is_renewed: bool, with_notices: bool
    ) -> AsyncGenerator[E | Notice]:
        consumer = self._inherit() if is_renewed else self._claim(is_loop=True)
        try:
            if is_renewed:
                yield cast("E", None)
            await (self._starting.outcome() if is_renewed else self._begun())
            while self._still_takes(consumer) and await self._buffer.more():
                for event in self._outlet.batch():
                    yield event
                notice = self._outlet.notice()
                if notice is not None and with_notices:
                    yield notice
        except asyncio.CancelledError:
            renew()  # Cancelled while it waits, it has taken nothing that it has not given.
            raise
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

    def _inherit(self) -> object:
        """Takes the place of the consumer that is cancelled, which then leaves nothing."""
        self._consumer = consumer = object()
        return consumer

    def _still_takes(self, consumer: object) -> bool:
        if self._consumer is not consumer:
            raise RuntimeError("another loop has taken over this stream; open a second stream for it")
        return True

    async def _leave(self, consumer: object) -> None:
        if self._consumer is consumer:
            self._consumer = None
            if self._is_entered:
                return
            if self._intake.feed.is_cut_off(self._intake):
                # A loop that was dropped ends by itself, and nobody waits for it: Python tells of the open sockets.
                self._let_go()
            else:
                await self.close()

    async def _leave_untaken(self) -> None:
        """Closes it if it was started, and nobody takes from it or has entered it."""
        if self._consumer is None and not self._is_entered and self._state != "new":
            await self.close()

    # --- Variants -----------------------------------------------------------------------------------------------------

    def record(self, path: str | os.PathLike[str]) -> Self:
        """Also writes every payload to a file as it arrives, whatever the consumer then takes; see `recording`.

        A recording that cannot be written any more, as on a full disk, ends with the notice `RecordingEnded`.

        Args:
            path: The file; `.gz` is customary, it is always compressed. It is opened, and what it held is gone, when
                the stream has started; `start` raises `ConfigurationError` where that cannot be done, or another
                stream of this process writes to it or plays it.

        Raises:
            ConfigurationError: It was started, or is recorded already.
        """
        if self._state != "new":
            raise ConfigurationError("a recording begins with its stream: call record before the stream is started")
        if self._intake.recorder is not None:
            path = self._intake.recorder.path
            raise ConfigurationError(
                f"this stream is recorded to {path} already: open a second stream for a second file"
            )
        from .recording import Recorder

        self._intake.recorder = Recorder(path, self._intake.sources, self._intake.feed.now_ms, self._intake.tell)
        return self

    def replay(self, path: str | os.PathLike[str], *, pace: float | None = None) -> Stream[E]:
        """The same stream from a recording: the same items in the same order.

        Args:
            path: What `record` wrote, for this stream or for several with this one among them.
            pace: 1.0: as it was received; 10.0: ten times as fast; None: as fast as it is taken.

        Starting it raises `ConfigurationError` where the file is no recording, or lacks a stream that is asked for.
        """
        return Stream(self._playback(path, pace), self._intake.sources, {**self._options, "on_full": "wait"})

    def _playback(self, path: str | os.PathLike[str], pace: float | None) -> Feed:
        from .playback import Playback

        return Playback(path, pace)


def check_names(options: StreamOptions, kind: type[StreamOptions]) -> None:
    """Refuses options that streams of a kind do not have.

    Raises:
        TypeError: There is an unknown one.
    """
    unknown = set(options) - kind.__annotations__.keys()
    if unknown:
        raise TypeError(f"unknown stream options: {', '.join(sorted(unknown))}")
