"""Recordings for tests, and what they hold."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .tiny import Trade

if TYPE_CHECKING:
    from pathlib import Path

PAYLOAD = {"e": "trade", "E": 1, "s": "A", "t": 1, "p": "1.5"}
PLAYED = Trade(event_type="trade", event_time=1, symbol="A", trade_id=1, price=Decimal("1.5"))


def written(path: Path, *times: int) -> Path:
    """A recording with a trade at each of the times, in microseconds."""
    lines: list[dict[str, Any]] = [{"recording": 1, "streams": ["a@trade"]}]
    lines += [{"t": time, "s": "a@trade", "d": PAYLOAD} for time in times]
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    return path


def trade(number: int) -> Trade:
    return Trade(event_type="trade", event_time=1_700_000_000_000, symbol="A", trade_id=number, price=Decimal("1.5"))
