"""A local order book is right or not live, whatever an event or a snapshot looks like; nobody waits for a dead one."""

from __future__ import annotations

import asyncio
import logging
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specwright.runtime.errors import DecodeError
from specwright.runtime.limits import LocalLedger
from specwright.runtime.websocket.book import BookMachine

from ...conditions import until
from .conftest import SETTINGS
from .market import Market, Spoil
from .server import ExchangeServer
from .tiny import TinyClient

if TYPE_CHECKING:
    from specwright.runtime.websocket.order_book import LocalOrderBook

ABSENT = "(absent)"
PLACES: tuple[tuple[str | int, ...], ...] = (
    *(("U",), ("u",), ("pu",), ("b",), ("a",)),
    *((side, 0, *element) for side in "ba" for element in ((), (0,), (1,))),
)
"""Where an event of one bid and one ask can be spoiled: ids, sides, levels, prices, quantities."""
WORDS: tuple[object, ...] = (ABSENT, None, "abc", "NaN", "Infinity", "", True, {}, [[]])
WAYS = [
    (place, value)
    for place in PLACES
    for value in WORDS
    if (len(place), value) != (2, ABSENT)  # An event that tells of one level less is a whole one.
]


def spoil(place: tuple[str | int, ...], value: object) -> Spoil:
    """Puts a value where another one is expected, or leaves out what is expected there."""

    def edit(data: Any) -> None:
        *outer, last = place
        for step in outer:
            data = data[step]
        if value is ABSENT:
            del data[last]
        else:
            data[last] = deepcopy(value)

    return edit


def both_sides(price: str, quantity: str, then: Spoil) -> Spoil:
    """An event with a level on either side, of which the bid is only told again."""

    def edit(data: Any) -> None:
        data["b"] = [[price, quantity]]
        then(data)

    return edit


@pytest.fixture
def market(server: ExchangeServer, client: TinyClient) -> Market:
    return Market(server, client)


def compare(market: Market, book: LocalOrderBook) -> None:
    """A live book is the exchange's book at its update id."""
    assert book.last_id is not None
    bids, asks = book.top(100)
    assert (dict(bids), dict(asks)) == market.history[book.last_id]


async def watch(market: Market, book: LocalOrderBook) -> None:
    while True:
        if book.state == "live":
            compare(market, book)
        await book.changed()


async def follow(levels: list[tuple[int, int]], spoiled: int, how: Spoil) -> None:
    """Lets the asks change, spoils one of the events, and compares at each change."""
    client_options: Any = {"environment": "production", "connection_settings": SETTINGS, "ledger": LocalLedger()}
    async with (
        ExchangeServer() as server,
        TinyClient(api_key="key", api_secret="secret", stream_url=server.url, **client_options) as client,
    ):
        market = Market(server, client)
        async with market.book() as book:
            watching = asyncio.create_task(watch(market, book))
            for number, (price, quantity) in enumerate(levels):
                edit = both_sides("100", "1", how) if number == spoiled else None
                await market.change("a", f"{101 + price}.0", str(quantity), spoiled=edit)
                if price % 2:
                    await until(lambda: book.state == "live" and book.last_id == market.last_id)
            await until(lambda: book.state == "live" and book.last_id == market.last_id)
            compare(market, book)
            assert not watching.done(), watching.exception()
            assert book.resynchronizations <= 1
            watching.cancel()
            await asyncio.wait([watching])


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    levels=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), min_size=1, max_size=8),
    spoiled=st.integers(0, 7),
    way=st.sampled_from(WAYS),
)
def test_whatever_is_spoiled_in_an_event_the_book_is_right_or_not_live(
    levels: list[tuple[int, int]], spoiled: int, way: tuple[tuple[str | int, ...], object]
) -> None:
    asyncio.run(follow(levels, spoiled % len(levels), spoil(*way)))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("b",), None),
        (("a",), ABSENT),
        (("u",), "abc"),
        (("U",), True),
        (("pu",), ABSENT),
        (("a", 0), "abc"),
        (("a", 0, 0), "abc"),
        (("a", 0, 0), "NaN"),
        (("a", 0, 1), None),
        (("a", 0, 1), ABSENT),
    ],
    ids=repr,
)
async def test_an_event_that_cannot_be_read_leaves_the_book_as_it_was_until_the_next_snapshot(
    market: Market, place: tuple[str | int, ...], value: object
) -> None:
    async with market.book() as book:
        known = book.top(100)
        market.spoiled = [spoil(("bids",), None)]
        await market.change("a", "101", "7", spoiled=both_sides("100", "7", spoil(place, value)))
        await until(lambda: len(market.snapshots) == 2)
        assert (book.state, book.top(100), book.resynchronizations) == ("waiting", known, 1)

        await until(lambda: book.state == "live", moving=market.clock)
        compare(market, book)


async def test_an_event_that_is_no_json_makes_the_book_wait_before_the_next_one_shows_what_is_missing(
    market: Market,
) -> None:
    async with market.book() as book:
        answered = market.hold_snapshots()
        await market.server.open_peers[0].connection.send('{"stream":"a@depth","data":nonsense}')
        await until(lambda: book.state == "waiting")
        answered.set()
        await until(lambda: book.state == "live")

        assert (book.resynchronizations, book.last_id) == (1, market.last_id)


async def test_the_log_says_what_cannot_be_read_and_not_the_whole_of_it(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    async with market.book() as book:
        await market.change("a", "101", "31415", spoiled=spoil(("a", 0, 0), "word"))
        await until(lambda: book.last_id == market.last_id)

    assert [(each.levelno, each.getMessage()) for each in caplog.records if each.name.endswith("order_book_feed")] == [
        (
            logging.WARNING,
            "the order book of A is built anew: an event cannot be read: "
            "expected a finite price, found str (at asks[0])",
        )
    ]


@pytest.mark.parametrize("value", [ABSENT, None, "abc", [["NaN", "1"]], [["1", None]], [["1"]]], ids=repr)
async def test_a_snapshot_that_cannot_be_read_is_asked_for_again_after_growing_pauses(
    market: Market, value: object
) -> None:
    market.spoiled = [spoil(("bids",), value)] * 4
    book = market.book()
    opening = asyncio.create_task(book.start())
    await until(opening.done, moving=market.clock, step=0.01)

    pauses = [after - before for before, after in zip(market.asked_at, market.asked_at[1:], strict=False)]
    assert opening.exception() is None
    assert len(pauses) == 4
    assert all(pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.8, 1.6), strict=True)), pauses
    compare(market, book)
    await book.close()


async def test_a_stream_that_has_drifted_for_good_costs_few_snapshots(market: Market) -> None:
    async with market.book() as book:
        for number in range(1, 20):
            await market.change("a", "101", str(number), spoiled=spoil(("b",), None))
            await until(lambda number=number: book._book.gaps == number)  # type: ignore[misc]
            if number <= 8:
                await until(lambda: book.state == "live")
        assert (book.state, book.resynchronizations, len(market.snapshots)) == ("waiting", 9, 9)

        await until(lambda: book.state == "live", moving=market.clock)
        compare(market, book)


async def test_a_fault_in_fetching_snapshots_reaches_whoever_opens_the_book(market: Market) -> None:
    market.fails = [ZeroDivisionError("a fault")]
    book = market.book()

    with pytest.raises(ZeroDivisionError, match="a fault"):
        await asyncio.wait_for(book.start(), 5)

    assert book.state == "failed"
    await until(lambda: not market.server.open_peers)
    await book.close()


async def test_a_fault_in_following_events_reaches_whoever_waits_and_the_book_is_not_live(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with market.book() as book:
        waiting = asyncio.create_task(book.changed())
        await asyncio.sleep(0)
        monkeypatch.setattr(BookMachine, "event", lambda machine, update: 1 / 0)
        await market.change("a", "101", "7")

        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(waiting, 5)
        with pytest.raises(ZeroDivisionError):
            await book.changed()
        assert book.state == "failed"
        await until(lambda: not market.server.open_peers)


async def test_a_closed_book_is_not_live(market: Market) -> None:
    async with market.book() as book:
        pass

    assert (book.state, book.best_ask) == ("closed", (Decimal(101), Decimal(1)))


async def test_a_check_says_that_its_snapshot_cannot_be_read_and_the_book_stays_live(market: Market) -> None:
    async with market.book() as book:
        market.spoiled = [spoil(("asks",), ABSENT)]
        with pytest.raises(DecodeError, match="expected levels, found nothing"):
            await book.verify()

        assert book.state == "live"
