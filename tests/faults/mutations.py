"""Replies that fit a model of the generated package, and what becomes of them when an exchange drifts."""

from __future__ import annotations

import copy
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from binance_derivatives._runtime.encoding import is_same
from binance_derivatives._runtime.wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, resolve
from drifting import STRANGE, drift

if TYPE_CHECKING:
    from random import Random

    from binance_derivatives._runtime.model import Model
    from binance_derivatives._runtime.wire import JsonValue, WireType

__all__ = ["Composer", "gives_back", "mutate"]

_NUMBERS: list[JsonValue] = [3, Decimal("0.25"), Decimal("-17.125")]
_DOCUMENTS: list[JsonValue] = [None, {"a": [1, "b"]}, "text", 5]


class Composer:
    """Makes JSON values that are exactly what the product's models say.

    Args:
        namespace: The product's package.
        random: Where chances come from.
    """

    def __init__(self, namespace: str, random: Random) -> None:
        self._namespace = namespace
        self._random = random

    def fitting(self, wire_type: WireType) -> JsonValue:
        """A value of a wire type."""
        match wire_type:
            case Scalar(name=name):
                return self._scalar(name)
            case ListOf(item=item):
                return [self.fitting(item) for _ in range(self._random.randint(0, 2))]
            case MapOf(value=value):
                return {f"key{number}": self.fitting(value) for number in range(self._random.randint(0, 2))}
            case ResultOrError(result=result):
                return self.fitting(result) if self._random.random() < 0.7 else {"code": -2019, "msg": "Not enough."}
            case Tagged():
                return self._variant(wire_type)
            case name:
                found = resolve(name, self._namespace)
                return self._variant(found) if isinstance(found, Tagged) else self._model(found)

    def _variant(self, union: Tagged) -> JsonValue:
        tag, name = self._random.choice(sorted(union.variants.items()))
        found = resolve(name, self._namespace)
        assert isinstance(found, type)
        fields = self._model(found)
        assert isinstance(fields, dict)
        return fields | {union.tag: tag}

    def _model(self, cls: type[Model]) -> JsonValue:
        values: dict[str, JsonValue] = {}
        for field in cls.__wire__.fields:
            if field.optional and self._random.random() < 0.3:
                if cls.__wire__.array:
                    break
                continue
            value = self.fitting(field.type)
            if field.nullable and self._random.random() < 0.2:
                value = None
            if field.blank and self._random.random() < 0.2:
                value = ""
            values[field.wire] = value
        return list(values.values()) if cls.__wire__.array else values

    def _scalar(self, name: str) -> JsonValue:
        random = self._random
        match name:
            case "string":
                return random.choice(["BTCUSDT", "币安人生", "NEW", 'a\\b"c\n', "x"])
            case "bool":
                return random.random() < 0.5
            case "int" | "timestamp":
                return random.choice([0, -5, 1_700_000_000_000, 2**63, random.randint(0, 10**12)])
            case "decimal":
                return random.choice(["0", "-12.3400", "0.00000001", "98765432109876543210.123456789"])
            case "number":
                return random.choice(_NUMBERS)
            case _:
                return copy.deepcopy(random.choice(_DOCUMENTS))


def mutate(value: JsonValue, random: Random) -> JsonValue:
    """The value after one to three changes anywhere inside: dropped, retyped, nulled, nested, added."""
    return drift(value, random.randint(1, 3), random.choice, [*STRANGE, "1E-7"])


def gives_back(given: JsonValue, sent: JsonValue) -> bool:
    """Whether a value is what was sent; a decimal that came with an exponent may have its digits written out."""
    if isinstance(given, dict) and isinstance(sent, dict):
        return given.keys() == sent.keys() and all(gives_back(given[key], sent[key]) for key in sent)
    if isinstance(given, list) and isinstance(sent, list):
        return len(given) == len(sent) and all(map(gives_back, given, sent))
    if isinstance(given, str) and isinstance(sent, str) and given != sent:
        try:
            return "E" in sent and Decimal(given) == Decimal(sent)
        except InvalidOperation:
            return False
    return is_same(given, sent)
