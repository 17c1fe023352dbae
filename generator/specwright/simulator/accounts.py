"""Accounts: balances, positions and what margin they bind. No orders, no I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import Factory, define, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .instruments import Instrument, Side
    from .signatures import PublicKey

PositionSide: TypeAlias = Literal["BOTH", "LONG", "SHORT"]
MarginType: TypeAlias = Literal["CROSSED", "ISOLATED"]

MAKER_RATE = Decimal("0.0002")
TAKER_RATE = Decimal("0.0005")
DEFAULT_LEVERAGE = 20
_ZERO = Decimal(0)
_EIGHT = Decimal("0.00000001")


@define
class Balance:
    """What an account has of one asset."""

    asset: str
    wallet: Decimal = _ZERO
    updated_ms: int = 0


@define
class Position:
    """An open (or once open) position in one contract."""

    instrument: Instrument
    side: PositionSide
    amount: Decimal = _ZERO
    """Signed: negative is short."""
    entry_price: Decimal = _ZERO
    realized: Decimal = _ZERO
    """Profit taken so far, before fees (margin asset)."""
    fees: Decimal = _ZERO
    """Fees paid for what is open now, for the break-even price."""
    isolated_wallet: Decimal = _ZERO
    updated_ms: int = 0

    def unrealized(self, mark_price: Decimal) -> Decimal:
        """Profit if it were closed at this price (margin asset)."""
        return ((mark_price - self.entry_price) * self.amount).quantize(_EIGHT)

    def notional(self, mark_price: Decimal) -> Decimal:
        """Signed value at this price (margin asset)."""
        return (self.amount * mark_price).quantize(_EIGHT)

    @property
    def break_even_price(self) -> Decimal:
        """The price at which closing would pay back the fees."""
        return self.entry_price + self.fees / self.amount if self.amount else _ZERO

    def fill(self, quantity: Decimal, price: Decimal, now_ms: int) -> Decimal:
        """Adds a signed quantity at a price.

        Returns:
            The profit that this takes (margin asset), before fees.
        """
        self.updated_ms = now_ms
        profit = _ZERO
        if self.amount and (self.amount > 0) != (quantity > 0):
            closed = min(abs(quantity), abs(self.amount))
            profit = (price - self.entry_price) * (closed if self.amount > 0 else -closed)
            self.fees -= self.fees * closed / abs(self.amount)
        if self.amount == 0 or (self.amount > 0) == (quantity > 0):
            self.entry_price = (self.entry_price * self.amount + price * quantity) / (self.amount + quantity)
        elif abs(quantity) > abs(self.amount):
            self.entry_price, self.fees = price, _ZERO
        self.amount += quantity
        if self.amount == 0:
            self.entry_price = self.fees = _ZERO
        profit = profit.quantize(_EIGHT)
        self.realized += profit
        return profit


@define
class SymbolSettings:
    """How an account trades one contract."""

    leverage: int = DEFAULT_LEVERAGE
    margin_type: MarginType = "CROSSED"


@define(frozen=True)
class Income:
    """One line of the account's income history."""

    kind: str
    symbol: str
    asset: str
    amount: Decimal
    time_ms: int
    transaction_id: int
    trade_id: str = ""


@define(eq=False)
class Account:
    """One trader's account.

    Only the exchange changes it, in its own thread; reading is safe from any other.
    """

    api_key: str
    secret: str | None = field(default=None, repr=False)
    public_key: PublicKey | None = field(default=None, repr=False)
    alias: str = "SgsR"
    balances: dict[str, Balance] = Factory(dict)
    positions: dict[tuple[str, PositionSide], Position] = Factory(dict)
    settings: dict[str, SymbolSettings] = Factory(dict)
    hedge_mode: bool = False
    multi_assets_mode: bool = False
    fee_burn: bool = True
    incomes: list[Income] = Factory(list)
    margin_changes: list[tuple[int, str, PositionSide, str, int, Decimal]] = Factory(list)
    """Margin moved to (1) and from (2) isolated positions: time (ms), symbol, side, asset, direction, amount."""

    def balance(self, asset: str) -> Balance:
        """What the account has of an asset, zero included."""
        return self.balances.setdefault(asset, Balance(asset))

    def symbol_settings(self, symbol: str) -> SymbolSettings:
        """Leverage and margin type of a contract."""
        return self.settings.setdefault(symbol, SymbolSettings())

    def position(self, instrument: Instrument, side: PositionSide = "BOTH") -> Position:
        """The position in a contract, flat included."""
        return self.positions.setdefault((instrument.symbol, side), Position(instrument, side))

    def positions_of(self, symbol: str | None = None) -> Iterator[Position]:
        """Positions that belong to the account's position mode, flat ones included."""
        for (name, side), position in self.positions.items():
            if (symbol is None or name == symbol) and (side == "BOTH") != self.hedge_mode:
                yield position

    def is_isolated(self, symbol: str) -> bool:
        """Whether the contract's positions have margin of their own."""
        return self.symbol_settings(symbol).margin_type == "ISOLATED"

    def initial_margin(self, position: Position, mark_price: Decimal) -> Decimal:
        """Margin that an open position binds (margin asset)."""
        leverage = self.symbol_settings(position.instrument.symbol).leverage
        return (abs(position.notional(mark_price)) / leverage).quantize(_EIGHT)

    def maintenance_margin(self, position: Position, mark_price: Decimal) -> Decimal:
        """Margin below which the position is liquidated (margin asset)."""
        notional = abs(position.notional(mark_price))
        bracket = position.instrument.bracket(notional)
        return (notional * bracket.maintenance - bracket.cumulative).quantize(_EIGHT)

    def isolated_wallets(self, asset: str) -> Decimal:
        """What isolated positions have set apart of an asset."""
        return sum((p.isolated_wallet for p in self.positions.values() if p.instrument.quote == asset), start=_ZERO)

    def settle(
        self, position: Position, side: Side, quantity: Decimal, price: Decimal, maker: bool, now_ms: int
    ) -> tuple[Decimal, Decimal]:
        """Books one fill: position, profit and commission.

        Returns:
            Realized profit and commission (both margin asset).
        """
        commission = (price * quantity * (MAKER_RATE if maker else TAKER_RATE)).quantize(_EIGHT)
        before = position.amount
        profit = position.fill(quantity if side == "BUY" else -quantity, price, now_ms)
        position.fees += commission if position.amount else _ZERO
        balance = self.balance(position.instrument.quote)
        balance.wallet += profit - commission
        balance.updated_ms = now_ms
        if self.is_isolated(position.instrument.symbol):
            self._move_isolated_margin(position, before, profit, commission)
        return profit, commission

    def _move_isolated_margin(self, position: Position, before: Decimal, profit: Decimal, commission: Decimal) -> None:
        leverage = self.symbol_settings(position.instrument.symbol).leverage
        if position.amount == 0:
            position.isolated_wallet = _ZERO
        elif abs(position.amount) > abs(before) and (before == 0 or (before > 0) == (position.amount > 0)):
            added = abs(position.amount - before) * position.entry_price / leverage
            position.isolated_wallet += added.quantize(_EIGHT) - commission
        elif (before > 0) == (position.amount > 0):
            released = position.isolated_wallet * (1 - position.amount / before)
            position.isolated_wallet += -released.quantize(_EIGHT)
        else:
            position.isolated_wallet = (abs(position.amount) * position.entry_price / leverage).quantize(_EIGHT)

    def earn(self, kind: str, symbol: str, asset: str, amount: Decimal, now_ms: int, trade_id: str = "") -> None:
        """Writes one line of the income history; zero amounts are not worth a line."""
        if amount:
            number = now_ms * 1000 + len(self.incomes) % 1000
            self.incomes.append(Income(kind, symbol, asset, amount, now_ms, number, trade_id))
