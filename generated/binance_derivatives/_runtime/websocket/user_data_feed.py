"""Feeds user data: makes the listen key, connects, renews, heals, and says what was missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import evolve

from ..errors import BinanceError, ClientClosed, ConfigurationError, DecodeError, TransportError
from .address import SingleStream
from .backoff import Attempts, ReconnectPolicy, is_about_the_address
from .connection import open_connection
from .healing import Healing
from .line import ignore
from .listen_key import ListenKeeper, keys_in_use
from .notices import Notice, Reconnected
from .one_loop import OneLoop
from .runner import Open, Runner
from .session import StreamSession
from .timing import wait_until
from .watched_tasks import WatchedTasks

if TYPE_CHECKING:
    from ..clock import Clock
    from ..product import Product, UserData
    from .address import Deliver
    from .connection import ConnectionSettings
    from .intake import Intake

__all__ = ["SOURCE", "CallById", "UserDataFeed"]

logger = logging.getLogger(__name__)

CallById = Callable[[str, Mapping[str, object]], Awaitable[object]]
"""Calls an operation by its id; gives its typed result."""

SOURCE = "user_data"
"""What the stream is called in notices."""
_SAY_GOODBYE = 0.7
"""Seconds that closing the listen key may take; a key that is not closed expires by itself."""


class UserDataFeed:
    """Feeds one user data stream.

    Args:
        product: Its procedure for user data.
        base_url: Host of the streams; None: the product has none in this environment.
        call: Calls operations, for the listen key.
        fetch: Calls operations over REST, for the state after a gap.
        settings: How connections are made.
        clock: Local time.
        exchange_ms: The exchange's time in ms since 1970.
        events: Wire names of the events to receive; empty: all.
        close_key: Whether the listen key is closed when no other stream of this process uses it.
        policy: When to try again.
        open: How a connection is opened.
        home: The event loop of the connection.
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
        exchange_ms: Callable[[], float],
        events: Sequence[str] = (),
        close_key: bool = False,
        policy: ReconnectPolicy | None = None,
        open: Open = open_connection,
        home: OneLoop | None = None,
    ) -> None:
        self._home = OneLoop() if home is None else home
        procedure, limits = product.user_data, product.connections
        if procedure is None or limits is None or base_url is None:
            raise ConfigurationError(f"{product.title} has no user data stream in this environment")
        # A refused handshake means that the key is gone: another key is made, and the connection is tried again.
        policy = evolve(policy or ReconnectPolicy(), retry_rejected=True)
        self._procedure: UserData = procedure
        self._base = f"{base_url}{product.routes[procedure.route]}"
        self._call = call
        self._fetch = fetch
        self._clock = clock
        self._exchange_ms = exchange_ms
        self._policy = policy
        self._events = events
        self._close_key = close_key
        self._address = SingleStream("", SOURCE, limits.shutdown_event)
        self._session = StreamSession(
            self._address, limits, clock=clock, policy=policy, on_failure=self._connection_failed
        )
        self._runner = Runner(self._session, settings, clock, open)
        self.keeper = ListenKeeper(procedure, clock, policy)
        self._key_in_use: str | None = None
        self._healing = Healing(
            deliver=self._deliver,
            tell=self._tell,
            hold=lambda: self._hold("gap"),
            release=lambda: self._release("gap"),
        )
        self._intake: Intake | None = None
        self._take: Deliver = ignore
        """Where payloads go in their turn."""
        self._record: Deliver = ignore
        """Where they go as they come."""
        self._woken = asyncio.Event()
        self._tasks = WatchedTasks(self._care_failed)
        self._started: asyncio.Future[None] | None = None
        self._healer: asyncio.Task[None] | None = None
        self._holds: set[str] = set()
        """Who wants reading to pause."""

    # --- Feed ---------------------------------------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether its event loop is closed: nothing comes any more, and nobody can stop it."""
        return self._home.is_over

    def now_ms(self) -> float:
        """Local time in ms since 1970."""
        return self._clock.time() * 1000

    async def start(self, intake: Intake) -> None:
        """Makes the listen key and connects; see `Feed`."""
        self._home.enter()
        self._intake = intake
        self._take = intake.entrance(intake.sources[0])
        self._record = intake.recorded(intake.sources[0], ignore)
        self._started = asyncio.get_running_loop().create_future()
        self._tasks.start(self._keep())
        await self._started

    async def stop(self, intake: Intake) -> None:
        """Disconnects, and closes the listen key where that was chosen; see `Feed`."""
        self._intake = None
        if self._started is not None and not self._started.done():
            self._started.set_exception(ClientClosed("the stream was closed before it had begun"))
            self._started.exception()  # Looked at, should nobody wait for it any more.
        tasks = self._tasks.end()
        self._session.remove(SOURCE, self)
        closing = asyncio.ensure_future(self._runner.close())
        is_last = self._key_in_use is not None and keys_in_use.leave(self._key_in_use, self)
        self._key_in_use = None
        if self._close_key and self.keeper.key is not None and is_last:
            try:
                async with asyncio.timeout(_SAY_GOODBYE):
                    await self._call(self._procedure.close, {})
            except (BinanceError, TimeoutError) as error:
                logger.info("the listen key was not closed and will expire by itself: %s", type(error).__name__)
        await asyncio.wait({closing, *tasks})

    def is_cut_off(self, intake: Intake) -> bool:
        """Whether all tasks of the event loop are being cancelled; see `Feed`."""
        return self._runner.is_cut_off

    def hold(self, intake: Intake) -> None:
        """Stops reading; see `Feed`."""
        self._hold("consumer")

    def release(self, intake: Intake) -> None:
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

    def lost(self, name: str) -> None:
        """The state is fetched when the connection is whole again, as `tell` says."""
        if self._intake is not None:
            self._intake.lose(name)

    def tell(self, notice: Notice) -> None:
        """There was a gap: what comes is held back until the state has been fetched."""
        if self._intake is None:
            return
        if not isinstance(notice, Reconnected):
            self._intake.tell(notice)
            return
        self.keeper.doubt()
        self._woken.set()
        if self._healer is not None:
            self._healer.cancel()
        self._healer = self._tasks.start(self._heal(self._healing.begin(notice)))

    def fail(self, error: BaseException) -> None:
        """It cannot go on."""
        if self._started is not None and not self._started.done():
            self._started.set_exception(error)
        elif self._intake is not None:
            self._healing.give_up()
            self._intake.fail(error)
        self._tasks.end()
        self._session.remove(SOURCE, self)
        self._runner.poke()

    def _receive(self, payloads: Sequence[bytes]) -> None:
        for payload in payloads:
            self._take_in(payload)

    def _take_in(self, payload: bytes) -> None:
        if self.keeper.hear(payload):
            self._woken.set()
            if self._events and self._procedure.expired_event not in self._events:
                return
        self._record([payload])
        self._healing.receive(payload)

    def _deliver(self, payload: bytes) -> None:
        self._take([payload])

    def _tell(self, notice: Notice) -> None:
        if self._intake is not None:
            self._intake.tell(notice)

    # --- The listen key -----------------------------------------------------------------------------------------------

    def _connection_failed(self, error: TransportError) -> None:
        if self._session.was_open and is_about_the_address(error):
            self.keeper.refuse()
            self._woken.set()

    async def _keep(self) -> None:
        """Makes, renews and replaces the key for as long as the stream lives."""
        while True:
            request = self.keeper.next_request()
            if request is None:
                await wait_until(self._clock, self.keeper.deadline(), self._woken)
                continue
            operation = self._procedure.start if request == "start" else self._procedure.keepalive
            try:
                key = self._named(await self._call(operation, {}))
                if key is None and request == "start":
                    raise DecodeError(f"{operation}: the reply names no listen key")
            except Exception as error:
                # Whatever happens to a renewal, the next one must still be tried: a stream that nobody renews dies
                # unseen half an hour later.
                logger.warning("%s failed: %s", operation, error, exc_info=not isinstance(error, BinanceError))
                if not self.keeper.refused(error):
                    self.fail(error)
                    return
            else:
                if self.keeper.answered(key):
                    self._use(str(self.keeper.key))

    def _named(self, reply: object) -> str | None:
        """The key in a reply; renewals were once answered without."""
        key = getattr(reply, self._procedure.listen_key, None)
        return key if isinstance(key, str) and key else None

    def _use(self, key: str) -> None:
        if self._key_in_use is not None:
            keys_in_use.leave(self._key_in_use, self)
        keys_in_use.take(key, self)
        self._key_in_use = key
        self._address.address = f"{self._base}/ws/{key}"
        if self._events:
            # Without the event of its expiry a key would end unseen.
            events = dict.fromkeys([*self._events, self._procedure.expired_event])
            self._address.address = f"{self._base}/ws?listenKey={key}&events={quote('/'.join(events), safe='/')}"
        if SOURCE in self._session:
            self._session.redial("the listen key was replaced")
        else:
            self._session.add(SOURCE, self, self._receive)
        self._runner.act()

    # --- After a gap --------------------------------------------------------------------------------------------------

    async def _heal(self, gap: Reconnected) -> None:
        """Fetches the account's state, as often as it takes."""
        attempts = Attempts(self._policy)
        while True:
            started = self._clock.monotonic()
            try:
                state = {name: await self._fetch(each, {}) for name, each in self._procedure.resync.items()}
            except Exception as error:
                pause = attempts.failed(error)
                again = "" if pause is None else f", again in {pause:.1f} s"
                unexpected = not isinstance(error, BinanceError)
                logger.warning("the state after a gap could not be fetched%s: %s", again, error, exc_info=unexpected)
                if pause is None:
                    self.fail(error)
                    return
                await wait_until(self._clock, self._clock.monotonic() + pause, asyncio.Event())
            else:
                # Told backwards from now: the signed calls above have seen to it that the exchange's clock is measured.
                asked_at = self._exchange_ms() - (self._clock.monotonic() - started) * 1000
                self._healing.finish(gap, state, int(asked_at))
                return

    def _care_failed(self, error: BaseException) -> None:
        # A fault in this package must end the stream, not leave its consumer waiting for ever.
        logger.error("the care for a user data stream failed", exc_info=error)
        self.fail(error)
