"""The state behind a gap is fetched whatever it takes, and with the events since makes the picture right."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, Reconnected, Resynchronized
from binance_derivatives.errors import AuthenticationError
from specwright.simulator import Delay, Drop, ManualClock, Stall, malformed, unavailable
from specwright.simulator.faults import Reply

from ..conditions import until
from .account_mirror import AccountMirror, account_of
from .reader import Reader

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from .trading_desk import Desk


@pytest.fixture
def via() -> str:
    """The state is fetched over REST whichever way the key is renewed; one of them will do."""
    return "rest"


TROUBLED_STATES: dict[str, Any] = {
    "unavailable": unavailable(),
    "connection cut": Drop(),
    "no JSON": malformed('[{"symbol":"BTCUS'),
    "a proxy's page": Reply(200, "<html><title>Login</title></html>"),
    "timestamp refused": Reply(400, '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}'),
    "firewall": Reply(403, "<html><title>403 Forbidden</title></html>"),
    "a proxy that knows no such page": Reply(404, "<html><title>404 Not Found</title></html>"),
    "restricted location": Reply(451, '{"code":0,"msg":"Service unavailable from a restricted location"}'),
    "null": Reply(200, "null"),
    "acknowledgement": Reply(200, '{"code":200,"msg":"ok"}'),
    "text": Reply(200, '""'),
    "numbers": Reply(200, "[1]"),
    "list of acknowledgements": Reply(200, '[{"code":200,"msg":"ok"}]'),
}


@pytest.mark.parametrize("trouble", TROUBLED_STATES)
async def test_a_state_that_cannot_be_fetched_at_first(desk: Desk, clock: ManualClock, trouble: str) -> None:
    told = len(desk.reader.of(Resynchronized))
    # More of them than one call of the operation repeats by itself.
    desk.exchange.faults.add(TROUBLED_STATES[trouble], operation="current_all_open_orders", times=6)
    desk.exchange.faults.add(TROUBLED_STATES[trouble], operation="position_information_v3", times=2)
    desk.exchange.faults.close_sockets("streams", None)
    desk.trade()
    await desk.reader.take(Reconnected)
    desk.trade()

    await until(lambda: len(desk.reader.of(Resynchronized)) > told, moving=clock)
    await desk.in_step()


async def test_a_state_whose_fields_have_drifted_heals_all_the_same(
    exchange: Simulator, client: AsyncUsdsFutures, nothing_left: None
) -> None:
    drifted = Reply(200, '[{"orderId":"7","price":1.5,"clientOrderId":["mine"],"brandNew":{"a":null}}]')
    exchange.faults.add(drifted, operation="current_all_open_orders")
    async with Reader(client.user_data()) as reader:
        exchange.faults.close_sockets("streams", None)
        *_, state = await reader.take(Resynchronized)

    (order,) = state.open_orders
    assert (order.order_id, order.price, order.client_order_id, order.status) == (7, Decimal("1.5"), ["mine"], None)


async def test_a_state_that_is_refused_for_good_ends_the_stream(
    exchange: Simulator, client: AsyncUsdsFutures, nothing_left: None
) -> None:
    refusal = Reply(401, '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action"}')
    exchange.faults.add(refusal, operation="current_all_open_orders")
    with pytest.raises(AuthenticationError):
        async with Reader(client.user_data()) as reader:
            exchange.faults.close_sockets("streams", None)
            await reader.take(Resynchronized)

    assert [type(item) for item in reader.items] == [Reconnected]


async def test_events_that_are_older_than_the_state_can_be_told_and_do_no_harm(desk: Desk, clock: ManualClock) -> None:
    """The first attempt at the state fails late: what happens meanwhile is in the state that the second one gets."""
    told = len(desk.reader.of(Resynchronized))
    desk.exchange.faults.add(Delay(1_000), operation="current_all_open_orders")
    desk.exchange.faults.add(unavailable(), operation="position_information_v3", times=4)
    desk.exchange.faults.close_sockets("streams", None)
    await until(lambda: desk.exchange.requests[-1].operation == "current_all_open_orders")
    desk.trade()
    clock.advance(1)
    *_, state = await desk.reader.take(Resynchronized, told + 1)
    assert account_of(desk.exchange) == AccountMirror.of(desk.reader.items[: desk.reader.items.index(state) + 1])
    await desk.in_step()
    clock.advance(1)
    desk.trade()
    await desk.in_step()

    behind = desk.reader.items[desk.reader.items.index(state) + 1 :]
    is_old = [event.event_time < state.asked_at for event in behind]
    assert is_old == sorted(is_old, reverse=True)
    assert 0 < is_old.count(True) < len(is_old)


async def test_what_happens_between_the_parts_of_the_state_is_not_lost(desk: Desk, clock: ManualClock) -> None:
    """Orders, positions and balances are of different moments: the events since make them one."""
    told = len(desk.reader.of(Resynchronized))
    parts = ["current_all_open_orders", "position_information_v3", "futures_account_balance_v3"]
    for part in parts:
        desk.exchange.faults.add(Delay(1_000), operation=part)
    desk.exchange.faults.close_sockets("streams", None)
    for part in parts:
        await until(lambda part=part: desk.exchange.requests[-1].operation == part)  # type: ignore[misc]
        desk.trade()
        clock.advance(1)
    *_, state = await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()

    assert account_of(desk.exchange) != AccountMirror.of(desk.reader.items[: desk.reader.items.index(state) + 1])


async def test_a_second_gap_while_the_state_of_the_first_is_fetched(desk: Desk) -> None:
    told = len(desk.reader.of(Resynchronized))
    desk.exchange.faults.add(Stall(), operation="futures_account_balance_v3")
    desk.exchange.faults.close_sockets("streams", None)
    desk.trade()
    await until(lambda: desk.exchange.requests[-1].operation == "futures_account_balance_v3")
    desk.exchange.faults.close_sockets("streams", None)
    desk.trade()
    await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()

    assert [type(item) for item in desk.items].count(Resynchronized) == 1
