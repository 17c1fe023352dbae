"""Market streams of one client: shares connections between consumers, by route and up to the exchange's limit."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from attrs import define, field

from ..codec import decoder
from ..drift import DriftReport
from ..errors import ClientClosed, ConfigurationError
from .address import CombinedStreams
from .connection import ConnectionSettings, open_connection
from .one_loop import OneLoop
from .raw import raw_sources
from .runner import Open, Runner
from .session import StreamSession
from .source import Source, key_finder, stream_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..clock import Clock
    from ..operation import Stream as Descriptor
    from ..product import Product
    from ..wire import WireType
    from .backoff import ReconnectPolicy
    from .intake import Intake
    from .notices import Notice

__all__ = ["StreamHub"]


@define(eq=False)
class _Place:
    """A session, the shell that runs it, and whether it belongs to one stream alone."""

    session: StreamSession
    runner: Runner
    route: str
    owner: Intake | None = None


@define(eq=False)
class _Member:
    """One stream as a consumer of its sessions."""

    intake: Intake
    leave: Callable[[], None]
    begun: Callable[[], None]
    """Called when the exchange has acknowledged everything."""
    places: list[tuple[_Place, Source]] = field(factory=list)
    waiting: set[str] = field(factory=set)
    is_held: bool = False
    """The consumer wants reading to pause."""
    started: asyncio.Future[None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.started = asyncio.get_running_loop().create_future()

    def ready(self, name: str) -> None:
        self.waiting.discard(name)
        if not self.waiting and not self.started.done():
            self.started.set_result(None)
            self.begun()

    def lost(self, name: str) -> None:
        self.intake.lose(name)

    def tell(self, notice: Notice) -> None:
        self.intake.tell(notice)

    def fail(self, error: BaseException) -> None:
        if not self.started.done():
            self.started.set_exception(error)
        else:
            self.intake.fail(error)
        self.leave()


class StreamHub:
    """Opens streams for a client, and is their feed.

    Args:
        product: Routes and limits.
        base_url: Host of the streams; None: the product has none in this environment.
        settings: How connections are made.
        clock: Local time.
        policy: When to try again.
        report: Where drift is reported.
        strict: Whether drift is an error.
        open: How a connection is opened.
        home: The event loop of the connections.
    """

    def __init__(
        self,
        product: Product,
        base_url: str | None,
        *,
        settings: ConnectionSettings,
        clock: Clock,
        policy: ReconnectPolicy | None = None,
        report: DriftReport | None = None,
        strict: bool = False,
        open: Open = open_connection,
        home: OneLoop | None = None,
    ) -> None:
        self._home = OneLoop() if home is None else home
        self._product = product
        self._base_url = base_url
        self._settings = settings
        self._clock = clock
        self._policy = policy
        self._report = DriftReport() if report is None else report
        self._strict = strict
        self._open = open
        self._places: list[_Place] = []
        self._members: dict[Intake, _Member] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._readers: dict[str, Callable[[bytes], object]] = {}
        self._is_closed = False

    @property
    def feed(self) -> StreamHub:
        """What streams are started with."""
        return self

    @property
    def connections(self) -> int:
        """Connections that are kept now."""
        return len(self._places)

    def source(self, descriptor: Descriptor, arguments: Mapping[str, object]) -> Source:
        """What a stream method subscribes to.

        Raises:
            InvalidParameter: An argument is not what the stream takes.
        """
        read = self._readers.get(descriptor.id)
        if read is None:
            read = self._readers[descriptor.id] = self.reader(descriptor.returns())
        key = None if descriptor.latest_key is None else key_finder(descriptor.latest_key)
        return Source(stream_name(descriptor, arguments), descriptor.route, read, descriptor.silence, key)

    def raw_sources(self, names: Sequence[str], route: str | None, listed: Iterable[Descriptor]) -> list[Source]:
        """What streams by their wire names subscribe to; see `raw`."""
        return raw_sources(names, route, listed=listed, routes=self._product.routes)

    def reader(self, wire_type: WireType) -> Callable[[bytes], object]:
        """What decodes payloads of a type, with this client's way of treating drift."""
        return decoder(wire_type, self._product.module).reader(self._report, strict=self._strict)

    # --- Feed ---------------------------------------------------------------------------------------------------------

    def now_ms(self) -> float:
        """Local time in ms since 1970."""
        return self._clock.time() * 1000

    async def start(self, intake: Intake) -> None:
        """Subscribes a stream; see `Feed`."""
        if self._is_closed:
            raise ClientClosed("the client was closed")
        if self._base_url is None:
            raise ConfigurationError(f"{self._product.title} has no streams in this environment")
        self._home.enter()
        member = self._members[intake] = _Member(intake, partial(self._leave, intake), partial(self._hold, intake))
        member.waiting.update(source.name for source in intake.sources)
        for source in intake.sources:
            place = self._place(source, intake)
            member.places.append((place, source))
            place.session.add(source.name, member, intake.sink(source), source.silence)
            place.runner.poke()
        await member.started

    async def stop(self, intake: Intake) -> None:
        """Unsubscribes a stream; see `Feed`."""
        is_cut_off = self.is_cut_off(intake)
        self._leave(intake)
        while is_cut_off and self._closing:
            # The event loop waits for who is cancelled, and for nothing that is begun only then.
            await asyncio.wait(self._closing)

    def is_cut_off(self, intake: Intake) -> bool:
        """Whether all tasks of the event loop are being cancelled; see `Feed`."""
        member = self._members.get(intake)
        return member is not None and any(place.runner.is_cut_off for place, _ in member.places)

    def _leave(self, intake: Intake) -> None:
        member = self._members.pop(intake, None)
        if member is None:
            return
        if not member.started.done():
            member.started.set_exception(ClientClosed("the stream was closed before it had begun"))
            member.started.exception()  # Looked at, should nobody wait for it any more.
        for place, source in member.places:
            place.session.remove(source.name, member)
            if len(place.session):
                place.runner.poke()
            elif place in self._places:
                self._places.remove(place)
                task = asyncio.ensure_future(place.runner.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def hold(self, intake: Intake) -> None:
        """Stops reading for a stream that has its connections for itself; see `Feed`.

        Not before it has begun: the exchange's acknowledgements would lie unread, and the consumer waits for them.
        """
        member = self._members.get(intake)
        if member is not None:
            member.is_held = True
            self._hold(intake)

    def release(self, intake: Intake) -> None:
        """Goes on reading; see `Feed`."""
        member = self._members.get(intake)
        if member is not None:
            member.is_held = False
        for place in self._own(intake):
            place.session.release()
            place.runner.perform()

    async def close(self) -> None:
        """Ends all streams and closes all connections."""
        self._is_closed = True
        members = list(self._members.values())
        for member in members:
            member.fail(ClientClosed("the client was closed"))
        while self._closing:
            await asyncio.wait(self._closing)
        for member in members:
            if member.intake.starting is not None:
                await member.intake.starting.is_over()

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _hold(self, intake: Intake) -> None:
        member = self._members.get(intake)
        if member is None or not member.is_held or not member.started.done():
            return
        for place in self._own(intake):
            place.session.hold()
            place.runner.perform()

    def _own(self, intake: Intake) -> list[_Place]:
        return [place for place in self._places if place.owner is intake]

    def _place(self, source: Source, intake: Intake) -> _Place:
        """The connection for a source. One that may be made to wait is not shared: others would wait as well."""
        owner = intake if intake.on_full == "wait" else None
        limits = self._product.connections
        if limits is None:
            raise ConfigurationError(f"{self._product.title} has no streams")
        for place in self._places:
            has_room = source.name in place.session or len(place.session) < limits.streams_per_connection
            is_open = place.route == source.route and not place.runner.is_cut_off
            if is_open and place.owner is owner and has_room:
                return place
        address = CombinedStreams(f"{self._base_url}{self._product.routes[source.route]}")
        session = StreamSession(address, limits, clock=self._clock, policy=self._policy)
        place = _Place(session, Runner(session, self._settings, self._clock, self._open), source.route, owner)
        self._places.append(place)
        return place
