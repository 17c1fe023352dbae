"""What is described and nothing refers to: warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.vocabulary import Input, Model, Union
from ..findings import Code
from .shapes import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..dialect.product import Product
    from ..dialect.types import Response
    from .scope import NamedType, Scope

__all__ = ["warn_of_unused"]


def warn_of_unused(scope: Scope) -> None:
    """Enums, models and inputs that no operation, stream or event leads to."""
    used: set[str] = set()
    waiting = list(_roots(scope.product))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(_names_in(scope.types.get(name)))
    for name, thing in scope.types.items():
        if name not in used:
            scope.note(thing.position, Code.UNUSED, f"nothing refers to '{name}'", severity="warning")

    product = scope.product
    groups = {part.stem for part in scope.parts.folders["operations"]}
    security = {operation.security for operation in product.operations.values()}
    routes = {stream.route for stream in product.streams.values()}
    routes |= {event.route for event in product.events.values()}
    routes |= {product.user_data.route} if product.user_data is not None else set()
    for noun, things, names in (("group", product.groups, groups), ("security type", product.security, security)):
        for name, described in things.items():
            if name not in names:
                scope.note(described.position, Code.UNUSED, f"no operation has the {noun} '{name}'", severity="warning")
    for name in product.routes:
        if name not in routes:
            position = scope.key_at(scope.parts.files["product.yaml"].content, "routes", name)
            scope.note(position, Code.UNUSED, f"no stream and no event has the route '{name}'", severity="warning")


def _roots(product: Product) -> Iterator[str]:
    for operation in product.operations.values():
        yield from _names(operation.response)
        for param in operation.params:
            yield from _names(param.type)
        for carrier in operation.carriers:
            yield from _names(carrier.response)
            for param in carrier.params:
                yield from _names(param.type)
    for stream in product.streams.values():
        yield from _names(stream.payload)
        for param in stream.params:
            yield from _names(param.type)
    for event in product.events.values():
        yield event.payload.name


def _names_in(thing: NamedType | None) -> Iterator[str]:
    match thing:
        case Model():
            for field in thing.fields:
                yield from _names(field.type)
        case Union():
            for variant in thing.variants.values():
                yield variant.name
        case Input():
            for param in thing.params:
                yield from _names(param.type)


def _names(type_: Response | None) -> Iterator[str]:
    return (named.name for named in names_in(type_))
