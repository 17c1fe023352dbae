"""An exchange with one account beyond an unsteady network, small enough to live through a day in no time.

It keeps to what is documented of listen keys: one an account, valid for an hour from the last answer; a key that is
unknown is mostly taken in silence; an expiry is told to the connections that use the key, and mostly does not end them.
Every delay is drawn, so that what travels on different ways overtakes each other; one connection keeps its order.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, Any

from attrs import define, field

from specwright.runtime.errors import (
    CallTimeout,
    ClockError,
    ConnectError,
    ConnectionLost,
    DecodeError,
    HandshakeRejected,
    RateLimited,
    RequestRejected,
    ServerError,
)
from specwright.runtime.websocket.notices import Resynchronized

from .tiny import ListenKey, OrderEvent

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from specwright.runtime.websocket.line import Line

    from .virtual_time import VirtualClock

__all__ = ["Mirror", "UnsteadyExchange"]

VALIDITY = 3600.0
LIFETIME = 24 * 3600.0
_ORDERS = 4
_VERSIONS = 1_000_000
"""An event has one number: an order's, times this, plus its version. An order whose version is odd has ended."""


@define
class Mirror:
    """A consumer's picture of the account, kept by its stream and nothing else."""

    orders: dict[int, int] = field(factory=dict)
    """Open order → version."""

    def take(self, item: object) -> None:
        """Takes over one item of the stream."""
        if isinstance(item, Resynchronized):
            self.orders = {order: version for part in item.state.values() for order, version in part}  # type: ignore[attr-defined]
        elif isinstance(item, OrderEvent):
            order, version = divmod(item.order_id, _VERSIONS)
            if version % 2:
                self.orders.pop(order, None)
            else:
                self.orders[order] = version


@define(eq=False)
class _Connection:
    """One connection, as both of its ends see it."""

    exchange: UnsteadyExchange
    key: str
    line: Line
    is_open: bool = True
    """At the exchange."""
    _is_held: bool = False
    _unread: deque[Callable[[], None]] = field(factory=deque)
    _ended: asyncio.Future[ConnectionLost] = field(factory=lambda: asyncio.get_running_loop().create_future())
    _arrives: float = 0.0
    """When what was sent last reaches the client; nothing that is sent later comes earlier."""

    def push(self, message: dict[str, object]) -> None:
        """Sends an event."""
        if self.is_open:
            payload = json.dumps(message, separators=(",", ":")).encode()
            self.later(lambda: self._arrived(lambda: self.line.receive([payload])))

    def end(self, unnoticed: float) -> None:
        """Ends at the exchange; the client notices so many seconds later."""
        if self.is_open:
            self.is_open = False
            self.later(self._lost, unnoticed)

    def later(self, act: Callable[[], None], delay: float = 0.0) -> None:
        """Does something at the client's end when the way there is over."""
        loop = asyncio.get_running_loop()
        # Two callbacks of the same time would be called in any order.
        self._arrives = max(self._arrives + 1e-6, loop.time() + delay + self.exchange.latency())
        loop.call_at(self._arrives, act)

    def _arrived(self, read: Callable[[], None]) -> None:
        if not self._ended.done():
            self._unread.append(read)
            self._read()

    def _read(self) -> None:
        while self._unread and not self._is_held:
            self.line.heard_at = self.exchange.clock.time()
            self._unread.popleft()()

    def _lost(self) -> None:
        if not self._ended.done():
            self._ended.set_result(ConnectionLost("cut"))

    # --- What a runner calls ------------------------------------------------------------------------------------------

    def send(self, message: bytes) -> bool:
        raise AssertionError("nothing is asked for on a connection that its URL decides about")

    async def run(self) -> ConnectionLost:
        return await asyncio.shield(self._ended)

    def ping(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.exchange.latency(), self._pinged, loop.time())

    def _pinged(self, sent_at: float) -> None:
        if self.is_open:
            self.later(lambda: self._arrived(lambda: self._answered(sent_at)))

    def _answered(self, sent_at: float) -> None:
        self.line.whole_until = sent_at

    def hold(self) -> None:
        self._is_held = True

    def release(self) -> None:
        self._is_held = False
        self._read()

    async def close(self) -> None:
        self.is_open = False
        self._lost()


@define(eq=False)
class UnsteadyExchange:
    """The exchange, its network, and what goes wrong with them."""

    chance: random.Random
    clock: VirtualClock
    key: str | None = None
    orders: dict[int, int] = field(factory=dict)
    """Open order → version."""
    calls: int = 0
    log: list[str] = field(factory=list)
    """All that happened, for whoever looks for the reason of a failure."""
    down_until: float = 0.0
    """Nothing passes the network."""
    failing_until: float = 0.0
    """Requests and handshakes may fail in every way."""
    slow_until: float = 0.0
    strike: Callable[[], None] | None = None
    """What happens when the next request for the key has been carried out, and its answer is on its way."""
    _connections: list[_Connection] = field(factory=list)
    _expiry: asyncio.TimerHandle | None = None
    _keys: int = 0
    _version: int = 0

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    def note(self, what: object) -> None:
        self.log.append(f"{self.now:12.3f} {what}")

    def latency(self) -> float:
        """Seconds of a way."""
        if self.now < self.slow_until:
            return self.chance.uniform(0.0, 3.0)
        return self.chance.choice([0.0, self.chance.uniform(0.001, 0.05)])

    # --- The account --------------------------------------------------------------------------------------------------

    def trade(self) -> None:
        """An order is placed or changed, or comes to its end, which is told."""
        self._version += 1
        order = self.chance.randrange(_ORDERS)
        if self._version % 2:
            self.orders.pop(order, None)
        else:
            self.orders[order] = self._version
        self.note(f"order {order} -> {self._version}")
        self._tell({"e": "ORDER", "E": int(self.clock.time() * 1000), "i": order * _VERSIONS + self._version})

    def _tell(self, message: dict[str, object]) -> None:
        for connection in self._connections:
            if connection.key == self.key:
                connection.push(message)

    # --- Listen keys --------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """The account's key, which lives for another hour."""
        if self.key is None:
            self._keys += 1
            self.key = f"k{self._keys}"
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(VALIDITY, self.expire)
        return self.key

    def expire(self) -> None:
        """The key runs out; its connections are told, some without its name, some twice, and some are ended."""
        if self.key is not None:
            message: dict[str, object] = {"e": "listenKeyExpired", "E": int(self.clock.time() * 1000)}
            if self.chance.random() < 0.7:
                message["listenKey"] = self.key
            for _ in range(self.chance.choice([1, 1, 2])):
                self._tell(message)
            if self.chance.random() < 0.2:
                self.cut()
            self.close_key()

    def close_key(self) -> None:
        """The key is closed, and nobody is told."""
        self.note(f"{self.key} has ended")
        self.key = None
        if self._expiry is not None:
            self._expiry.cancel()

    # --- Requests -----------------------------------------------------------------------------------------------------

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        """Carries out an operation of the client, if it gets here."""
        self.calls += 1
        self.note(f"asked {operation}")
        try:
            await self._way()
            self._fail()
            reply = self._answer(operation)
            self._fail()
        except Exception as error:
            self.note(f"{operation} fails: {error!r}")
            await self._way()
            raise
        await self._way()
        self.note(f"answered {operation}")
        return reply

    def _answer(self, operation: str) -> object:
        self.note(f"carried out {operation}")
        if operation in ("first", "second"):
            half = range(_ORDERS // 2) if operation == "first" else range(_ORDERS // 2, _ORDERS)
            return [(order, version) for order, version in self.orders.items() if order in half]
        if operation == "end":
            self.close_key()
            return None
        if operation == "keep" and self.key is None:
            raise RequestRejected("This listenKey does not exist.", code=-1125)
        key = self.start()
        if self.strike is not None:
            asyncio.get_running_loop().call_soon(self.strike)
            self.strike = None
        return ListenKey(listen_key=key)

    async def _way(self) -> None:
        await asyncio.sleep(self.latency())
        if self.now < self.down_until:
            await asyncio.sleep(self.chance.uniform(0, 10))
            raise CallTimeout("no reply came") if self.chance.random() < 0.5 else ConnectError("unreachable")

    def _fail(self) -> None:
        if self.now < self.failing_until and self.chance.random() < 0.4:
            raise self.chance.choice(
                [
                    ConnectionLost("cut"),
                    ServerError("overloaded"),
                    DecodeError("a proxy's page"),
                    ClockError("outside of recvWindow"),
                    RateLimited("slow down", retry_after=self.chance.uniform(0, 5)),
                    ZeroDivisionError("a bug"),
                ]
            )

    # --- Connections --------------------------------------------------------------------------------------------------

    async def open(self, url: str, line: Line, settings: object, time: object) -> Any:
        """Opens a connection; stands in for `open_connection`."""
        key = url.rpartition("/")[2]
        self.note(f"dialled with {key}")
        try:
            await self._way()
        except CallTimeout as error:
            raise ConnectError("no connection in time") from error
        if self.now < self.failing_until and self.chance.random() < 0.3:
            raise HandshakeRejected("refused", status=self.chance.choice([400, 403, 429, 500]))
        if key != self.key and self.chance.random() < 0.3:
            raise HandshakeRejected("refused", status=401)
        line.whole_until = self.now
        connection = _Connection(self, key, line)
        self._connections.append(connection)
        asyncio.get_running_loop().call_later(LIFETIME, connection.end, 0.0)
        arrived = asyncio.Event()
        connection.later(arrived.set)
        await arrived.wait()
        self.note(f"connected with {key}")
        return connection

    def cut(self) -> None:
        """All connections end; clients notice soon, or when a ping is not answered."""
        self.note("cut")
        for connection in self._connections:
            connection.end(self.chance.choice([0.0, 0.0, self.chance.uniform(0, 40)]))
        self._connections.clear()
