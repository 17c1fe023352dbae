"""An event follows the one before it where it names its id, `pu`; what its own ids are says nothing."""

from __future__ import annotations

from decimal import Decimal

from specwright.runtime.websocket.book import BookMachine, BookUpdate

PRICE = Decimal(100)


def update(first_id: int, final_id: int, previous_id: int, quantity: int) -> BookUpdate:
    return BookUpdate(first_id, final_id, previous_id, [(PRICE, Decimal(quantity))], [])


def live_book() -> BookMachine:
    """A book whose last event ended at id 105."""
    book = BookMachine()
    book.snapshot(100, [(PRICE, Decimal(1))], [])
    book.event(update(95, 105, 94, quantity=2))
    return book


def test_an_event_that_names_the_last_id_follows_although_ids_are_left_out_between_them() -> None:
    book = live_book()

    assert book.event(update(120, 130, 105, quantity=3))

    assert (book.state, book.last_id, book.bids.quantity(PRICE)) == ("live", 130, Decimal(3))


def test_an_event_that_names_another_id_does_not_follow_although_its_ids_adjoin() -> None:
    book = live_book()

    assert not book.event(update(106, 130, 104, quantity=3))

    assert (book.state, book.last_id, book.bids.quantity(PRICE)) == ("waiting", 105, Decimal(2))
    assert book.resynchronizations == 1


def test_an_event_that_comes_twice_changes_nothing_and_costs_no_snapshot() -> None:
    book = live_book()

    assert not book.event(update(95, 105, 94, quantity=3))

    assert (book.state, book.last_id, book.bids.quantity(PRICE)) == ("live", 105, Decimal(2))
    assert book.resynchronizations == 0
