"""What a call costs on its budgets, from its descriptor and its arguments."""

from __future__ import annotations

from collections.abc import Sized
from decimal import Decimal
from typing import TYPE_CHECKING

from .operation import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .operation import Carrier, Param, Weight

__all__ = ["cost", "costs"]


def costs(carrier: Carrier, arguments: Mapping[str, object]) -> dict[str, int]:
    """Budget → what a call draws on it.

    Args:
        carrier: How the operation travels.
        arguments: By Python names; None stands for absent.
    """
    return {budget: cost(weight, arguments, carrier.params) for budget, weight in carrier.costs.items()}


def cost(weight: Weight, arguments: Mapping[str, object], params: Sequence[Param]) -> int:
    """One cost. A parameter that is not sent counts with its default; where a value cannot be judged, with the most."""
    match weight:
        case FixedWeight(weight=fixed):
            return fixed
        case WeightByPresence(present=present, absent=absent):
            sent = (each for name, each in present.items() if arguments.get(name) is not None)
            return next(sent, absent)
        case WeightPerItem(param=name, each=each):
            items = arguments.get(name)
            return each * max(1, len(items)) if isinstance(items, Sized) else each
        case WeightByValue(param=name):
            value = arguments.get(name)
            if value is None:
                value = next((param.default for param in params if param.python == name), None)
            return _by_value(weight, value)


def _by_value(weight: WeightByValue, value: object) -> int:
    if value is None and weight.otherwise is not None:
        return weight.otherwise
    exact = weight.values.get(_text(value))
    if exact is not None:
        return exact
    if weight.up_to:
        beyond = weight.up_to[-1][1] if weight.above is None else weight.above
        if not isinstance(value, int | Decimal):
            return max(beyond, *(each for _, each in weight.up_to))
        return next((each for bound, each in weight.up_to if value <= bound), beyond)
    return max(weight.values.values()) if weight.otherwise is None else weight.otherwise


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
