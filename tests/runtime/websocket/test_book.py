"""The local book is the exchange's book after every update, whatever is dropped, repeated or reordered on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwright.runtime.errors import DecodeError
from specwright.runtime.websocket.book import (
    BookMachine,
    BookUpdate,
    read_snapshot,
    read_update,
)
from specwright.runtime.websocket.book_side import BookSide, Level

from . import tiny
from .edited_book import PRICES, EditedBook, known_of, levels_of

changes = st.tuples(
    st.lists(st.tuples(st.integers(0, len(PRICES) - 1), st.integers(0, 3)), max_size=5), st.integers(1, 5)
)


@given(scripts=st.lists(changes, min_size=1, max_size=30), joined=st.integers(0, 30), late=st.integers(0, 5))
def test_a_book_that_hears_everything_equals_the_exchange_after_every_update(
    scripts: list[tuple[list[tuple[int, int]], int]], joined: int, late: int
) -> None:
    """The book listens from `joined` on; its snapshot is taken then and arrives `late` events later."""
    exchange, book = EditedBook(), BookMachine()
    snapshot = None
    for number, (levels, ids) in enumerate(scripts):
        if number == min(joined, len(scripts) - 1):
            snapshot = exchange.snapshot()
            arrives = number + late
        update = exchange.change(levels, ids)
        if snapshot is not None:
            book.event(update)
            if number == arrives:
                assert book.snapshot(*snapshot)
            if number >= arrives:
                assert (levels_of(book), book.last_id) == (exchange.levels, exchange.last_id)
    assert book.resynchronizations == 0


faults = st.sampled_from(["ok", "ok", "ok", "ok", "drop", "repeat", "swap"])
limits = st.sampled_from([None, 1, 2, 3, 5, 8])


@settings(max_examples=400)
@given(
    scripts=st.lists(st.tuples(changes, faults), min_size=1, max_size=40),
    snapshot_delay=st.integers(0, 4),
    limit=limits,
)
def test_a_book_that_is_live_equals_the_exchange_at_the_same_id_whatever_happens_on_the_way(
    scripts: list[tuple[tuple[list[tuple[int, int]], int], str]], snapshot_delay: int, limit: int | None
) -> None:
    """As far as it is known, where its snapshots have fewer levels than the exchange; the best prices always are."""
    exchange, book = EditedBook(dict.fromkeys(PRICES[:10], Decimal(1))), BookMachine(limit)
    truth = {exchange.last_id: exchange.levels}
    on_the_way: list[BookUpdate] = []
    asked: tuple[int, object] | None = None
    for number, ((levels, ids), fault) in enumerate(scripts):
        update = exchange.change(levels, ids)
        truth[exchange.last_id] = exchange.levels
        if fault == "swap":
            on_the_way.append(update)
            continue
        if fault != "drop":
            book.event(update)
        if fault == "repeat":
            book.event(update)
        while on_the_way:
            book.event(on_the_way.pop())
        if asked is not None and number >= asked[0]:
            book.snapshot(*asked[1])  # type: ignore[misc]
            asked = None
        if book.needs_snapshot and asked is None:
            asked = (number + snapshot_delay, exchange.snapshot(limit))
        if book.state == "live":
            assert book.last_id is not None
            at_its_id = truth[book.last_id]
            assert levels_of(book) == known_of(book, at_its_id)
            left = [len(side) for side in (book.bids, book.asks) if side.horizon is not None]
            assert book.is_running_out or all(count * 4 >= limit for count in left if limit)
            assert [book.bids.best(), book.asks.best()] == [side[0] if side else None for side in at_its_id]


def test_after_faults_stop_the_book_is_whole_again_with_one_snapshot() -> None:
    exchange, book = EditedBook(), BookMachine()
    book.snapshot(*exchange.snapshot())
    book.event(exchange.change([(0, 1)], 1))
    exchange.change([(1, 1)], 1)  # lost on the way
    book.event(exchange.change([(2, 1)], 1))
    assert (book.state, book.resynchronizations) == ("waiting", 1)

    assert book.snapshot(*exchange.snapshot())

    book.event(exchange.change([(3, 1)], 1))
    assert levels_of(book) == exchange.levels


def test_a_snapshot_from_before_the_first_event_is_refused() -> None:
    exchange, book = EditedBook(), BookMachine()
    old = exchange.snapshot()
    exchange.change([(0, 1)], 3)  # before the stream began
    book.event(exchange.change([(1, 1)], 3))

    assert not book.snapshot(*old)
    assert book.snapshot(*exchange.snapshot())
    assert levels_of(book) == exchange.levels


def test_events_that_overlap_the_snapshot_are_applied_as_the_documentation_says() -> None:
    """`U` <= lastUpdateId <= `u` for the first event that counts."""
    book = BookMachine()
    book.event(BookUpdate(90, 99, 89, [(Decimal(1), Decimal(1))], []))
    book.event(BookUpdate(95, 105, 99, [(Decimal(2), Decimal(2))], []))
    book.event(BookUpdate(106, 110, 105, [(Decimal(3), Decimal(3))], []))

    assert book.snapshot(100, [(Decimal(9), Decimal(9))], [])

    assert list(book.bids) == [Level(Decimal(price), Decimal(price)) for price in (9, 3, 2)]
    assert book.last_id == 110


def test_a_gap_makes_the_book_wait_and_keeps_what_was_known() -> None:
    exchange, book = EditedBook(), BookMachine()
    exchange.change([(0, 1)], 1)
    book.snapshot(*exchange.snapshot())

    book.gap()

    assert book.state == "waiting"
    assert levels_of(book) == exchange.levels


def test_equal_books_have_equal_checksums_however_their_numbers_are_written() -> None:
    one, other = BookMachine(), BookMachine()
    one.snapshot(1, [(Decimal("100.10"), Decimal("1.500"))], [(Decimal("100.2"), Decimal(2))])
    other.snapshot(2, [(Decimal("100.1"), Decimal("1.5"))], [(Decimal("100.20"), Decimal("2.0"))])
    different = BookMachine()
    different.snapshot(2, [(Decimal("100.1"), Decimal("1.6"))], [(Decimal("100.20"), Decimal("2.0"))])

    assert one.checksum(10) == other.checksum(10) != different.checksum(10)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), max_size=60), st.booleans())
def test_a_side_is_always_sorted_from_its_best_price(levels: list[tuple[int, int]], is_bids: bool) -> None:
    side, truth = BookSide(is_bids=is_bids), dict[int, int]()
    for price, quantity in levels:
        side.apply([(Decimal(price), Decimal(quantity))])
        truth[price] = quantity

    expected = [Level(Decimal(p), Decimal(truth[p])) for p in sorted(truth, reverse=is_bids) if truth[p]]
    assert list(side) == expected
    assert side.best() == (expected[0] if expected else None)


@pytest.mark.parametrize("is_bids", [True, False])
def test_a_price_is_the_same_however_it_is_written(is_bids: bool) -> None:
    side = BookSide(is_bids=is_bids)
    side.replace([(Decimal("64000.1"), Decimal(1)), (Decimal("64000.2"), Decimal(2))])

    side.apply([(Decimal("64000.10"), Decimal(3))])
    assert (len(side), side.quantity(Decimal("64000.100"))) == (2, Decimal(3))

    side.apply([(Decimal("64000.100"), Decimal("0.00")), (Decimal("6.40002E+4"), Decimal("0E-8"))])
    assert (len(side), list(side), side.best()) == (0, [], None)


@pytest.mark.parametrize("is_bids", [True, False])
def test_a_snapshot_leaves_nothing_of_what_stood_before(is_bids: bool) -> None:
    side = BookSide(is_bids=is_bids)
    side.replace([(Decimal(price), Decimal(1)) for price in range(1, 5_000)])

    side.replace([(Decimal(7), Decimal(2)), (Decimal(9), Decimal(0)), (Decimal(8), Decimal(1))])

    expected = [Level(Decimal(7), Decimal(2)), Level(Decimal(8), Decimal(1))]
    assert list(side) == (expected[::-1] if is_bids else expected)


@pytest.mark.parametrize("is_bids", [True, False])
def test_a_snapshot_is_full_by_all_it_has_also_by_levels_on_which_nothing_stands(is_bids: bool) -> None:
    side = BookSide(is_bids=is_bids)
    side.replace([(Decimal(7), Decimal(2)), (Decimal(8), Decimal(0)), (Decimal(9), Decimal(1))], limit=3)
    horizons = [side.horizon]
    side.replace([(Decimal(7), Decimal(0))], limit=1)
    horizons.append(side.horizon)

    assert horizons == [Decimal(7 if is_bids else 9), None]


@pytest.mark.parametrize("word", ["NaN", "sNaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", ["price", "quantity"])
@pytest.mark.parametrize("side", ["bids", "asks"])
def test_what_is_not_finite_never_gets_in(word: str, place: str, side: str) -> None:
    """It could not be found again: a NaN equals nothing, and has no place among prices."""
    procedure = tiny.PRODUCT.order_book
    assert procedure is not None
    level = tiny.Level(**{"price": Decimal(1), "quantity": Decimal(1), place: Decimal(word)})
    sides: dict[str, list[tiny.Level]] = {"bids": [], "asks": [], side: [level]}

    with pytest.raises(DecodeError, match=rf"expected a finite {place}.*{side}\[0\]"):
        read_update(tiny.Depth(event_time=1, first_id=1, final_id=2, previous_id=0, **sides), procedure)
    with pytest.raises(DecodeError, match=rf"expected a finite {place}.*{side}\[0\]"):
        read_snapshot(tiny.Snapshot(last_id=1, **sides), procedure)


def test_a_snapshot_that_was_asked_for_before_a_gap_is_refused() -> None:
    """What was missed may have been the last event for long: nothing would tell that the book is behind."""
    exchange, book = EditedBook(), BookMachine()
    gaps, old = book.gaps, exchange.snapshot()
    exchange.change([(0, 1)], 1)  # came in a form that cannot be read
    book.gap()

    assert not book.snapshot(*old, gaps=gaps)
    assert (book.state, book.snapshot(*exchange.snapshot(), gaps=book.gaps)) == ("waiting", True)
    assert levels_of(book) == exchange.levels
