"""Streams by their names on the wire, with payloads as they came: also for what the spec does not list yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import field, frozen

from ..drift import parsed
from ..errors import ConfigurationError, DecodeError, InvalidParameter
from .listing import listed_stream, spelt
from .source import Source, is_part_of_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..operation import Stream as Descriptor
    from ..wire import JsonValue

__all__ = ["RawEvent", "raw_sources"]


@frozen
class RawEvent:
    """A payload of a stream, as it came."""

    stream: str
    """The stream's name on the wire."""
    data: bytes = field(repr=lambda data: repr(data) if len(data) <= 80 else f"{data[:80]!r}… of {len(data)} bytes")
    """The payload, without the envelope that says whose it is."""
    received_at: int
    """Local time in ms since 1970 when it came."""

    def json(self) -> JsonValue:
        """The payload as a JSON document: numbers with a fraction or an exponent are Decimals, to the digit.

        Raises:
            DecodeError: It is no JSON.
        """
        document, problem = parsed(self.data)
        if problem is not None:
            raise DecodeError(f"the payload of {self.stream} is no JSON: {problem}", body=self.data)
        return document


@frozen
class _Reading:
    """Makes events of payloads that came together. All those of a stream are the same, whenever their payloads came."""

    stream: str
    received_at: int = field(eq=False)

    def __call__(self, payload: bytes) -> RawEvent:
        return RawEvent(self.stream, payload, self.received_at)


def raw_sources(
    names: Sequence[str], route: str | None, *, listed: Iterable[Descriptor], routes: Mapping[str, str]
) -> list[Source]:
    """What to subscribe to for streams by their names, each once.

    Args:
        names: On the wire.
        route: Where names are that no listed stream has; None: the product's only route.
        listed: The listed streams. Their names have their routes, and are taken for stalled as they are.
        routes: The product's.

    Raises:
        ConfigurationError: There is no name, no such route, or it must be said which.
        InvalidParameter: A name cannot be one of a stream, or is a listed stream's in other letters than it has.
    """
    if not names:
        raise ConfigurationError('raw needs at least one name of a stream, such as "btcusdt@aggTrade"')
    if route is not None and route not in routes:
        raise ConfigurationError(f"route={route!r} is none of {', '.join(routes)}")
    if route is None and len(routes) == 1:
        (route,) = routes
    for name in names:
        if not isinstance(name, str):
            raise InvalidParameter("raw", "names", f"must be text, one argument a name, not {type(name).__name__}")
        if not is_part_of_name(name):
            rule = f"must not be empty or hold blanks, quotes or any of / ? & #, one argument a name: not {name!r}"
            raise InvalidParameter("raw", "names", rule)
    listed = tuple(listed)
    return [_source(name, listed_stream(name, listed), route, routes) for name in dict.fromkeys(names)]


def _source(name: str, listed: Descriptor | None, route: str | None, routes: Mapping[str, str]) -> Source:
    if listed is not None:
        if name != (right := spelt(name, listed)):
            # The exchange acknowledges it, and never sends anything.
            raise InvalidParameter("raw", "names", f"must be spelt as the exchange has it: {right!r}, not {name!r}")
        route = listed.route
    elif route is None:
        # On a wrong one the exchange acknowledges it, and never sends anything.
        raise ConfigurationError(f"no listed stream has the name {name!r}: say route=, one of {', '.join(routes)}")
    return Source(
        name,
        route,
        _Reading(name, 0),
        listed.silence if listed is not None else None,
        key=_every_payload_is_about_the_same,
        decode_from=partial(_Reading, name),
    )


def _every_payload_is_about_the_same(payload: bytes) -> bytes:
    """Payloads of a stream replace each other, whatever they tell."""
    return b""
