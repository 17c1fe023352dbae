"""All WebSocket parts of one client: what its generated attributes hand out."""

from __future__ import annotations

import asyncio
import logging
import ssl
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

from attrs import evolve

from ..errors import ClientClosed, ConfigurationError
from ..operation import ByPresence
from ..wire import Tagged
from .api import WsApiCaller
from .closing import Closing
from .connection import ConnectionSettings
from .handshake_charges import counting_handshakes
from .hub import StreamHub
from .listen_key import EVENT_TYPE
from .one_loop import OneLoop
from .order_book import LocalOrderBook, OrderBookOptions
from .order_book_arguments import check_snapshot, symbol_of_calls
from .reply_shape import check_shape
from .user_data import UserDataOptions, UserDataStream, check_choices
from .user_data_feed import UserDataFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ..addresses import Addresses
    from ..caller import AsyncRestCaller
    from ..network import ProxySetting, VerifySetting
    from ..operation import Event
    from ..product import Product
    from ..wire import WireType
    from .backoff import ReconnectPolicy
    from .streams import Stream

__all__ = ["WebSockets"]

logger = logging.getLogger(__name__)

_LAST_CALLS = 0.3
"""Seconds for which closing the WebSocket API waits for user data streams that close their listen keys over it."""


class WebSockets:
    """Makes callers, streams and books that share one client's settings, clock and budgets.

    Args:
        product: Hosts, limits, procedures.
        addresses: Of the WebSocket API and the streams.
        caller: Calls over REST: snapshots, listen keys, the exchange's time.
        proxy: Address of a proxy; False: none; None: as the environment says.
        verify: As for REST.
        settings: How connections are made and watched.
    """

    def __init__(
        self,
        *,
        product: Product,
        addresses: Addresses,
        caller: AsyncRestCaller,
        proxy: ProxySetting = None,
        verify: VerifySetting = True,
        settings: ConnectionSettings | None = None,
    ) -> None:
        self._product = product
        self._addresses = addresses
        self._stream_url = addresses.streams.rstrip("/") if addresses.streams else None
        self._rest = caller
        self._clock = caller.flow.clock.local
        self._settings = _settings(settings or ConnectionSettings(), proxy, verify)
        self._policy: ReconnectPolicy | None = self._settings.reconnect
        self._readers: dict[int, Callable[[bytes], object]] = {}
        self._opened: WeakSet[UserDataStream[Any] | LocalOrderBook] = WeakSet()
        self._need_caller: WeakSet[UserDataStream[Any]] = WeakSet()
        """Those that close their listen keys over the WebSocket API."""
        self._is_closed = False
        self._home = OneLoop()
        self._closing = Closing(self._close, self._home)
        self._caller = WsApiCaller(
            caller.flow,
            caller.results,
            addresses.ws_api,
            send_http=caller.sender.send,
            settings=self._settings,
            clock=self._clock,
            policy=self._policy,
            open=counting_handshakes(caller.flow),
            home=self._home,
        )
        self._hub = StreamHub(
            product,
            self._stream_url,
            settings=self._settings,
            clock=self._clock,
            policy=self._policy,
            report=caller.results.report,
            strict=caller.flow.settings.strict,
            home=self._home,
        )

    @property
    def caller(self) -> WsApiCaller:
        """Calls over the WebSocket API.

        Raises:
            ConfigurationError: The client was given other addresses, and not this one.
        """
        self._addresses.check("ws_api_url")
        return self._caller

    @property
    def hub(self) -> StreamHub:
        """Has the connections of all market streams.

        Raises:
            ConfigurationError: The client was given other addresses, and not this one.
        """
        self._addresses.check("stream_url")
        return self._hub

    def user_data(self, events: Mapping[str, Event], options: UserDataOptions) -> UserDataStream[Any]:
        """The account's event stream; nothing happens before it is entered or iterated.

        Args:
            events: Wire name of an event → how it is decoded.
            options: See `UserDataOptions`.

        Raises:
            ConfigurationError: There is no user data stream in this environment, or the client was given other
                addresses, and not that of the streams, or an option is not what it may be.
            ClientClosed: The client was closed.
        """
        self._check_open()
        self._addresses.check("stream_url")
        check_choices(options, events)
        via = options.get("via", "rest")
        feed = UserDataFeed(
            self._product,
            self._stream_url,
            call=self._call if via == "rest" else self._call_ws,
            fetch=self._fetch_state,
            settings=self._settings,
            clock=self._clock,
            exchange_ms=self._rest.flow.clock.now_ms,
            events=options.get("events", ()),
            close_key=options.get("close_key", False),
            policy=self._policy,
            home=self._home,
        )
        stream: UserDataStream[Any] = UserDataStream(feed, self._event_reader(events), options, self._read_state)
        self._opened.add(stream)
        if via == "ws_api" and options.get("close_key", False):
            self._need_caller.add(stream)
        return stream

    def order_book(self, symbol: str, options: OrderBookOptions) -> LocalOrderBook:
        """A local order book; nothing happens before it is entered.

        Args:
            symbol: The symbol, in either case.
            options: See `OrderBookOptions`.

        Raises:
            InvalidParameter: The exchange has no snapshots of so many levels or no updates of that speed, or the symbol
                is no text.
            ConfigurationError: The spec does not say how a local order book is kept, or the `order-book` extra
                is missing.
            ClientClosed: The client was closed.
        """
        self._check_open()
        procedure = self._product.order_book
        if procedure is None:
            raise ConfigurationError(f"{self._product.title} has no procedure for local order books")
        group = import_module(f"{self._product.module}.streams").Streams(self.hub)
        speed = {"update_speed": options["update_speed"]} if "update_speed" in options else {}
        name, limit = symbol_of_calls(symbol), options.get("limit")
        options = {**options, "limit": procedure.limit if limit is None else limit}
        check_snapshot(self._rest.flow.operation(procedure.snapshot), name, options["limit"])

        def events() -> Stream[Any]:
            return cast("Stream[Any]", getattr(group, procedure.stream)(name, on_full="drop_oldest", **speed))

        events()  # What the stream does not take is refused here, not when the book is started.
        book = LocalOrderBook(name, procedure, events=events, call=self._call, clock=self._clock, options=options)
        self._opened.add(book)
        return book

    def check_loop(self) -> None:
        """Refuses to be closed where its connections cannot be reached.

        Raises:
            ConfigurationError: They belong to another event loop, which is not closed.
        """
        if not self._home.is_over:
            self._home.check()

    async def aclose(self) -> None:
        """Ends streams and calls, and closes all connections; waits also for those that are being closed already.

        Raises:
            ConfigurationError: They belong to another event loop, which is not closed.
            Exception: What went wrong first; all the same everything was closed that could be.
        """
        self.check_loop()
        self._is_closed = True
        await self._closing.finish()

    async def _close(self) -> None:
        opened = list(self._opened)
        for each in opened:
            if isinstance(each, UserDataStream):
                each._fail(ClientClosed("the client was closed"))
        closing = {each: asyncio.ensure_future(each.close()) for each in opened}
        last_calls = [closing[each] for each in opened if each in self._need_caller]
        # All at once: each may have to wait for a server that does not answer. Whatever goes wrong with one, the others
        # are closed too.
        outcomes = await asyncio.gather(
            *closing.values(), self._hub.close(), self._close_caller(last_calls), return_exceptions=True
        )
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for error in errors:
            logger.error("a part of the client was closed with an error", exc_info=error)
        if errors:
            raise errors[0]

    async def _close_caller(self, last_calls: Collection[asyncio.Future[None]]) -> None:
        if last_calls:
            await asyncio.wait(last_calls, timeout=_LAST_CALLS)
        await self._caller.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ClientClosed("the client is closed")

    async def _call(self, operation: str, arguments: Mapping[str, object]) -> object:
        return await self._rest.call(self._rest.flow.operation(operation), arguments)

    async def _call_ws(self, operation: str, arguments: Mapping[str, object]) -> object:
        return await self.caller.call(self._rest.flow.operation(operation), arguments)

    async def _fetch_state(self, operation: str, arguments: Mapping[str, object]) -> object:
        """A part of the account's state. What is of another shape is none: it would be told as the truth."""
        response = await self._rest.raw(self._rest.flow.operation(operation), arguments)
        returns = self._state_type(operation)
        if returns is not None:
            check_shape(response.json(), returns, self._product.module)
        return response.result

    def _read_state(self, name: str, body: bytes) -> object:
        """One recorded reply of a `Resynchronized`, as its operation gives it."""
        procedure = self._product.user_data
        if procedure is None or name not in procedure.resync:
            raise ConfigurationError(f"{name!r} is no part of the state of {self._product.title}")
        returns = self._state_type(procedure.resync[name])
        return None if returns is None else self.hub.reader(returns)(body)

    def _state_type(self, operation: str) -> WireType | None:
        carrier = self._rest.flow.operation(operation).rest
        returns = None if carrier is None else carrier.returns()
        # The state is asked for without parameters.
        return returns.absent if isinstance(returns, ByPresence) else returns

    def _event_reader(self, events: Mapping[str, Event]) -> Callable[[bytes], object]:
        """One decoder for all events: a field of theirs says which it is."""
        reader = self._readers.get(id(events))
        if reader is None:
            variants = {name: cast("str", event.returns()) for name, event in events.items()}
            reader = self._hub.reader(Tagged(EVENT_TYPE, variants))
            self._readers[id(events)] = reader
        return reader


def _settings(settings: ConnectionSettings, proxy: ProxySetting, verify: VerifySetting) -> ConnectionSettings:
    """The settings with the client's proxy and TLS, where they have none of their own."""
    if proxy is not None:
        settings = evolve(settings, proxy=proxy or None)
    if verify is not True and settings.ssl is None:
        settings = evolve(settings, ssl=_context(verify))
    return settings


def _context(verify: VerifySetting) -> ssl.SSLContext:
    if isinstance(verify, ssl.SSLContext):
        return verify
    if isinstance(verify, str):
        return ssl.create_default_context(cafile=verify)
    context = ssl.create_default_context()
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
