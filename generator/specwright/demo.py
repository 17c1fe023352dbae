"""The demo: one real order through REST, WebSocket API and user stream, against the embedded exchange."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.text import Text

from binance_derivatives import AsyncUsdsFutures, errors
from binance_derivatives.usds_futures.models import AccountUpdate, OrderTradeUpdate

from .simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SYMBOL = "BTCUSDT"
PATIENCE = 10.0
"""Seconds that a step may take before the demo calls it failed."""

NO_LISTEN_KEY = -1125

Item = TypeVar("Item")


class StepFailed(Exception):
    """A step of the demo did not happen as it should."""


class Transcript:
    """Prints one line a step, numbered, with what was seen."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._count = 0

    def step(self, title: str, detail: str) -> None:
        """Says that a step has happened, and what it showed."""
        self._count += 1
        line = Text.assemble(
            (f" {self._count:>2} ", "dim"), ("✓ ", "bold green"), (f"{title:<37}", "bold"), (detail, "cyan")
        )
        self._console.print(line)


def require(condition: bool, problem: str) -> None:
    """Fails the demo unless the condition holds."""
    if not condition:
        raise StepFailed(problem)


async def require_closed(client: AsyncUsdsFutures) -> None:
    """Fails the demo unless the exchange says that there is no listen key to extend."""
    try:
        await client.user_data_streams.keepalive_user_data_stream()
    except errors.ApiError as refusal:
        require(refusal.code == NO_LISTEN_KEY, f"the exchange answered {refusal}")
    else:
        raise StepFailed("the listen key is still open")


class Events:
    """The account's events as they came: an event may be asked for after a later one was."""

    def __init__(self, items: AsyncIterator[object]) -> None:
        self._items = items
        self._waiting: list[object] = []

    async def first(self, kind: type[Item], fits: Callable[[Item], bool], what: str) -> Item:
        """The first event of a kind that fits; fails the demo when none comes in time."""
        for position, item in enumerate(self._waiting):
            if isinstance(item, kind) and fits(item):
                del self._waiting[position]
                return item
        try:
            async with asyncio.timeout(PATIENCE):
                async for item in self._items:
                    if isinstance(item, kind) and fits(item):
                        return item
                    self._waiting.append(item)
        except TimeoutError:
            raise StepFailed(f"no {what} within {PATIENCE:g} s") from None
        raise StepFailed(f"the user stream ended before {what}")


async def trade(exchange: Simulator, transcript: Transcript) -> None:
    """Runs the steps; raises StepFailed at the first that does not happen."""
    async with AsyncUsdsFutures(
        api_key=exchange.api_key,
        api_secret=exchange.api_secret,
        rest_url=exchange.rest_url,
        ws_api_url=exchange.ws_api_url,
        stream_url=exchange.stream_url,
    ) as client:
        opened = await client.user_data_streams.start_user_data_stream()
        transcript.step(
            "listen key opened over REST", f"{opened.listen_key[:8]}… ({len(opened.listen_key)} characters)"
        )

        async with client.user_data() as stream:
            events = Events(aiter(stream))
            transcript.step("user stream connected", exchange.stream_url)

            book = await client.market_data.order_book(symbol=SYMBOL, limit=5)
            bid, ask = book.bids[0], book.asks[0]
            require(bid.price < ask.price, f"the book is crossed: {bid.price} ≥ {ask.price}")
            transcript.step(
                "order book read over REST", f"{bid.quantity} @ {bid.price}  |  {ask.price} @ {ask.quantity}"
            )

            placed = await client.ws_api.trade.new_order(
                symbol=SYMBOL, side="BUY", type="MARKET", quantity=Decimal("0.010")
            )
            transcript.step(
                "market order over WebSocket API", f"order {placed.order_id}, {placed.side} {placed.orig_qty}"
            )

            fill = await events.first(
                OrderTradeUpdate,
                lambda event: event.order.order_id == placed.order_id and event.order.order_status == "FILLED",
                "ORDER_TRADE_UPDATE",
            )
            transcript.step(
                "ORDER_TRADE_UPDATE arrived",
                f"{fill.order.order_status} {fill.order.accumulated_filled_quantity} @ {fill.order.average_price}",
            )

            change = await events.first(
                AccountUpdate, lambda event: event.update_data.reason == "ORDER", "ACCOUNT_UPDATE"
            )
            position = next(p for p in change.update_data.positions or [] if p.symbol == SYMBOL)
            require(position.position_amount == Decimal("0.010"), f"the position is {position.position_amount}")
            transcript.step("ACCOUNT_UPDATE arrived", f"position {position.position_amount} {SYMBOL}")

            far = (bid.price * Decimal("0.9")).quantize(bid.price)
            resting = await client.ws_api.trade.new_order(
                symbol=SYMBOL, side="BUY", type="LIMIT", time_in_force="GTC", quantity=Decimal("0.010"), price=far
            )
            canceled = await client.trade.cancel_order(symbol=SYMBOL, order_id=resting.order_id)
            require(canceled.status == "CANCELED", f"the order is {canceled.status}")
            seen = await events.first(
                OrderTradeUpdate,
                lambda event: event.order.order_id == resting.order_id and event.order.order_status == "CANCELED",
                "the cancellation's event",
            )
            transcript.step(
                "limit order placed and cancelled", f"order {seen.order.order_id} @ {far}: {seen.order.order_status}"
            )

            balances = await client.account.futures_account_balance_v3()
            balance = next(b for b in balances if b.asset == "USDT")
            told = next(b for b in change.update_data.balances if b.asset == "USDT")
            require(
                balance.balance == told.wallet_balance, f"REST says {balance.balance}, the stream {told.wallet_balance}"
            )
            transcript.step("balance agrees with the stream", f"{balance.balance} USDT")

            await client.ws_api.user_data_streams.close_user_data_stream()
            await require_closed(client)
            transcript.step("listen key closed over WebSocket API", opened.listen_key[:8] + "…")

        weight = client.limits["request_weight"]
        require(0 < weight.used <= weight.limit, f"weight used: {weight.used} of {weight.limit}")
        transcript.step("weight used", f"{weight.used} of {weight.limit} this minute")


def run() -> int:
    """Runs the demo; the exit code is 0 only when every step really happened."""
    console = Console()
    console.print(Text("binance_derivatives against the embedded exchange", style="bold"))
    with Simulator(seed=7) as exchange:
        try:
            asyncio.run(trade(exchange, Transcript(console)))
        except StepFailed as failure:
            console.print(Text(f"    ✗ {failure}", style="bold red"))
            return 1
    console.print(Text("every step happened", style="bold green"))
    return 0
