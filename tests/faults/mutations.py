"""Replies that fit a model of the generated package, and what becomes of them when an exchange drifts."""

from __future__ import annotations

import copy
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from binance_derivatives._runtime.encoding import is_same
from binance_derivatives._runtime.wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, resolve

if TYPE_CHECKING:
    from random import Random

    from binance_derivatives._runtime.model import Model
    from binance_derivatives._runtime.wire import JsonValue, WireType

__all__ = ["Composer", "gives_back", "json_text", "mutate"]

Path: TypeAlias = "list[str | int]"

_STRANGE: list[JsonValue] = [
    None,
    True,
    0,
    -1,
    2**80,
    Decimal("1.50"),
    Decimal("1E+3"),
    Decimal("-2.5E-9"),
    "",
    "12",
    "-0.10",
    "1E-7",
    "text",
    "true",
    [],
    {},
    [None],
    [1, "2"],
    {"code": -1, "msg": "no"},
    {"filterType": "NEW"},
]

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
    holder: list[JsonValue] = [copy.deepcopy(value)]
    for _ in range(random.randint(1, 3)):
        _change(holder, random)
    return holder[0]


def _change(holder: list[JsonValue], random: Random) -> None:
    path = random.choice(_places(holder[0], [0]))
    parent: JsonValue = holder
    for step in path[:-1]:
        parent = _inside(parent, step)
    assert isinstance(parent, list | dict)
    key, value = path[-1], _inside(parent, path[-1])
    strange = copy.deepcopy(random.choice(_STRANGE))
    match random.choice(["drop", "retype", "retype", "null", "nest", "wrap", "add"]):
        case "drop" if len(path) > 1:
            if isinstance(parent, dict):
                del parent[str(key)]
            else:
                del parent[int(key)]
            return
        case "null":
            value = None
        case "nest":
            value = {"value": value}
        case "wrap":
            value = [value]
        case "add" if isinstance(value, dict):
            value = {**value, random.choice(["novel", "code", "msg", '"quoted"']): strange}
        case "add" if isinstance(value, list):
            value = [*value, strange]
        case _:
            value = strange
    if isinstance(parent, dict):
        parent[str(key)] = value
    else:
        parent[int(key)] = value


def _places(value: JsonValue, path: Path) -> list[Path]:
    inside: list[tuple[str | int, JsonValue]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path] + [place for key, each in inside for place in _places(each, [*path, key])]


def _inside(value: JsonValue, key: str | int) -> JsonValue:
    if isinstance(value, dict):
        return value[str(key)]
    assert isinstance(value, list)
    return value[int(key)]


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


def json_text(value: JsonValue) -> bytes:
    """JSON text in which every number stands as it is: `1E+3` stays so."""
    return msgspec.json.encode(_raw(value))


def _raw(value: JsonValue) -> object:
    if isinstance(value, Decimal):
        return msgspec.Raw(str(value).encode())
    if isinstance(value, list):
        return [_raw(each) for each in value]
    if isinstance(value, dict):
        return {key: _raw(each) for key, each in value.items()}
    return value
