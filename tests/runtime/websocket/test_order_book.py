"""A local order book over real sockets: live, readable, checked against the exchange, and healed by itself."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from specwright.runtime.errors import (
    ClientClosed,
    ConfigurationError,
    ConnectionLost,
    HandshakeRejected,
    InvalidParameter,
    RequestRejected,
)
from specwright.runtime.websocket.book_side import Level

from ...conditions import until
from .market import Market

if TYPE_CHECKING:
    from specwright.runtime.values import DecimalInput

    from .server import ExchangeServer
    from .tiny import TinyClient


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


@pytest.mark.parametrize("side", ["bid", "BUY", "ask", "Bids", ["bids"]])
async def test_a_side_that_a_book_does_not_have_is_refused(market: Market, side: Any) -> None:
    async with market.book() as book:
        for read in (book.depth, book.quantity):
            with pytest.raises(InvalidParameter, match='side is "bids" or "asks", not ') as refused:
                read(side, Decimal(100))
            assert repr(side) in str(refused.value)


@pytest.mark.parametrize("price", [Decimal("100.5"), "100.5", "100.50", "1.005e2"])
async def test_a_price_is_given_as_a_call_takes_it(market: Market, price: DecimalInput) -> None:
    async with market.book() as book:
        await market.change("b", "100.5", "2")
        await market.change("b", "100.6", "4")
        await until(lambda: book.last_id == market.last_id)

        assert (book.quantity("bids", price), book.depth("bids", price)) == (Decimal(2), Decimal(6))
        assert (book.quantity("bids", 100), book.depth("bids", 100)) == (Decimal(1), Decimal(7))


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        ("cheap", "must be a decimal number, not 'cheap'"),
        (0.1 + 0.2, "is a float with rounding dust"),
        (True, "must be a decimal number, not a bool"),
        (Decimal("NaN"), "must be a finite number, not NaN"),
        (None, "must be a Decimal, text or an int, not NoneType"),
    ],
)
async def test_what_is_no_price_is_refused(market: Market, price: Any, rule: str) -> None:
    async with market.book() as book:
        for read in (book.depth, book.quantity):
            with pytest.raises(InvalidParameter, match=f"^order_book.{read.__name__}: price {rule}"):
                read("bids", price)


@pytest.mark.parametrize("levels", ["5", 2.0, None, True, 0, -1])
async def test_what_is_no_number_of_levels_is_refused(market: Market, levels: Any) -> None:
    async with market.book() as book:
        for read in (book.top, book.checksum):
            with pytest.raises(InvalidParameter, match=f"^order_book.{read.__name__}: levels must be "):
                read(levels)
        with pytest.raises(InvalidParameter, match=r"^order_book\.verify: levels must be "):
            await book.verify(levels)


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


async def test_a_book_without_a_connection_is_not_live_however_long_that_lasts(market: Market) -> None:
    async with market.book() as book:
        waiting = asyncio.ensure_future(book.changed())
        await asyncio.sleep(0)
        market.server.reject = 503
        market.server.peers[0].cut()
        await asyncio.wait_for(waiting, 5)
        states = {book.state}
        while market.server.rejected < 5:
            await asyncio.sleep(0)
            states.add(book.state)
        assert states == {"waiting"}
        assert len(market.snapshots) == 1, "no snapshot is asked for that no events would keep up to date"

        await market.change("b", "100.5", "2", lost=True)
        market.server.reject = None
        await until(lambda: book.state == "live")

        assert (book.best_bid, book.resynchronizations) == (level("100.5", "2"), 1)


async def test_a_book_whose_connection_is_lost_while_its_snapshot_is_on_its_way_is_not_live(market: Market) -> None:
    async with market.book() as book:
        answered = market.hold_snapshots()
        await market.change("b", "100.5", "2", lost=True)
        await market.change("b", "100.6", "2")
        await until(lambda: len(market.snapshots) == 2)
        market.server.reject = 503
        market.server.peers[0].cut()
        await until(lambda: market.server.rejected)
        answered.set()
        await until(lambda: market.server.rejected >= 5)

        assert (book.state, len(market.snapshots)) == ("waiting", 2)


async def test_a_book_is_checked_against_a_fresh_snapshot(market: Market) -> None:
    async with market.book() as book:
        assert await book.verify(10) is True

        book._book.bids.apply([(Decimal(100), Decimal(7))])
        assert await book.verify(10) is False


async def test_a_snapshot_that_fails_is_asked_for_again(market: Market) -> None:
    market.fails = [ConnectionLost("cut"), ConnectionLost("cut")]
    book = market.book()
    opening = asyncio.ensure_future(book.start())
    await until(opening.done, moving=market.clock)

    assert opening.exception() is None
    assert len(market.snapshots) == 3
    await book.close()


async def test_a_snapshot_that_is_refused_is_an_error(market: Market) -> None:
    market.fails = [RequestRejected("Invalid symbol.", code=-1121)]
    with pytest.raises(RequestRejected, match="Invalid symbol"):
        async with market.book():
            raise AssertionError
    await until(lambda: not market.server.open_peers)


REFUSED_ON_THE_WAY = RequestRejected("reply is not JSON: 404 Not Found", status=404)


async def test_a_book_heals_when_something_in_front_of_the_exchange_refused_a_snapshot(market: Market) -> None:
    async with market.book() as book:
        market.fails = [REFUSED_ON_THE_WAY, REFUSED_ON_THE_WAY]
        market.server.peers[0].cut()
        await until(lambda: book.resynchronizations == 1 and book.state in ("live", "failed"), moving=market.clock)

        assert book.state == "live"
        assert len(market.snapshots) == 4


async def test_a_book_that_cannot_even_start_there_says_so_at_once(market: Market) -> None:
    market.fails = [REFUSED_ON_THE_WAY]
    with pytest.raises(RequestRejected, match="404 Not Found"):
        async with asyncio.timeout(5), market.book():
            raise AssertionError
    assert len(market.snapshots) == 1


async def test_a_book_whose_stream_was_refused_can_be_started_again(market: Market) -> None:
    market.server.reject = 401
    book = market.book()
    with pytest.raises(HandshakeRejected):
        await book.start()

    market.server.reject = None
    await asyncio.wait_for(book.start(), 5)

    assert (book.state, book.best_bid) == ("live", level("100", "1"))
    await book.close()


@pytest.mark.parametrize("wait", ["changed", "verify"])
async def test_a_book_that_was_not_started_says_so_to_whoever_waits_for_it(market: Market, wait: str) -> None:
    book = market.book()

    assert (book.state, book.best_bid, book.top(1)) == ("new", None, ([], []))
    with pytest.raises(ConfigurationError, match=r"not started: enter it with `async with`, or await its start\(\)"):
        await asyncio.wait_for(getattr(book, wait)(), 5)
    assert market.snapshots == []


async def test_whoever_waits_for_a_book_whose_start_fails_is_let_go(market: Market) -> None:
    market.server.reject = 401
    book = market.book()
    starting = asyncio.ensure_future(book.start())
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(book.changed())

    with pytest.raises(HandshakeRejected):
        await starting
    with pytest.raises(ConfigurationError, match="not started"):
        await asyncio.wait_for(waiting, 5)
    assert book.state == "new"


async def test_a_book_that_was_closed_is_not_verified(market: Market) -> None:
    async with market.book() as book:
        pass

    with pytest.raises(ClientClosed):
        await book.verify()
    assert len(market.snapshots) == 1


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
    market.client._websockets._call = market.call  # type: ignore[method-assign]
    async with market.client._websockets.order_book("A", {}) as book:
        assert book.best_bid == level("100", "1")
