"""A book is compared with a fresh snapshot when both stand at one id, whatever happens until then."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from specwright.runtime.errors import ClientClosed, RateLimited
from specwright.runtime.websocket.book import BookMachine

from ...conditions import until
from .market import Market

if TYPE_CHECKING:
    from .server import ExchangeServer
    from .tiny import TinyClient


@pytest.fixture
def market(server: ExchangeServer, client: TinyClient) -> Market:
    return Market(server, client)


async def test_a_snapshot_that_is_newer_than_the_book_is_compared_when_the_book_has_caught_up(market: Market) -> None:
    async with market.book() as book, asyncio.timeout(5):
        await market.change("b", "100.5", "2", lost=True)
        checking = asyncio.create_task(book.verify(10))
        await until(lambda: len(market.snapshots) == 2)
        await market.change("b", "100.6", "3")

        assert await checking is True


async def test_a_gap_while_a_book_is_checked_has_it_checked_against_a_snapshot_of_after_the_gap(market: Market) -> None:
    async with market.book() as book, asyncio.timeout(5):
        await market.change("b", "100.5", "2", lost=True)
        checking = asyncio.create_task(book.verify(10))
        await until(lambda: len(market.snapshots) == 2)
        await market.change("b", "100.6", "3", lost=True)
        market.server.peers[0].cut()

        assert await checking is True
        assert book.last_id == market.last_id


async def test_a_check_that_waits_for_its_snapshot_ends_with_the_book(market: Market) -> None:
    async with market.book() as book:
        market.hold_snapshots()
        checking = asyncio.create_task(book.verify(10))
        await until(lambda: len(market.snapshots) == 2)

    with pytest.raises(ClientClosed, match="the order book was closed"):
        await asyncio.wait_for(checking, 5)


async def test_a_check_that_waits_for_its_snapshot_ends_with_a_book_that_fails(market: Market) -> None:
    async with market.book() as book:
        market.hold_snapshots()
        checking = asyncio.create_task(book.verify(10))
        await until(lambda: len(market.snapshots) == 2)
        await market.client.aclose()

        with pytest.raises(ClientClosed) as told:
            await asyncio.wait_for(checking, 5)
        assert book.state == "failed"
        with pytest.raises(ClientClosed) as why:
            await book.changed()
        assert told.value is why.value


async def test_a_check_that_is_given_up_asks_for_nothing_more(market: Market) -> None:
    async with market.book() as book:
        answering = market.hold_snapshots()
        before = asyncio.all_tasks()
        checking = asyncio.create_task(book.verify(10))
        await until(lambda: len(market.snapshots) == 2)
        checking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await checking
        assert asyncio.all_tasks() == before
        answering.set()

        assert await asyncio.wait_for(book.verify(10), 5) is True


@pytest.mark.parametrize("price", ["100", "101"])
def test_books_that_differ_on_one_side_have_other_checksums(price: str) -> None:
    def checksum(quantity: str) -> int:
        changed = [(Decimal(price), Decimal(quantity))]
        book = BookMachine()
        book.snapshot(1, changed if price == "100" else [], changed if price == "101" else [])
        return book.checksum(10)

    assert checksum("1") != checksum("2")


async def test_a_snapshot_that_was_refused_for_a_limit_is_asked_for_when_the_exchange_allows(market: Market) -> None:
    market.fails = [RateLimited("slow down", retry_after=60.0)]
    book = market.book()
    opening = asyncio.create_task(book.start())
    await until(opening.done, moving=market.clock)
    await book.close()

    refused, answered = market.asked_at
    assert answered - refused >= 60.0
