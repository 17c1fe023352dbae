"""What a call costs on its budgets, from its descriptor and its arguments."""

from __future__ import annotations

from collections.abc import Sized
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from .operation import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .operation import Carrier, Param, Weight

__all__ = ["Judge", "costs", "judge"]

Judge: TypeAlias = "Callable[[Mapping[str, object]], int]"
"""Arguments by Python names, None for absent → a cost."""


def costs(carrier: Carrier, arguments: Mapping[str, object]) -> dict[str, int]:
    """Budget → what a call draws on it.

    Args:
        carrier: How the operation travels.
        arguments: By Python names; None stands for absent.
    """
    return {budget: judge(weight, carrier.params)(arguments) for budget, weight in carrier.costs.items()}


def judge(weight: Weight, params: Sequence[Param]) -> Judge:
    """What tells one cost from the arguments.

    A parameter that is not sent counts with its default; where a value cannot be judged, the most is taken.
    """
    match weight:
        case FixedWeight(weight=fixed):
            return lambda arguments: fixed
        case WeightByPresence(present=present, absent=absent):
            return _judge_by_presence(tuple(present.items()), absent)
        case WeightPerItem(param=name, each=each):
            return _judge_per_item(name, each)
        case WeightByValue(param=name):
            default = next((param.default for param in params if param.python == name), None)
            return _judge_by_value(weight, name, default)


def _judge_by_presence(present: tuple[tuple[str, int], ...], absent: int) -> Judge:
    def by_presence(arguments: Mapping[str, object]) -> int:
        for name, each in present:
            if arguments.get(name) is not None:
                return each
        return absent

    return by_presence


def _judge_per_item(name: str, each: int) -> Judge:
    def per_item(arguments: Mapping[str, object]) -> int:
        items = arguments.get(name)
        return each * max(1, len(items)) if isinstance(items, Sized) else each

    return per_item


def _judge_by_value(weight: WeightByValue, name: str, default: object) -> Judge:
    def by_value(arguments: Mapping[str, object]) -> int:
        value = arguments.get(name)
        return _by_value(weight, default if value is None else value)

    return by_value


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
