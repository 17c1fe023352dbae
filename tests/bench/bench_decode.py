"""Decoding: generated models beside bare msgspec Structs of the same fields; pydantic and cattrs too if installed.

    python tests/bench/bench_decode.py

The Structs have decimals for decimals and no unknown fields refused: the least that anybody would have to do. Every way
decodes the same bytes; the best of seven runs counts.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from binance_derivatives._runtime.codec import decoder, to_json, to_wire
from binance_derivatives._runtime.drift import DriftReport
from binance_derivatives._runtime.model import Model, model
from binance_derivatives._runtime.wire import ListOf, MapOf, Scalar, resolve_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from binance_derivatives._runtime.wire import WireType

PRODUCT = "binance_derivatives.usds_futures"
RUNS = 7
SECONDS = 0.1
"""How long one run lasts."""
ORDER_TRADE_UPDATE = (
    b'{"e":"ORDER_TRADE_UPDATE","E":1568879465651,"T":1568879465650,"o":{"s":"BTCUSDT","c":"TEST","S":"SELL",'
    b'"o":"TRAILING_STOP_MARKET","f":"GTC","q":"0.001","p":"0","ap":"0","sp":"7103.04","x":"NEW","X":"NEW","i":8886774,'
    b'"l":"0","z":"0","L":"0","N":"USDT","n":"0","T":1568879465650,"t":0,"b":"0","a":"9.91","m":false,"R":false,'
    b'"wt":"CONTRACT_PRICE","ot":"TRAILING_STOP_MARKET","ps":"LONG","cp":false,"AP":"7476.89","cr":"5.0","pP":false,'
    b'"si":0,"ss":0,"rp":"0","V":"EXPIRE_TAKER","pm":"OPPONENT","gtd":0,"er":"0"}}'
)
AGG_TRADE = (
    b'{"e":"aggTrade","E":1591261134288,"a":424951,"s":"BTCUSDT","p":"9643.5","q":"2","nq":"2","f":606073,"l":606073,'
    b'"T":1591261134199,"m":false,"st":1}'
)
ORDER_BOOK = msgspec.json.encode(
    {
        "lastUpdateId": 1027024,
        "E": 1589436922972,
        "T": 1589436922959,
        "bids": [[f"{64000 - place / 10:.2f}", "431.000"] for place in range(1000)],
        "asks": [[f"{64000 + place / 10:.2f}", "12.000"] for place in range(1000)],
    }
)
SUBJECTS = {"OrderTradeUpdate": ORDER_TRADE_UPDATE, "AggTradeEvent": AGG_TRADE, "OrderBook": ORDER_BOOK}


def microseconds(call: Callable[[], object]) -> float:
    """The time that a call takes."""
    call()
    best = float("inf")
    for _ in range(RUNS):
        calls, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < SECONDS:
            for _ in range(10):
                call()
            calls += 10
        best = min(best, elapsed / calls)
    return best * 1e6


# --- The same model, written for others -------------------------------------------------------------------------------

_PLAIN = {"string": str, "int": int, "timestamp": int, "decimal": Decimal, "number": Decimal, "bool": bool, "json": Any}


def annotation(wire_type: WireType, make: Callable[[type[Model]], type]) -> Any:
    match wire_type:
        case Scalar(name=name):
            return _PLAIN[name]
        case ListOf(item=item):
            return list[annotation(item, make)]  # type: ignore[misc]
        case MapOf(value=value):
            return dict[str, annotation(value, make)]  # type: ignore[misc]
        case str():
            return make(resolve_model(wire_type, PRODUCT))
    raise TypeError(f"{wire_type} is not in these benches")


def struct_of(cls: type[Model]) -> type[msgspec.Struct]:
    """A bare Struct with the model's fields."""
    fields = [
        (field.name, kind | None, None) if field.optional else (field.name, kind)
        for field in cls.__wire__.fields
        for kind in [annotation(field.type, struct_of)]
    ]
    return msgspec.defstruct(
        cls.__name__,
        fields,
        rename={field.name: field.wire for field in cls.__wire__.fields},
        array_like=cls.__wire__.array,
        kw_only=not cls.__wire__.array,
    )


def pydantic_of(cls: type[Model]) -> Any:
    """A pydantic model with the model's fields; positional arrays are plain tuples."""
    pydantic = import_module("pydantic")
    if cls.__wire__.array:
        return tuple[tuple(annotation(field.type, pydantic_of) for field in cls.__wire__.fields)]  # type: ignore[misc]
    fields = {}
    for field in cls.__wire__.fields:
        kind = annotation(field.type, pydantic_of)
        default = {"default": None} if field.optional else {}
        fields[field.name] = (kind | None if field.optional else kind, pydantic.Field(alias=field.wire, **default))
    return pydantic.create_model(cls.__name__, **fields)


def attrs_of(cls: type[Model]) -> Any:
    """An attrs class with the model's fields, for cattrs, which renames by its hooks."""
    attrs = import_module("attrs")
    fields = {
        field.name: attrs.field(
            type=annotation(field.type, attrs_of) | None if field.optional else annotation(field.type, attrs_of),
            **({"default": None} if field.optional else {}),
        )
        for field in cls.__wire__.fields
    }
    return attrs.make_class(cls.__name__, fields, kw_only=True)


def cattrs_decoder(cls: type[Model]) -> Callable[[bytes], object]:
    cattrs, gen = import_module("cattrs"), import_module("cattrs.gen")
    converter = cattrs.Converter()
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))

    def register(cls: type[Model]) -> Any:
        made = attrs_of(cls)
        renamed = {field.name: gen.override(rename=field.wire) for field in cls.__wire__.fields}
        converter.register_structure_hook(made, gen.make_dict_structure_fn(made, converter, **renamed))
        return made

    made = register(cls)
    return lambda data: converter.structure(msgspec.json.decode(data), made)


# --- The table --------------------------------------------------------------------------------------------------------


def ways(name: str, data: bytes) -> dict[str, Callable[[], object]]:
    """Name of a way → one decoding by it; the bare Struct first."""
    cls = resolve_model(name, PRODUCT)
    bare = msgspec.json.Decoder(struct_of(cls)).decode
    ours, report = decoder(name, PRODUCT), DriftReport()
    # Every field in its place, and one that the model does not have: the second time it is known.
    drifted = data[:-1] + b',"new":"1.0"}'
    seen = DriftReport()
    for _ in range(3):
        ours.decode(drifted, report=seen)
    found: dict[str, Callable[[], object]] = {
        "bare msgspec Struct": lambda: bare(data),
        "model": lambda: ours.decode(data, report=report),
        "model, with a field unknown until now": lambda: ours.decode(drifted, report=seen),
        "json.loads alone": lambda: json.loads(data),
    }
    if find_spec("pydantic"):
        validate = pydantic_of(cls).model_validate_json
        found["pydantic"] = lambda: validate(data)
    if find_spec("cattrs") and not any(isinstance(field.type, ListOf) for field in cls.__wire__.fields):
        structure = cattrs_decoder(cls)
        found["cattrs over msgspec"] = lambda: structure(data)
    return found


def class_creation() -> float:
    """Microseconds to make a model class of the size of an order update."""
    declared = resolve_model("OrderTradeUpdate", PRODUCT).__wire__.fields[-1]
    fields = resolve_model(str(declared.type), PRODUCT).__wire__.fields

    def create() -> object:
        copies = {field.name: msgspec.structs.replace(field) for field in fields}
        return model(type("OrderUpdate", (Model,), copies))

    return microseconds(create)


def main() -> None:
    # The unknown field is the point; that it is reported is not.
    logging.getLogger("binance_derivatives").setLevel(logging.CRITICAL)
    for name, data in SUBJECTS.items():
        print(f"{name}, {len(data):,} bytes")
        times = {way: microseconds(call) for way, call in ways(name, data).items()}
        bare = times["bare msgspec Struct"]
        for way, taken in times.items():
            print(f"  {way:40} {taken:10.2f} µs {taken / bare:7.2f} ×")
        value: object = decoder(name, PRODUCT).decode(data)
        print(f"  {'to_wire':40} {microseconds(lambda value=value: to_wire(value)):10.2f} µs")  # type: ignore[misc]
        print(f"  {'to_json':40} {microseconds(lambda value=value: to_json(value)):10.2f} µs")  # type: ignore[misc]
    print(f"A model class of 38 fields is made in {class_creation():.0f} µs.")
    print(f"Python {sys.version.split()[0]}, msgspec {msgspec.__version__}")


if __name__ == "__main__":
    main()
