"""An account and a consumer of its events, between a server on loopback and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.codec import decoder
from specwright.runtime.drift import DriftReport
from specwright.runtime.websocket.backoff import ReconnectPolicy
from specwright.runtime.websocket.connection import ConnectionSettings
from specwright.runtime.websocket.user_data import UserDataStream
from specwright.runtime.websocket.user_data_feed import UserDataFeed
from specwright.runtime.wire import Tagged

from ...conditions import until
from .tiny import EVENTS, PRODUCT, ListenKey, OrderEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from .server import ExchangeServer, Peer

__all__ = ["AHEAD", "Account", "Desk", "read_state", "reader", "shown", "take"]

AHEAD = 5_000
"""Milliseconds by which the exchange's clock is ahead of the local one."""


@define(eq=False)
class Account:
    """Answers the operations of listen keys, and says what is open."""

    calls: list[str] = field(factory=list)
    key: str = "k1"
    fails: dict[str, list[Exception]] = field(factory=dict)
    """Operation → errors of its next calls."""
    on_their_way: dict[str, asyncio.Event] = field(factory=dict)
    """Operation → what its replies wait for, once they are written."""
    names_key: bool = True
    """Whether a renewal is answered with the key."""

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        self.calls.append(operation)
        error = self.fails[operation].pop(0) if self.fails.get(operation) else None
        reply: object = ListenKey(listen_key=self.key)
        if operation == "keep" and not self.names_key:
            reply = decoder("ListenKey", PRODUCT.module).decode(b"{}", report=DriftReport())
        if operation == "look":
            reply = [f"open order {self.calls.count('look')}"]
        await asyncio.sleep(0)  # No reply is there at once.
        if operation in self.on_their_way:
            await self.on_their_way[operation].wait()
        if error is not None:
            raise error
        return reply


@define(eq=False)
class Desk:
    """A consumer's view: the stream, its account, its server, its clock."""

    server: ExchangeServer
    account: Account = field(factory=Account)
    clock: ManualClock = field(factory=ManualClock)

    def open(self, *events: str, close_key: bool = False) -> UserDataStream[Any]:
        feed = UserDataFeed(
            PRODUCT,
            self.server.url,
            call=self.account.call,
            fetch=self.account.call,
            settings=ConnectionSettings(proxy=None),
            clock=self.clock,
            exchange_ms=lambda: self.clock.time() * 1000 + AHEAD,
            events=events,
            close_key=close_key,
            policy=ReconnectPolicy(base=0.0),
        )
        return UserDataStream(feed, reader(), {}, read_state)

    @property
    def peer(self) -> Peer:
        return self.server.peers[-1]

    async def tell(self, number: int, kind: str = "ORDER") -> None:
        await self.peer.send(e=kind, E=1_700_000_000_000 + number, i=number)

    async def let_key_expire(self, key: str = "k1") -> None:
        await self.peer.send(e="listenKeyExpired", E=1, listenKey=key)

    async def heard(self) -> None:
        """Waits until the client has received what it was sent: it answers a ping behind that."""
        await (await self.peer.connection.ping())

    async def called(self, operation: str, times: int = 1) -> None:
        """Waits until an operation has been called so often."""
        await until(lambda: self.account.calls.count(operation) >= times)


def reader() -> Callable[[bytes], object]:
    """What decodes the events of the tiny product."""
    tagged = Tagged("e", {name: str(event.returns()) for name, event in EVENTS.items()})
    return decoder(tagged, PRODUCT.module).reader(DriftReport())


def read_state(name: str, body: bytes) -> object:
    """What decodes a reply of the account's state."""
    return msgspec.json.decode(body)


def shown(item: Any) -> object:
    """An item in a word: the id of an order, else its kind."""
    return item.order_id if isinstance(item, OrderEvent) else type(item).__name__


_iterators: WeakKeyDictionary[UserDataStream[Any], AsyncIterator[Any]] = WeakKeyDictionary()


async def take(stream: UserDataStream[Any], count: int) -> list[Any]:
    """The next items; the stream stays open for more."""
    if stream not in _iterators:
        _iterators[stream] = aiter(stream)
    async with asyncio.timeout(5):
        return [await anext(_iterators[stream]) for _ in range(count)]
