"""Calls over the WebSocket API: the same flow as over REST, carried by one connection that all calls share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from ..async_driver import drive_call_async
from ..errors import BinanceError, CallTimeout, ClientClosed, ConfigurationError, ConnectError, TransportError
from ..response import RawResponse
from .api_call import ApiCall
from .api_leg import ApiLeg
from .api_session import ApiSession
from .connection import ConnectionSettings, open_connection
from .log_on import LogOn
from .one_loop import OneLoop
from .runner import Open, Runner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..call import Answer
    from ..clock import Clock
    from ..effects import HttpRequest, Reply, WsRequest
    from ..flow import CallFlow
    from ..operation import Operation
    from ..response import Results
    from .backoff import ReconnectPolicy
    from .statistics import WsApiStatistics

__all__ = ["WsApiCaller"]


class WsApiCaller:
    """Calls operations over the WebSocket API. It connects when the first call is made.

    Args:
        flow: What all calls of the client share.
        results: Gives typed results.
        url: Address of the WebSocket API; None: the product has none in this environment.
        send_http: Sends over HTTP, to measure the exchange's clock.
        settings: How connections are made.
        clock: Local time.
        policy: When to try again.
        open: How a connection is opened.
        home: The event loop of the connection.
    """

    def __init__(
        self,
        flow: CallFlow,
        results: Results,
        url: str | None,
        *,
        send_http: Callable[[HttpRequest], Awaitable[Reply]],
        settings: ConnectionSettings,
        clock: Clock,
        policy: ReconnectPolicy | None = None,
        open: Open = open_connection,
        home: OneLoop | None = None,
    ) -> None:
        self._home = OneLoop() if home is None else home
        self._flow = flow
        self._results = results
        self._url = url
        self._send_http = send_http
        self._clock = clock
        limits = flow.product.connections
        self._log_on = LogOn(flow, send_http=send_http, reach=self._reach, send=self._send, admit=self._admit)
        self._session = (
            None
            if url is None or limits is None
            else ApiSession(url, limits, clock=clock, prepare=self._log_on.prepare, policy=policy)
        )
        self._runner = None if self._session is None else Runner(self._session, settings, clock, open)

    @property
    def flow(self) -> CallFlow:
        """The flow that the calls go by."""
        return self._flow

    @property
    def session(self) -> ApiSession:
        """The connection's state and counters."""
        if self._session is None:
            raise self._missing()
        return self._session

    @property
    def statistics(self) -> WsApiStatistics:
        """Counters, as of now."""
        return self.session.statistics

    @property
    def is_logged_on(self) -> bool:
        """Whether calls need neither key nor signature now."""
        leg = self.session.leg
        return leg is not None and leg.is_logged_on

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
        take: Callable[[Answer], Any] | None = None,
    ) -> Awaitable[Any]:
        """Calls an operation and gives its typed result.

        Args:
            operation: What to do.
            arguments: By Python names; None stands for absent.
            timeout: Seconds, instead of the client's.
            recv_window: Milliseconds, instead of the client's.
            take: Makes something else of the successful reply.
        """
        carrier = operation.ws
        if carrier is None:
            raise ConfigurationError(f"{operation.id} exists only over REST")
        if take is None:
            take = self._results.result
        if self._log_on.is_changed_by(operation):
            return self._log_on.change(operation, carrier, arguments, timeout, recv_window, take)
        call = self._flow.call(
            operation,
            carrier,
            arguments,
            timeout=timeout,
            recv_window=recv_window,
            authenticated=self._is_authenticated if self._log_on.is_wanted else None,
        )
        return drive_call_async(self._flow, call, take, self._send_http, self._send)

    async def raw(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> RawResponse[object]:
        """The same with everything that came, decoded when asked."""
        response: RawResponse[object] = await self.call(
            operation,
            arguments,
            timeout=timeout,
            recv_window=recv_window,
            take=lambda answer: RawResponse(answer, self._results),
        )
        return response

    async def close(self) -> None:
        """Ends all calls and closes the connection."""
        if self._runner is None:
            return
        self.session.broken(ClientClosed("the client was closed"))
        await self._log_on.close()
        await self._runner.close()

    # --- Calls --------------------------------------------------------------------------------------------------------

    def _missing(self) -> ConfigurationError:
        return ConfigurationError(f"{self._flow.product.title} has no WebSocket API in this environment")

    def _is_authenticated(self) -> bool:
        return self.is_logged_on

    async def _connect_and_send(self, request: WsRequest) -> Reply:
        leg, request = await self._reach(request)
        return await self._send(request, leg)

    async def _reach(self, request: WsRequest) -> tuple[ApiLeg, WsRequest]:
        """A connection, and the request as it is to be sent over it: with the time of now, a signature only if it needs
        one now, and what is left of its timeout."""
        leg = self.session.leg
        if leg is not None:
            return leg, request
        loop = asyncio.get_running_loop()
        start = loop.time()
        leg = await self._connected(request.timeout)
        renewed = cast("WsRequest", self._flow.attempts.renewed(request.call))
        renewed.timeout -= loop.time() - start
        return leg, renewed

    async def _connected(self, timeout: float) -> ApiLeg:
        assert self._runner is not None
        self._home.enter()
        admitted: asyncio.Future[ApiLeg] = asyncio.get_running_loop().create_future()

        def admit(outcome: ApiLeg | BinanceError) -> None:
            if admitted.done():
                return
            if isinstance(outcome, ApiLeg):
                admitted.set_result(outcome)
            else:
                admitted.set_exception(_not_sent(outcome))

        self.session.want(admit)
        self._runner.act()
        try:
            async with asyncio.timeout(timeout):
                return await admitted
        except TimeoutError:
            raise CallTimeout("no connection could be made in time", sent=False) from None
        finally:
            self.session.withdraw(admit)

    def _send(self, request: WsRequest, leg: ApiLeg | None = None) -> Awaitable[Reply]:
        """Sends a request.

        Args:
            request: What to send.
            leg: The connection; None: the one for calls, which is made first where there is none.
        """
        runner, session = self._runner, self._session
        if session is None or runner is None:
            raise self._missing()
        if runner.is_closed:
            raise ClientClosed("the client was closed")
        if leg is None:
            leg = session.leg
            if leg is None:
                return self._connect_and_send(request)
        loop = asyncio.get_running_loop()
        if loop is not self._home.loop:
            self._home.enter()  # Refuses it: the connection is another loop's.
        number = session.send(leg, request.method, request.params)
        # What can wait is done when the request is on its way.
        call = ApiCall(loop=loop)
        call.budgets = self._flow.product.budgets
        deadline = self._clock.monotonic() + request.timeout
        leg.pending[number] = (call, deadline)
        runner.by(deadline)
        return call

    def _admit(self, leg: ApiLeg) -> None:
        """Lets calls use a connection that stands."""
        assert self._runner is not None
        self.session.ready(leg)
        self._runner.act()


def _not_sent(error: BinanceError) -> BinanceError:
    """The same error, as one that says that nothing was sent."""
    if isinstance(error, TransportError) and error.sent:
        reason: Any = ConnectError(str(error))
        reason.__cause__ = error
        return cast("BinanceError", reason)
    return error
