"""The streams that a product offers: what generated classes with a method for each stream stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from ..errors import ConfigurationError
from .streams import Stream, StreamOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from ..operation import Stream as Descriptor
    from .hub import StreamHub
    from .raw import RawEvent
    from .source import Source

__all__ = ["StreamGroup"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")


class StreamGroup:
    """Market streams of a product; generated classes have one method a stream."""

    __slots__ = ("_hub",)

    _listed: ClassVar[tuple[Descriptor, ...]] = ()
    """The streams that it has methods for."""

    def __init__(self, hub: StreamHub) -> None:
        self._hub = hub

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._hub.connections} connections>"

    def _open(self, descriptor: Descriptor, arguments: Mapping[str, object], options: StreamOptions) -> Stream[Any]:
        return Stream(self._hub.feed, [self._hub.source(descriptor, arguments)], options)

    def _open_raw(self, names: Sequence[str], route: str | None, options: StreamOptions) -> Stream[RawEvent]:
        return Stream(self._hub.feed, self._hub.raw_sources(names, route, self._listed), options)

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
    def merge(
        self,
        one: Stream[A],
        two: Stream[B],
        three: Stream[C],
        four: Stream[D],
        five: Stream[E],
        /,
        **options: Unpack[StreamOptions],
    ) -> Stream[A | B | C | D | E]: ...
    @overload
    def merge(
        self,
        one: Stream[A],
        two: Stream[B],
        three: Stream[C],
        four: Stream[D],
        five: Stream[E],
        six: Stream[F],
        /,
        **options: Unpack[StreamOptions],
    ) -> Stream[A | B | C | D | E | F]: ...
    @overload
    def merge(
        self,
        one: Stream[A],
        two: Stream[B],
        three: Stream[C],
        four: Stream[D],
        five: Stream[E],
        six: Stream[F],
        seven: Stream[G],
        /,
        **options: Unpack[StreamOptions],
    ) -> Stream[A | B | C | D | E | F | G]: ...
    @overload
    def merge(
        self,
        one: Stream[A],
        two: Stream[B],
        three: Stream[C],
        four: Stream[D],
        five: Stream[E],
        six: Stream[F],
        seven: Stream[G],
        eight: Stream[H],
        /,
        **options: Unpack[StreamOptions],
    ) -> Stream[A | B | C | D | E | F | G | H]: ...
    @overload
    def merge(self, *streams: Stream[A], **options: Unpack[StreamOptions]) -> Stream[A]: ...
    def merge(self, *streams: Stream[Any], **options: Unpack[StreamOptions]) -> Stream[Any]:
        """One stream with the events of several, in the order of arrival.

        Type checkers know the events of up to eight streams of different types; more are of the type that all have in
        common.

        Args:
            streams: Market streams of this client that were not started; they are not used by themselves afterwards.
            options: As for a single stream, for the buffer that they share.

        Raises:
            ConfigurationError: A stream was started or is recorded, has options of its own, is played back from a
                recording, has user data, or is another client's; or one name is asked for both typed and raw.
        """
        sources: dict[str, Source] = {}
        for stream in streams:
            if not isinstance(stream, Stream):
                raise ConfigurationError(f"merge takes streams, each by itself, not {type(stream).__name__}")
            self._check_is_own(stream)
            if stream.state != "new":
                raise ConfigurationError(f"only new streams can be merged, not {stream!r}")
            if stream._intake.recorder is not None:
                raise ConfigurationError(f"{stream!r} is being recorded: merge first, and record what comes of it")
            if stream._options:
                own = ", ".join(stream._options)
                raise ConfigurationError(f"{stream!r} has options of its own ({own}): pass them to merge")
            for source in stream._intake.sources:
                known = sources.setdefault(source.name, source)
                if (known.route, known.decode) != (source.route, source.decode):
                    raise ConfigurationError(
                        f"{source.name} would come in two forms, or over two routes: open two streams for it"
                    )
        if not sources:
            raise ConfigurationError("merge needs at least one stream")
        return Stream(self._hub.feed, list(sources.values()), options)

    def _check_is_own(self, stream: Stream[Any]) -> None:
        """Refuses a stream that is fed by another hub than this one: its names would mean something else here."""
        from .playback import Playback
        from .user_data_feed import UserDataFeed

        feed = stream._intake.feed
        if feed is self._hub.feed:
            return
        if isinstance(feed, Playback):
            advice = "is played back from a recording: merge live streams, and call replay on what comes of it"
        elif isinstance(feed, UserDataFeed):
            advice = "has a connection and a key of its own: take it in a task of its own, beside the merged stream"
        else:
            advice = "is another client's: merge streams of one client"
        raise ConfigurationError(f"only market streams of this client can be merged; {stream!r} {advice}")
