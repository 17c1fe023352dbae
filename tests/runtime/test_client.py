"""What a client is made with, shows, keeps to itself, and shares."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from corner_exchange.client import AsyncCornerExchange, CornerExchange
from corner_exchange.server import PLACED, Server, bytes_reply, json_reply
from manual_clock import ManualClock
from specwright.runtime.errors import (
    BinanceError,
    BudgetExceeded,
    ClientClosed,
    ConfigurationError,
)
from specwright.runtime.limits import BudgetState, LocalLedger

if TYPE_CHECKING:
    from specwright.runtime.settings import CallEvent

BOOK = json_reply(200, {"lastUpdateId": 1, "bids": []}, X_MBX_USED_WEIGHT_1M="12")


@pytest.fixture(autouse=True)
def no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORNER_API_KEY", raising=False)
    monkeypatch.delenv("CORNER_API_SECRET", raising=False)


def test_a_client_is_made_without_touching_the_network_or_importing_what_it_does_not_need() -> None:
    program = (
        "import sys; from corner_exchange.client import CornerExchange; "
        "client = CornerExchange(api_key='k', api_secret='s'); "
        "print(sorted({'websockets', 'httpx', 'redis', 'cryptography', 'asyncio', 'ssl'} & set(sys.modules)), client)"
    )
    path = {"PYTHONPATH": ":".join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=path)
    assert shown.stdout == "[] <CornerExchange production, <Account with an API key, HMAC signature>>\n"


def test_keys_come_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNER_API_KEY", "key-of-the-environment")
    monkeypatch.setenv("CORNER_API_SECRET", "secret-of-the-environment")
    server.script = [PLACED]
    with CornerExchange(rest_url=server.url) as client:
        client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
    assert server.requests[0].headers["x-mbx-apikey"] == "key-of-the-environment"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"environment": "moon"}, "environment='moon' is none of production, testnet"),
        ({"rest_url": "fapi.example"}, "must be an address like https://host"),
        ({"rest_url": "https://host/fapi"}, "without a path"),
        ({"limits": "maybe"}, "limits='maybe' is none of"),
        ({"api_secret": "s", "private_key": b"-----BEGIN"}, "either api_secret .* or private_key"),
        ({"timeot": 3}, "no option 'timeot'; did you mean 'timeout'"),
        ({"zzz": 3}, "no option 'zzz'; there are api_key, "),
        ({"timeout": 0}, "timeout=0 must be a number of seconds above 0"),
        ({"timeout": "10"}, "timeout='10' must be a number of seconds above 0"),
        ({"max_wait": -1}, "max_wait=-1 must be a number of seconds"),
        ({"retry": 3}, "retry must be a RetryPolicy or None, not int"),
        ({"ws_api_url": "https://host"}, "ws_api_url must be an address like wss://host"),
        ({"stream_url": "host"}, "stream_url must be an address like wss://host"),
        ({"stream_url": "ws://host:99999"}, "stream_url must be an address like wss://host"),
        ({"stream_url": "ws://a host"}, "stream_url must be an address like wss://host"),
        ({"stream_url": f"ws://{'a' * 64}.example"}, "stream_url must be an address like wss://host"),
        ({"stream_url": f"ws://{'ä' * 64}.example"}, "stream_url must be an address like wss://host"),
        ({"ws_api_url": "ws://host..example"}, "ws_api_url must be an address like wss://host"),
        ({"ws_api_url": "ws://[::1"}, "ws_api_url must be an address like wss://host"),
        ({"rest_url": "http://host:port"}, "rest_url='http://host:port' must be an address like https://host"),
    ],
)
def test_a_wrong_option_is_explained(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CornerExchange(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "börse.example", "user:word@a_host.", "h:65535"])
def test_every_address_that_a_host_can_have_is_taken(host: str) -> None:
    CornerExchange(rest_url=f"http://{host}", ws_api_url=f"ws://{host}", stream_url=f"wss://{host}").close()


@pytest.mark.parametrize("key", ["visible\n", "visi ble", "vis\u00efble"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigurationError, match="characters that no key has") as raised:
        CornerExchange(api_key=key)
    assert "vis" not in str(raised.value)


def test_options_of_one_call_are_checked_too(server: Server) -> None:
    with CornerExchange(rest_url=server.url) as client:
        with pytest.raises(ConfigurationError, match="no option 'timeot'; did you mean 'timeout'"):
            client.with_options(timeot=3)  # type: ignore[call-arg]
        with pytest.raises(ConfigurationError, match="api_key cannot be changed: make another client"):
            client.with_options(api_key="k")  # type: ignore[call-arg]
        with pytest.raises(BinanceError, match="timeout must be a number of seconds above 0"):
            client.order_book(symbol="BTCUSDT", timeout=-1)
    assert server.requests == []


def test_a_missing_key_is_explained_before_anything_is_sent(server: Server) -> None:
    with CornerExchange(rest_url=server.url) as client:
        with pytest.raises(ConfigurationError, match="new_order needs an API key: pass api_key=… or set CORNER_"):
            client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
        client = CornerExchange(rest_url=server.url, api_key="k")
        with pytest.raises(ConfigurationError, match="new_order is signed: pass api_secret=… or private_key=…"):
            client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
    assert server.requests == []


def test_costs_are_known_before_a_call() -> None:
    client = CornerExchange()
    assert [client.order_book.cost(symbol="BTCUSDT", limit=limit) for limit in (5, 100, 500, 1000)] == [2, 5, 10, 20]
    assert client.order_book.cost(symbol="BTCUSDT") == 10, "the default of limit is 500"
    assert client.trade.new_order.costs(symbol="BTCUSDT") == {"weight": 0, "orders": 1}


def test_raw_gives_everything_that_came_and_decodes_when_asked(server: Server) -> None:
    server.script = [BOOK, bytes_reply(200, b"not json")]
    with CornerExchange(rest_url=server.url) as client:
        response = client.order_book.raw(symbol="BTCUSDT", timeout=3.0)
        broken = client.order_book.raw(symbol="BTCUSDT")

    assert (response.status, response.body) == (200, b'{"lastUpdateId": 1, "bids": []}')
    assert response.headers["x-mbx-used-weight-1m"] == "12"
    assert response.used == {"weight": 12}
    assert response.duration > 0
    assert response.result.last_update_id == 1
    assert response.result is response.result
    assert repr(response) == "<RawResponse 200 GET /v1/depth, 31 bytes>"
    assert broken.body == b"not json"
    with pytest.raises(BinanceError, match="no JSON"):
        _ = broken.result


def test_limits_show_what_is_used_and_left(server: Server) -> None:
    server.script = [BOOK]
    with CornerExchange(rest_url=server.url) as client:
        client.order_book(symbol="BTCUSDT")
        state = client.limits["weight"]

    assert set(client.limits) == {"weight", "orders", "statistics"}
    assert (state.used, state.left, state.limit) == (12, 88, 100)
    assert 59 < state.resets_in < 61


def test_limits_are_printed_as_a_line_for_each_budget_in_use(server: Server) -> None:
    server.script = [BOOK, PLACED]
    with CornerExchange(rest_url=server.url, api_key="k", api_secret="s", clock=ManualClock()) as client:
        unused = client.limits
        client.order_book(symbol="BTCUSDT")
        client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
        used = client.limits

    assert (str(unused), repr(unused)) == ("no budget in use", "<limits: none in use>")
    assert str(used) == "weight 13/100, resets in 60 s\norders 1/10, resets in 10 s"
    assert repr(used) == "<limits: weight 13/100, resets in 60 s; orders 1/10, resets in 10 s>"
    assert dict(used) == {name: used[name] for name in ("weight", "orders", "statistics")}


def test_a_budget_that_the_exchange_closed_says_for_how_long() -> None:
    state = BudgetState("weight", limit=100, used=101, resets_in=59.2, blocked_for=11.5)
    assert str(state) == "weight 101/100, resets in 59 s, blocked for 12 s"


def test_a_client_shows_where_it_calls() -> None:
    elsewhere = {"rest_url": "https://user:hush@rest.example:8443", "stream_url": "wss://streams.example"}
    shown = [
        repr(CornerExchange(environment="testnet", api_key="k" * 20)),
        repr(CornerExchange(rest_url="http://127.0.0.1:8000")),
        repr(AsyncCornerExchange(**elsewhere)),  # type: ignore[arg-type]
    ]
    assert [text.partition(", <Account")[0] for text in shown] == [
        "<CornerExchange testnet",
        "<CornerExchange 127.0.0.1:8000",
        "<AsyncCornerExchange rest.example:8443, streams streams.example",
    ]


def test_clients_of_one_process_share_budgets_of_one_host_and_not_those_of_another(server: Server) -> None:
    server.script = [BOOK]
    with CornerExchange(rest_url=server.url) as first, CornerExchange(rest_url=server.url) as second:
        first.order_book(symbol="BTCUSDT")
        assert second.limits["weight"].used == 12
    with Server() as other, CornerExchange(rest_url=other.url) as elsewhere:
        assert elsewhere.limits["weight"].used == 0


def test_a_ledger_of_ones_own_is_not_shared(server: Server) -> None:
    server.script = [BOOK]
    url = server.url
    with CornerExchange(rest_url=url, ledger=LocalLedger()) as alone, CornerExchange(rest_url=url) as other:
        alone.order_book(symbol="BTCUSDT")
        assert (alone.limits["weight"].used, other.limits["weight"].used) == (12, 0)


def test_with_options_makes_a_client_that_shares_everything_but_settings(server: Server) -> None:
    server.script = [BOOK] * 3
    events: list[CallEvent] = []
    with CornerExchange(rest_url=server.url) as client:
        client.order_book(symbol="BTCUSDT")
        told = client.with_options(event_hooks={"response": [events.append]}, limits="raise")
        told.order_book(symbol="BTCUSDT")
        told.close()
        client.order_book(symbol="BTCUSDT")
        with pytest.raises(BudgetExceeded):
            told.with_options(limits="raise").request("GET", "/v1/depth", weight=101)

    assert [event.status for event in events] == [200]
    assert server.connections == 1
    with pytest.raises(ConfigurationError, match="api_key cannot be changed"):
        CornerExchange().with_options(api_key="other")  # type: ignore[call-arg]
    with pytest.raises(ClientClosed):
        client.with_options(timeout=1.0)


def test_warming_up_connects_and_measures_the_clock(server: Server) -> None:
    with CornerExchange(rest_url=server.url) as client:
        client.warm_up()
        assert client.exchange_clock.measured
        assert server.connections == 1


async def test_the_asynchronous_client_does_the_same(server: Server) -> None:
    server.script = [PLACED, json_reply(200, {"answer": 42})]
    async with AsyncCornerExchange(rest_url=server.url, api_key="k", api_secret="s") as client:
        await client.warm_up()
        order = await client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
        answer = await client.with_options(timeout=2.0).request("GET", "/v1/new")
    assert (order.order_id, answer.result) == (7, {"answer": 42})
    with pytest.raises(ClientClosed):
        await client.request("GET", "/v1/new")


def test_secrets_show_nowhere(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "specwright")
    listen_key, key, secret = "listen-key-0123456789", "api-key-0123456789", "api-secret-0123456789"
    server.script = [
        PLACED,
        json_reply(200, {"listenKey": listen_key}),
        json_reply(400, {"code": -1022, "msg": "Signature for this request is not valid."}),
        bytes_reply(502, f"<html>POST /v1/order?signature=0123abcd&x {key} listenKey={listen_key}</html>".encode()),
        "close",
    ]
    shown: list[object] = []
    events: list[CallEvent] = []
    hooks = {"request": [events.append], "response": [events.append]}
    with CornerExchange(rest_url=server.url, api_key=key, api_secret=secret, event_hooks=hooks) as client:  # type: ignore[arg-type]
        shown += [client, client.trade.new_order.raw(symbol="BTCUSDT", side="BUY", quantity="1")]
        listened = client.request("POST", "/v1/listenKey", security="KEY")
        for _ in range(3):
            with pytest.raises(BinanceError) as raised:
                client.trade.new_order(symbol="BTCUSDT", side="BUY", quantity="1")
            error = raised.value
            shown += [error, str(error), vars(error), pickle.loads(pickle.dumps(error)), error.__cause__]
            if error.__cause__ is not None:
                shown += [vars(error.__cause__), pickle.dumps(error.__cause__)]
            shown.append(pickle.dumps(error))
        unpicklable = (client, listened, client._flow.account, client._flow.preparer)
        for thing in unpicklable:
            with pytest.raises(TypeError, match="secrets"):
                pickle.dumps(thing)
        shown += [repr(thing) for thing in unpicklable]
    shown += events
    shown += [vars(record) for record in caplog.records]

    signatures = [request.body.decode().rpartition("signature=")[2] for request in server.requests if request.body]
    text = repr(shown)
    assert caplog.records
    for hidden in (listen_key, key, secret, *(signature for signature in signatures if signature)):
        assert hidden not in text
