"""Replies and events in the shape that the spec gives them: its fields, in its order, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from specwright.spec.dialect.types import (
    ByPresence,
    ListOf,
    MapOf,
    Named,
    Response,
    ResultOrError,
    Scalar,
    TypeExpression,
)
from specwright.spec.dialect.vocabulary import Field, Model, Union

if TYPE_CHECKING:
    from specwright.spec.dialect.product import Product

_EMPTY: Mapping[str, object] = {
    "string": "", "int": 0, "decimal": "0", "number": 0, "bool": False, "timestamp": 0, "json": None,
}  # fmt: skip


class Shaper:
    """Brings values into the shape of a product's models.

    What a handler gives may have more fields than a reply has: those of other versions of it are left out. What it
    lacks is taken from the documented example.

    Args:
        product: Whose models.
    """

    def __init__(self, product: Product) -> None:
        self._product = product

    def response(self, response: Response | None, value: object, sent: Mapping[str, object], example: object) -> object:
        """Shapes a reply.

        Args:
            response: Its type in the spec; None is an empty object.
            value: What the handler made of it.
            sent: Parameters of the request, for replies whose type depends on them.
            example: The documented reply.
        """
        if response is None:
            return {}
        if isinstance(response, ByPresence):
            response = response.present if response.param in sent else response.absent
        return self.value(response, value, example)

    def value(self, expression: TypeExpression, value: object, example: object = None) -> object:
        """Shapes one value of a given type."""
        if isinstance(expression, ListOf):
            first = example[0] if isinstance(example, list) and example else None
            items = value if isinstance(value, list | tuple) else [value]
            return [self.value(expression.item, item, first) for item in items]
        if isinstance(expression, MapOf) and isinstance(value, Mapping):
            inner = next(iter(example.values()), None) if isinstance(example, Mapping) else None
            return {key: self.value(expression.value, item, inner) for key, item in value.items()}
        if isinstance(expression, ResultOrError):
            failed = isinstance(value, Mapping) and set(value) == {"code", "msg"}
            return value if failed else self.value(expression.result, value, example)
        if isinstance(expression, Scalar):
            return _scalar(expression, value)
        if isinstance(expression, Named):
            return self._named(expression, value, example)
        return value

    def _named(self, named: Named, value: object, example: object) -> object:
        model = self._product.models.get(named.name)
        if isinstance(model, Union) and isinstance(value, Mapping):
            variant = model.variants.get(str(value.get(model.tag)))
            return value if variant is None else self._named(variant, value, example)
        if not isinstance(model, Model):
            return value
        if model.example is not None and not isinstance(example, Mapping):
            example = model.example.value
        if model.shape == "array":
            return self._array(model, value)
        return self._object(model, value, example) if isinstance(value, Mapping) else value

    def _object(self, model: Model, value: Mapping[str, object], example: object) -> dict[str, object]:
        documented = example if isinstance(example, Mapping) else {}
        shaped: dict[str, object] = {}
        for field in model.fields:
            if field.wire in value:
                inner = value[field.wire]
                keep = inner is None or (inner == "" and field.blank)
                shaped[field.wire] = inner if keep else self.value(field.type, inner, documented.get(field.wire))
            elif not field.optional:
                shaped[field.wire] = documented.get(field.wire, self._empty(field))
        return shaped

    def _array(self, model: Model, value: object) -> object:
        if isinstance(value, Mapping):
            value = [value.get(field.wire, self._empty(field)) for field in model.fields]
        if not isinstance(value, list | tuple):
            return value
        return [self.value(field.type, item) for field, item in zip(model.fields, value, strict=False)]

    def _empty(self, field: Field) -> object:
        if field.nullable:
            return None
        if field.blank:
            return ""
        if isinstance(field.type, ListOf):
            return []
        if isinstance(field.type, Scalar):
            return _EMPTY[field.type.kind]
        enum = self._product.enums.get(field.type.name) if isinstance(field.type, Named) else None
        return enum.values[0].value if enum is not None else {}


def _scalar(scalar: Scalar, value: object) -> object:
    if scalar.kind == "decimal" and isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f"{value:f}"
    if scalar.kind == "number" and isinstance(value, str):
        return Decimal(value)
    if scalar.kind == "string" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if scalar.kind in ("int", "timestamp") and isinstance(value, str | Decimal):
        return int(value)
    return value
