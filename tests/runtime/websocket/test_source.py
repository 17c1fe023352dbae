"""A stream's name on the wire is made of what its caller says, in the letters that the exchange wants."""

from __future__ import annotations

import pytest

from specwright.runtime.errors import InvalidParameter
from specwright.runtime.operation import Param, Stream
from specwright.runtime.websocket.source import stream_name

KLINES = Stream(
    "continuous_kline",
    "<pair>_<contract_type>@continuousKline",
    "market",
    lambda: "ContinuousKline",
    (
        Param(wire="pair", python="pair", kind="string", required=True, case="lower"),
        Param(
            wire="contractType",
            python="contract_type",
            kind="string",
            required=True,
            case="lower",
            one_of=("PERPETUAL", "CURRENT_QUARTER"),
        ),
    ),
)


@pytest.mark.parametrize("contract_type", ["PERPETUAL", "perpetual"])
def test_a_documented_value_is_taken_and_written_in_the_letters_of_the_name(contract_type: str) -> None:
    name = stream_name(KLINES, {"pair": "BTCUSDT", "contract_type": contract_type})

    assert name == "btcusdt_perpetual@continuousKline"


def test_a_value_that_is_not_documented_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="must be one of PERPETUAL, CURRENT_QUARTER"):
        stream_name(KLINES, {"pair": "BTCUSDT", "contract_type": "eternal"})
