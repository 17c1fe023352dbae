"""What the exchange traded, and whether a consumer was told of all of it: each trade once, or within a known gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from binance_derivatives import Reconnected
from specwright.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SYMBOL", "TRADES", "Tape", "delivered_ids"]

SYMBOL = "BTCUSDT"
TRADES = "btcusdt@aggTrade"


@define
class Tape:
    """Prints trades of one contract on an exchange whose market otherwise stands still."""

    exchange: Simulator
    times: dict[int, int] = field(factory=dict)
    """Aggregate trade id → its time in ms."""

    @property
    def last(self) -> int:
        """Id of the newest trade."""
        return max(self.times)

    def print(self, count: int = 1) -> list[int]:
        """Lets so many trades happen, a millisecond apart; gives their ids."""
        clock, market = self.exchange.clock, self.exchange.market(SYMBOL)
        assert isinstance(clock, ManualClock)

        def trade() -> list[int]:
            printed = []
            for _ in range(count):
                clock.advance(ms=1)
                market.take("BUY" if len(self.times) % 2 else "SELL", market.instrument.step)
                newest = market.aggregates[-1]
                self.times[newest.id] = newest.time_ms
                printed.append(newest.id)
            return printed

        return self.exchange.call(trade)

    def check(self, items: Sequence[Any], *, first: int, batch: int = 1) -> int:
        """Proves that the trades from `first` to the newest were delivered once, in order, or missed as announced.

        Args:
            items: Events and notices in the order of delivery.
            first: Id of the first trade after the subscription.
            batch: How many trades were printed at once: a gap is told by times of arrival, and trades that are printed
                together arrive when the last one of them has its time.

        Returns:
            How many trades were missed.
        """
        missed = 0
        expected, gaps = first, list[Reconnected]()
        for item in items:
            if isinstance(item, Reconnected):
                gaps.append(item)
            elif hasattr(item, "aggregate_trade_id"):
                number = item.aggregate_trade_id
                assert number >= expected, f"trade {number} was delivered again or out of order"
                self._check_missed(range(expected, number), gaps, batch)
                missed += number - expected
                expected, gaps = number + 1, []
        self._check_missed(range(expected, self.last + 1), gaps, batch)
        return missed + self.last + 1 - expected

    def _check_missed(self, missing: range, gaps: list[Reconnected], batch: int) -> None:
        for number in missing:
            time = self.times[number]
            announced = [gap for gap in gaps if gap.since - batch <= time <= gap.until]
            assert announced, f"trade {number} of {time} is missing, and no gap was announced that it lies in: {gaps}"


def delivered_ids(items: Sequence[Any]) -> list[int]:
    """Ids of the trades among the items."""
    return [item.aggregate_trade_id for item in items if hasattr(item, "aggregate_trade_id")]
