"""The log-on of the WebSocket API: from a `session.logon` to the `session.logout`, over whatever connections come.

A connection that is logged on takes calls without key and signature. Each new one is logged on before calls may use it,
but does not keep them back for long: calls work without a log-on too.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar, cast

from ..async_driver import drive_async
from ..errors import BinanceError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..call import Answer
    from ..effects import HttpRequest, Reply, WsRequest
    from ..flow import CallFlow
    from ..operation import Carrier, Operation
    from .api_leg import ApiLeg

__all__ = ["LogOn"]

T = TypeVar("T")

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds for which calls wait until a new connection is logged on."""


class LogOn:
    """Logs connections on and off.

    Args:
        flow: What all calls of the client share.
        send_http: Sends over HTTP, to measure the exchange's clock.
        reach: Gives a connection for a request, and the request as it is to be sent over it.
        send: Sends a request over a connection.
        admit: Lets calls use a connection.
    """

    def __init__(
        self,
        flow: CallFlow,
        *,
        send_http: Callable[[HttpRequest], Awaitable[Reply]],
        reach: Callable[[WsRequest], Awaitable[tuple[ApiLeg, WsRequest]]],
        send: Callable[[WsRequest, ApiLeg], Awaitable[Reply]],
        admit: Callable[[ApiLeg], None],
    ) -> None:
        self._flow = flow
        self._send_http = send_http
        self._reach = reach
        self._send = send
        self._admit = admit
        session = flow.product.ws_session
        self._on = None if session is None else session.logon
        self._off = None if session is None else session.logout
        self.is_wanted = False
        """Whether new connections are logged on."""
        self._running: set[asyncio.Task[None]] = set()

    def is_changed_by(self, operation: Operation) -> bool:
        """Whether an operation logs on or off."""
        return operation.id in (self._on, self._off)

    async def change(
        self,
        operation: Operation,
        carrier: Carrier,
        arguments: Mapping[str, object],
        timeout: float | None,
        recv_window: int | None,
        take: Callable[[Answer], T],
    ) -> T:
        """Logs on or off; the connections that come after this one then log on by themselves.

        Raises:
            ConfigurationError: The key is none that sessions are logged on with.
            BinanceError: As for any call.
        """
        is_on = operation.id == self._on
        signer = self._flow.account.signer
        if is_on and (signer is None or signer.kind != "Ed25519"):
            raise ConfigurationError("session.logon needs an Ed25519 private_key; other keys sign each call")
        used: list[ApiLeg] = []
        unless_on = self.is_wanted and is_on  # What holds until it has succeeded: a log-out is wanted at once.

        async def send(request: WsRequest) -> Reply:
            leg, request = await self._reach(request)
            used[:] = [leg]
            # A connection that takes over from this one meanwhile follows it.
            self.is_wanted = is_on
            try:
                return await self._send(request, leg)
            except BaseException:
                self.is_wanted = unless_on
                raise

        call = self._flow.call(operation, carrier, arguments, timeout=timeout, recv_window=recv_window)
        self.is_wanted = unless_on
        try:
            answer = await drive_async(self._flow.perform(call), self._send_http, send)
        except BaseException:
            self.is_wanted = unless_on
            raise
        used[0].is_logged_on = is_on
        return take(answer)

    def prepare(self, leg: ApiLeg) -> None:
        """A connection stands: logs it on where that is wanted, then lets calls use it."""
        if not self.is_wanted:
            self._admit(leg)
            return
        task = asyncio.create_task(self._log_on(leg))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Ends what is being logged on."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def _log_on(self, leg: ApiLeg) -> None:
        patience = asyncio.get_running_loop().call_later(PATIENCE, self._admit, leg)
        try:
            await self._ask(self._on, leg)
            leg.is_logged_on = True
            if not self.is_wanted:
                # The session was logged off meanwhile, over the connection before this one.
                await self._ask(self._off, leg)
                leg.is_logged_on = False
        except BinanceError as error:
            logger.warning("the new connection could not be logged %s: %s", "off" if leg.is_logged_on else "on", error)
        finally:
            patience.cancel()
        self._admit(leg)

    async def _ask(self, name: str | None, leg: ApiLeg) -> None:
        """Logs one connection on or off."""
        assert name is not None  # else nobody could have wanted it
        operation = self._flow.operation(name)
        call = self._flow.call(operation, cast("Carrier", operation.ws), {})
        await drive_async(self._flow.perform(call), self._send_http, lambda request: self._send(request, leg))
