"""Every example that the exchange documents decodes into its model, strictly, and comes back unchanged."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import pytest

from binance_derivatives import to_json, to_wire
from binance_derivatives._runtime.codec import decoder
from binance_derivatives._runtime.operation import ByPresence
from specwright.simulator.bundled import bundled_spec
from specwright.spec.names import constant_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from binance_derivatives._runtime.operation import Carrier
    from binance_derivatives._runtime.wire import WireType
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.text import Example

SPEC = bundled_spec()
PACKAGE = SPEC.package


class Documented(NamedTuple):
    """A documented JSON text and the wire type that it should have."""

    title: str
    namespace: str
    text: str
    type: WireType | None


def replied(carrier: Carrier, example: Example) -> WireType | None:
    """The type of a reply: by the parameters that were sent, where it depends on them."""
    returns = carrier.returns()
    if isinstance(returns, ByPresence):
        return returns.present if returns.param in (example.present or ()) else returns.absent
    return returns


def of_operations(product: Product, namespace: str) -> Iterator[Documented]:
    for operation in product.operations.values():
        group = import_module(f"{namespace}.operations.{operation.group}")
        descriptor = getattr(group, constant_name(operation.id))
        title = f"{product.name}.{operation.id}"
        for example in operation.examples:
            yield Documented(title, namespace, example.text, replied(descriptor.rest or descriptor.ws, example))
        for example in operation.ws.examples if operation.ws else ():
            result = json.dumps(json.loads(example.text, parse_float=Number)["result"], default=str)
            yield Documented(f"{title} over ws", namespace, Number.written(result), replied(descriptor.ws, example))


class Number(str):
    """A JSON number with a fraction, kept as it is written while the text around it is cut."""

    __slots__ = ()
    MARK = "\ue000"

    def __new__(cls, text: str) -> Number:
        return super().__new__(cls, f"{cls.MARK}{text}{cls.MARK}")

    @classmethod
    def written(cls, text: str) -> str:
        """A dumped document with its marked numbers as numbers again."""
        escaped = json.dumps(cls.MARK)[1:-1]
        return text.replace(f'"{escaped}', "").replace(f'{escaped}"', "")


def of_streams(product: Product, namespace: str) -> Iterator[Documented]:
    for stream in product.streams.values():
        group = import_module(f"{namespace}.streams.{stream.group}")
        descriptor = getattr(group, constant_name(stream.id))
        for example in stream.examples:
            yield Documented(f"{product.name} stream {stream.id}", namespace, example.text, descriptor.returns())


def of_events(product: Product, namespace: str) -> Iterator[Documented]:
    events = import_module(f"{namespace}.user_data").EVENTS if product.events else {}
    for event in product.events.values():
        for example in event.examples:
            yield Documented(
                f"{product.name} event {event.wire}", namespace, example.text, events[event.wire].returns()
            )


EXAMPLES = [
    documented
    for product in SPEC.products.values()
    for source in (of_operations, of_streams, of_events)
    for documented in source(product, f"{PACKAGE}.{product.name}")
]


def test_every_operation_stream_and_event_has_an_example() -> None:
    assert SPEC is not None
    missing: list[str] = []
    for product in SPEC.products.values():
        missing += [o.id for o in product.operations.values() if not (o.examples or (o.ws and o.ws.examples))]
        missing += [stream.id for stream in product.streams.values() if not stream.examples]
        missing += [event.wire for event in product.events.values() if not event.examples]

    assert missing == []


@pytest.mark.parametrize("documented", EXAMPLES, ids=lambda documented: documented.title)
def test_example_round_trips(documented: Documented) -> None:
    if documented.type is None:
        assert json.loads(documented.text) == {}
        return

    decoded = decoder(documented.type, documented.namespace).decode(documented.text.encode(), strict=True)

    sent = json.loads(documented.text, parse_float=Decimal)
    assert to_wire(decoded) == sent
    assert json.loads(to_json(decoded), parse_float=Decimal) == sent
