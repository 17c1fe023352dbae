"""Documented examples, adapted to who asks: for whatever the exchange keeps no state of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from attrs import define

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
from specwright.spec.dialect.vocabulary import Model

if TYPE_CHECKING:
    from specwright.spec.dialect.operations import Carrier, Operation
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.text import Example

_FAR_FUTURE_MS = 4_000_000_000_000
"""Dates beyond this (the delivery of a perpetual) do not tell when an example was made, and stay as they are."""


@define(frozen=True)
class _Wish:
    """What an example is to be adapted to."""

    sent: Mapping[str, object]
    shift_ms: int


class Examples:
    """Replies and messages made from documented ones.

    Args:
        product: Whose examples.
    """

    def __init__(self, product: Product) -> None:
        self._product = product

    def documented(self, operation: Operation, carrier: Carrier, sent: Mapping[str, object]) -> object:
        """The documented result of an operation, the variant for these parameters where there are several."""
        if carrier.examples and carrier.path is None:
            reply = carrier.examples[0].value
            if isinstance(reply, Mapping) and "result" in reply:
                return reply["result"]
        return _variant(operation.examples, sent)

    def reply(self, response: Response | None, example: object, sent: Mapping[str, object], now_ms: int) -> object:
        """An example with the request's symbol, ids, times and limit in place of the documented ones."""
        if isinstance(response, ByPresence):
            response = response.present if response.param in sent else response.absent
        if response is None:
            return {}
        # Where only one of two shapes is documented, the other is made of it.
        if isinstance(response, ListOf) and not isinstance(example, list):
            example = [example]
        elif not isinstance(response, ListOf) and isinstance(example, list) and example:
            example = example[0]
        adapted = self._adapt(response, example, _Wish(sent, now_ms - self._made_ms(response, example)))
        limit = sent.get("limit")
        return adapted[:limit] if isinstance(adapted, list) and isinstance(limit, int) else adapted

    def message(
        self, payload: TypeExpression, examples: Sequence[Example], sent: Mapping[str, object], now_ms: int
    ) -> object:
        """The documented message of a stream, at the present time and for the subscribed symbol."""
        example = examples[0].value if examples else {}
        return self._adapt(payload, example, _Wish(sent, now_ms - self._made_ms(payload, example)))

    def _adapt(
        self, expression: TypeExpression, value: object, wish: _Wish, top: Mapping[str, object] | None = None
    ) -> object:
        if isinstance(expression, ListOf) and isinstance(value, list):
            return [self._adapt(expression.item, item, wish, top) for item in value]
        if isinstance(expression, MapOf) and isinstance(value, Mapping):
            return {key: self._adapt(expression.value, item, wish, top) for key, item in value.items()}
        if isinstance(expression, ResultOrError):
            return self._adapt(expression.result, value, wish, top)
        if isinstance(expression, Scalar):
            moves = expression.kind == "timestamp" and isinstance(value, int) and 0 < value < _FAR_FUTURE_MS
            return cast("int", value) + wish.shift_ms if moves else value
        model = self._product.models.get(expression.name) if isinstance(expression, Named) else None
        if isinstance(model, Model) and model.shape == "object" and isinstance(value, Mapping):
            return self._object(model, value, wish, top)
        return value

    def _object(
        self, model: Model, value: Mapping[str, object], wish: _Wish, top: Mapping[str, object] | None
    ) -> dict[str, object]:
        fields = {field.wire: field for field in model.fields}
        named = {fields[key].name or key: item for key, item in value.items() if key in fields}
        adapted: dict[str, object] = {}
        for key, item in value.items():
            field = fields.get(key)
            if field is None:
                adapted[key] = item
                continue
            name = field.name or key
            echoed = wish.sent.get(name, wish.sent.get(key))
            # Inside, only what repeats the outer value follows it: an index has constituents of other names.
            repeats = top is None or top.get(name) == item
            if echoed is not None and repeats and not isinstance(item, list | Mapping):
                adapted[key] = _echoed(echoed, item)
            else:
                adapted[key] = self._adapt(field.type, item, wish, named if top is None else top)
        return adapted

    def _made_ms(self, expression: TypeExpression, value: object) -> int:
        """When an example was made: its event time, else the latest time in it."""
        events = self.times(expression, value, "E")
        if events:
            return max(events)
        return max((time for time in self.times(expression, value) if time < _FAR_FUTURE_MS), default=0)

    def times(self, expression: TypeExpression, value: object, name: str | None = None) -> list[int]:
        """Every timestamp of a value, or of its fields of one name."""
        if isinstance(expression, ListOf) and isinstance(value, list):
            return [time for item in value for time in self.times(expression.item, item, name)]
        if isinstance(expression, Scalar) and expression.kind == "timestamp" and isinstance(value, int):
            return [value]
        model = self._product.models.get(expression.name) if isinstance(expression, Named) else None
        if isinstance(model, Model) and model.shape == "object" and isinstance(value, Mapping):
            fields = [field for field in model.fields if field.wire in value and name in (None, field.wire)]
            return [time for field in fields for time in self.times(field.type, value[field.wire])]
        return []


def _echoed(sent: object, documented: object) -> object:
    """A request's value in the JSON type of the documented one, which wins where the sent one cannot be read so."""
    if isinstance(documented, str):
        return str(sent)
    if isinstance(documented, int) and isinstance(sent, str):
        return int(sent) if sent.isdecimal() else documented
    return sent


def _variant(examples: Sequence[Example], sent: Mapping[str, object]) -> object:
    """The example of the most of the sent parameters, else the one that names none."""
    fitting = [one for one in examples if all(name in sent for name in one.present or ())]
    best = max(fitting, key=lambda one: len(one.present or ()), default=None)
    return best.value if best is not None else examples[0].value if examples else {}
