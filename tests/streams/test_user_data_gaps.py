"""Whatever becomes of a user data stream, its consumer's picture of the account is right again afterwards."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from binance_derivatives import AsyncUsdsFutures, Reconnected, Resynchronized, UsdsFutures
from binance_derivatives.errors import AuthenticationError
from specwright.simulator import Delay, Drop, ManualClock, Stall, malformed, unavailable
from specwright.simulator.faults import Reply

from .account_mirror import AccountMirror, account_of
from .reader import Reader, until
from .tape import SYMBOL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from specwright.simulator import Simulator


@define
class Desk:
    """An account that is traded from elsewhere, and a consumer that follows it by its stream."""

    exchange: Simulator
    elsewhere: UsdsFutures
    """Another client of the account. While it works the consumer's own stands still, so what it does is in the gap."""
    reader: Reader
    begun: int = 0
    """Items that had been delivered when the test began."""
    _names: Iterator[int] = field(factory=itertools.count)

    def trade(self) -> None:
        """Leaves orders resting and waiting, fills some and cancels some, changes positions, and moves money."""
        turn = next(self._names)
        price = self.exchange.market(SYMBOL).last_price.quantize(Decimal("0.1"))
        orders = self.elsewhere.trade
        for number in range(3):
            orders.new_order(
                symbol=SYMBOL,
                side="BUY",
                type="LIMIT",
                time_in_force="GTC",
                quantity="0.010",
                price=price - 1_000 - number,
                new_client_order_id=f"resting-{turn}-{number}",
            )
        orders.cancel_order(symbol=SYMBOL, orig_client_order_id=f"resting-{turn}-1")
        orders.new_algo_order(
            algo_type="CONDITIONAL",
            symbol=SYMBOL,
            side="SELL",
            type="STOP_MARKET",
            quantity="0.010",
            trigger_price=price - 5_000,
            client_algo_id=f"stop-{turn}",
        )
        side: Any = "BUY" if turn % 3 else "SELL"
        orders.new_order(symbol=SYMBOL, side=side, type="MARKET", quantity="0.020")
        if turn % 2:
            orders.new_order(symbol="ETHUSDT", side=side, type="MARKET", quantity="0.5")
            orders.cancel_order(symbol=SYMBOL, orig_client_order_id=f"resting-{turn - 1}-0")
            orders.cancel_algo_order(client_algo_id=f"stop-{turn - 1}")
        self.exchange.transfer(10 + turn)

    async def in_step(self) -> None:
        """Waits until the consumer's picture is the exchange's account."""
        account = account_of(self.exchange)
        await self.reader.until(lambda: AccountMirror.of(self.reader.items) == account)

    @property
    def items(self) -> list[Any]:
        """What was delivered since the test began."""
        return self.reader.items[self.begun :]


@pytest.fixture(params=["rest", "ws_api"])
def via(request: pytest.FixtureRequest) -> Any:
    """How the consumer's listen key is made and renewed."""
    return request.param


@pytest.fixture
async def desk(exchange: Simulator, client: AsyncUsdsFutures, options: dict[str, Any], via: Any) -> AsyncIterator[Desk]:
    with UsdsFutures(**{**options, "connection_settings": None}) as elsewhere:
        async with Reader(client.user_data(via=via)) as reader:
            desk = Desk(exchange, elsewhere, reader)
            # The first picture: what came before the stream is not told by it.
            exchange.faults.close_sockets("streams", None)
            desk.trade()
            await reader.take(Resynchronized)
            await desk.in_step()
            desk.trade()
            await desk.in_step()
            desk.begun = len(reader.items)
            yield desk


def cut(desk: Desk, clock: ManualClock) -> None:
    desk.exchange.faults.close_sockets("streams", None)


def closed(desk: Desk, clock: ManualClock) -> None:
    desk.exchange.faults.close_sockets("streams", 1001)


def key_expired(desk: Desk, clock: ManualClock) -> None:
    desk.exchange.faults.expire_listen_key()


def everything_cut(desk: Desk, clock: ManualClock) -> None:
    """The connection by which the key is renewed, too."""
    desk.exchange.faults.close_sockets(None, None)


def key_expired_while_cut(desk: Desk, clock: ManualClock) -> None:
    desk.exchange.faults.close_sockets("streams", None)
    desk.exchange.faults.expire_listen_key()


def key_expired_while_everything_was_cut(desk: Desk, clock: ManualClock) -> None:
    desk.exchange.faults.close_sockets(None, None)
    desk.exchange.faults.expire_listen_key()


def renewal_due_while_everything_was_cut(desk: Desk, clock: ManualClock) -> None:
    clock.advance(minutes=26)
    desk.exchange.faults.close_sockets(None, None)
    desk.exchange.faults.expire_listen_key()


def key_closed_by_somebody(desk: Desk, clock: ManualClock) -> None:
    """Nothing is said of it: the next renewal finds out, by error -1125."""
    desk.elsewhere.user_data_streams.close_user_data_stream()
    clock.advance(minutes=26)


def renewals_unanswered_for_an_hour(desk: Desk, clock: ManualClock) -> None:
    """The clock jumps: the key has run out before anything could renew it."""
    clock.advance(minutes=61)


def day_over(desk: Desk, clock: ManualClock) -> None:
    clock.advance(hours=24, minutes=1)


TROUBLES = [
    cut,
    closed,
    everything_cut,
    key_expired,
    key_expired_while_cut,
    key_expired_while_everything_was_cut,
    renewal_due_while_everything_was_cut,
    key_closed_by_somebody,
    renewals_unanswered_for_an_hour,
    day_over,
]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_after_a_gap_the_picture_is_right_again(
    desk: Desk, clock: ManualClock, trouble: Callable[[Desk, ManualClock], None]
) -> None:
    desk.exchange.limits.forgive()
    told = len(desk.reader.of(Resynchronized))
    trouble(desk, clock)
    desk.trade()
    await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()
    desk.trade()
    await desk.in_step()

    kinds = [type(item) for item in desk.items]
    gap, state = kinds.index(Reconnected), kinds.index(Resynchronized)
    between = set(kinds[gap:state])
    assert between == {Reconnected}, "no event comes between a gap and the state after it"


async def test_troubles_in_a_row(desk: Desk, clock: ManualClock) -> None:
    for turn, trouble in enumerate([*TROUBLES, *reversed(TROUBLES)]):
        desk.exchange.limits.forgive()
        told = len(desk.reader.of(Resynchronized))
        trouble(desk, clock)
        desk.trade()
        await desk.reader.take(Resynchronized, told + 1)
        await desk.in_step()
        assert desk.reader.stream.statistics.reconnects >= turn + 1

    assert desk.exchange.connections["streams"] == 1


FAILURES: dict[str, Any] = {
    "unavailable": unavailable(),
    "connection cut": Drop(),
    "no JSON": malformed('{"listenKey"'),
    "too many requests": Reply(429, '{"code":-1003,"msg":"Too many requests"}', {"Retry-After": "1"}),
    "the key is unknown": Reply(400, '{"code":-1125,"msg":"This listenKey does not exist."}'),
}


@pytest.mark.parametrize("via", ["rest"], indirect=True)
@pytest.mark.parametrize("failure", FAILURES)
async def test_renewals_that_fail(desk: Desk, clock: ManualClock, failure: str) -> None:
    keeper = desk.reader.stream.keeper
    renewals, failed = keeper.renewals + keeper.replacements, keeper.failed_requests
    desk.exchange.faults.add(FAILURES[failure], operation="keepalive_user_data_stream", times=5)
    clock.advance(minutes=26)
    await until(lambda: keeper.renewals + keeper.replacements > renewals, moving=clock)
    desk.trade()
    await desk.in_step()

    assert keeper.failed_requests > failed


@pytest.mark.parametrize("via", ["rest"], indirect=True)
async def test_renewals_that_are_answered_without_the_key(desk: Desk, clock: ManualClock) -> None:
    keeper = desk.reader.stream.keeper
    key, renewals = keeper.key, keeper.renewals
    desk.exchange.faults.add(Reply(200, "{}", executed=True), operation="keepalive_user_data_stream")
    clock.advance(minutes=26)
    await until(lambda: keeper.renewals > renewals)
    desk.trade()
    await desk.in_step()

    assert keeper.key == key
    assert desk.items == [item for item in desk.items if not isinstance(item, Reconnected)]


TROUBLED_STATES: dict[str, Any] = {
    "unavailable": unavailable(),
    "connection cut": Drop(),
    "no JSON": malformed('[{"symbol":"BTCUS'),
    "a proxy's page": Reply(200, "<html><title>Login</title></html>"),
    "timestamp refused": Reply(400, '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}'),
    "firewall": Reply(403, "<html><title>403 Forbidden</title></html>"),
}


@pytest.mark.parametrize("via", ["rest"], indirect=True)
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


@pytest.mark.parametrize("via", ["rest"], indirect=True)
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


@pytest.mark.parametrize("via", ["rest"], indirect=True)
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


@pytest.mark.parametrize("via", ["rest"], indirect=True)
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


@pytest.mark.parametrize("via", ["rest"], indirect=True)
async def test_refused_handshakes_lead_to_another_key(desk: Desk) -> None:
    told, keeper = len(desk.reader.of(Resynchronized)), desk.reader.stream.keeper
    desk.exchange.faults.refuse_handshakes(401, times=2)
    desk.exchange.faults.close_sockets("streams", None)
    desk.trade()
    await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()

    assert keeper.replacements >= 1


async def test_leaving_one_of_two_streams_leaves_the_other_one_its_key(desk: Desk, client: AsyncUsdsFutures) -> None:
    async with Reader(client.user_data()):
        desk.trade()
    desk.trade()
    await desk.in_step()

    assert not [item for item in desk.items if isinstance(item, Reconnected)]


async def test_leaving_closes_the_listen_key(
    exchange: Simulator, client: AsyncUsdsFutures, nothing_left: None, via: Any
) -> None:
    async with Reader(client.user_data(via=via)) as reader:
        assert exchange.exchange.listen_keys.find(reader.stream.keeper.key) is not None

    assert exchange.exchange.listen_keys.of(exchange.account()) is None
