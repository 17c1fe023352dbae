"""What the spec lacks can be called, and is held to the same rules."""

from __future__ import annotations

import pytest

from corner_exchange import errors
from corner_exchange.client import CornerExchange
from corner_exchange.server import Server, json_reply
from specwright.runtime.errors import ConfigurationError, ExecutionUnknown


def test_what_the_spec_lacks_can_be_called_with_everything_else_in_force(server: Server) -> None:
    server.script = [
        json_reply(200, {"answer": 42}),
        json_reply(400, {"code": -2019, "msg": "Margin is insufficient."}),
    ]
    with CornerExchange(rest_url=server.url, api_key="k", api_secret="s") as client:
        response = client.request(
            "POST",
            "/v1/new",
            params={"symbol": "BTCUSDT", "flag": True, "price": 0.1, "absent": None, "ids": [1, 2]},
            security="TRADE",
            weight=3,
            costs={"orders": 1},
        )
        with pytest.raises(errors.InsufficientMargin):
            client.request("POST", "/v1/new", security="TRADE")
        used = {name: state.used for name, state in client.limits.items()}

    assert response.result == {"answer": 42}
    assert server.requests[0].body.startswith(
        b"symbol=BTCUSDT&flag=true&price=0.1&ids=%5B1%2C2%5D&recvWindow=5000&timestamp="
    )
    assert used == {"weight": 5, "orders": 1, "statistics": 0}


@pytest.mark.parametrize(
    ("method", "path", "security", "costs"),
    [
        ("FETCH", "/v1/new", "NONE", {}),
        ("GET", "v1/new", "NONE", {}),
        ("GET", "/v1/new?a=1", "NONE", {}),
        ("GET", "/v1/new", "SECRET", {}),
        ("GET", "/v1/new", "NONE", {"gold": 1}),
    ],
)
def test_a_made_up_call_must_make_sense(method: str, path: str, security: str, costs: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        CornerExchange().request(method, path, security=security, costs=costs)


def test_a_lost_post_that_the_spec_lacks_is_unknown_too(server: Server) -> None:
    server.script = ["close"]
    with (
        pytest.raises(ExecutionUnknown, match="POST /v1/new"),
        CornerExchange(rest_url=server.url) as client,
    ):
        client.request("POST", "/v1/new", params={"a": 1})
