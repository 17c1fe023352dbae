"""What the spec says is served, without a line of Python for it."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve

from specwright.simulator import ManualClock, Simulator, bundled_spec
from specwright.spec.dialect.operations import Carrier, Operation
from specwright.spec.dialect.params import Param
from specwright.spec.dialect.streams import Stream
from specwright.spec.dialect.text import Example, Text
from specwright.spec.dialect.types import Named, Scalar
from specwright.spec.dialect.weights import FixedWeight
from specwright.spec.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable

    from specwright.spec.dialect.exchange import Spec

PLACE = Position("test", 1, 1)
TEXT = Text(en="", zh="")


def example(value: Any) -> Example:
    return Example(text=json.dumps(value), value=value, position=PLACE)


@pytest.fixture
def spec() -> Spec:
    """The spec with one operation and one stream more."""
    spec = deepcopy(bundled_spec())
    product = spec.products["usds_futures"]
    text = Scalar(kind="string", position=PLACE)
    symbol = Param(wire="symbol", type=text, required=True, position=PLACE)
    product.operations["moon_price"] = Operation(
        id="moon_price",
        group="market_data",
        summary=TEXT,
        security="NONE",
        retry="safe",
        params=[symbol],
        rest=Carrier(method="GET", path="/fapi/v1/moonPrice", weight=FixedWeight(weight=7), position=PLACE),
        ws=Carrier(method="moon.price", weight=FixedWeight(weight=7), position=PLACE),
        response=Named(name="PriceTicker", position=PLACE),
        examples=[example({"symbol": "ADAUSDT", "price": "6000.01", "time": 1589437530011})],
        position=PLACE,
    )
    product.streams["moon"] = Stream(
        id="moon",
        group="market",
        summary=TEXT,
        pattern="<symbol>@moon",
        route="market",
        params=[evolve(symbol, case="lower")],
        payload=Named(name="BookTickerEvent", position=PLACE),
        update_speed="500ms",
        examples=product.streams["book_ticker"].examples,
        position=PLACE,
    )
    return spec


async def test_a_new_operation_and_a_new_stream_are_served(spec: Spec, open_socket: Callable[[str], Any]) -> None:
    clock = ManualClock()
    with Simulator(spec, clock=clock) as exchange:
        async with httpx.AsyncClient(base_url=exchange.rest_url) as client:
            response = await client.get("/fapi/v1/moonPrice", params={"symbol": "BTCUSDT"})
        assert response.json() == {"symbol": "BTCUSDT", "price": "6000.01", "time": clock.now_ms()}
        assert response.headers["X-MBX-USED-WEIGHT-1M"] == "7"
        api = await open_socket(exchange.ws_api_url)
        reply = await api.call({"id": 1, "method": "moon.price", "params": {"symbol": "ETHUSDT"}})
        assert reply["result"]["symbol"] == "ETHUSDT"
        streams = await open_socket(f"{exchange.stream_url}/market/ws/btcusdt@moon")
        clock.advance(1)
        frames = await streams.received()
        assert [(frame["s"], frame["E"]) for frame in frames] == [
            ("BTCUSDT", clock.now_ms() - 500),
            ("BTCUSDT", clock.now_ms()),
        ]


@pytest.mark.parametrize("event", bundled_spec().products["usds_futures"].events)
async def test_every_event_can_be_pushed(
    exchange: Simulator, listen: Callable[[], Any], event: str, clock: ManualClock
) -> None:
    socket = await listen()
    exchange.send_event(event)
    documented: Any = exchange.exchange.product.events[event].examples[0].value
    received = await socket.next()
    assert (received["e"], received["E"], received.keys()) == (event, clock.now_ms(), documented.keys())


def test_its_parameters_are_checked_like_any_others(spec: Spec) -> None:
    with Simulator(spec) as exchange:
        url = f"{exchange.rest_url}/fapi/v1/moonPrice"
        codes = [httpx.get(url, params=params).json()["code"] for params in ({}, {"symbol": "NOSUCH"}, {"symbol": ""})]
    assert codes == [-1102, -1121, -1102]


def test_fields_that_a_model_loses_are_no_longer_sent(spec: Spec) -> None:
    model: Any = spec.products["usds_futures"].models["PriceTicker"]
    model.fields = [field for field in model.fields if field.wire != "time"]
    with Simulator(spec, clock=ManualClock()) as exchange:
        reply = httpx.get(f"{exchange.rest_url}/fapi/v1/ticker/price", params={"symbol": "BTCUSDT"}).json()
    assert list(reply) == ["symbol", "price"]
