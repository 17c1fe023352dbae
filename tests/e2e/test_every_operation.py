"""Every operation, called as its user would: both clients and the WebSocket API, fewest and most parameters.

The clients are strict: a reply that does not have exactly the model's shape fails the call.
"""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from specwright.simulator import ManualClock, Simulator
from specwright.simulator.bundled import bundled_spec

from ..faults.trader import ExchangeTime
from .arguments import Composer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.spec.dialect.operations import Operation

SPEC = bundled_spec()
PRODUCT = SPEC.products["usds_futures"]
SYMBOL = "BTCUSDT"
ISOLATED_SYMBOL = "ETHUSDT"
UNTRADED_SYMBOL = "SOLUSDT"
MINUTE = 60_000


class World(NamedTuple):
    """An exchange with an account that has a resting order, an algo order and a position."""

    exchange: Simulator
    clock: ManualClock
    known: dict[str, Any]
    earlier: int
    """Requests that others have sent."""

    def client_options(self) -> dict[str, Any]:
        """Those of a strict client in the world's time."""
        return {**self.exchange.client_options, "clock": ExchangeTime(self.clock), "strict": True}

    def called(self) -> str | None:
        """The operation that was called last."""
        return self.exchange.requests[self.earlier :][-1].operation


class Case(NamedTuple):
    """One way to call an operation."""

    operation: Operation
    arguments: Literal["fewest", "most"]

    @property
    def changes_nothing(self) -> bool:
        """Whether it only asks."""
        rest = self.operation.rest
        return rest is not None and rest.method == "GET"


@contextmanager
def inhabited() -> Iterator[World]:
    clock = ManualClock()
    with Simulator(SPEC, clock=clock, seed=7, symbols=[SYMBOL, ISOLATED_SYMBOL, UNTRADED_SYMBOL]) as exchange:
        exchange.pause_market()
        world = World(exchange, clock, {}, earlier=0)
        with UsdsFutures(**world.client_options()) as client:
            yield world._replace(known=trade_a_little(client), earlier=len(exchange.requests))


@pytest.fixture(scope="module")
def lasting_world() -> Iterator[World]:
    """For all that only ask."""
    with inhabited() as world:
        yield world


@pytest.fixture
def world(case: Case, lasting_world: World) -> Iterator[World]:
    """The world of one case: its own, if it may change it."""
    if case.changes_nothing:
        lasting_world.clock.advance(minutes=1)  # Budgets are full again.
        yield lasting_world._replace(earlier=len(lasting_world.exchange.requests))
    else:
        with inhabited() as own:
            yield own


def trade_a_little(client: UsdsFutures) -> dict[str, Any]:
    """Makes orders and a position, and returns what the exchange would recognise of them, by wire name."""
    now = client.market_data.server_time().server_time
    bid = client.market_data.order_book(symbol=SYMBOL, limit=5).bids[0].price
    client.trade.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.020")
    low = (bid * Decimal("0.95")).quantize(bid)
    resting = client.trade.new_order(
        symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity="0.010", price=low
    )
    algo = client.trade.new_algo_order(
        algo_type="CONDITIONAL", symbol=SYMBOL, side="SELL", type="STOP_MARKET", quantity="0.010", trigger_price=low
    )
    client.trade.change_margin_type(symbol=ISOLATED_SYMBOL, margin_type="ISOLATED")
    client.trade.new_order(symbol=ISOLATED_SYMBOL, side="BUY", type="MARKET", quantity="0.100")
    client.user_data_streams.start_user_data_stream()
    return {
        "symbol": SYMBOL,
        "pair": SYMBOL,
        "asset": "USDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": Decimal("0.010"),
        "price": low,
        "triggerPrice": low,
        "orderId": resting.order_id,
        "origClientOrderId": resting.client_order_id,
        "orderIdList": [resting.order_id],
        "origClientOrderIdList": [resting.client_order_id],
        "newClientOrderId": "named-by-the-caller",
        "clientAlgoId": algo.client_algo_id,
        "algoId": algo.algo_id,
        "startTime": now - 30 * MINUTE,
        "endTime": now,
        "timestamp": now,
        "goodTillDate": (now // 1000 + 3600) * 1000,
        "recvWindow": 5000,
        "amount": Decimal(1),
        "leverage": 10,
        "limit": 10,
        "interval": "1m",
        "period": "5m",
        "fromId": 1,
        "countdownTime": 60_000,
    }


def cases(carrier: Literal["rest", "ws"]) -> list[Any]:
    return [
        pytest.param(Case(operation, arguments), id=f"{operation.id}-{arguments}")
        for operation in PRODUCT.operations.values()
        if getattr(operation, carrier)
        for arguments in ("fewest", "most")
    ]


def arguments_of(case: Case, carrier: Literal["rest", "ws"], world: World) -> dict[str, Any]:
    composer = Composer(PRODUCT, world.known | PECULIAR.get(case.operation.id, {}))
    compose = composer.fewest if case.arguments == "fewest" else composer.most
    return compose(case.operation, getattr(case.operation, carrier))


PECULIAR: dict[str, dict[str, Any]] = {
    "rpi_order_book": {"limit": 1000},
    "convert_order_status": {"orderId": "933256278426274426"},
    "new_order": {"reduceOnly": False},
    "test_order": {"reduceOnly": False},
    "modify_order": {"quantity": Decimal("0.011"), "reduceOnly": False},
    "new_algo_order": {
        "type": "STOP",
        "clientAlgoId": "another-name",
        "side": "SELL",
        "closePosition": False,
        "reduceOnly": False,
    },
    "change_margin_type": {"symbol": UNTRADED_SYMBOL},
    "modify_isolated_position_margin": {"symbol": ISOLATED_SYMBOL, "type": 1},
    "position_margin_change_history": {"type": 1},
}
"""What an operation needs otherwise than the others do, by wire name."""

UNTOUCHED = {"change_position_mode", "change_multi_assets_mode"}
"""Operations that the exchange refuses to an account with orders or positions."""


def options_of(case: Case, world: World) -> dict[str, Any]:
    """A client's options: the account that trades, a fresh one, or one with a key that can log on."""
    options = world.client_options()
    if case.operation.id in UNTOUCHED:
        options |= {"api_key": "f" * 64, "api_secret": "s" * 64}
        world.exchange.open_account(options["api_key"], options["api_secret"])
    elif case.operation.group == "session":
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        del options["api_secret"]
        options |= {
            "api_key": "e" * 64,
            "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        }
        world.exchange.open_account(options["api_key"], public_key=public)
    return options


@pytest.mark.parametrize("case", cases("rest"))
def test_over_rest(case: Case, world: World) -> None:
    arguments = arguments_of(case, "rest", world)
    with UsdsFutures(**options_of(case, world)) as client:
        answer = getattr(getattr(client, case.operation.group), case.operation.id).raw(**arguments)

    assert answer.status == 200
    assert (answer.result is None) == (case.operation.response is None)
    assert world.called() == case.operation.id


@pytest.mark.parametrize("case", cases("rest"))
async def test_over_async_rest(case: Case, world: World) -> None:
    arguments = arguments_of(case, "rest", world)
    async with AsyncUsdsFutures(**options_of(case, world)) as client:
        answer = await getattr(getattr(client, case.operation.group), case.operation.id).raw(**arguments)

    assert answer.status == 200
    assert (answer.result is None) == (case.operation.response is None)
    assert world.called() == case.operation.id


@pytest.mark.parametrize("case", cases("ws"))
async def test_over_the_websocket_api(case: Case, world: World) -> None:
    arguments = arguments_of(case, "ws", world)
    async with AsyncUsdsFutures(**options_of(case, world)) as client:
        answer = await getattr(getattr(client.ws_api, case.operation.group), case.operation.id).raw(**arguments)

    assert answer.status == 200
    assert world.called() == case.operation.id
