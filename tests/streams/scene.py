"""A client in the midst of its work, with all that can happen around it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from binance_derivatives import AsyncUsdsFutures
    from specwright.simulator import ManualClock, Simulator

    from ..cutting_proxy import CuttingProxy
    from .tape import Tape


class Scene:
    """A client, its exchange, and what runs in the background until the client is closed."""

    def __init__(
        self,
        client: AsyncUsdsFutures,
        exchange: Simulator,
        proxy: CuttingProxy,
        api_proxy: CuttingProxy,
        clock: ManualClock,
        tape: Tape,
    ) -> None:
        self.client, self.exchange, self.clock, self.tape = client, exchange, clock, tape
        self.proxy, self.api_proxy = proxy, api_proxy
        """In front of the streams, and of the WebSocket API."""
        self.running: list[asyncio.Task[Any]] = []

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Lets something run."""
        self.running.append(asyncio.create_task(work))

    async def read(self, stream: Any) -> Any:
        """Starts a stream and leaves it without a consumer."""
        await stream.start()
        return stream
