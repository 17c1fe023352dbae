"""How wire names become Python names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwright.spec.names import class_name, constant_name, snake_case


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("lastUpdateId", "last_update_id"),
        ("quoteQty", "quote_qty"),
        ("totalCrossUnPnl", "total_cross_un_pnl"),
        ("isolatedMargin", "isolated_margin"),
        ("symbol", "symbol"),
        ("isRPITrade", "is_rpi_trade"),
        ("maxWithdrawAmountUSD", "max_withdraw_amount_usd"),
        ("CMCCirculatingSupply", "cmc_circulating_supply"),
        ("avgCostTimestampOfLast30d", "avg_cost_timestamp_of_last_30d"),
        ("ticker24hr", "ticker_24hr"),
        ("24hrTicker", "24hr_ticker"),
        ("volume24H", "volume_24h"),
        ("accountV2", "account_v2"),
        ("Ed25519", "ed25519"),
        ("ORDER_TRADE_UPDATE", "order_trade_update"),
        ("KR_EquityUpdate", "kr_equity_update"),
        ("account.position", "account_position"),
        ("a", "a"),
    ],
)
def test_a_python_name_is_derived_from_the_wire_name(wire: str, python: str) -> None:
    assert snake_case(wire) == python


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order_book", "OrderBook"),
        ("ORDER_TRADE_UPDATE", "OrderTradeUpdate"),
        ("listenKeyExpired", "ListenKeyExpired"),
        ("ticker_24hr", "Ticker24hr"),
        ("account_information_v2", "AccountInformationV2"),
    ],
)
def test_a_class_name_is_derived_from_any_convention(name: str, expected: str) -> None:
    assert class_name(name) == expected


def test_a_constant_name_is_the_snake_case_name_in_capitals() -> None:
    assert constant_name("order_book") == "ORDER_BOOK"


@given(st.text())
def test_a_derived_name_has_only_identifier_characters(name: str) -> None:
    derived = snake_case(name)
    assert not derived or ("_" + derived).isidentifier()
    assert derived.isascii()
    assert derived == derived.lower()


@given(st.from_regex(r"[A-Za-z0-9_]{1,20}", fullmatch=True))
def test_deriving_twice_changes_nothing(name: str) -> None:
    assert snake_case(snake_case(name)) == snake_case(name)


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=5))
def test_camel_case_keeps_every_word(parts: list[str]) -> None:
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    assert snake_case(camel) == "_".join(parts)
