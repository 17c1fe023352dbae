"""The contracts that are traded: their names, price and lot grids, and risk limits."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterable

Side: TypeAlias = Literal["BUY", "SELL"]

QUOTE_ASSETS = ("USDT", "USDC", "BUSD", "BTC")
PERPETUAL_DELIVERY_MS = 4_133_404_800_000
ONBOARD_MS = 1_569_398_400_000


def opposite(side: Side) -> Side:
    """The other side of a trade."""
    return "SELL" if side == "BUY" else "BUY"


def decimals(grid: Decimal) -> int:
    """How many decimals a multiple of `grid` needs."""
    exponent = grid.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@define(frozen=True)
class Bracket:
    """One notional bracket: the leverage that it allows and the maintenance margin that it asks for."""

    number: int
    leverage: int
    floor: Decimal
    cap: Decimal
    maintenance: Decimal
    cumulative: Decimal


def _brackets() -> tuple[Bracket, ...]:
    steps = ((125, 50_000, "0.004"), (100, 600_000, "0.005"), (75, 3_000_000, "0.0065"), (50, 12_000_000, "0.01"),
             (25, 70_000_000, "0.02"), (20, 100_000_000, "0.025"), (10, 230_000_000, "0.05"), (5, 480_000_000, "0.1"),
             (1, 1_800_000_000, "0.5"))  # fmt: skip
    brackets: list[Bracket] = []
    floor = cumulative = previous = Decimal(0)
    for number, (leverage, cap, ratio) in enumerate(steps, start=1):
        maintenance = Decimal(ratio)
        cumulative += floor * (maintenance - previous)
        brackets.append(Bracket(number, leverage, floor, Decimal(cap), maintenance, cumulative))
        floor, previous = Decimal(cap), maintenance
    return tuple(brackets)


BRACKETS = _brackets()


@define(frozen=True, kw_only=True)
class Instrument:
    """One contract, margined in its quote asset."""

    symbol: str
    base: str
    quote: str = "USDT"
    start_price: Decimal
    tick: Decimal
    step: Decimal
    contract_type: str = "PERPETUAL"
    volatility: float = 0.0001
    """Standard deviation of the price's relative change in one second."""
    min_notional: Decimal = Decimal(5)
    max_quantity: Decimal = Decimal(10_000_000)
    market_max_quantity: Decimal = Decimal(1_000_000)
    max_orders: int = 200
    multiplier_up: Decimal = Decimal("1.1500")
    multiplier_down: Decimal = Decimal("0.8500")
    tick_decimals: int = field(init=False)
    quantity_precision: int = field(init=False)
    brackets: tuple[Bracket, ...] = BRACKETS

    @tick_decimals.default
    def _tick_decimals(self) -> int:
        return decimals(self.tick)

    @quantity_precision.default
    def _quantity_precision(self) -> int:
        return decimals(self.step)

    @property
    def price_precision(self) -> int:
        """Decimals that a price may have at all: more than the tick size has, as on the real exchange."""
        return self.tick_decimals + 1

    @property
    def pair(self) -> str:
        """The symbol without a delivery date."""
        return self.symbol.partition("_")[0]

    @property
    def min_price(self) -> Decimal:
        return self.tick

    @property
    def max_price(self) -> Decimal:
        return self.start_price * 100 // self.tick * self.tick

    @property
    def min_quantity(self) -> Decimal:
        return self.step

    def price_text(self, price: Decimal) -> str:
        """A price with as many decimals as the tick size has."""
        return f"{price:.{self.tick_decimals}f}"

    def quantity_text(self, quantity: Decimal) -> str:
        """A quantity with as many decimals as the lot's step has."""
        return f"{quantity:.{self.quantity_precision}f}"

    def round_price(self, price: Decimal) -> Decimal:
        """The next lower multiple of the tick size."""
        return (price // self.tick * self.tick).quantize(self.tick)

    def round_quantity(self, quantity: Decimal) -> Decimal:
        """The next lower multiple of the step, at least one step."""
        steps = (quantity / self.step).to_integral_value(rounding=ROUND_DOWN)
        return (max(Decimal(1), steps) * self.step).quantize(self.step)

    def bracket(self, notional: Decimal) -> Bracket:
        """The bracket that a position of this notional (quote asset) falls into."""
        return next((bracket for bracket in self.brackets if notional <= bracket.cap), self.brackets[-1])

    def max_notional(self, leverage: int) -> Decimal:
        """The largest position (quote asset) that this leverage allows."""
        return max(bracket.cap for bracket in self.brackets if bracket.leverage >= leverage)


def _known() -> dict[str, Instrument]:
    table = (
        ("BTCUSDT", "BTC", "65000.0", "0.1", "0.001"),
        ("ETHUSDT", "ETH", "3200.00", "0.01", "0.001"),
        ("BNBUSDT", "BNB", "750.00", "0.01", "0.01"),
        ("SOLUSDT", "SOL", "180.000", "0.001", "0.1"),
        ("币安人生USDT", "币安人生", "0.20000", "0.00001", "1"),
    )
    return {
        symbol: Instrument(
            symbol=symbol, base=base, start_price=Decimal(price), tick=Decimal(tick), step=Decimal(step),
            min_notional=Decimal(100) if symbol == "BTCUSDT" else Decimal(5),
        )
        for symbol, base, price, tick, step in table
    }  # fmt: skip


KNOWN = _known()


def instrument(symbol: str) -> Instrument:
    """The contract of this name: one of the known ones, or an invented one with a price of its own.

    Args:
        symbol: Base asset and quote asset in one, as `ADAUSDT` or `BTCUSDT_261225`.
    """
    if symbol in KNOWN:
        return KNOWN[symbol]
    pair, _, delivery = symbol.partition("_")
    quote = next((asset for asset in QUOTE_ASSETS if pair.endswith(asset) and pair != asset), "USDT")
    # The price is a function of the name alone, so that every run of a test sees the same one.
    price = Decimal(100 + sum(map(ord, pair)) % 900).scaleb(-2)
    return Instrument(
        symbol=symbol,
        base=pair.removesuffix(quote),
        quote=quote,
        contract_type="CURRENT_QUARTER" if delivery else "PERPETUAL",
        start_price=price,
        tick=Decimal("0.0001"),
        step=Decimal("0.1"),
    )


def instruments(symbols: Iterable[str | Instrument] | None) -> dict[str, Instrument]:
    """The contracts of an exchange by symbol: the known ones when none are named."""
    chosen = KNOWN.values() if symbols is None else (s if isinstance(s, Instrument) else instrument(s) for s in symbols)
    return {item.symbol: item for item in chosen}
