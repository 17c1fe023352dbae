"""What a carrier says of itself holds on it; for all else it is the operation that counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from specwright.spec import load_spec
from specwright.spec.dialect.types import Scalar

if TYPE_CHECKING:
    from specwright.spec.dialect.operations import Carrier, Operation


@pytest.fixture(scope="module")
def new_order() -> Operation:
    """An order; over the WebSocket API there is no `price`, and a `cost` of its own."""
    spec = load_spec(Path(__file__).parent / "example_spec").spec
    assert spec is not None
    return spec.products["futures"].operations["new_order"]


def rest(operation: Operation) -> Carrier:
    assert operation.rest is not None
    return operation.rest


def ws(operation: Operation) -> Carrier:
    assert operation.ws is not None
    return operation.ws


def test_rest_comes_before_the_websocket_api(new_order: Operation) -> None:
    assert new_order.carriers == [rest(new_order), ws(new_order)]
    assert evolve(new_order, rest=None).carriers == [ws(new_order)]
    assert evolve(new_order, ws=None).carriers == [rest(new_order)]


def test_a_carrier_leaves_out_replaces_in_place_and_adds_parameters(new_order: Operation) -> None:
    symbol = evolve(new_order.params[0], case="upper")
    over_ws = evolve(ws(new_order), params=[*ws(new_order).params, symbol])
    shared = [param for param in new_order.params if param.wire not in ("symbol", "price")]

    assert new_order.params_on(rest(new_order)) == new_order.params
    assert new_order.params_on(over_ws) == [symbol, *shared, *ws(new_order).params]


def test_a_carrier_replies_as_the_operation_unless_it_says_otherwise(new_order: Operation) -> None:
    other = Scalar(kind="json", position=new_order.position)

    assert new_order.response is not None
    assert new_order.response_on(ws(new_order)) == new_order.response
    assert new_order.response_on(evolve(ws(new_order), response=other)) == other


def test_a_carrier_without_a_page_is_described_by_the_operation_s(new_order: Operation) -> None:
    operation = evolve(new_order, documentation="/trade")

    assert operation.documentation_on(ws(operation)) == "/trade/New-Order"
    assert operation.documentation_on(rest(operation)) == "/trade"
