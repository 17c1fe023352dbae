"""One interface to every kind of client, and a clock that only the exchange's own time moves."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import httpx
import httpx2

from binance_derivatives import AsyncUsdsFutures, RetryPolicy, UsdsFutures

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from specwright.simulator import ManualClock

__all__ = ["BOOK", "EVERY_WAY", "ORDER", "OWN_WAYS", "TIME", "TRUSTING", "Call", "ExchangeTime", "Trader", "Way"]

Way: TypeAlias = Literal["sync", "sync httpx", "sync httpx2", "async", "async httpx", "async httpx2"]
"""How requests are sent: by which client, and over whose HTTP client."""
OWN_WAYS: list[Way] = ["sync", "async"]
EVERY_WAY: list[Way] = ["sync", "sync httpx", "sync httpx2", "async", "async httpx", "async httpx2"]

TRUSTING: ssl.SSLContext = ssl.create_default_context()
"""Made once, because it reads all certificates of the machine."""


class ExchangeTime:
    """A client's clock that tells the exchange's time; to sleep is to move that on, so nothing is waited for.

    Args:
        exchange: The exchange's clock.
        ahead: Seconds by which the client's wall clock is wrong.
    """

    def __init__(self, exchange: ManualClock, *, ahead: float = 0.0) -> None:
        self.exchange = exchange
        self.ahead = ahead
        self.slept: list[float] = []
        self._jumped = 0.0
        self._readings = 0

    def time(self) -> float:
        return self.exchange.now_ms() / 1000 + self._jumped + self.ahead

    def monotonic(self) -> float:
        # No clock shows one time twice, and who compares two readings must know that.
        self._readings += 1
        return self.exchange.now_ms() / 1000 + self._jumped + self._readings * 1e-6

    def jump(self, seconds: float) -> None:
        """All of the client's time is off from now on, as after the sleep of a laptop or the move of a machine."""
        self._jumped += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.exchange.advance(seconds)


class Call:
    """An operation and its arguments, yet to be called."""

    def __init__(self, group: str, operation: str, **arguments: Any) -> None:
        self.group = group
        self.operation = operation
        self.arguments = arguments


ORDER = Call("trade", "new_order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010")
"""It is never sent twice."""
BOOK = Call("market_data", "order_book", symbol="BTCUSDT", limit=5)
TIME = Call("market_data", "server_time")


class Trader:
    """A client of any kind that is used as if it were synchronous.

    Args:
        way: How requests are sent.
        options: The client's options; repetitions are made at once, and many, unless they say otherwise: a call with
            a short time limit may fail often on a busy machine.
    """

    def __init__(self, way: Way, **options: Any) -> None:
        self.way = way
        kind, _, library = way.partition(" ")
        self._runner = asyncio.Runner() if kind == "async" else None
        self._theirs: Any = None
        verify = options.setdefault("verify", TRUSTING)
        options.setdefault("retry", RetryPolicy(attempts=60, random=lambda: 0.0))
        if library:
            module: Any = {"httpx": httpx, "httpx2": httpx2}[library]
            client = module.AsyncClient if self._runner else module.Client
            self._theirs = options["http_client"] = client(verify=verify)
        self.client: Any = AsyncUsdsFutures(**options) if self._runner else UsdsFutures(**options)

    def do(self, call: Call, **more: object) -> Any:
        """Calls an operation and gives its result."""
        method = getattr(getattr(self.client, call.group), call.operation)
        return self.finish(lambda: method(**{**call.arguments, **more}))

    def resolve(self, error: Exception) -> Any:
        """What became of a call."""
        return self.finish(lambda: self.client.trade.resolve(error))

    def finish(self, act: Callable[[], Any]) -> Any:
        """What an act on the client gives, awaited where it must be."""
        if self._runner is None:
            return act()

        async def run() -> Any:
            result = act()
            return await result if inspect.isawaitable(result) else result

        return self._runner.run(run())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is None:
            self.client.close()
            if self._theirs is not None:
                self._theirs.close()
            return
        self.finish(self.client.aclose)
        if self._theirs is not None:
            self.finish(self._theirs.aclose)
        self._runner.close()
