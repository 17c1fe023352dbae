"""A market of one symbol whose order book is edited by hand, and told of over real sockets."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from attrs import define, field

from manual_clock import ManualClock
from specwright.runtime.codec import decoder
from specwright.runtime.websocket.order_book import LocalOrderBook, OrderBookOptions

from .tiny import PRODUCT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .server import ExchangeServer
    from .tiny import TinyClient

__all__ = ["Levels", "Market", "Spoil"]

Levels: TypeAlias = "tuple[dict[Decimal, Decimal], dict[Decimal, Decimal]]"
Spoil: TypeAlias = "Callable[[dict[str, Any]], object]"
"""Edits the JSON of one event or snapshot before it is sent."""


@define(eq=False)
class Market:
    """The exchange's book of one symbol: at first bids 100, 99, 98 and asks 101, 102, 103, one unit each."""

    server: ExchangeServer
    client: TinyClient
    clock: ManualClock = field(factory=ManualClock)
    last_id: int = 1_000
    bids: dict[Decimal, Decimal] = field(factory=lambda: {Decimal(price): Decimal(1) for price in (100, 99, 98)})
    asks: dict[Decimal, Decimal] = field(factory=lambda: {Decimal(price): Decimal(1) for price in (101, 102, 103)})
    snapshots: list[Mapping[str, object]] = field(factory=list)
    asked_at: list[float] = field(factory=list)
    """When the snapshots were asked for."""
    answered: asyncio.Event | None = None
    """What the answers to snapshots wait for; None: nothing."""
    fails: list[Exception] = field(factory=list)
    spoiled: list[Spoil] = field(factory=list)
    """What is done to the next snapshots."""
    history: dict[int, Levels] = field(factory=dict)
    """Update id → both sides as they were then."""

    def __attrs_post_init__(self) -> None:
        self.history[self.last_id] = (dict(self.bids), dict(self.asks))

    def hold_snapshots(self) -> asyncio.Event:
        """Snapshots are answered when the event is set, as of then."""
        self.answered = asyncio.Event()
        return self.answered

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        self.snapshots.append(arguments)
        self.asked_at.append(self.clock.monotonic())
        if self.answered is not None:
            await self.answered.wait()
        if self.fails:
            raise self.fails.pop(0)
        limit = cast("int", arguments["limit"])
        reply: dict[str, Any] = {
            "lastUpdateId": self.last_id,
            "bids": [[str(price), str(self.bids[price])] for price in sorted(self.bids, reverse=True)[:limit]],
            "asks": [[str(price), str(self.asks[price])] for price in sorted(self.asks)[:limit]],
        }
        if self.spoiled:
            self.spoiled.pop(0)(reply)
        return decoder("Snapshot", PRODUCT.module).decode(json.dumps(reply))

    def book(self, options: OrderBookOptions | None = None) -> LocalOrderBook:
        assert PRODUCT.order_book is not None
        return LocalOrderBook(
            "A",
            PRODUCT.order_book,
            events=lambda: self.client.streams.depth("A", on_full="drop_oldest"),
            call=self.call,
            clock=self.clock,
            options=options or {},
        )

    async def change(
        self, side: str, price: str, quantity: str, *, lost: bool = False, spoiled: Spoil | None = None
    ) -> None:
        """Sets a level and tells of it, unless that is lost on the way, or told in other words."""
        levels = self.bids if side == "b" else self.asks
        levels[Decimal(price)] = Decimal(quantity)
        if not Decimal(quantity):
            del levels[Decimal(price)]
        previous, self.last_id = self.last_id, self.last_id + 1
        told = {"b": [], "a": [], side: [[price, quantity]]}
        self.history[self.last_id] = (dict(self.bids), dict(self.asks))
        data: dict[str, Any] = {"E": 1, "U": self.last_id, "u": self.last_id, "pu": previous, **told}
        if spoiled is not None:
            spoiled(data)
        if not lost:
            for peer in self.server.open_peers:
                await peer.send(stream="a@depth", data=data)
