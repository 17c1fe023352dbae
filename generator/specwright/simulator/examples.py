"""Documented examples, adapted to who asks: for whatever the exchange keeps no state of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from specwright.spec.model import (
    ByPresence,
    Carrier,
    Example,
    ListOf,
    Model,
    Named,
    Operation,
    Product,
    Response,
    ResultOrError,
    Scalar,
    TypeExpression,
)

_FAR_FUTURE_MS = 4_000_000_000_000
"""Dates beyond this (the delivery of a perpetual) do not tell when an example was made, and stay as they are."""


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

    def reply(
        self,
        operation: Operation,
        response: Response | None,
        example: object,
        sent: Mapping[str, object],
        now_ms: int,
    ) -> object:
        """An example with the request's symbol, ids, times and limit in place of the documented ones."""
        if isinstance(response, ByPresence):
            response = response.present if response.param in sent else response.absent
        if response is None:
            return {}
        adapted = self._adapt(response, example, sent, now_ms - _latest(self, response, example))
        limit = sent.get("limit")
        if isinstance(adapted, list) and isinstance(limit, int):
            return adapted[:limit]
        return adapted

    def message(
        self, payload: TypeExpression, examples: Sequence[Example], sent: Mapping[str, object], now_ms: int
    ) -> object:
        """The documented message of a stream, at the present time and for the subscribed symbol."""
        example = examples[0].value if examples else {}
        return self._adapt(payload, example, sent, now_ms - _latest(self, payload, example))

    def _adapt(self, expression: TypeExpression, value: object, sent: Mapping[str, object], shift_ms: int) -> object:
        if isinstance(expression, ListOf) and isinstance(value, list):
            return [self._adapt(expression.item, item, sent, shift_ms) for item in value]
        if isinstance(expression, ResultOrError):
            return self._adapt(expression.result, value, sent, shift_ms)
        if isinstance(expression, Scalar):
            moves = expression.kind == "timestamp" and isinstance(value, int) and 0 < value < _FAR_FUTURE_MS
            return cast("int", value) + shift_ms if moves else value
        model = self._product.models.get(expression.name) if isinstance(expression, Named) else None
        if isinstance(model, Model) and model.shape == "object" and isinstance(value, Mapping):
            return self._object(model, value, sent, shift_ms)
        return value

    def _object(self, model: Model, value: Mapping[str, object], sent: Mapping[str, object], shift_ms: int) -> object:
        types = {field.wire: field for field in model.fields}
        adapted: dict[str, object] = {}
        for key, item in value.items():
            field = types.get(key)
            echoed = next((sent[n] for n in (key, field.name if field else None) if n is not None and n in sent), None)
            if echoed is not None and not isinstance(item, list | Mapping):
                adapted[key] = str(echoed) if isinstance(item, str) else echoed
            elif field is not None:
                adapted[key] = self._adapt(field.type, item, sent, shift_ms)
            else:
                adapted[key] = item
        return adapted

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


def _variant(examples: Sequence[Example], sent: Mapping[str, object]) -> object:
    for example in examples:
        if example.present is not None and bool(example.present) == all(name in sent for name in example.present):
            return example.value
    return examples[0].value if examples else {}


def _latest(examples: Examples, expression: TypeExpression, value: object) -> int:
    """When an example was made: its event time, else the latest time in it."""
    events = examples.times(expression, value, "E")
    if events:
        return max(events)
    return max((time for time in examples.times(expression, value) if time < _FAR_FUTURE_MS), default=0)
