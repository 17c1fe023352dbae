"""Whatever becomes of a user data stream, its consumer's picture of the account is right again afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import Reconnected, Resynchronized
from specwright.simulator import Drop, ManualClock, malformed, unavailable
from specwright.simulator.faults import Reply

from ..conditions import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from .trading_desk import Desk


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
    clock.advance(minutes=6)
    desk.exchange.faults.close_sockets(None, None)
    desk.exchange.faults.expire_listen_key()


def key_closed_by_somebody(desk: Desk, clock: ManualClock) -> None:
    """Nothing is said of it: the next renewal finds out, by error -1125."""
    desk.elsewhere.user_data_streams.close_user_data_stream()
    clock.advance(minutes=6)


def key_replaced_by_somebody(desk: Desk, clock: ManualClock) -> None:
    """Nothing is said of it either, and renewals go on: they renew the other key, which their answers name."""
    desk.elsewhere.user_data_streams.close_user_data_stream()
    desk.elsewhere.user_data_streams.start_user_data_stream()
    clock.advance(minutes=6)


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
    key_replaced_by_somebody,
    renewals_unanswered_for_an_hour,
    day_over,
]


async def get_over(trouble: Callable[[Desk, ManualClock], None], desk: Desk, clock: ManualClock) -> None:
    """Something happens to the stream, a trade while it does, and the account is fetched anew."""
    desk.exchange.limits.forgive()
    told = len(desk.reader.of(Resynchronized))
    trouble(desk, clock)
    desk.trade()
    await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_after_a_gap_the_picture_is_right_again(
    desk: Desk, clock: ManualClock, trouble: Callable[[Desk, ManualClock], None]
) -> None:
    await get_over(trouble, desk, clock)
    desk.trade()
    await desk.in_step()

    kinds = [type(item) for item in desk.items]
    gap, state = kinds.index(Reconnected), kinds.index(Resynchronized)
    between = set(kinds[gap:state])
    assert between == {Reconnected}, "no event comes between a gap and the state after it"


async def test_troubles_in_a_row(desk: Desk, clock: ManualClock) -> None:
    for turn, trouble in enumerate([*TROUBLES, *reversed(TROUBLES)]):
        await get_over(trouble, desk, clock)
        assert desk.reader.stream.statistics.reconnects >= turn + 1

    assert desk.exchange.connections["streams"] == 1


FAILURES: dict[str, Any] = {
    "unavailable": unavailable(),
    "connection cut": Drop(),
    "no JSON": malformed('{"listenKey"'),
    "too many requests": Reply(429, '{"code":-1003,"msg":"Too many requests"}', {"Retry-After": "1"}),
    "the key is unknown": Reply(400, '{"code":-1125,"msg":"This listenKey does not exist."}'),
    "refused for no known reason": Reply(400, '{"code":-4000,"msg":"odd"}'),
    "the API key is refused": Reply(401, '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'),
}


@pytest.mark.parametrize("via", ["rest"], indirect=True)
@pytest.mark.parametrize("failure", FAILURES)
async def test_renewals_that_fail(desk: Desk, clock: ManualClock, failure: str) -> None:
    keeper = desk.reader.stream.keeper
    renewals, failed = keeper.renewals + keeper.replacements, keeper.failed_requests
    desk.exchange.faults.add(FAILURES[failure], operation="keepalive_user_data_stream", times=5)
    clock.advance(minutes=6)
    await until(lambda: keeper.renewals + keeper.replacements > renewals, moving=clock)
    desk.trade()
    await desk.in_step()

    assert keeper.failed_requests > failed


@pytest.mark.parametrize("via", ["rest"], indirect=True)
async def test_renewals_that_are_answered_without_the_key(desk: Desk, clock: ManualClock) -> None:
    keeper = desk.reader.stream.keeper
    key, renewals = keeper.key, keeper.renewals
    desk.exchange.faults.add(Reply(200, "{}", executed=True), operation="keepalive_user_data_stream")
    clock.advance(minutes=6)
    await until(lambda: keeper.renewals > renewals)
    desk.trade()
    await desk.in_step()

    assert keeper.key == key
    assert desk.items == [item for item in desk.items if not isinstance(item, Reconnected)]


@pytest.mark.parametrize("via", ["rest"], indirect=True)
async def test_refused_handshakes_lead_to_another_key(desk: Desk) -> None:
    told, keeper = len(desk.reader.of(Resynchronized)), desk.reader.stream.keeper
    desk.exchange.faults.refuse_handshakes(401, times=2)
    desk.exchange.faults.close_sockets("streams", None)
    desk.trade()
    await desk.reader.take(Resynchronized, told + 1)
    await desk.in_step()

    assert keeper.replacements >= 1
