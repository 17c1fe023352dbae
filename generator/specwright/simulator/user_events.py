"""The events that an account's stream carries, built from orders and positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from .accounts import Account, Position

if TYPE_CHECKING:
    from .clock import Clock
    from .market import Market
    from .orders import AccountTrade, Order

Publish: TypeAlias = Callable[[Account, str, Mapping[str, object]], None]
"""Hands an event to the account's streams: account, wire name, payload with every field that it may have."""

_ZERO = Decimal(0)


class UserEvents:
    """Builds events and hands them on.

    Args:
        clock: The exchange's time.
        markets: For mark prices.
        publish: Where events go.
    """

    def __init__(self, clock: Clock, markets: Mapping[str, Market], publish: Publish) -> None:
        self._clock = clock
        self._markets = markets
        self._publish = publish

    def order(self, order: Order, execution: str, trade: AccountTrade | None = None) -> None:
        """ORDER_TRADE_UPDATE: something happened to an order (`NEW`, `TRADE`, `CANCELED`, `EXPIRED`, `AMENDMENT` …)."""
        ticket, instrument = order.ticket, order.instrument
        price, quantity = instrument.price_text, instrument.quantity_text
        open_notional = order.remaining * order.price if order.is_open else _ZERO
        fields: dict[str, object] = {
            "s": instrument.symbol,
            "c": order.client_order_id,
            "S": ticket.side,
            "o": ticket.type,
            "f": ticket.time_in_force,
            "q": quantity(order.quantity),
            "p": price(order.price),
            "ap": f"{order.average_price:.{instrument.price_precision}f}",
            "sp": price(ticket.stop_price),
            "x": execution,
            "X": order.status,
            "i": order.order_id,
            "l": quantity(trade.quantity if trade else _ZERO),
            "z": quantity(order.executed),
            "L": price(trade.price if trade else _ZERO),
            "T": order.updated_ms,
            "t": trade.id if trade else 0,
            "b": f"{open_notional if ticket.side == 'BUY' else _ZERO:.5f}",
            "a": f"{open_notional if ticket.side == 'SELL' else _ZERO:.5f}",
            "m": trade.maker if trade else False,
            "R": ticket.reduce_only,
            "wt": ticket.working_type,
            "ot": ticket.original_type or ticket.type,
            "ps": ticket.position_side,
            "cp": ticket.close_position,
            "pP": False,
            "si": 0,
            "ss": 0,
            "rp": f"{trade.profit if trade else _ZERO:.8f}",
            "V": ticket.prevention,
            "pm": ticket.price_match,
            "gtd": ticket.good_till_ms,
            "er": str(order.expiry_reason),
        }
        if trade is not None:
            fields["N"], fields["n"] = instrument.quote, f"{trade.commission:.8f}"
        if execution == "AMENDMENT" and order.amendments[-1].modify_id is not None:
            fields["M"] = str(order.amendments[-1].modify_id)
        self._send(order.account, "ORDER_TRADE_UPDATE", {"T": order.updated_ms, "o": fields})

    def trade_lite(self, trade: AccountTrade) -> None:
        """TRADE_LITE: a fill, in short."""
        order = trade.order
        price, quantity = order.instrument.price_text, order.instrument.quantity_text
        fields = {
            "T": trade.time_ms,
            "s": order.instrument.symbol,
            "q": quantity(order.quantity),
            "p": price(order.price),
            "m": trade.maker,
            "c": order.client_order_id,
            "S": order.ticket.side,
            "L": price(trade.price),
            "l": quantity(trade.quantity),
            "t": trade.id,
            "i": order.order_id,
        }
        self._send(order.account, "TRADE_LITE", fields)

    def account(
        self,
        account: Account,
        reason: str,
        changes: Mapping[str, Decimal],
        positions: Iterable[Position] = (),
        symbol: str | None = None,
    ) -> None:
        """ACCOUNT_UPDATE: balances or positions changed.

        Args:
            account: Whose they are.
            reason: `ORDER`, `DEPOSIT`, `FUNDING_FEE` …
            changes: Assets that changed, with the part that is neither profit nor commission.
            positions: Positions that changed.
            symbol: The contract that a funding fee was paid for.
        """
        update: dict[str, object] = {
            "m": reason,
            "B": [
                {
                    "a": asset,
                    "wb": f"{account.balance(asset).wallet:.8f}",
                    "cw": f"{account.balance(asset).wallet - account.isolated_wallets(asset):.8f}",
                    "bc": f"{change:.8f}",
                }
                for asset, change in changes.items()
            ],
            "P": [self._position(account, position) for position in positions],
        }
        if symbol is not None:
            update["S"] = symbol
        self._send(account, "ACCOUNT_UPDATE", {"T": self._clock.now_ms(), "a": update})

    def leverage(self, account: Account, symbol: str) -> None:
        """ACCOUNT_CONFIG_UPDATE: a contract's leverage changed."""
        fields = {"s": symbol, "l": account.symbol_settings(symbol).leverage}
        self._send(account, "ACCOUNT_CONFIG_UPDATE", {"T": self._clock.now_ms(), "ac": fields})

    def multi_assets_mode(self, account: Account) -> None:
        """ACCOUNT_CONFIG_UPDATE: the account's asset mode changed."""
        fields = {"j": account.multi_assets_mode}
        self._send(account, "ACCOUNT_CONFIG_UPDATE", {"T": self._clock.now_ms(), "ai": fields})

    def algo(self, account: Account, fields: Mapping[str, object]) -> None:
        """ALGO_UPDATE: something happened to a conditional order."""
        self._send(account, "ALGO_UPDATE", {"T": self._clock.now_ms(), "o": fields})

    def margin_call(self, account: Account, position: Position, maintenance: Decimal) -> None:
        """MARGIN_CALL: a position's margin comes close to what it must keep."""
        isolated = account.is_isolated(position.instrument.symbol)
        mark = self._markets[position.instrument.symbol].mark_price
        fields: dict[str, object] = {
            "s": position.instrument.symbol,
            "ps": position.side,
            "pa": position.instrument.quantity_text(position.amount),
            "mt": "ISOLATED" if isolated else "CROSSED",
            "iw": f"{position.isolated_wallet:.8f}",
            "mp": f"{mark:.8f}",
            "up": f"{position.unrealized(mark):.8f}",
            "mm": f"{maintenance:.8f}",
        }
        payload: dict[str, object] = {"p": [fields]}
        if not isolated:
            quote = position.instrument.quote
            payload["cw"] = f"{account.balance(quote).wallet - account.isolated_wallets(quote):.8f}"
        self._send(account, "MARGIN_CALL", payload)

    def _position(self, account: Account, position: Position) -> dict[str, object]:
        instrument = position.instrument
        mark = self._markets[instrument.symbol].mark_price
        return {
            "s": instrument.symbol,
            "pa": instrument.quantity_text(position.amount),
            "ep": f"{position.entry_price:.{instrument.price_precision}f}",
            "bep": f"{position.break_even_price:.{instrument.price_precision + 2}f}",
            "cr": f"{position.realized:.8f}",
            "up": f"{position.unrealized(mark):.8f}",
            "mt": "isolated" if account.is_isolated(instrument.symbol) else "cross",
            "iw": f"{position.isolated_wallet:.8f}",
            "ps": position.side,
        }

    def _send(self, account: Account, event: str, fields: Mapping[str, object]) -> None:
        self._publish(account, event, {"e": event, "E": self._clock.now_ms(), **fields})
