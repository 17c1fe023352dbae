"""Orders of accounts: accepted, matched, settled, cancelled. The state behind every order endpoint."""

from __future__ import annotations

import itertools
import random
import string
from decimal import Decimal
from typing import TYPE_CHECKING

from .margin import asset_margin
from .matching import Fill, Match, RestingOrder
from .order_checks import check_client_order_id, check_ticket, matched_price
from .orders import AccountTrade, Order, OrderStatus, OrderStore, Ticket
from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .accounts import Account, Position
    from .clock import Clock, Timer
    from .instruments import Side
    from .market import Market, Trade
    from .user_events import UserEvents

_ID_CHARACTERS = string.ascii_letters + string.digits
_ZERO = Decimal(0)


class Trading:
    """Places, matches and settles orders.

    Args:
        clock: The exchange's time.
        markets: The contracts' markets by symbol.
        events: Where users' events go.
        seed: What client order ids of orders without one are drawn from.
    """

    def __init__(self, clock: Clock, markets: Mapping[str, Market], events: UserEvents, seed: str) -> None:
        self.clock = clock
        self.markets = markets
        self.events = events
        self.next_order_id = itertools.count(8_886_774).__next__
        self._draw = random.Random(f"ids:{seed}")
        self._stores: dict[str, OrderStore] = {}
        self._live: dict[int, Order] = {}
        """Orders that rest in a book, by number."""
        self._countdowns: dict[tuple[str, str], Timer] = {}

    def serve(self, market: Market) -> None:
        """Settles the resting orders that this market trades."""
        market.on_maker_fill = self._maker_filled
        market.on_makers_expired = self._makers_expired

    def store(self, account: Account) -> OrderStore:
        """The orders and trades of an account."""
        return self._stores.setdefault(account.api_key, OrderStore())

    def new_client_id(self) -> str:
        """An id such as the exchange gives to orders that have none."""
        return "".join(self._draw.choices(_ID_CHARACTERS, k=22))

    def check(self, account: Account, ticket: Ticket) -> None:
        """Everything that `place` refuses before an order exists.

        Raises:
            Rejection: With the code of the first rule that the order breaks.
        """
        market = self.markets[ticket.symbol]
        check_ticket(ticket, market, self.clock.now_ms())
        if ticket.client_order_id is not None:
            check_client_order_id(ticket.client_order_id)
            if self.store(account).has_open_client_id(ticket.client_order_id):
                raise Rejection(-4116)
        self._check_position_side(account, ticket)
        if ticket.price_match != "NONE":
            ticket.price = matched_price(market, ticket.side, ticket.price_match)
        if len(self.store(account).open(ticket.symbol)) >= market.instrument.max_orders:
            raise Rejection(-2025)
        self._check_margin(account, ticket, market)
        self._check_time_in_force(ticket, market)

    def place(self, account: Account, ticket: Ticket) -> Order:
        """Accepts an order, trades it as far as it goes, and rests what may rest.

        Raises:
            Rejection: With the code of the first rule that the order breaks.
        """
        self.check(account, ticket)
        now_ms = self.clock.now_ms()
        order = Order(
            order_id=self.next_order_id(),
            client_order_id=ticket.client_order_id or self.new_client_id(),
            account=account,
            instrument=self.markets[ticket.symbol].instrument,
            ticket=ticket,
            quantity=ticket.quantity,
            price=(ticket.price or _ZERO) if ticket.type == "LIMIT" else _ZERO,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        self.store(account).add(order)
        self.events.order(order, "NEW")
        self.run(order)
        return order

    def run(self, order: Order) -> None:
        """Trades an open order against the book; what is left rests or expires, as its time in force says."""
        market = self.markets[order.instrument.symbol]
        limit = order.price if order.ticket.type == "LIMIT" else None
        quantity = self._executable(order)
        match, trades = market.take(order.ticket.side, quantity, limit, order.account.api_key, order.ticket.prevention)
        for trade in trades:
            self._settle(order, trade, maker=False)
        if not order.is_open:
            return
        if match.taker_expired:
            self.end(order, "EXPIRED_IN_MATCH", "EXPIRED", reason=1)
        elif order.ticket.type == "MARKET":
            self.end(order, "EXPIRED", "EXPIRED", reason=9 if quantity == order.ticket.quantity else 4)
        elif order.ticket.time_in_force in ("IOC", "FOK"):
            self.end(order, "EXPIRED", "EXPIRED", reason=2)
        else:
            self._rest(order, market)

    def cancel(self, order: Order) -> None:
        """Takes an open order off the book.

        Raises:
            Rejection: -2011, it is not open.
        """
        if not order.is_open:
            raise Rejection(-2011)
        self.end(order, "CANCELED", "CANCELED")

    def cancel_all(self, account: Account, symbol: str) -> list[Order]:
        """Cancels every open order of a contract."""
        orders = self.store(account).open(symbol)
        for order in orders:
            self.cancel(order)
        return orders

    def count_down(self, account: Account, symbol: str, delay_ms: int) -> None:
        """Cancels every open order of a contract in `delay_ms` unless called again; 0 calls it off."""
        running = self._countdowns.pop((account.api_key, symbol), None)
        if running is not None:
            running.cancel()
        if delay_ms:
            timer = self.clock.call_later(delay_ms, lambda: self._counted_down(account, symbol))
            self._countdowns[account.api_key, symbol] = timer

    def end(self, order: Order, status: OrderStatus, execution: str, reason: int = 0) -> None:
        """Closes an order that was not filled, and says so."""
        self.withdraw(order)
        order.status = status
        order.expiry_reason = reason
        order.updated_ms = self.clock.now_ms()
        self.store(order.account).closed(order)
        if order.expiry is not None:
            order.expiry.cancel()
        self.events.order(order, execution)

    def withdraw(self, order: Order) -> None:
        """Takes an order off its book without closing it."""
        self.markets[order.instrument.symbol].book.cancel(order.order_id)
        self._live.pop(order.order_id, None)

    def position(self, order: Order) -> Position:
        """The position that an order trades."""
        return order.account.position(order.instrument, order.ticket.position_side)

    # --- Checks --------------------------------------------------------------------------------------------------

    def _check_position_side(self, account: Account, ticket: Ticket) -> None:
        if (ticket.position_side == "BOTH") == account.hedge_mode:
            raise Rejection(-4061)
        position = account.position(self.markets[ticket.symbol].instrument, ticket.position_side)
        closes_hedge = (ticket.position_side, ticket.side) in (("LONG", "SELL"), ("SHORT", "BUY"))
        if closes_hedge and abs(position.amount) < ticket.quantity:
            raise Rejection(-2022)
        if ticket.reduce_only and (position.amount == 0 or (position.amount > 0) == (ticket.side == "BUY")):
            raise Rejection(-2022)

    def _check_margin(self, account: Account, ticket: Ticket, market: Market) -> None:
        position = account.position(market.instrument, ticket.position_side)
        signed = ticket.quantity if ticket.side == "BUY" else -ticket.quantity
        opened = abs(position.amount + signed) - abs(position.amount)
        if opened <= 0 or ticket.reduce_only:
            return
        price = ticket.price or self._opponent_price(market, ticket.side)
        leverage = account.symbol_settings(ticket.symbol).leverage
        asset = market.instrument.quote
        margin = asset_margin(account, asset, self.markets, self.store(account).open())
        if opened * price / leverage > margin.available:
            raise Rejection(-2019)
        if abs(position.amount + signed) * price > market.instrument.max_notional(leverage):
            raise Rejection(-2027)

    def _opponent_price(self, market: Market, side: Side) -> Decimal:
        best = market.book.best("SELL" if side == "BUY" else "BUY")
        return best[0] if best else market.mark_price

    def _check_time_in_force(self, ticket: Ticket, market: Market) -> None:
        if ticket.type != "LIMIT" or ticket.price is None:
            return
        if ticket.time_in_force == "FOK" and market.book.available(ticket.side, ticket.price) < ticket.quantity:
            raise Rejection(-5021)
        if ticket.time_in_force in ("GTX", "RPI") and market.book.crosses(ticket.side, ticket.price):
            raise Rejection(-5022)

    # --- Execution -----------------------------------------------------------------------------------------------

    def _executable(self, order: Order) -> Decimal:
        if not order.reduces:
            return order.remaining
        return min(order.remaining, abs(self.position(order).amount))

    def _rest(self, order: Order, market: Market) -> None:
        quantity = self._executable(order)
        if quantity <= 0:
            self.end(order, "EXPIRED", "EXPIRED", reason=4)
            return
        self._live[order.order_id] = order
        market.book.rest(RestingOrder(order.order_id, order.ticket.side, order.price, quantity, order.account.api_key))
        if order.ticket.time_in_force == "GTD" and order.expiry is None:
            order.expiry = self.clock.call_at(order.ticket.good_till_ms, lambda: self._good_till_over(order))

    def _good_till_over(self, order: Order) -> None:
        if order.is_open:
            self.end(order, "EXPIRED", "EXPIRED")

    def _counted_down(self, account: Account, symbol: str) -> None:
        self._countdowns.pop((account.api_key, symbol), None)
        self.cancel_all(account, symbol)

    def _maker_filled(self, fill: Fill, trade: Trade) -> None:
        self._settle(self._live[fill.maker_order_id], trade, maker=True)

    def _makers_expired(self, match: Match) -> None:
        for resting in match.expired_makers:
            self.end(self._live[resting.order_id], "EXPIRED_IN_MATCH", "EXPIRED", reason=1)

    def _settle(self, order: Order, trade: Trade, *, maker: bool) -> None:
        account, position, now_ms = order.account, self.position(order), self.clock.now_ms()
        profit, commission = account.settle(position, order.ticket.side, trade.quantity, trade.price, maker, now_ms)
        order.executed += trade.quantity
        order.quote += trade.price * trade.quantity
        order.updated_ms = now_ms
        order.status = "FILLED" if order.remaining <= 0 else "PARTIALLY_FILLED"
        symbol, asset, number = order.instrument.symbol, order.instrument.quote, str(trade.id)
        account.earn("REALIZED_PNL", symbol, asset, profit, now_ms, number)
        account.earn("COMMISSION", symbol, asset, -commission, now_ms, number)
        own = AccountTrade(trade.id, order, trade.price, trade.quantity, commission, profit, maker, now_ms)
        self.store(account).trades.append(own)
        if not order.is_open:
            self._live.pop(order.order_id, None)
            self.store(account).closed(order)
            if order.expiry is not None:
                order.expiry.cancel()
        self.events.trade_lite(own)
        self.events.account(account, "ORDER", {asset: _ZERO}, [position])
        self.events.order(order, "TRADE", own)
        self._trim(position, account)

    def _trim(self, position: Position, account: Account) -> None:
        """Orders that may only reduce shrink with their position, and expire with it."""
        book = self.markets[position.instrument.symbol].book
        for order in self.store(account).open(position.instrument.symbol):
            resting = book.order(order.order_id)
            if resting is None or not order.reduces or order.ticket.position_side != position.side:
                continue
            reduces = position.amount and (position.amount > 0) == (order.ticket.side == "SELL")
            allowed = abs(position.amount) if reduces else _ZERO
            if allowed == 0:
                self.end(order, "EXPIRED", "EXPIRED", reason=4)
            elif resting.remaining > allowed:
                book.reduce(order.order_id, resting.remaining - allowed)
