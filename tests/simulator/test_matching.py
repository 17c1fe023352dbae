"""The order book: price-time priority, and nothing gained or lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.simulator.matching import OrderBook, RestingOrder, SelfTradePrevention

if TYPE_CHECKING:
    from specwright.simulator.instruments import Side

SIDES: st.SearchStrategy[Side] = st.sampled_from(["BUY", "SELL"])
ORDERS = st.tuples(SIDES, st.integers(95, 105).map(Decimal), st.integers(1, 9).map(Decimal), st.sampled_from("abc"))


def place(book: OrderBook, number: int, side: Side, price: Decimal, quantity: Decimal, party: str) -> Decimal:
    """Trades an order and rests what is left; how much was traded."""
    match = book.match(side, quantity, price, party)
    if match.remaining:
        book.rest(RestingOrder(number, side, price, match.remaining, party))
    return sum((fill.quantity for fill in match.fills), Decimal(0))


@given(st.lists(ORDERS, max_size=40))
def test_every_quantity_is_either_traded_or_resting(orders: list[tuple[Side, Decimal, Decimal, str]]) -> None:
    book = OrderBook()
    traded = sum((place(book, number, *order) for number, order in enumerate(orders)), Decimal(0))
    resting = sum((quantity for side in ("BUY", "SELL") for _, quantity in book.levels(side)), Decimal(0))
    assert resting + 2 * traded == sum((order[2] for order in orders), Decimal(0))


@given(st.lists(ORDERS, max_size=40))
def test_the_book_is_never_crossed_and_its_levels_are_sorted(orders: list[tuple[Side, Decimal, Decimal, str]]) -> None:
    book = OrderBook()
    for number, order in enumerate(orders):
        place(book, number, *order)
        bids, asks = [price for price, _ in book.levels("BUY")], [price for price, _ in book.levels("SELL")]
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert not bids or not asks or bids[0] < asks[0]


@given(st.lists(ORDERS, max_size=30), ORDERS)
def test_a_taker_meets_the_best_price_first_and_at_one_price_the_oldest_order(
    orders: list[tuple[Side, Decimal, Decimal, str]], taker: tuple[Side, Decimal, Decimal, str]
) -> None:
    book = OrderBook()
    for number, order in enumerate(orders):
        place(book, number, *order)
    side, price, quantity, _ = taker
    fills = book.match(side, quantity, price).fills
    direction = 1 if side == "BUY" else -1
    priorities = [(direction * fill.price, fill.maker_order_id) for fill in fills]
    assert priorities == sorted(priorities)


@given(st.lists(ORDERS, max_size=30))
def test_the_changes_told_rebuild_the_book(orders: list[tuple[Side, Decimal, Decimal, str]]) -> None:
    book, numbers = OrderBook(), list[int]()
    copy: dict[Side, dict[Decimal, Decimal]] = {"BUY": {}, "SELL": {}}

    def note(side: Side, price: Decimal, quantity: Decimal) -> None:
        numbers.append(book.update_id)
        copy[side][price] = quantity

    book.listen(note)
    for number, order in enumerate(orders):
        place(book, number, *order)
        if number % 3 == 0:
            book.cancel(number - 1)
    assert numbers == list(range(1, len(numbers) + 1))
    for side in copy:
        assert {price: quantity for price, quantity in copy[side].items() if quantity} == dict(book.levels(side))


def test_a_reduced_order_keeps_its_place_in_the_queue() -> None:
    book = OrderBook()
    for number in (1, 2):
        book.rest(RestingOrder(number, "SELL", Decimal(100), Decimal(5)))
    book.reduce(1, Decimal(4))
    assert [(fill.maker_order_id, fill.quantity) for fill in book.match("BUY", Decimal(2)).fills] == [
        (1, Decimal(1)),
        (2, Decimal(1)),
    ]


@pytest.mark.parametrize(
    ("prevention", "makers_left", "traded", "taker_expired"),
    [
        ("NONE", [], 3, False),
        ("EXPIRE_TAKER", ["own", "theirs"], 0, True),
        ("EXPIRE_MAKER", [], 2, False),
        ("EXPIRE_BOTH", ["theirs"], 0, True),
    ],
)
def test_who_gives_way_when_a_trader_would_meet_himself(
    prevention: SelfTradePrevention, makers_left: list[str], traded: int, taker_expired: bool
) -> None:
    book = OrderBook()
    book.rest(RestingOrder(1, "SELL", Decimal(100), Decimal(1), "own"))
    book.rest(RestingOrder(2, "SELL", Decimal(100), Decimal(2), "theirs"))
    match = book.match("BUY", Decimal(3), None, "own", prevention)
    left = [order.party for order in map(book.order, (1, 2)) if order is not None]
    assert (left, sum(fill.quantity for fill in match.fills), match.taker_expired) == (
        makers_left,
        traded,
        taker_expired,
    )


def test_an_order_that_would_trade_does_not_rest() -> None:
    book = OrderBook()
    book.rest(RestingOrder(1, "SELL", Decimal(100), Decimal(1)))
    with pytest.raises(ValueError, match="cannot rest"):
        book.rest(RestingOrder(2, "BUY", Decimal(100), Decimal(1)))
