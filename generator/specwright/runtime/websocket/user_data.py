"""The account's own events: one object that makes the listen key, connects, renews, heals, and says what was missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import quote

from attrs import evolve

from ..errors import (
    BinanceError,
    ClientClosed,
    ConfigurationError,
    HandshakeRejected,
    LimitError,
    ServerError,
    TransportError,
)
from .address import SingleStream
from .backoff import ReconnectPolicy
from .connection import open_connection
from .listen_key import ListenKeeper
from .notices import Notice, Reconnected, Resynchronized
from .runner import Open, Runner
from .session import StreamSession
from .source import Source
from .streams import Stream, StreamOptions
from .timing import wait_until

if TYPE_CHECKING:
    from ..clock import Clock
    from ..product import Product, UserData
    from .connection import ConnectionSettings

__all__ = ["CallById", "UserDataFeed", "UserDataOptions", "UserDataStream"]

logger = logging.getLogger(__name__)

E = TypeVar("E")

CallById = Callable[[str, Mapping[str, object]], Awaitable[object]]
"""Calls an operation by its id; gives its typed result."""

_SAY_GOODBYE = 0.7
"""Seconds that closing the listen key may take; a key that is not closed expires by itself."""
_SOURCE = "user_data"
_MOST_HELD_BACK = 10_000


class UserDataOptions(StreamOptions, total=False):
    """What a consumer of user data may choose; `on_full` is "wait" unless said otherwise."""

    via: Literal["rest", "ws_api"]
    """How the listen key is made and renewed; default "rest"."""
    events: Sequence[str]
    """Wire names of the events to receive; default: all."""


class UserDataStream(Stream[E]):
    """Typed events of the account, in the order of arrival; see `Stream` for how to take them.

    After a gap come, in this order: `Reconnected`, then `Resynchronized` with the account's state fetched anew, then
    the events that were received since.
    """

    def __init__(self, feed: UserDataFeed, decode: Callable[[bytes], object], options: UserDataOptions) -> None:
        plain: StreamOptions = {"on_full": options.get("on_full", "wait")}
        if "buffer_size" in options:
            plain["buffer_size"] = options["buffer_size"]
        super().__init__(feed, [Source(_SOURCE, "", decode)], plain)
        self._user_data = feed

    @property
    def keeper(self) -> ListenKeeper:
        """Counters of the listen key: renewals, replacements, failed requests."""
        return self._user_data.keeper


class UserDataFeed:
    """Feeds one user data stream.

    Args:
        product: Its procedure for user data.
        base_url: Host of the streams; None: the product has none in this environment.
        call: Calls operations, for the listen key.
        fetch: Calls operations over REST, for the state after a gap.
        settings: How connections are made.
        clock: Local time.
        events: Wire names of the events to receive; empty: all.
        policy: When to try again.
        open: How a connection is opened.
    """

    def __init__(
        self,
        product: Product,
        base_url: str | None,
        *,
        call: CallById,
        fetch: CallById,
        settings: ConnectionSettings,
        clock: Clock,
        events: Sequence[str] = (),
        policy: ReconnectPolicy | None = None,
        open: Open = open_connection,
    ) -> None:
        procedure, limits = product.user_data, product.connections
        if procedure is None or limits is None or base_url is None:
            raise ConfigurationError(f"{product.title} has no user data stream in this environment")
        # A refused handshake means that the key is gone: another key is made, and the connection is tried again.
        policy = evolve(policy or ReconnectPolicy(), retry_rejected=True)
        self._procedure: UserData = procedure
        self._base = f"{base_url}{product.routes[procedure.route]}"
        self._expired_event = f'"{procedure.expired_event}"'.encode()
        self._listen_key = f'"{procedure.listen_key_wire}"'.encode()
        self._call = call
        self._fetch = fetch
        self._clock = clock
        self._policy = policy
        self._events = events
        self._address = SingleStream("", _SOURCE)
        self._session = StreamSession(
            self._address, limits, clock=clock, policy=policy, on_failure=self._connection_failed
        )
        self._runner = Runner(self._session, settings, clock, open)
        self.keeper = ListenKeeper(procedure, clock, policy)
        self._stream: Stream[Any] | None = None
        self._take: Callable[[bytes], None] | None = None
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started: asyncio.Future[None] | None = None
        self._resync: asyncio.Task[None] | None = None
        self._held_back: list[bytes] | None = None
        """Events behind a gap, while the state is being fetched; None: they are delivered as they come."""
        self._gap: Reconnected | None = None
        self._holds: set[str] = set()
        """Who wants reading to pause."""

    # --- Feed ---------------------------------------------------------------------------------------------------------

    def now_ms(self) -> float:
        """Local time in ms since 1970."""
        return self._clock.time() * 1000

    async def start(self, stream: Stream[Any]) -> None:
        """Makes the listen key and connects; see `Feed`."""
        self._stream = stream
        self._take = stream.sink(stream.sources[0])
        self._started = asyncio.get_running_loop().create_future()
        self._spawn(self._keep())
        await self._started

    async def stop(self, stream: Stream[Any]) -> None:
        """Disconnects and closes the listen key; see `Feed`."""
        self._stream = None
        if self._started is not None and not self._started.done():
            self._started.set_exception(ClientClosed("the stream was closed before it had begun"))
            self._started.exception()  # Looked at, should nobody wait for it any more.
        for task in self._tasks:
            task.cancel()
        self._session.remove(_SOURCE, self)
        tasks = set(self._tasks)
        closing = asyncio.ensure_future(self._runner.close())
        if self.keeper.key is not None:
            try:
                async with asyncio.timeout(_SAY_GOODBYE):
                    await self._call(self._procedure.close, {})
            except (BinanceError, TimeoutError) as error:
                logger.info("the listen key was not closed and will expire by itself: %s", type(error).__name__)
        await asyncio.wait({closing, *tasks})

    def hold(self, stream: Stream[Any]) -> None:
        """Stops reading; see `Feed`."""
        self._hold("consumer")

    def release(self, stream: Stream[Any]) -> None:
        """Goes on reading; see `Feed`."""
        self._release("consumer")

    def _hold(self, reason: str) -> None:
        self._holds.add(reason)
        self._session.hold()
        self._runner.perform()

    def _release(self, reason: str) -> None:
        self._holds.discard(reason)
        if not self._holds:
            self._session.release()
            self._runner.perform()

    # --- Consumer of the session --------------------------------------------------------------------------------------

    def ready(self, name: str) -> None:
        """The connection stands."""
        if self._started is not None and not self._started.done():
            self._started.set_result(None)

    def tell(self, notice: Notice) -> None:
        """There was a gap: what comes is held back until the state has been fetched."""
        if self._stream is None:
            return
        self._let_through()
        self._stream.tell(notice)
        if isinstance(notice, Reconnected):
            self.keeper.doubt()
            self._woken.set()
            since = notice.since if self._gap is None else self._gap.since
            self._gap = Reconnected(notice.streams, since, notice.until, notice.reason)
            self._held_back = []
            if self._resync is not None:
                self._resync.cancel()
            self._resync = self._spawn(self._resynchronize(self._gap))

    def fail(self, error: BaseException) -> None:
        """It cannot go on."""
        if self._started is not None and not self._started.done():
            self._started.set_exception(error)
        elif self._stream is not None:
            self._stream.fail(error)

    def _receive(self, payload: bytes) -> None:
        if self._expired_event in payload and self._concerns_us(payload):
            self.keeper.gone()
            self._woken.set()
        if self._held_back is None:
            if self._take is not None:
                self._take(payload)
            return
        self._held_back.append(payload)
        if len(self._held_back) == _MOST_HELD_BACK:
            self._hold("gap")

    def _concerns_us(self, payload: bytes) -> bool:
        """An expiry may name the key; that of a key which has been replaced means nothing."""
        key = self.keeper.key
        return key is not None and (self._listen_key not in payload or key.encode() in payload)

    def _let_through(self) -> None:
        """Delivers what was held back."""
        held_back, self._held_back = self._held_back, None
        if held_back is None:
            return
        for payload in held_back:
            if self._take is not None:
                self._take(payload)
        self._release("gap")

    # --- The listen key -----------------------------------------------------------------------------------------------

    def _connection_failed(self, error: TransportError) -> None:
        """A connection was refused: most likely the key is not known any more."""
        refused = isinstance(error, HandshakeRejected) and error.status is not None and 400 <= error.status < 500
        if refused and self._session.was_open:
            self.keeper.gone()
            self._woken.set()

    async def _keep(self) -> None:
        """Makes, renews and replaces the key for as long as the stream lives."""
        while True:
            request = self.keeper.next_request()
            if request is None:
                await wait_until(self._clock, self.keeper.deadline(), self._woken)
                continue
            before = self.keeper.key
            operation = self._procedure.start if request == "start" else self._procedure.keepalive
            try:
                reply = await self._call(operation, {})
                self.keeper.answered(str(getattr(reply, self._procedure.listen_key)))
            except BinanceError as error:
                logger.warning("%s failed: %s", operation, error)
                if not self.keeper.refused(error):
                    self.fail(error)
                    return
            except Exception as error:
                # Whatever happens to a renewal, the next one must still be tried: a stream that nobody renews dies
                # unseen half an hour later.
                logger.exception("%s failed", operation)
                if not self.keeper.refused(error):
                    self.fail(error)
                    return
            else:
                if self.keeper.key != before:
                    self._use(str(self.keeper.key))

    def _use(self, key: str) -> None:
        address = f"{self._base}/ws/{key}"
        if self._events:
            address = f"{self._base}/ws?listenKey={key}&events={quote('/'.join(self._events), safe='/')}"
        is_same = address == self._address.address
        self._address.address = address
        if _SOURCE not in self._session:
            self._session.add(_SOURCE, self, self._receive)
        elif not is_same:
            self._session.redial("the listen key was replaced")
        self._runner.act()

    # --- After a gap --------------------------------------------------------------------------------------------------

    async def _resynchronize(self, gap: Reconnected) -> None:
        """Fetches the account's state, as often as it takes, and delivers it before what was held back."""
        failures = 0
        while True:
            try:
                state = await self._fetch_state()
                break
            except (TransportError, LimitError, ServerError) as error:
                failures += 1
                asked = getattr(error, "retry_after", None) or 0.0
                pause = max(asked, min(self._policy.cap, self._policy.base * 2.0 ** min(failures - 1, 64)))
                logger.warning("the state after a gap could not be fetched, again in %.1f s: %s", pause, error)
            except BinanceError as error:
                self.fail(error)
                return
            await wait_until(self._clock, self._clock.monotonic() + pause, asyncio.Event())
        self._gap = self._resync = None
        if self._stream is not None:
            self._stream.tell(Resynchronized(gap.since, gap.until, gap.reason, state))
            self._let_through()

    async def _fetch_state(self) -> dict[str, object]:
        return {name: await self._fetch(operation, {}) for name, operation in self._procedure.resync.items()}

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        if self._stream is None:
            raise ClientClosed("the stream was closed")
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
