"""Prices before the exchange was started: a smooth curve that ends where the market begins, the same in every run."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

_WAVES = ((400 * 86_400_000, 0.25), (31 * 86_400_000, 0.06), (86_400_000, 0.015), (3_600_000, 0.003), (420_000, 0.0008),
          (13_000, 0.0001))  # fmt: skip
"""Length (ms) and height (relative) of the waves that the curve is the sum of: no two of them are in step."""

_SAMPLES = 8


class PriceHistory:
    """The price of one contract at any time before the market began.

    Args:
        seed: What the curve's shape is drawn from.
        start_ms: When the market began.
        start_price: Its price then.
    """

    def __init__(self, seed: str, start_ms: int, start_price: Decimal) -> None:
        draw = random.Random(f"history:{seed}")
        self._seed = seed
        self._start_price = float(start_price)
        self._waves = [
            (2 * math.pi / (length * draw.uniform(0.9, 1.1)), height, draw.uniform(0, 6.3)) for length, height in _WAVES
        ]
        self._offset = self._sum(start_ms)

    def price(self, at_ms: int) -> float:
        """The price at a time in ms."""
        return self._start_price * math.exp(self._sum(at_ms) - self._offset)

    def extremes(self, start_ms: int, end_ms: int) -> tuple[float, float]:
        """Highest and lowest price of a few moments of a span."""
        span = end_ms - start_ms
        prices = [self.price(start_ms + span * step // _SAMPLES) for step in range(_SAMPLES + 1)]
        return max(prices), min(prices)

    def activity(self, start_ms: int, end_ms: int) -> tuple[int, float, float]:
        """Number of trades of a span, their quote volume, and the share that buyers took."""
        draw = random.Random(f"activity:{self._seed}:{start_ms}:{end_ms}")
        count = max(1, round((end_ms - start_ms) / 250 * draw.uniform(0.7, 1.3)))
        return count, count * 2_000 * draw.uniform(0.8, 1.2), draw.uniform(0.4, 0.6)

    def _sum(self, at_ms: int) -> float:
        return sum(height * math.sin(rate * at_ms + phase) for rate, height, phase in self._waves)
