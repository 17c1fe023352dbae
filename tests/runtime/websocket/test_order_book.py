"""A local order book over real sockets: live, readable, checked against the exchange, and healed by itself."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from specwright.runtime.errors import ClientClosed, ConnectionLost, RequestRejected
from specwright.runtime.websocket.book import Level
from specwright.runtime.websocket.order_book import LocalOrderBook, OrderBookOptions

from .doubles import ManualClock, until
from .tiny import PRODUCT, Snapshot, TinyClient
from .tiny import Level as WireLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .server import ExchangeServer


@define(eq=False)
class Market:
    """The exchange's book of one symbol: bids 100, 99, 98 and asks 101, 102, 103, one unit each."""

    server: ExchangeServer
    client: TinyClient
    clock: ManualClock = field(factory=ManualClock)
    last_id: int = 1_000
    bids: dict[Decimal, Decimal] = field(factory=lambda: {Decimal(price): Decimal(1) for price in (100, 99, 98)})
    asks: dict[Decimal, Decimal] = field(factory=lambda: {Decimal(price): Decimal(1) for price in (101, 102, 103)})
    snapshots: list[Mapping[str, object]] = field(factory=list)
    fails: list[Exception] = field(factory=list)

    async def call(self, operation: str, arguments: Mapping[str, object]) -> object:
        self.snapshots.append(arguments)
        if self.fails:
            raise self.fails.pop(0)
        return Snapshot(
            last_id=self.last_id,
            bids=[WireLevel(price=price, quantity=quantity) for price, quantity in self.bids.items()],
            asks=[WireLevel(price=price, quantity=quantity) for price, quantity in self.asks.items()],
        )

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

    async def change(self, side: str, price: str, quantity: str, *, lost: bool = False) -> None:
        """Sets a level and tells of it, unless that is lost on the way."""
        levels = self.bids if side == "b" else self.asks
        levels[Decimal(price)] = Decimal(quantity)
        if not Decimal(quantity):
            del levels[Decimal(price)]
        previous, self.last_id = self.last_id, self.last_id + 1
        told = {"b": [], "a": [], side: [[price, quantity]]}
        data = {"E": 1, "U": self.last_id, "u": self.last_id, "pu": previous, **told}
        if not lost:
            for peer in self.server.open_peers:
                await peer.send(stream="a@depth", data=data)


@pytest.fixture
def market(server: ExchangeServer, client: TinyClient) -> Market:
    return Market(server, client)


def level(price: str, quantity: str) -> Level:
    return Level(Decimal(price), Decimal(quantity))


async def test_a_book_is_live_when_it_is_entered(market: Market) -> None:
    async with market.book({"limit": 50}) as book:
        assert (book.state, book.best_bid, book.best_ask, book.spread) == (
            "live",
            level("100", "1"),
            level("101", "1"),
            Decimal(1),
        )
    assert market.snapshots == [{"symbol": "A", "limit": 50}]


async def test_what_is_read_follows_the_exchange(market: Market) -> None:
    async with market.book() as book:
        await market.change("b", "100.5", "2")
        await market.change("a", "101", "0")
        await until(lambda: book.last_id == market.last_id)

        assert book.top(2) == ([level("100.5", "2"), level("100", "1")], [level("102", "1"), level("103", "1")])
        assert book.depth("bids", Decimal("99")) == Decimal(4)
        assert book.depth("asks", Decimal("101.9")) == Decimal(0)
        assert book.quantity("bids", Decimal("100.50")) == Decimal(2)
        assert book.quantity("asks", Decimal("101")) == Decimal(0)


async def test_a_change_can_be_waited_for(market: Market) -> None:
    async with market.book() as book:
        waiting = asyncio.ensure_future(book.changed())
        await asyncio.sleep(0)
        await market.change("b", "100.5", "2")
        await waiting

        assert book.best_bid == level("100.5", "2")


async def test_a_lost_update_is_noticed_and_healed(market: Market) -> None:
    async with market.book() as book:
        await market.change("b", "100.5", "2", lost=True)
        await market.change("b", "100.6", "3")
        await until(lambda: book.state == "live" and book.last_id == market.last_id)

        assert book.top(2)[0] == [level("100.6", "3"), level("100.5", "2")]
        assert book.resynchronizations == 1


async def test_a_cut_connection_is_healed(market: Market) -> None:
    async with market.book() as book:
        market.server.peers[0].cut()
        await market.change("b", "100.5", "2", lost=True)
        await until(lambda: len(market.server.peers) == 2 and book.last_id == market.last_id)

        assert (book.state, book.best_bid) == ("live", level("100.5", "2"))


async def test_a_book_is_checked_against_a_fresh_snapshot(market: Market) -> None:
    async with market.book() as book:
        assert await book.verify(10) is True

        book._machine.bids.apply([(Decimal(100), Decimal(7))])
        assert await book.verify(10) is False


async def test_a_snapshot_that_fails_is_asked_for_again(market: Market) -> None:
    market.fails = [ConnectionLost("cut"), ConnectionLost("cut")]
    book = market.book()
    opening = asyncio.ensure_future(book.start())
    while not opening.done():
        market.clock.advance(1)
        await asyncio.sleep(0.01)

    assert opening.exception() is None
    assert len(market.snapshots) == 3
    await book.close()


async def test_a_snapshot_that_is_refused_is_an_error(market: Market) -> None:
    market.fails = [RequestRejected("Invalid symbol.", code=-1121)]
    with pytest.raises(RequestRejected, match="Invalid symbol"):
        async with market.book():
            raise AssertionError
    await until(lambda: not market.server.open_peers)


async def test_closing_the_client_lets_go_of_whoever_waits(market: Market) -> None:
    book = market.book()
    await book.start()
    waiting = asyncio.ensure_future(book.changed())
    await asyncio.sleep(0)

    await market.client.aclose()

    with pytest.raises(ClientClosed):
        await waiting
    await book.close()


async def test_a_client_makes_books_with_the_streams_of_its_product(market: Market) -> None:
    book: Any = market.client._websockets.order_book("A", {})
    market.client._websockets._call = market.call  # type: ignore[method-assign]
    book._call = market.call
    async with book:
        assert book.best_bid == level("100", "1")
