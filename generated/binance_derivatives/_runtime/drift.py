"""Drift: a reply that is not what the spec says is read as well as it can be, and said once.

A call's result is worth more than its form: an order that was placed must not be lost because a field changed its
type. What the strict decoder refuses is therefore read again, leniently (see `lenient`), and what differs is reported
once per JSON path, through `logging` and a hook. Where a difference comes again, the decoder is taught to expect it
(see `shadow`), so that a drifted exchange does not stay slow.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from .shadow import Plan
    from .wire import JsonValue

__all__ = ["Drift", "DriftCollector", "DriftReport", "Kind", "Spot", "json_type", "load", "normalized", "parsed"]

logger = logging.getLogger(__name__)

Kind: TypeAlias = Literal["missing", "type", "null", "unknown_field", "unknown_variant"]

_MOST_REPORTED = 1000
"""Beyond, a report falls silent: keys that are data would fill memory and logs."""
_MOST_TAUGHT = 64
"""Spots per decoder that are learnt; beyond, the slow path serves."""


class Drift(msgspec.Struct, frozen=True):
    """One difference between a reply and the spec."""

    model: str
    """The type that was decoded: `OrderBook`, `list[Order]`."""
    path: str
    """JSON path; `[3]` is the item's place in the first reply that had it."""
    kind: Kind
    expected: str
    found: str
    """JSON type of what came; never the value, which may be a secret."""

    def __str__(self) -> str:
        return f"{self.model} at {self.path}: expected {self.expected}, found {self.found}"


class Spot(NamedTuple):
    """Where a decoder can be taught to expect drift."""

    kind: Literal["value", "unknown", "variant"]
    """The value at the path may be anything · the object at the path has one more field · the union has members that
    are not known."""
    path: str
    """Normalized JSON path."""
    name: str = ""


class DriftReport:
    """What one client has seen of drift: reports each difference once, and counts those that come again.

    Args:
        hook: Called with each new difference. What it raises is logged and goes no further.
    """

    def __init__(self, hook: Callable[[Drift], object] | None = None) -> None:
        self._hook = hook
        self._seen: set[tuple[str, str, Kind]] = set()
        self._taught: dict[Hashable, frozenset[Spot]] = {}
        self._lock = threading.Lock()
        self.plans: dict[Hashable, Plan] = {}
        """Decoder → how it decodes for this client, where that is not the strict way. Kept by `codec`."""

    def add(self, drift: Drift, spot: Spot, decoder: Hashable) -> None:
        """Takes one difference: reports it when it is new, else remembers to teach the decoder."""
        key = (drift.model, normalized(drift.path), drift.kind)
        with self._lock:
            if key in self._seen:
                self._learn(decoder, spot)
                return
            if len(self._seen) > _MOST_REPORTED:
                return
            self._seen.add(key)
            full = len(self._seen) > _MOST_REPORTED
        if full:
            logger.warning("more than %d differences from the spec: further ones are not reported", _MOST_REPORTED)
            return
        logger.warning("payload differs from the spec: %s", drift, extra={"drift": drift})
        if self._hook is not None:
            try:
                self._hook(drift)
            except Exception:  # The hook is the user's; the reply is worth more than whatever goes wrong in it.
                logger.exception("the on_drift hook failed")

    def taught(self, decoder: Hashable) -> frozenset[Spot]:
        """Where this decoder has met the same difference more than once."""
        return self._taught.get(decoder, frozenset())

    def _learn(self, decoder: Hashable, spot: Spot) -> None:
        known = self._taught.get(decoder, frozenset())
        if len(known) < _MOST_TAUGHT and not _UNNAMEABLE.search(spot.name):
            self._taught[decoder] = known | {spot}


class DriftCollector:
    """Takes every difference of one reply, for callers that want none (`strict=True`)."""

    def __init__(self) -> None:
        self.found: list[Drift] = []

    def add(self, drift: Drift, spot: Spot, decoder: Hashable) -> None:
        """Takes one difference."""
        # A member of a union that is newer than this package has a type of its own, so it is no violation.
        if drift.kind != "unknown_variant":
            self.found.append(drift)


_UNNAMEABLE = re.compile(r'["\\\x00-\x1f]')
"""Keys that a shadow cannot have."""
_IN_BRACKETS = re.compile(r"\[[^\]]*\]")


def normalized(path: str) -> str:
    """The path without places in arrays and without keys that are data."""
    return _IN_BRACKETS.sub("[]", path)


def json_type(value: object) -> str:
    """What JSON calls a value that was decoded without a type."""
    match value:
        case None:
            return "null"
        case msgspec.UNSET:
            return "nothing"
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float() | Decimal():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _fraction(text: str) -> Decimal | str:
    """A number with a fraction or an exponent; one that no Decimal can hold stays text."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole(text: str) -> int | Decimal:
    """A number without them; one that is longer than Python converts to an int is a Decimal."""
    return int(text) if len(text) <= 4000 else Decimal(text)


_untyped = msgspec.json.Decoder(float_hook=_fraction)


def load(data: bytes | bytearray | memoryview | msgspec.Raw | str) -> JsonValue:
    """A JSON document without a type; no digit of a number is lost.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        document: JsonValue = _untyped.decode(data)
        return document
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # What a strict parser refuses, yet a reader understands: broken UTF-8, lone surrogates, a byte order mark,
        # integers of thousands of digits, NaN.
        text = data if isinstance(data, str) else bytes(data).decode("utf-8-sig", "replace")
        try:
            return _printable(json.loads(text, parse_float=_fraction, parse_int=_whole, parse_constant=Decimal))
        except RecursionError:
            raise ValueError("nested too deeply") from None


def parsed(data: bytes | bytearray | memoryview | msgspec.Raw | str) -> tuple[JsonValue, str | None]:
    """A JSON document without a type, and why it is none.

    The parser's error goes no further: it holds the whole document, and so perhaps a secret.
    """
    try:
        return load(data), None
    except ValueError as error:
        return None, str(error)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _printable(value: JsonValue) -> JsonValue:
    """The value with U+FFFD for each half of a character: no text with one can be printed or sent."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {_LONE_SURROGATE.sub("\ufffd", key): _printable(each) for key, each in value.items()}
    return value
