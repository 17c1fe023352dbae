"""The state of one product's exchange: markets, accounts, orders and listen keys, and what time does to them."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from .accounts import Account, Position
from .algo_orders import AlgoOrders
from .amending import Amending
from .examples import Examples
from .liquidation import Liquidator
from .listen_keys import ListenKey, ListenKeys
from .market import FUNDING_INTERVAL_MS, Market
from .market_maker import MarketMaker
from .rejections import Rejection
from .requests import RequestChecker
from .shaping import Shaper
from .signatures import load_public_key
from .trading import Trading
from .user_events import UserEvents

if TYPE_CHECKING:
    from specwright.spec.dialect.product import Product

    from .clock import Clock
    from .instruments import Instrument
    from .limits import Limits
    from .request_log import RequestLog

TICK_MS = 100
"""How often prices move."""

WARM_UP_TICKS = 20
"""Ticks that have passed when the exchange opens, so that there are trades to look at."""

DEFAULT_BALANCES: Mapping[str, Decimal] = {"USDT": Decimal(100_000), "USDC": Decimal(10_000), "BNB": Decimal(10)}

PublishUserEvent = Callable[[str, str, object], None]
"""Sends an event to those who listen with a listen key: key, wire name of the event, payload."""

_LISTEN_KEY_VALIDITY_MS = 3_600_000
_KEY_CHARACTERS = frozenset(string.ascii_letters + string.digits)


class Exchange:
    """One product, without any sockets.

    Args:
        product: The spec that it follows.
        clock: Its time.
        limits: Its budgets; products of one exchange share them.
        instruments: Contracts by symbol.
        seed: What markets and ids are drawn from: equal seeds give equal markets.
        log: Where requests are noted.
    """

    def __init__(
        self,
        product: Product,
        clock: Clock,
        limits: Limits,
        instruments: Mapping[str, Instrument],
        seed: int,
        log: RequestLog,
    ) -> None:
        self.product = product
        self.clock = clock
        self.limits = limits
        self.seed = seed
        self.log = log
        self.accounts: dict[str, Account] = {}
        self.checker = RequestChecker(product)
        self.shaper = Shaper(product)
        self.examples = Examples(product)
        self.publish_user_event: PublishUserEvent | None = None
        """Set by the stream server."""
        begin_ms = clock.now_ms()
        self.started_ms = begin_ms
        self.markets: dict[str, Market] = {
            symbol: Market(instrument, clock, f"{seed}:{symbol}", begin_ms)
            for symbol, instrument in instruments.items()
        }
        self.events = UserEvents(clock, self.markets, self._publish)
        self.trading = Trading(clock, self.markets, self.events, f"{seed}:{product.name}")
        self.amending = Amending(self.trading)
        self.algo_orders = AlgoOrders(clock, self.markets, self.trading)
        self.liquidator = Liquidator(self.accounts, self.markets, self.trading)
        validity_ms = product.user_data.validity_ms if product.user_data else _LISTEN_KEY_VALIDITY_MS
        self.listen_keys = ListenKeys(clock, validity_ms, f"{seed}:{product.name}", self._key_expired)
        self.makers: dict[str, MarketMaker] = {}
        for symbol, market in self.markets.items():
            self.makers[symbol] = MarketMaker(market, f"{seed}:{symbol}", self.trading.next_order_id)
            self.trading.serve(market)
            self.algo_orders.watch(market)
            market.price_listeners.append(self.liquidator.watch(market))
        self.funding: dict[str, list[tuple[int, Decimal, Decimal]]] = {symbol: [] for symbol in self.markets}
        """Paid funding by symbol: time (ms), rate, mark price."""
        self.market_moves = True

    def open(self) -> None:
        """Starts trading: from now on prices move with time."""
        for maker in self.makers.values():
            for _ in range(WARM_UP_TICKS):
                maker.step()
        self.clock.every(TICK_MS, self._tick)
        self.clock.every(FUNDING_INTERVAL_MS, self._pay_funding)

    def open_account(
        self,
        api_key: str,
        secret: str | None = None,
        public_key: bytes | str | None = None,
        balances: Mapping[str, Decimal | int | str] | None = None,
    ) -> Account:
        """Registers a trader.

        Args:
            api_key: The key that requests carry.
            secret: The HMAC secret that they are signed with.
            public_key: PEM text of an RSA or Ed25519 key, instead of a secret.
            balances: Asset → amount; by default 100,000 USDT and a little of other assets.
        """
        account = Account(api_key, secret, load_public_key(public_key) if public_key is not None else None)
        for asset, amount in (DEFAULT_BALANCES if balances is None else balances).items():
            account.balance(asset).wallet = Decimal(amount)
            account.balance(asset).updated_ms = self.clock.now_ms()
        self.accounts[api_key] = account
        return account

    def authenticate(self, api_key: str | None) -> Account:
        """The account of an API key.

        Raises:
            Rejection: -2014, no API key looks like this; -2015, nobody has this one.
        """
        account = self.accounts.get(api_key or "")
        if account is not None:
            return account
        if api_key is None or len(api_key) != 64 or not _KEY_CHARACTERS.issuperset(api_key):
            raise Rejection(-2014, status=401)
        raise Rejection(-2015, status=401)

    def market(self, symbol: str) -> Market:
        """The market of a contract.

        Raises:
            Rejection: -1121, there is none.
        """
        market = self.markets.get(symbol)
        if market is None:
            raise Rejection(-1121)
        return market

    def market_of_pair(self, pair: str, contract_type: str = "PERPETUAL") -> Market:
        """The market of a pair's contract.

        Raises:
            Rejection: -4144, there is none.
        """
        for market in self.markets.values():
            if market.instrument.pair == pair and market.instrument.contract_type == contract_type:
                return market
        raise Rejection(-4144)

    def modes(self, account: Account | None) -> frozenset[str]:
        """The modes that rules of the spec may ask for."""
        if account is None:
            return frozenset()
        return frozenset(
            (
                "hedge" if account.hedge_mode else "one_way",
                "multi_assets" if account.multi_assets_mode else "single_asset",
            )
        )

    def transfer(self, account: Account, asset: str, amount: Decimal) -> None:
        """Moves money into (or, negative, out of) an account, and says so on its stream."""
        balance = account.balance(asset)
        balance.wallet += amount
        balance.updated_ms = self.clock.now_ms()
        account.earn("TRANSFER", "", asset, amount, balance.updated_ms)
        self.events.account(account, "DEPOSIT" if amount >= 0 else "WITHDRAW", {asset: amount})

    def send_event(self, account: Account, event: str, payload: Mapping[str, object] | None = None) -> None:
        """Pushes an event onto an account's stream, whether or not anything has happened.

        Args:
            account: Whose stream.
            event: Wire name of an event of the spec.
            payload: What it says; the documented example, at the present time, by default.

        Raises:
            KeyError: The spec has no such event.
        """
        declared, key = self.product.events[event], self.listen_keys.of(account)
        if payload is None:
            example = self.examples.message(declared.payload, declared.examples, {}, self.clock.now_ms())
            payload = example if isinstance(example, Mapping) else {}
        if key is not None:
            self._send(key, event, payload)

    def open_positions(self, accounts: Iterable[Account] | None = None) -> Iterable[tuple[Account, Position]]:
        """Positions that are not flat, with their owners."""
        for account in self.accounts.values() if accounts is None else accounts:
            for position in account.positions.values():
                if position.amount:
                    yield account, position

    def _tick(self) -> None:
        if self.market_moves:
            for maker in self.makers.values():
                maker.step()

    def _pay_funding(self) -> None:
        now_ms = self.clock.now_ms()
        for symbol, market in self.markets.items():
            rate, mark = market.funding_rate(now_ms), market.mark_price
            self.funding[symbol].append((now_ms, rate, mark))
            for account, position in self.open_positions():
                if position.instrument.symbol == symbol:
                    self._charge_funding(account, position, -(position.notional(mark) * rate), now_ms)

    def _charge_funding(self, account: Account, position: Position, amount: Decimal, now_ms: int) -> None:
        asset, symbol = position.instrument.quote, position.instrument.symbol
        amount = amount.quantize(Decimal("0.00000001"))
        balance = account.balance(asset)
        balance.wallet += amount
        balance.updated_ms = now_ms
        account.earn("FUNDING_FEE", symbol, asset, amount, now_ms)
        isolated = account.is_isolated(symbol)
        if isolated:
            position.isolated_wallet += amount
        self.events.account(account, "FUNDING_FEE", {asset: amount}, [position] if isolated else (), symbol)

    def _key_expired(self, key: ListenKey) -> None:
        event = self.product.user_data.expired_event if self.product.user_data else "listenKeyExpired"
        payload = {"e": event, "E": self.clock.now_ms(), "listenKey": key.text}
        self._send(key, event, payload)

    def _publish(self, account: Account, event: str, payload: Mapping[str, object]) -> None:
        key = self.listen_keys.of(account)
        if key is not None:
            self._send(key, event, payload)

    def _send(self, key: ListenKey, event: str, payload: Mapping[str, object]) -> None:
        declared = self.product.events.get(event)
        if self.publish_user_event is not None and declared is not None:
            example = declared.examples[0].value if declared.examples else None
            self.publish_user_event(key.text, event, self.shaper.value(declared.payload, payload, example))
