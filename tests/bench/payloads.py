"""What the servers send: the examples of the spec, so that it is what the exchange documents."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from specwright.spec import load_spec

if TYPE_CHECKING:
    from specwright.spec.dialect.product import Product

__all__ = ["SYMBOLS", "agg_trade", "event", "frame", "in_envelope", "reply"]

SPEC = Path(__file__).parents[2] / "spec"
SYMBOLS = [f"COIN{number:03d}USDT" for number in range(200)]


@cache
def _product() -> Product:
    spec = load_spec(SPEC).spec
    if spec is None:
        raise SystemExit("the spec has mistakes: run specwright check")
    return spec.products["usds_futures"]


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def reply(operation: str) -> bytes:
    """An operation's documented reply."""
    return _compact(_product().operations[operation].examples[0].value)


def event(wire_name: str) -> bytes:
    """A documented user data event."""
    return _compact(_product().events[wire_name].examples[0].value)


def agg_trade(symbol: str = "BTCUSDT") -> dict[str, object]:
    """A documented aggregate trade of a symbol, with figures of usual length."""
    example = _product().streams["agg_trade"].examples[0].value
    assert isinstance(example, dict)
    return example | {
        "E": 1_700_000_000_123,
        "s": symbol,
        "a": 2_593_301_400,
        "p": "64123.40",
        "q": "0.012",
        "nq": "0.012",
        "f": 5_933_014_100,
        "l": 5_933_014_105,
        "T": 1_700_000_000_120,
    }


def in_envelope(stream: str, payload: object) -> bytes:
    """A payload as a combined stream carries it."""
    return b'{"stream":"%s","data":%s}' % (stream.encode(), _compact(payload))


def frame(text: bytes) -> bytes:
    """A whole, unmasked WebSocket text frame."""
    length = len(text)
    if length < 126:
        return b"\x81" + bytes([length]) + text
    if length < 65536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + text
    return b"\x81\x7f" + length.to_bytes(8, "big") + text
