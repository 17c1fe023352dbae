"""Every model of the generated client, with random values that fit it and with random drift.

A seeded generator instead of Hypothesis: ten thousand changed replies take seconds, and a failure names its number.
"""

from __future__ import annotations

import copy
import logging
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from binance_derivatives._runtime.codec import decoder, to_json, to_wire
from binance_derivatives._runtime.drift import DriftReport, load
from binance_derivatives._runtime.encoding import is_same
from binance_derivatives._runtime.model import Model
from binance_derivatives._runtime.wire import ListOf, MapOf, ResultOrError, Scalar, Tagged, resolve
from binance_derivatives.usds_futures import models

if TYPE_CHECKING:
    from binance_derivatives._runtime.wire import JsonValue, WireType

PRODUCT = "binance_derivatives.usds_futures"
EVERYTHING = {name: getattr(models, name) for name in models.__all__}
MODELS = sorted(name for name, item in EVERYTHING.items() if isinstance(item, type) and issubclass(item, Model))
CHANGED_REPLIES = 10_000
STRANGE: list[JsonValue] = [
    None,
    True,
    0,
    2**80,
    Decimal("1.50"),
    Decimal("1E+3"),
    Decimal("-2.5E-9"),
    "",
    "12",
    "文本",
    [],
    {},
    [None],
    {"code": -1, "msg": "no"},
    {"filterType": "NEW"},
]
NUMBERS: list[JsonValue] = [0, 5, 2**60, Decimal("0.0065"), Decimal("-1.50")]
ANYTHING: list[JsonValue] = [None, "text", 5, {"a": [Decimal("1.10")]}]
NEW_KEYS = ["new", "msg", "symbol", 'a "quoted" one']


def value_of(wire_type: WireType, random: Random) -> JsonValue:
    """A random value that is exactly what the wire type says."""
    match wire_type:
        case Scalar(name="string"):
            return random.choice(["BTCUSDT", "币安人生USDT", "x", 'with "quotes"'])
        case Scalar(name="int"):
            return random.choice([0, -1, 7, 2**53 + 1, 2**64])
        case Scalar(name="timestamp"):
            return random.randrange(2**41)
        case Scalar(name="decimal"):
            return random.choice(["0", "0.00000000", "-1.50", "64000.10", "123456789012345678901.5"])
        case Scalar(name="number"):
            return random.choice(NUMBERS)
        case Scalar(name="bool"):
            return random.random() < 0.5
        case Scalar():
            return random.choice(ANYTHING)
        case ListOf(item=item):
            return [value_of(item, random) for _ in range(random.randrange(3))]
        case MapOf(value=inner):
            return {key: value_of(inner, random) for key in random.sample(["BTCUSDT", "a", "1"], random.randrange(3))}
        case ResultOrError(result=result):
            return {"code": -2022, "msg": "no"} if random.random() < 0.3 else value_of(result, random)
        case Tagged(tag=tag, variants=variants):
            value, name = random.choice(sorted(variants.items()))
            fields = value_of(name, random)
            assert isinstance(fields, dict)
            return {**fields, tag: value}
        case name:
            found = resolve(name, PRODUCT)
            return value_of(found, random) if isinstance(found, Tagged) else object_of(found, random)


def object_of(cls: type[Model], random: Random) -> JsonValue:
    values: dict[str, JsonValue] = {}
    for field in cls.__wire__.fields:
        if field.optional and random.random() < 0.5:
            if cls.__wire__.array:
                break
            continue
        empty: list[JsonValue] = [*[None] * field.nullable, *[""] * field.blank]
        values[field.wire] = random.choice(empty) if empty and random.random() < 0.3 else value_of(field.type, random)
    return list(values.values()) if cls.__wire__.array else values


def changed(value: JsonValue, random: Random) -> JsonValue:
    """The value with something dropped, retyped, nulled, nested or added somewhere inside of it."""
    holder: Any = [copy.deepcopy(value)]
    parent, key = holder, 0
    while isinstance(parent[key], dict | list) and parent[key] and random.random() < 0.85:
        parent = parent[key]
        key = random.choice(list(parent)) if isinstance(parent, dict) else random.randrange(len(parent))
    match random.randrange(6):
        case 0 if parent is not holder:
            del parent[key]
        case 1:
            parent[key] = None
        case 2:
            parent[key] = [parent[key]]
        case 3:
            parent[key] = {"value": parent[key]}
        case 4 if isinstance(parent[key], dict):
            parent[key][random.choice(NEW_KEYS)] = copy.deepcopy(random.choice(STRANGE))
        case _:
            parent[key] = copy.deepcopy(random.choice(STRANGE))
    return holder[0]  # type: ignore[no-any-return]


def json_text(value: JsonValue) -> bytes:
    def raw(value: JsonValue) -> object:
        if isinstance(value, Decimal):
            return msgspec.Raw(str(value).encode())
        if isinstance(value, list):
            return [raw(each) for each in value]
        if isinstance(value, dict):
            return {key: raw(each) for key, each in value.items()}
        return value

    return msgspec.json.encode(raw(value))


@pytest.mark.parametrize("name", MODELS)
def test_what_fits_a_model_decodes_strictly_and_encodes_back_the_same(name: str) -> None:
    random = Random(name)
    decode = decoder(name, PRODUCT).decode

    for _ in range(20):
        sent = value_of(name, random)
        received = decode(json_text(sent), strict=True)

        assert is_same(to_wire(received), sent)
        assert is_same(load(to_json(received)), sent)


def test_ten_thousand_changed_replies_lose_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    reports = {name: DriftReport() for name in MODELS}

    for number in range(CHANGED_REPLIES):
        random = Random(number)
        name = MODELS[number % len(MODELS)]
        sent = changed(value_of(name, random), random)

        # Often the same report, as a client has it: what it has learnt must not change what is read.
        received = decoder(name, PRODUCT).decode(json_text(sent), report=reports[name])

        assert type(received) is EVERYTHING[name], (number, name, sent)
        assert is_same(to_wire(received), sent), (number, name, sent)
