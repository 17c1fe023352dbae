"""What a request costs, read off its raw parameters: it counts even when they turn out to be wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from specwright.spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specwright.spec.dialect.operations import Carrier, Operation


def costs(operation: Operation, carrier: Carrier, raw: Mapping[str, object], weight_budget: str) -> dict[str, int]:
    """Budget → cost of one request.

    Args:
        operation: What is asked for.
        carrier: How it travels.
        raw: Wire name → value as it was sent.
        weight_budget: Name of the budget that `carrier.weight` draws on.
    """
    defaults = {param.wire: param.default for param in operation.params_on(carrier)}
    sent = {name: value for name, value in {**defaults, **raw}.items() if value not in (None, "")}
    weights = {weight_budget: carrier.weight, **carrier.costs}
    return {budget: _cost(weight, raw, sent) for budget, weight in weights.items()}


def _cost(weight: Weight, raw: Mapping[str, object], sent: Mapping[str, object]) -> int:
    if isinstance(weight, FixedWeight):
        return weight.weight
    if isinstance(weight, WeightByPresence):
        return next((cost for name, cost in weight.present.items() if raw.get(name) not in (None, "")), weight.absent)
    if isinstance(weight, WeightByValue):
        return _by_value(weight, sent.get(weight.param))
    return weight.each * _length(sent.get(weight.param))


def _by_value(weight: WeightByValue, value: object) -> int:
    highest = weight.above if weight.above is not None else max([*weight.up_to.values(), *weight.values.values()])
    otherwise = weight.otherwise if weight.otherwise is not None else highest
    if value is None:
        return otherwise
    if weight.values:
        return weight.values.get(str(value), otherwise)
    try:
        number = int(str(value))
    except ValueError:
        return otherwise
    return next((cost for bound, cost in sorted(weight.up_to.items()) if number <= bound), highest)


def _length(value: object) -> int:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return 1
    return len(value) if isinstance(value, list) else 1
