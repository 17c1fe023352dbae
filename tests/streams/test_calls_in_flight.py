"""Calls over the WebSocket API that are in flight when their connection goes: each ends, and no order is sent twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from binance_derivatives import AsyncUsdsFutures, WsApiStatistics
from binance_derivatives.errors import CallTimeout, ConnectError, ConnectionLost, ExecutionUnknown
from specwright.simulator import Delay, Drop, ManualClock, Stall

from ..conditions import until
from ..cutting_proxy import CuttingProxy, Limit
from .api_desk import ENDS, ApiDesk
from .tape import SYMBOL

if TYPE_CHECKING:
    from specwright.simulator import Simulator

    from ..cutting_proxy import Direction

STRIDE = 8
"""Bytes between two cuts of a handshake."""
LAST = 4
"""Bytes that end it, each of which is cut off."""


@pytest.fixture
async def desk(exchange: Simulator, client: AsyncUsdsFutures) -> ApiDesk:
    await client.ws_api.market_data.ticker_price(symbol=SYMBOL)
    return ApiDesk(exchange, client)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("executed", [True, False])
async def test_an_order_in_flight_is_unknown_at_once_and_its_fate_is_found_out(
    desk: ApiDesk, end: str, executed: bool
) -> None:
    desk.exchange.faults.add(Stall(executed=executed), operation="new_order")
    order = asyncio.create_task(desk.place("in-flight"))
    await desk.received("new_order", 1)
    ENDS[end](desk.exchange)
    async with asyncio.timeout(2):
        with pytest.raises(ExecutionUnknown) as raised:
            await order
    outcome = await desk.client.trade.resolve(raised.value)

    assert raised.value.client_order_id == "in-flight"
    assert isinstance(raised.value.__cause__, ConnectionLost)
    assert len(desk.sent("new_order")) == 1, "an order is never sent twice"
    assert desk.placed == ["in-flight"] * executed
    assert outcome.state == ("placed" if executed else "absent")


async def test_an_order_gets_an_id_to_ask_about_when_the_caller_gave_none(desk: ApiDesk) -> None:
    desk.exchange.faults.add(Drop(executed=True), operation="new_order")
    with pytest.raises(ExecutionUnknown) as raised:
        await desk.place("", new_client_order_id=None)

    assert desk.placed == [raised.value.client_order_id]
    outcome: Any = await desk.client.trade.resolve(raised.value)
    assert outcome.order.client_order_id == raised.value.client_order_id


@pytest.mark.parametrize("end", ENDS)
async def test_questions_in_flight_are_asked_again_on_the_new_connection(desk: ApiDesk, end: str) -> None:
    desk.exchange.faults.add(Stall(), operation="order_book", times=5)
    books = [asyncio.create_task(desk.client.ws_api.market_data.order_book(symbol=SYMBOL)) for _ in range(5)]
    await desk.received("order_book", 5)
    ENDS[end](desk.exchange)
    async with asyncio.timeout(2):
        answers = await asyncio.gather(*books)

    assert len(desk.sent("order_book")) == 10
    assert {book.last_update_id for book in answers} == {desk.exchange.market(SYMBOL).book.update_id}
    assert desk.exchange.connections["ws_api"] == 1


async def test_a_hundred_mixed_calls_survive_ten_cuts(desk: ApiDesk) -> None:
    """Orders and questions, some of which the exchange lets lie: at each cut every call that is in flight ends."""
    outcomes: dict[str, object] = {}
    questions = 0
    for turn in range(10):
        desk.exchange.limits.forgive()
        desk.exchange.faults.add(Stall(executed=turn % 2 == 0), operation="new_order", times=3, skip=turn % 3)
        desk.exchange.faults.add(Stall(), operation="order_book", times=2, skip=turn % 2)
        names = [f"turn-{turn}-{number}" for number in range(5)]
        orders = [asyncio.create_task(desk.place(name)) for name in names]
        asked = [asyncio.create_task(desk.client.ws_api.market_data.order_book(symbol=SYMBOL)) for _ in range(5)]
        await desk.received("new_order", 5 * (turn + 1))
        await desk.received("order_book", questions + 5)
        desk.exchange.faults.close_sockets("ws_api", None)
        async with asyncio.timeout(5):
            outcomes |= zip(names, await asyncio.gather(*orders, return_exceptions=True), strict=True)
            await asyncio.gather(*asked)
        questions = len(desk.sent("order_book"))
        desk.exchange.faults.clear()

    unknown = {name: error for name, error in outcomes.items() if isinstance(error, ExecutionUnknown)}
    assert [error for error in outcomes.values() if isinstance(error, BaseException)] == list(unknown.values())
    assert 30 <= len(unknown) <= 50, "those that were stalled, and those whose reply the cut caught"
    assert sorted(each.parameters["newClientOrderId"] for each in desk.sent("new_order")) == sorted(outcomes)
    for name, error in unknown.items():
        outcome = await desk.client.trade.resolve(error)
        assert (outcome.state == "placed") is (name in desk.placed), name
    assert set(outcomes) - set(unknown) <= set(desk.placed)


async def test_a_late_reply_is_dropped_and_counted(desk: ApiDesk, clock: ManualClock) -> None:
    desk.exchange.faults.add(Delay(3_000), operation="new_order")
    order = asyncio.create_task(desk.place("late", timeout=2))
    await desk.received("new_order", 1)
    clock.advance(2.5)
    with pytest.raises(ExecutionUnknown) as raised:
        await order
    ws_api = desk.client.ws_api
    assert (ws_api.statistics, desk.placed) == (WsApiStatistics(), [])
    clock.advance(1)
    await until(lambda: ws_api.statistics == WsApiStatistics(late=1))

    assert isinstance(raised.value.__cause__, CallTimeout)
    assert desk.placed == ["late"]
    assert (await desk.client.trade.resolve(raised.value)).state == "placed"


async def test_a_connection_that_stops_answering_ends_its_calls(
    exchange: Simulator, nothing_left: None, options: dict[str, Any], clock: ManualClock
) -> None:
    from .test_lost_connections import IMPATIENT

    async with AsyncUsdsFutures(**{**options, "connection_settings": IMPATIENT}) as client:
        desk = ApiDesk(exchange, client)
        await client.ws_api.market_data.ticker_price(symbol=SYMBOL)
        exchange.faults.stop_answering("ws_api")
        order = asyncio.create_task(desk.place("into-the-void"))
        price = asyncio.create_task(client.ws_api.market_data.ticker_price(symbol=SYMBOL))
        await until(order.done, moving=clock, step=0.001)
        with pytest.raises(ExecutionUnknown) as raised:
            await order
        async with asyncio.timeout(3):
            assert (await price).symbol == SYMBOL
        exchange.faults.close_sockets("ws_api", None)  # The exchange, which reads nothing, would not see them end.

    assert isinstance(raised.value.__cause__, ConnectionLost), "long before the calls' own time was over"
    assert desk.placed == []


@pytest.mark.parametrize("direction", ["to client", "to exchange"])
async def test_calls_made_while_their_handshake_is_cut_anywhere_are_sent_once_or_surely_not(
    exchange: Simulator, nothing_left: None, options: dict[str, Any], direction: Direction
) -> None:
    """Streams and connections without calls, which cost less, are cut at each byte."""
    with CuttingProxy(exchange.ws_api_url) as proxy:
        options |= {"ws_api_url": proxy.url}
        async with AsyncUsdsFutures(**options) as client:
            await ApiDesk(exchange, client).connected()
            length = proxy.handshake(direction)
        counts = sorted({*range(0, length, STRIDE), *range(length - LAST, length)})
        for count in counts:
            exchange.limits.forgive()
            proxy.limits.append(Limit(direction, count))
            async with AsyncUsdsFutures(**options) as client, asyncio.timeout(5):
                await client.warm_up()  # The exchange's time is known: both calls begin by dialling.
                desk = ApiDesk(exchange, client)
                order = asyncio.create_task(desk.place(f"cut-at-{count}"))
                book = asyncio.create_task(client.ws_api.market_data.order_book(symbol=SYMBOL))
                with pytest.raises(ConnectError) as raised:
                    await order
                assert not raised.value.sent
                assert (await book).last_update_id == exchange.market(SYMBOL).book.update_id, "asked on the next one"
                await desk.place(f"again-{count}", time_in_force="IOC")

        assert proxy.accepted == 1 + 2 * len(counts)
    received = [each.parameters["newClientOrderId"] for each in desk.sent("new_order")]
    assert received == [f"again-{count}" for count in counts]
    assert len(desk.sent("order_book")) == len(counts)


async def test_an_order_that_waited_for_its_connection_carries_the_time_at_which_it_is_sent(
    desk: ApiDesk, clock: ManualClock
) -> None:
    """Else the exchange would refuse it for its age, and the clock would be measured for nothing."""
    session = desk.client._websockets.caller.session
    await desk.client.warm_up()
    desk.exchange.faults.refuse_handshakes(503, server="ws_api", headers={"Retry-After": "5"})
    desk.exchange.faults.close_sockets("ws_api", None)
    await until(lambda: session.leg is None and (session.deadline() or 0.0) > clock.now_ms() / 1000)
    order = asyncio.create_task(desk.place("patient", recv_window=1_000))
    await until(order.done, moving=clock, step=1.0)

    assert (await order).client_order_id == "patient"
    assert len(desk.sent("new_order")) == 1, "it was taken at once"


# --- The day's end of a connection ------------------------------------------------------------------------------------


async def test_before_the_cut_calls_move_to_a_new_connection_and_the_old_one_waits_for_its_replies(
    desk: ApiDesk, clock: ManualClock
) -> None:
    session = desk.client._websockets.caller.session
    clock.advance(hours=23, minutes=39)
    desk.exchange.faults.add(Delay(12 * 60_000 + 5_000), operation="order_book")
    slow = asyncio.create_task(desk.client.ws_api.market_data.order_book(symbol=SYMBOL, timeout=30 * 60))
    await desk.received("order_book", 1)
    clock.advance(minutes=12)
    await until(lambda: session.leg is not None and session.leg.number == 2)
    await desk.place("over-the-new-one")
    clock.advance(5)
    book = await asyncio.wait_for(slow, 5)
    await until(lambda: desk.exchange.connections["ws_api"] == 1)

    assert book.last_update_id == desk.exchange.market(SYMBOL).book.update_id
    assert len(desk.sent("order_book")) == 1
    assert desk.placed == ["over-the-new-one"]
    assert desk.client.ws_api.statistics == WsApiStatistics()


async def test_calls_after_the_24_hour_cut_are_answered(desk: ApiDesk, clock: ManualClock) -> None:
    desk.exchange.faults.refuse_handshakes(503, server="ws_api", times=2)
    clock.advance(hours=24, minutes=1)
    async with asyncio.timeout(5):
        assert (await desk.client.ws_api.market_data.ticker_price(symbol=SYMBOL)).symbol == SYMBOL
        await desk.place("a-new-day")

    assert desk.placed == ["a-new-day"]
