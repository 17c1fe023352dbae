"""Walking pages gives every item once, however the exchange cuts its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from specwright.runtime.errors import ConfigurationError, ConnectionLost, InvalidParameter
from specwright.runtime.operation import Carrier, Condition, FixedWeight, Operation, Paging, Param, Rule
from specwright.runtime.paging import AsyncPages, Pages, PagingError, Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW = 1_000
MOST = 8
"""Items per page that the exchange allows."""
REACH = 900


@frozen
class Trade:
    id: int
    time: int


@define
class Clock:
    now: int = NOW

    def now_ms(self) -> int:
        return self.now


@define
class Flow:
    clock: Clock = field(factory=Clock)


@define
class Exchange:
    """Keeps trades and gives them in pages, cut as one of the ways that exchanges have."""

    trades: Sequence[Trade]
    keeps: Literal["earliest", "latest"] = "earliest"
    includes_id: bool = True
    longest_window: int | None = None
    flow: Flow = field(factory=Flow)
    calls: list[dict[str, object]] = field(factory=list)
    lost_calls: int = 0

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> list[Trade]:
        self.calls.append(dict(arguments))
        if self.lost_calls:
            self.lost_calls -= 1
            raise ConnectionLost("the connection ended")
        limit = _int(arguments.get("limit", 500))
        if "from_id" in arguments:
            assert "start_time" not in arguments, "an id and times exclude each other"
            first = _int(arguments["from_id"])
            found = [each for each in self.trades if each.id > first or (self.includes_id and each.id == first)]
            return sorted(found, key=lambda each: each.id)[:limit]
        start, end = _int(arguments["start_time"]), _int(arguments.get("end_time", self.flow.clock.now))
        if self.longest_window is not None:
            assert end - start <= self.longest_window, "the window is longer than the exchange allows"
        found = sorted((each for each in self.trades if start <= each.time <= end), key=lambda each: each.time)
        return found[:limit] if self.keeps == "earliest" else found[-limit:]


@define
class AsyncExchange:
    exchange: Exchange

    @property
    def flow(self) -> Flow:
        return self.exchange.flow

    async def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        *,
        timeout: float | None = None,
        recv_window: int | None = None,
    ) -> list[Trade]:
        return self.exchange.call(operation, arguments, timeout=timeout, recv_window=recv_window)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def operation(*, ids: bool, times: bool, window: int | None = None, reach: int | None = None) -> Operation:
    params = [
        Param(wire="symbol", python="symbol", kind="string"),
        Param(wire="limit", python="limit", kind="int", default=4, maximum=MOST),
        Param(wire="fromId", python="from_id", kind="int"),
        Param(wire="startTime", python="start_time", kind="timestamp"),
        Param(wire="endTime", python="end_time", kind="timestamp"),
    ]
    paging = Paging(
        limit="limit",
        id_param="from_id" if ids else None,
        id_field="id" if ids else None,
        start_param="start_time" if times else None,
        end_param="end_time" if times else None,
        time_field="time" if times else None,
        window_ms=window,
        reach_ms=reach,
    )
    carrier = Carrier(
        method="GET", path="/trades", params=tuple(params), costs={"weight": FixedWeight(1)}, returns=lambda: None
    )
    return Operation(id="trades", group="market", security="NONE", retry="safe", rest=carrier, pages=paging)


def trades_at(times: Sequence[int]) -> list[Trade]:
    """Trades with rising ids, as an exchange numbers them."""
    return [Trade(id=10 + place, time=time) for place, time in enumerate(sorted(times))]


moments = st.one_of(st.integers(200, NOW - 1), st.sampled_from([300, 301, 500, 999]))
histories = st.lists(moments, max_size=60).map(trades_at)
windows = st.sampled_from([None, 1, 7, 100, 400])
keeping = st.sampled_from(["earliest", "latest"])


def crowded(trades: Sequence[Trade]) -> bool:
    """Whether one millisecond has as many trades as a page: no walk by time can know that it saw all of them."""
    times = [each.time for each in trades]
    return any(times.count(time) >= MOST for time in times)


@given(histories, st.booleans(), st.integers(1, MOST))
def test_a_walk_by_id_gives_every_item_once(trades: list[Trade], includes_id: bool, limit: int) -> None:
    exchange = Exchange(trades, includes_id=includes_id)

    walked = list(Pages[Trade](exchange, operation(ids=True, times=False), {"symbol": "BTCUSDT", "limit": limit}))

    assert walked == trades


@given(histories, keeping, windows, st.integers(1, MOST))
@settings(max_examples=300)
def test_a_walk_by_time_gives_every_item_once(
    trades: list[Trade], keeps: Literal["earliest", "latest"], window: int | None, limit: int
) -> None:
    exchange = Exchange(trades, keeps, longest_window=window)
    arguments = {"start_time": 190, "limit": limit}

    try:
        walked = list(Pages[Trade](exchange, operation(ids=False, times=True, window=window), arguments))
    except PagingError:
        assert crowded(trades)
    else:
        assert walked == trades


@given(histories, keeping, windows, st.booleans(), st.integers(1, MOST))
@settings(max_examples=300)
def test_a_walk_by_time_and_id_gives_every_item_of_the_asked_time_once(
    trades: list[Trade], keeps: Literal["earliest", "latest"], window: int | None, includes_id: bool, limit: int
) -> None:
    exchange = Exchange(trades, keeps, includes_id=includes_id, longest_window=window)
    arguments = {"start_time": 301, "end_time": 900, "limit": limit}

    try:
        walked = list(Pages[Trade](exchange, operation(ids=True, times=True, window=window), arguments))
    except PagingError:
        assert crowded(trades)
    else:
        assert walked == [each for each in trades if 301 <= each.time <= 900]


@given(histories, keeping, windows, st.booleans(), st.data())
def test_a_walk_resumed_in_another_process_misses_and_repeats_nothing(
    trades: list[Trade], keeps: Literal["earliest", "latest"], window: int | None, ids: bool, data: st.DataObject
) -> None:
    if crowded(trades):
        trades = trades_at(sorted({each.time for each in trades}))
    pages = Pages[Trade](
        Exchange(trades, keeps, longest_window=window),
        operation(ids=ids, times=True, window=window),
        {"start_time": 190, "limit": 5},
    )
    taken = [next(pages) for _ in range(data.draw(st.integers(0, len(trades))))]
    stored = pages.position

    resumed = list(pages.resume(stored))

    assert taken + resumed == trades


def test_ids_need_no_windows_once_the_first_item_is_found() -> None:
    exchange = Exchange(trades_at([500, 510, 905]), longest_window=100)

    walked = list(Pages[Trade](exchange, operation(ids=True, times=True, window=100), {"start_time": 420, "limit": 5}))

    assert walked == exchange.trades
    assert exchange.calls == [
        {"start_time": 420, "end_time": 520, "limit": 5},
        {"from_id": 11, "limit": 5},
    ]


def test_times_are_kept_where_a_rule_forbids_the_id_without_a_symbol() -> None:
    exchange = Exchange(trades_at([500, 510, 905]), longest_window=300)
    needs_symbol = Rule("require", (("symbol",),), when=Condition({"from_id": ()}))
    walked_operation = evolve(operation(ids=True, times=True, window=300), rules=(needs_symbol,))

    walked = list(Pages[Trade](exchange, walked_operation, {"start_time": 420}))

    assert walked == exchange.trades
    assert not any("from_id" in call for call in exchange.calls)


def test_a_walk_without_a_start_begins_where_the_exchange_s_data_begins() -> None:
    exchange = Exchange(trades_at([200_000]), flow=Flow(Clock(now=200_500)))

    list(Pages[Trade](exchange, operation(ids=False, times=True, window=100_000, reach=150_000), {}))

    # A minute inside of the reach, because the exchange's edge moves on while the request travels.
    assert exchange.calls[0]["start_time"] == 200_500 - 150_000 + 60_000


def test_as_many_items_per_page_as_allowed_are_asked_for_unless_the_caller_says_less() -> None:
    exchange = Exchange(trades_at([500]))

    list(Pages[Trade](exchange, operation(ids=True, times=False), {"limit": None}))
    list(Pages[Trade](exchange, operation(ids=True, times=False), {"limit": 3}))

    assert [call["limit"] for call in exchange.calls] == [MOST, 3]


def test_more_items_in_a_millisecond_than_a_page_holds_are_an_error_and_no_gap() -> None:
    exchange = Exchange(trades_at([500] * (MOST + 1)))

    with pytest.raises(PagingError, match="at 500 there are 8 items or more"):
        list(Pages[Trade](exchange, operation(ids=False, times=True), {"start_time": 400}))


def test_small_pages_grow_where_a_millisecond_is_crowded() -> None:
    exchange = Exchange(trades_at([500] * 5 + [501]))

    walked = list(Pages[Trade](exchange, operation(ids=False, times=True), {"start_time": 400, "limit": 2}))

    assert walked == exchange.trades


def test_a_time_that_is_no_int_is_refused_before_the_first_call() -> None:
    with pytest.raises(InvalidParameter, match="trades: start_time must be an int"):
        Pages[Trade](Exchange([]), operation(ids=False, times=True), {"start_time": "yesterday"})


def test_an_operation_without_pages_cannot_be_walked() -> None:
    with pytest.raises(ConfigurationError, match="trades has no pages"):
        Pages[Trade](Exchange([]), evolve(operation(ids=True, times=True), pages=None), {})


def test_a_lost_call_leaves_the_walk_where_it_was() -> None:
    exchange = Exchange(trades_at(range(300, 320)))
    pages = Pages[Trade](exchange, operation(ids=True, times=False), {"limit": 5})
    before = [next(pages) for _ in range(5)]
    exchange.lost_calls = 1

    with pytest.raises(ConnectionLost):
        next(pages)
    after = list(pages)

    assert before + after == exchange.trades


def test_the_position_says_how_many_items_of_its_millisecond_were_given() -> None:
    pages = Pages[Trade](Exchange(trades_at([500, 600, 600, 600])), operation(ids=True, times=True), {"start_time": 1})

    positions = [(next(pages), pages.position)[1] for _ in range(3)]

    assert positions == [Position(500, 10, 1), Position(600, 11, 1), Position(600, 12, 2)]


async def test_asynchronous_pages_walk_the_same_way() -> None:
    exchange = Exchange(trades_at(range(300, 330)))

    walked = [
        trade
        async for trade in AsyncPages[Trade](AsyncExchange(exchange), operation(ids=True, times=False), {"limit": 7})
    ]

    assert walked == exchange.trades
