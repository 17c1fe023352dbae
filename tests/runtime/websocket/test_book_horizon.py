"""A book whose snapshots have fewer levels than the exchange's: how far it is known, and when it needs another one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from specwright.runtime.websocket.book import BookMachine
from specwright.runtime.websocket.book_side import Level

from .edited_book import PRICES, EditedBook, known_of, levels_of

LIMIT = 8
"""Levels of a snapshot; a quarter of them is 2."""


@pytest.fixture
def exchange() -> EditedBook:
    """Ten bids, from 99.9 down to 99.0, and ten asks, from 100.0 up to 100.9."""
    return EditedBook(dict.fromkeys(PRICES[:10], Decimal(1)), dict.fromkeys(PRICES[10:], Decimal(1)))


@pytest.fixture
def book(exchange: EditedBook) -> BookMachine:
    book = BookMachine(LIMIT)
    assert book.snapshot(*exchange.snapshot(LIMIT))
    return book


def removed(exchange: EditedBook, book: BookMachine, side: str, count: int) -> None:
    """The exchange loses its best levels of a side, one after another, and the book is told."""
    for _ in range(count):
        index = max(map(PRICES.index, exchange.bids)) if side == "bids" else min(map(PRICES.index, exchange.asks))
        book.event(exchange.change([(index, 0)], 1))


def test_what_is_beyond_the_worst_price_of_a_full_snapshot_is_not_told_of(
    exchange: EditedBook, book: BookMachine
) -> None:
    """A level there is heard of when it changes, and those before it are not."""
    book.event(exchange.change([(0, 7), (2, 7), (17, 7), (19, 7)], 1))

    assert (book.bids.horizon, book.asks.horizon) == (PRICES[2], PRICES[17])
    assert (len(book.bids), len(book.asks)) == (8, 8)
    assert levels_of(book) == known_of(book, exchange.levels)


@pytest.mark.parametrize("side", ["bids", "asks"])
def test_another_snapshot_is_needed_when_less_than_a_quarter_is_left(
    exchange: EditedBook, book: BookMachine, side: str
) -> None:
    removed(exchange, book, side, 6)
    assert not book.needs_snapshot

    removed(exchange, book, side, 1)

    assert (book.needs_snapshot, book.state, book.resynchronizations) == (True, "live", 0)


def test_the_book_stays_live_until_the_snapshot_comes_and_loses_no_event_to_it(
    exchange: EditedBook, book: BookMachine
) -> None:
    removed(exchange, book, "bids", 7)
    book.event(exchange.change([(2, 5)], 1))
    on_its_way = exchange.snapshot(LIMIT)
    book.event(exchange.change([(1, 6), (15, 0)], 1))
    assert levels_of(book) == known_of(book, exchange.levels)

    assert book.snapshot(*on_its_way)

    assert (book.needs_snapshot, book.bids.horizon, book.resynchronizations) == (False, None, 0)
    assert (
        levels_of(book)[0] == exchange.levels[0] == [Level(PRICES[i], Decimal(q)) for i, q in ((2, 5), (1, 6), (0, 1))]
    )
    assert book.event(exchange.change([(3, 1)], 1))


def test_a_snapshot_that_is_older_than_the_events_leaves_the_book_live(exchange: EditedBook, book: BookMachine) -> None:
    old = exchange.snapshot(LIMIT)
    removed(exchange, book, "bids", 7)

    assert not book.snapshot(*old)

    assert (book.state, book.needs_snapshot, levels_of(book)) == ("live", True, known_of(book, exchange.levels))


def test_a_snapshot_of_before_a_gap_is_refused_by_a_book_that_was_running_out(
    exchange: EditedBook, book: BookMachine
) -> None:
    removed(exchange, book, "bids", 7)
    gaps, old = book.gaps, exchange.snapshot(LIMIT)
    book.gap()

    assert not book.snapshot(*old, gaps=gaps)
    assert (book.state, book.snapshot(*exchange.snapshot(LIMIT), gaps=book.gaps)) == ("waiting", True)


@pytest.mark.parametrize("side", ["bids", "asks"])
def test_a_book_of_which_nothing_known_is_left_is_not_live(exchange: EditedBook, book: BookMachine, side: str) -> None:
    """A level beyond the horizon that has just changed is no best price: better ones may have stood for long."""
    book.event(exchange.change([(0, 7), (19, 7)], 1))

    removed(exchange, book, side, 8)

    known = book.bids if side == "bids" else book.asks
    assert (book.state, book.resynchronizations, known.best(), list(known)) == ("waiting", 1, None, [])

    book.event(exchange.change([(0, 8)], 1))
    assert book.snapshot(*exchange.snapshot(LIMIT))
    assert (book.state, book.needs_snapshot, levels_of(book)) == ("live", False, known_of(book, exchange.levels))


def test_a_sweep_while_the_snapshot_is_on_its_way_is_healed_by_it(exchange: EditedBook, book: BookMachine) -> None:
    removed(exchange, book, "bids", 7)
    on_its_way = exchange.snapshot(LIMIT)
    removed(exchange, book, "bids", 1)
    assert book.state == "waiting"

    assert book.snapshot(*on_its_way)
    assert levels_of(book)[0] == exchange.levels[0]


def test_a_snapshot_of_which_later_events_leave_nothing_does_not_make_the_book_live(exchange: EditedBook) -> None:
    book = BookMachine(2)
    book.event(exchange.change([(0, 2)], 1))
    on_its_way = exchange.snapshot(2)
    removed(exchange, book, "asks", 3)

    assert not book.snapshot(*on_its_way)

    assert book.state == "waiting"
    assert book.snapshot(*exchange.snapshot(2))
    assert book.asks.best() == exchange.levels[1][0]


def test_a_side_that_is_thinner_than_what_was_asked_for_is_known_whole(exchange: EditedBook) -> None:
    """It may be empty: then there is no best price, and no snapshot would have one."""
    book = BookMachine(11)
    book.snapshot(*exchange.snapshot(11))

    removed(exchange, book, "bids", 10)

    assert (book.state, book.needs_snapshot, book.bids.best(), levels_of(book)) == (
        "live",
        False,
        None,
        exchange.levels,
    )


def test_new_levels_before_the_horizon_put_off_its_running_out(exchange: EditedBook, book: BookMachine) -> None:
    removed(exchange, book, "bids", 6)
    for index in (4, 5, 6, 7):
        book.event(exchange.change([(index, 1)], 1))

    removed(exchange, book, "bids", 4)
    assert not book.needs_snapshot
    removed(exchange, book, "bids", 1)
    assert book.needs_snapshot


def test_levels_that_come_while_the_snapshot_is_on_its_way_are_not_lost_to_it(
    exchange: EditedBook, book: BookMachine
) -> None:
    removed(exchange, book, "bids", 7)
    on_its_way = exchange.snapshot(LIMIT)
    for index in range(3, 8):
        book.event(exchange.change([(index, 1)], 1))

    assert book.snapshot(*on_its_way)

    assert (book.state, book.last_id, levels_of(book)[0]) == ("live", exchange.last_id, exchange.levels[0])


def test_one_event_that_takes_many_levels_is_enough_to_run_out(exchange: EditedBook, book: BookMachine) -> None:
    book.event(exchange.change([(9, 2)], 1))

    book.event(exchange.change([(index, 0) for index in range(3, 10)], 1))

    assert (book.state, book.needs_snapshot) == ("live", True)


def test_a_book_that_was_thin_runs_out_when_it_no_longer_is(exchange: EditedBook) -> None:
    book, thin = BookMachine(LIMIT), EditedBook({PRICES[0]: Decimal(1)}, {PRICES[19]: Decimal(1)}, last_id=1)
    book.snapshot(*thin.snapshot(LIMIT))
    book.event(thin.change([(1, 1)], 1))
    book.gap()
    assert book.snapshot(*exchange.snapshot(LIMIT))

    removed(exchange, book, "asks", 7)

    assert (book.state, book.needs_snapshot) == ("live", True)


def test_books_are_compared_as_far_as_both_of_them_are_known(exchange: EditedBook, book: BookMachine) -> None:
    removed(exchange, book, "bids", 3)
    fresh = BookMachine(LIMIT)
    fresh.snapshot(*exchange.snapshot(LIMIT))
    assert (book.bids.horizon, fresh.bids.horizon) == (PRICES[2], None)

    assert book.agrees(fresh, 100)
    assert fresh.agrees(book, 100)

    fresh.bids.apply([(PRICES[1], Decimal(9))])
    assert book.agrees(fresh, 100), "beyond the horizon of one of them"
    fresh.bids.apply([(PRICES[2], Decimal(9))])
    assert book.agrees(fresh, 4)
    assert not book.agrees(fresh, 5)
    assert not fresh.agrees(book, 5)
