"""The streams that a product offers: what generated classes with a method for each stream stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..errors import ConfigurationError
from .streams import Stream, StreamOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from ..operation import Stream as Descriptor
    from .hub import StreamHub
    from .source import Source

__all__ = ["StreamGroup"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class StreamGroup:
    """Market streams of a product; generated classes have one method a stream."""

    __slots__ = ("_hub",)

    def __init__(self, hub: StreamHub) -> None:
        self._hub = hub

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._hub.connections} connections>"

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
            if stream._intake.recorder is not None:
                raise ConfigurationError(f"{stream!r} is being recorded: merge first, and record what comes of it")
            sources.update({(source.route, source.name): source for source in stream._intake.sources})
        if not sources:
            raise ConfigurationError("merge needs at least one stream")
        return Stream(self._hub.feed, list(sources.values()), options)
