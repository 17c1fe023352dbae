"""A local order book whose market moves beyond its snapshot: right or not live, and silent beyond it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import ConnectionLost, InvalidParameter
from specwright.runtime.websocket.book_side import Level

from ...conditions import until
from .market import Market

if TYPE_CHECKING:
    from specwright.runtime.websocket.order_book import LocalOrderBook

    from .server import ExchangeServer
    from .tiny import TinyClient


@pytest.fixture
def market(server: ExchangeServer, client: TinyClient) -> Market:
    """Bids from 100 down to 1, asks from 101 up to 200."""
    return Market(
        server,
        client,
        bids={Decimal(price): Decimal(1) for price in range(1, 101)},
        asks={Decimal(price): Decimal(1) for price in range(101, 201)},
    )


def one_at(price: int) -> Level:
    return Level(Decimal(price), Decimal(1))


async def fall(market: Market, levels: int) -> None:
    """The market takes the best bids."""
    for _ in range(levels):
        await market.change("b", str(max(market.bids)), "0")


async def in_step(market: Market, book: LocalOrderBook) -> None:
    await until(lambda: book.last_id == market.last_id)


async def test_a_book_that_runs_out_is_renewed_and_live_all_the_while(market: Market) -> None:
    async with market.book({"limit": 8}) as book:
        answered = market.hold_snapshots()
        await fall(market, 7)
        await until(lambda: len(market.snapshots) == 2)
        await in_step(market, book)
        assert (book.state, book.best_bid, book.top(9)[0]) == ("live", one_at(93), [one_at(93)])

        answered.set()
        await until(lambda: book.horizon("bids") == 86)

        assert (book.state, book.resynchronizations, len(book.top(9)[0])) == ("live", 0, 8)
        await fall(market, 1)
        await in_step(market, book)
        assert (book.best_bid, len(market.snapshots)) == (one_at(92), 2)


async def test_a_book_that_the_market_overtakes_is_not_live_until_its_snapshot_is_there(market: Market) -> None:
    async with market.book({"limit": 5}) as book:
        answered = market.hold_snapshots()
        await fall(market, 7)
        await until(lambda: book.state == "waiting")
        assert (book.best_bid, book.spread) == (None, None)

        answered.set()
        await until(lambda: book.state == "live")

        assert (book.best_bid, book.last_id, book.resynchronizations) == (one_at(93), market.last_id, 1)


async def test_a_renewal_that_fails_leaves_the_book_live_and_is_tried_again(market: Market) -> None:
    async with market.book({"limit": 8}) as book:
        market.fails = [ConnectionLost("cut")] * 3
        await fall(market, 7)
        await until(lambda: len(market.snapshots) == 2)
        await in_step(market, book)
        assert book.state == "live"

        await until(lambda: not book._book.needs_snapshot, moving=market.clock)

        assert (book.state, book.resynchronizations, len(market.snapshots)) == ("live", 0, 5)


async def test_a_book_that_runs_out_again_and_again_costs_few_snapshots(market: Market) -> None:
    """Eight at once, then one after each pause; pauses grow, but only up to two seconds."""
    async with market.book({"limit": 5}) as book:
        for renewals in range(15):
            assert (book.state, len(market.snapshots)) == ("live", 1 + renewals)
            await fall(market, 4)
            await in_step(market, book)
            clock = market.clock if renewals >= 8 else None
            await until(lambda: not book._book.needs_snapshot, moving=clock, step=0.01)

    moments = market.asked_at
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[:8] == [0.0] * 8
    assert all(pause >= least for pause, least in zip(pauses[8:], (0.2, 0.4, 0.8, 1.6, 2, 2, 2), strict=True)), pauses
    assert max(pauses) < 3.2


async def test_a_gap_is_healed_at_once_however_often_the_book_has_run_out(market: Market) -> None:
    async with market.book({"limit": 5}) as book:
        for renewals in range(12):
            await fall(market, 4)
            await in_step(market, book)
            clock = market.clock if renewals >= 8 else None
            await until(lambda: not book._book.needs_snapshot, moving=clock, step=0.01)

        await market.change("b", "10", "2", lost=True)
        await market.change("b", "10", "3")
        await until(lambda: book.state == "live" and book.last_id == market.last_id)

    assert book.resynchronizations == 1


async def test_what_is_beyond_the_horizon_is_refused(market: Market) -> None:
    async with market.book({"limit": 5}) as book:
        assert [book.horizon("bids"), book.horizon("asks")] == [Decimal(96), Decimal(105)]
        assert [book.depth("bids", 96), book.quantity("asks", 105)] == [Decimal(5), Decimal(1)]
        for read in (book.depth, book.quantity):
            with pytest.raises(
                InvalidParameter,
                match=rf"^order_book.{read.__name__}: price is beyond the horizon: this book knows the bids up to 96$",
            ):
                read("bids", "95.9")
            with pytest.raises(InvalidParameter, match="this book knows the asks up to 105"):
                read("asks", 106)
        with pytest.raises(InvalidParameter, match='side is "bids" or "asks"'):
            book.horizon("BUY")  # type: ignore[arg-type]  # That is what is refused.


async def test_a_book_that_knows_all_has_no_horizon(market: Market) -> None:
    async with market.book() as book:
        assert [book.horizon("bids"), book.depth("bids", 0), book.quantity("asks", 500)] == [
            None,
            Decimal(100),
            Decimal(0),
        ]


async def test_a_book_of_few_levels_is_checked_as_far_as_it_is_known(market: Market) -> None:
    async with market.book({"limit": 5}) as book:
        await market.change("b", "50", "7")  # Beyond the horizon.
        await fall(market, 2)
        await in_step(market, book)

        assert await asyncio.wait_for(book.verify(), 5) is True
        assert await asyncio.wait_for(book.verify(1), 5) is True

        book._book.bids.apply([(Decimal(96), Decimal(7))])
        assert await asyncio.wait_for(book.verify(), 5) is False
