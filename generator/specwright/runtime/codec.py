"""Decoding replies: strictly in C, leniently where the exchange has drifted, and never to another type than asked for.

What `to_wire` gives back is exactly what came, with one exception: a decimal string in exponent notation comes back
with its digits written out.
"""

from __future__ import annotations

import logging
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from .drift import DriftCollector, DriftReport, Spot, parsed
from .encoding import to_json, to_wire
from .errors import DecodeError
from .lenient import LenientReader
from .shadow import Plan, Shadows
from .wire import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import WireType

__all__ = ["Decoder", "decoder", "to_json", "to_wire"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_UNFITTING = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
"""What a strict plan raises for values that the spec does not know; ArithmeticError is Decimal's for other text."""
_unheard = DriftReport()
"""For callers without a report of their own: drift is still logged once."""


@cache
def _strict_shadows(namespace: str) -> Shadows:
    return Shadows(namespace)


class Decoder(Generic[T]):
    """Decodes one wire type. Use `decoder` to get one; models are imported and prepared at the first call."""

    def __init__(self, wire_type: WireType, namespace: str) -> None:
        self._wire_type = wire_type
        self._namespace = namespace
        self._strictly: Callable[[Any], T] = self._first
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Decoder of {describe(self._wire_type)}>"

    def decode(
        self,
        data: bytes | bytearray | memoryview | msgspec.Raw | str,
        *,
        report: DriftReport | None = None,
        strict: bool = False,
    ) -> T:
        """Decodes one payload, of a reply or of a stream.

        Args:
            data: JSON text.
            report: Where drift is reported; None: it is logged once per process.
            strict: Drift is an error.

        Raises:
            DecodeError: `data` is no JSON, or nested beyond reading; or, with `strict`, it is not what the spec says.
        """
        try:
            if report is None or strict or not report.plans:
                return self._strictly(data)
            plan = report.plans.get(self)
            decode = self._strictly if plan is None else plan.decode
            return decode(data)
        except _UNFITTING:
            pass  # Said below, outside of this error's context.
        return self._read(data, DriftCollector() if strict else report or _unheard)

    def reader(self, report: DriftReport, *, strict: bool = False) -> Callable[[bytes], T]:
        """`decode` with its options settled, and without a call in between: for who decodes one type all the time."""

        def leniently(data: bytes) -> T:
            return self.decode(data, report=report, strict=strict)

        shadows = _strict_shadows(self._namespace)
        return shadows.reader(self._wire_type, leniently, report.plans, _UNFITTING)

    def _first(self, data: object) -> T:
        """Stands in for the strict plan until it exists."""
        self._strictly = _strict_shadows(self._namespace).plan(self._wire_type).decode
        return self._strictly(data)

    def _read(self, data: bytes | bytearray | memoryview | msgspec.Raw | str, notes: DriftReport | DriftCollector) -> T:
        document, problem = parsed(data)
        if problem is not None:
            raise DecodeError(f"the payload is no JSON: {problem}", body=_redacted(data))
        try:
            value = self._reader(notes).read(document, self._wire_type, "$", Spot("value", "$"))
        except RecursionError:
            raise DecodeError("the payload is nested too deeply", body=_redacted(data)) from None
        if isinstance(notes, DriftReport):
            self._teach(notes)
        elif notes.found:
            first = notes.found[0]
            raise DecodeError(f"expected {first.expected}, found {first.found}", path=first.path, body=_redacted(data))
        return cast("T", value)

    def _reader(self, notes: DriftReport | DriftCollector) -> LenientReader:
        return LenientReader(self, describe(self._wire_type), self._namespace, notes)

    def _teach(self, report: DriftReport) -> None:
        """Prepares a plan for drift that has come again, so that it does not stay slow."""
        with self._lock:
            spots = report.taught(self)
            known = report.plans.get(self)
            if not spots or (known is not None and known.spots == spots):
                return
            strict = _strict_shadows(self._namespace)
            try:
                shadows = Shadows(self._namespace, spots, self._reader(report), strict=strict)
                report.plans[self] = shadows.plan(self._wire_type)
            except Exception:  # A reply that was read must not be lost to what was to make the next one faster.
                logger.exception("%r cannot be prepared for drift and stays slow", self)
                report.plans[self] = Plan(self._strictly, spots)


@cache
def decoder(wire_type: WireType, namespace: str) -> Decoder[Any]:
    """The decoder of a wire type of a product, always the same one.

    Args:
        wire_type: What replies look like.
        namespace: Import name of the product's package.
    """
    return Decoder(wire_type, namespace)


def _redacted(data: bytes | bytearray | memoryview | msgspec.Raw | str) -> bytes:
    from .classification import redact

    return redact(data.encode() if isinstance(data, str) else bytes(data))
