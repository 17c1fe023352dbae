"""Positions and balances: what is won by one is lost by the other, but for fees."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from specwright.simulator.accounts import MAKER_RATE, TAKER_RATE, Account
from specwright.simulator.instruments import Side, instrument, opposite

BTC = instrument("BTCUSDT")
FILLS = st.lists(
    st.tuples(
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 50).map(lambda steps: steps * BTC.step),
        st.integers(600_000, 700_000).map(lambda ticks: ticks * BTC.tick),
    ),
    max_size=30,
)


def test_profit_is_taken_when_a_position_shrinks() -> None:
    account = Account("key")
    position = account.position(BTC)
    account.settle(position, "BUY", Decimal(2), Decimal(100), False, 1)
    profit, commission = account.settle(position, "SELL", Decimal("0.5"), Decimal(120), True, 2)
    assert (profit, commission, position.amount, position.entry_price) == (
        Decimal(10),
        Decimal("0.5") * 120 * MAKER_RATE,
        Decimal("1.5"),
        Decimal(100),
    )
    assert account.balance("USDT").wallet == 10 - 200 * TAKER_RATE - 60 * MAKER_RATE


def test_a_position_that_turns_round_begins_anew() -> None:
    account = Account("key")
    position = account.position(BTC)
    account.settle(position, "SELL", Decimal(1), Decimal(100), False, 1)
    account.settle(position, "BUY", Decimal(3), Decimal(90), False, 2)
    assert (position.amount, position.entry_price, position.realized) == (Decimal(2), Decimal(90), Decimal(10))


@given(FILLS, st.integers(600_000, 700_000).map(lambda ticks: ticks * BTC.tick))
def test_between_two_traders_no_money_is_made(fills: list[tuple[Side, Decimal, Decimal]], mark: Decimal) -> None:
    first, second, fees = Account("first"), Account("second"), Decimal(0)
    for side, quantity, price in fills:
        fees += first.settle(first.position(BTC), side, quantity, price, True, 1)[1]
        fees += second.settle(second.position(BTC), opposite(side), quantity, price, False, 1)[1]
    worth = sum(account.balance("USDT").wallet + account.position(BTC).unrealized(mark) for account in (first, second))
    assert first.position(BTC).amount == -second.position(BTC).amount
    # Entry prices are quotients; their digits end somewhere.
    assert abs(worth + fees) < Decimal("0.0001")


def test_an_isolated_position_has_its_own_margin() -> None:
    account = Account("key")
    account.balance("USDT").wallet = Decimal(1000)
    settings = account.symbol_settings("BTCUSDT")
    settings.margin_type, settings.leverage = "ISOLATED", 10
    position = account.position(BTC)
    account.settle(position, "BUY", Decimal(1), Decimal(100), True, 1)
    opened = position.isolated_wallet
    account.settle(position, "SELL", Decimal("0.5"), Decimal(100), True, 2)
    halved = position.isolated_wallet
    account.settle(position, "SELL", Decimal("0.5"), Decimal(100), True, 3)
    fee = 100 * MAKER_RATE
    assert (opened, halved, position.isolated_wallet) == (10 - fee, (10 - fee) / 2, Decimal(0))
