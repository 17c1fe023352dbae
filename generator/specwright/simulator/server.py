"""The embedded exchange as its users see it: a context manager that serves an exchange from a thread of its own."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Self, TypedDict, TypeVar

from .bundled import bundled_spec
from .clock import Clock, SystemClock
from .exchange import Exchange
from .faults import Faults, ServerName
from .instruments import Instrument, instruments
from .limits import Limits
from .loop_thread import LoopThread
from .request_log import ReceivedRequest, RequestLog
from .servers import Servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from specwright.spec.dialect.exchange import Spec

    from .accounts import Account
    from .market import Market

T = TypeVar("T")

DEFAULT_API_KEY = "simulatorKey" + "0" * 52
DEFAULT_API_SECRET = "simulatorSecret" + "0" * 49


class ClientAddresses(TypedDict):
    """What a client needs in order to talk to an embedded exchange instead of the real one."""

    api_key: str
    api_secret: str
    rest_url: str
    ws_api_url: str
    stream_url: str


class Simulator:
    """An exchange on loopback.

    Use it as `with Simulator() as exchange:` or `async with Simulator() as exchange:`; both serve from a thread of
    their own, so that clients of any kind may block as they like.

    Args:
        spec: What is served; by default the spec that comes with the package.
        products: Names of the products to serve; all of the spec by default.
        clock: A `ManualClock` for tests that move time, else the system's.
        seed: What markets, ids and keys are drawn from. Under a `ManualClock`, equal seeds give equal runs.
        symbols: Contracts to trade, by name or as `Instrument`; some well-known ones by default.
        api_key: Key of the account that is there from the start.
        api_secret: Its HMAC secret.
        balances: Its money; 100,000 USDT and a little of other assets by default.
        host: Address to listen on.
        rest_port: Port of the REST server; 0 takes a free one.
        ws_api_port: Port of the WebSocket API.
        stream_port: Port of the stream server of the first product.
    """

    def __init__(
        self,
        spec: Spec | None = None,
        products: Iterable[str] | None = None,
        clock: Clock | None = None,
        *,
        seed: int = 1,
        symbols: Iterable[str | Instrument] | None = None,
        api_key: str = DEFAULT_API_KEY,
        api_secret: str = DEFAULT_API_SECRET,
        balances: Mapping[str, Decimal | int | str] | None = None,
        host: str = "127.0.0.1",
        rest_port: int = 0,
        ws_api_port: int = 0,
        stream_port: int = 0,
    ) -> None:
        self.spec = bundled_spec() if spec is None else spec
        self.clock: Clock = SystemClock() if clock is None else clock
        self.api_key, self.api_secret = api_key, api_secret
        self.faults = Faults(self.call)
        self.limits = Limits(self.clock, self.spec.budgets)
        self._log = RequestLog()
        self._thread = LoopThread("exchange")
        contracts = instruments(symbols)
        self._products = list(products or self.spec.products)
        self.exchanges: dict[str, Exchange] = {
            name: Exchange(self.spec.products[name], self.clock, self.limits, contracts, seed, self._log)
            for name in self._products
        }
        """The state behind each product, by its name."""
        for exchange in self.exchanges.values():
            exchange.open_account(api_key, api_secret, balances=balances)
        ports = (rest_port, ws_api_port, stream_port)
        self._servers = Servers(self.exchanges, self.clock, self.faults, self._log, host, ports)
        self._started = False
        self.rest_url = self.ws_api_url = self.stream_url = ""
        self.ws_api_urls: dict[str, str] = {}
        self.stream_urls: dict[str, str] = {}
        """Product → address of its streams; `stream_url` is that of the first product."""

    # --- What tests look at and move -----------------------------------------------------------------------------

    @property
    def exchange(self) -> Exchange:
        """The first product's state."""
        return self.exchanges[self._products[0]]

    @property
    def client_options(self) -> ClientAddresses:
        """Credentials and addresses of the first product, as clients take them: `Client(**exchange.client_options)`."""
        return ClientAddresses(
            api_key=self.api_key,
            api_secret=self.api_secret,
            rest_url=self.rest_url,
            ws_api_url=self.ws_api_url,
            stream_url=self.stream_url,
        )

    @property
    def accounts(self) -> dict[str, Account]:
        """The first product's accounts by API key."""
        return self.exchange.accounts

    def account(self, api_key: str | None = None) -> Account:
        """An account by its API key; the one that is there from the start by default.

        Raises:
            KeyError: There is none.
        """
        return self.accounts[api_key or self.api_key]

    def open_account(
        self,
        api_key: str,
        api_secret: str | None = None,
        *,
        public_key: bytes | str | None = None,
        balances: Mapping[str, Decimal | int | str] | None = None,
    ) -> Account:
        """Registers another trader, with an HMAC secret or the PEM text of an RSA or Ed25519 public key."""

        def register() -> Account:
            opened = [e.open_account(api_key, api_secret, public_key, balances) for e in self.exchanges.values()]
            return opened[0]

        return self.call(register)

    @property
    def order_log(self) -> list[ReceivedRequest]:
        """Every request that could change an account, in the order of arrival, whatever became of it."""
        return list(self._log.orders)

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request (the last 100,000), in the order of arrival."""
        return list(self._log.requests)

    @property
    def subscriptions(self) -> dict[str, int]:
        """The first product's streams that somebody listens to, with the number of connections."""
        return self.call(lambda: self._servers.hubs[self._products[0]].subscriptions)

    @property
    def connections(self) -> dict[ServerName, int]:
        """Open WebSocket connections by server."""
        return self.call(self._servers.open_connections)

    def market(self, symbol: str) -> Market:
        """A contract's market, to look at."""
        return self.exchange.market(symbol)

    def move_price(self, symbol: str, price: Decimal | int | str) -> None:
        """Carries a contract's market to a price at once; orders in between are filled, conditional ones triggered."""
        self.call(lambda: self.exchange.makers[symbol].move_to(Decimal(price)))

    def pause_market(self) -> None:
        """Prices stand still until `resume_market`; orders still fill against the book."""
        self._set_moving(False)

    def resume_market(self) -> None:
        """Prices move again."""
        self._set_moving(True)

    def transfer(self, amount: Decimal | int | str, asset: str = "USDT", *, api_key: str | None = None) -> None:
        """Moves money into (or, negative, out of) an account."""
        self.call(lambda: self.exchange.transfer(self.account(api_key), asset, Decimal(amount)))

    def send_event(
        self, event: str, payload: Mapping[str, object] | None = None, *, api_key: str | None = None
    ) -> None:
        """Pushes an event of the spec onto an account's stream: the given payload, else the documented example.

        Raises:
            KeyError: The spec has no such event, or there is no such account.
        """
        self.call(lambda: self.exchange.send_event(self.account(api_key), event, payload))

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function in the exchange's thread, where its state may be changed, and returns its result."""
        return self._thread.call(function)

    # --- Start and end -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Opens the sockets and starts trading.

        Raises:
            OSError: A port is taken.
            RuntimeError: It has been started before.
        """
        if self._started:
            raise RuntimeError("an exchange is started once; make another one")
        self._started = True
        self._thread.start()
        try:
            self._thread.wait_for(self._open())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Cuts every connection and ends the thread. Stopping twice does nothing."""
        if self._thread.is_running:
            self._thread.wait_for(self._close())
            self._thread.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.rest_url or 'not started'}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    async def _open(self) -> None:
        self.clock.attach(asyncio.get_running_loop(), lambda callback: self.call(callback))
        await self._servers.open()
        self.rest_url = self._servers.rest_url
        self.ws_api_urls, self.stream_urls = self._servers.ws_api_urls, self._servers.stream_urls
        first = self._products[0]
        self.ws_api_url, self.stream_url = self.ws_api_urls.get(first, ""), self.stream_urls[first]
        for exchange in self.exchanges.values():
            exchange.open()

    async def _close(self) -> None:
        self.clock.detach()
        await self._servers.close()

    def _set_moving(self, moving: bool) -> None:
        def change() -> None:
            for exchange in self.exchanges.values():
                exchange.market_moves = moving

        self.call(change)
