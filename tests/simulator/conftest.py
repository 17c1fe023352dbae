"""An exchange with a clock moved by hand, and traders who talk to it over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from specwright.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class RestTrader:
    """Signs and sends REST requests with an account's keys."""

    def __init__(self, exchange: Simulator, api_key: str, secret: str) -> None:
        self.exchange = exchange
        self.api_key, self.secret = api_key, secret
        self.client = httpx.Client(base_url=exchange.rest_url, headers={"X-MBX-APIKEY": api_key})

    def signed(self, parameters: dict[str, object]) -> str:
        query = urlencode({"timestamp": self.exchange.clock.now_ms(), **parameters})
        return f"{query}&signature={hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()}"

    def send(self, method: str, path: str, **parameters: object) -> httpx.Response:
        return self.client.request(method, f"{path}?{self.signed(parameters)}")

    def ask(self, path: str, **parameters: object) -> Any:
        """A signed GET that must succeed."""
        response = self.send("GET", path, **parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def order(self, side: str = "BUY", quantity: str = "0.100", price: str | None = None, **more: object) -> Any:
        """A new order on BTCUSDT, a limit order when it has a price; the decoded reply, accepted or not."""
        parameters: dict[str, object] = {"symbol": "BTCUSDT", "side": side, "quantity": quantity}
        if price is None:
            parameters["type"] = "MARKET"
        else:
            parameters |= {"type": "LIMIT", "timeInForce": "GTC", "price": price}
        return self.send("POST", "/fapi/v1/order", **{**parameters, "newOrderRespType": "RESULT", **more}).json()

    def position(self, side: str = "BOTH") -> Any:
        """What REST tells of the BTCUSDT position, flat or not."""
        rows = self.ask("/fapi/v2/positionRisk", symbol="BTCUSDT")
        return next(row for row in rows if row["positionSide"] == side)

    def balance(self, asset: str = "USDT") -> Any:
        return next(row for row in self.ask("/fapi/v3/balance") if row["asset"] == asset)


class Socket:
    """A WebSocket client that can tell what has arrived so far."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def call(self, message: object) -> Any:
        """Sends a message and takes the next frame for its answer."""
        await self.connection.send(message if isinstance(message, str) else json.dumps(message))
        return await self.next()

    async def next(self) -> Any:
        return json.loads(await asyncio.wait_for(self.connection.recv(), 5))

    async def received(self) -> list[Any]:
        """Every frame that the exchange had sent before now: a ping goes behind them, and its pong comes after them."""
        arrived: list[Any] = []
        reader = asyncio.create_task(self._read(arrived))
        await asyncio.wait_for(await self.connection.ping(), 5)
        # The pong has arrived, so what came before it is in the connection's queue, if not yet read from there.
        while True:
            count = len(arrived)
            for _ in range(5):
                await asyncio.sleep(0)
            if len(arrived) == count:
                break
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        return arrived

    async def _read(self, arrived: list[Any]) -> None:
        async for frame in self.connection:
            arrived.append(json.loads(frame))

    async def closed(self) -> tuple[int | None, str | None]:
        """Waits for the end of the connection; its close code and reason."""
        await asyncio.wait_for(self.connection.wait_closed(), 5)
        return self.connection.close_code, self.connection.close_reason


@pytest.fixture
def exchange() -> Iterator[Simulator]:
    """An exchange whose time and prices stand still until the test moves them."""
    with Simulator(clock=ManualClock(), symbols=["BTCUSDT", "ETHUSDT", "币安人生USDT"]) as running:
        running.pause_market()
        yield running


@pytest.fixture
def clock(exchange: Simulator) -> ManualClock:
    assert isinstance(exchange.clock, ManualClock)
    return exchange.clock


class Observer:
    """Looks at the market without an account."""

    def __init__(self, exchange: Simulator) -> None:
        self._exchange = exchange

    def ask(self, path: str, **parameters: str | int) -> Any:
        """A GET that must succeed."""
        response = httpx.get(self._exchange.rest_url + path, params=parameters)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def observer(exchange: Simulator) -> Observer:
    return Observer(exchange)


@pytest.fixture
def trader(exchange: Simulator) -> Iterator[RestTrader]:
    """The account that is there from the start."""
    trader = RestTrader(exchange, exchange.api_key, exchange.api_secret)
    yield trader
    trader.client.close()


@pytest.fixture
def other(exchange: Simulator) -> Iterator[RestTrader]:
    """A second account."""
    key, secret = "other" + "1" * 59, "s3cret"
    exchange.open_account(key, secret)
    trader = RestTrader(exchange, key, secret)
    yield trader
    trader.client.close()


@pytest.fixture
async def open_socket() -> AsyncIterator[Callable[[str], Any]]:
    """Opens WebSocket connections that are closed after the test."""
    opened: list[ClientConnection] = []

    async def open_one(url: str) -> Socket:
        connection = await connect(
            url, compression=None, ping_interval=None, max_queue=None, proxy=None, close_timeout=0.2
        )
        opened.append(connection)
        return Socket(connection)

    yield open_one
    for connection in opened:
        await connection.close()


@pytest.fixture
def listen(exchange: Simulator, trader: RestTrader, open_socket: Callable[[str], Any]) -> Callable[[], Any]:
    """Opens the first account's event stream."""

    async def open_stream() -> Socket:
        key = trader.client.post("/fapi/v1/listenKey").json()["listenKey"]
        socket: Socket = await open_socket(f"{exchange.stream_url}/private/ws/{key}")
        return socket

    return open_stream
