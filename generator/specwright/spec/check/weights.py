"""Weights refer to parameters that exist and decide every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import ListOf, Scalar
from ..dialect.weights import FixedWeight, WeightByPresence, WeightByValue, WeightPerItem
from ..findings import Code
from .parameters import allowed_values, value_kind

if TYPE_CHECKING:
    from ..dialect.params import Param
    from ..dialect.weights import Weight
    from .scope import Known, Scope

__all__ = ["check_weight"]


def check_weight(
    scope: Scope, weight: Weight, carrier: object, path: tuple[str, ...], params: dict[str, Param], known: Known
) -> None:
    """One weight of a carrier, which stands at `path` below it."""
    match weight:
        case FixedWeight():
            _check_amount(scope, weight.weight, carrier, *path)
        case WeightByValue():
            if _refers(scope, weight.param, carrier, (*path, "by"), known) and weight.param in params:
                _check_by_value(scope, weight, carrier, path, params[weight.param])
        case WeightByPresence():
            for name, amount in weight.present.items():
                _check_amount(scope, amount, carrier, *path, "with", name)
                message = f"the weight depends on the parameter '{name}', which there is not"
                scope.refer(name, known, scope.key_at(carrier, *path, "with", name), Code.UNKNOWN_PARAM, message)
            _check_amount(scope, weight.absent, carrier, *path, "without")
        case WeightPerItem():
            _check_amount(scope, weight.each, carrier, *path, "each")
            if _refers(scope, weight.param, carrier, (*path, "per_item"), known):
                param = params.get(weight.param)
                if param is not None and not isinstance(param.type, ListOf):
                    message = f"'{weight.param}' is not a list, so it has no items to weigh"
                    scope.note(scope.at(carrier, *path, "per_item"), Code.CONTRADICTION, message)


def _refers(scope: Scope, name: str, carrier: object, path: tuple[str, ...], known: Known) -> bool:
    message = f"the weight depends on the parameter '{name}', which there is not"
    return scope.refer(name, known, scope.at(carrier, *path), Code.UNKNOWN_PARAM, message)


def _check_amount(scope: Scope, amount: int | None, carrier: object, *path: str) -> None:
    if amount is not None and amount < 0:
        scope.note(scope.at(carrier, *path), Code.OUT_OF_RANGE, "a weight cannot be negative")


def _check_by_value(scope: Scope, weight: WeightByValue, carrier: object, path: tuple[str, ...], param: Param) -> None:
    for key, amount in (("otherwise", weight.otherwise), ("above", weight.above)):
        _check_amount(scope, amount, carrier, *path, key)
    _check_bounds(scope, weight, carrier, path, param)
    _check_single_values(scope, weight, carrier, path, param)
    silent = not param.required and param.default is None and weight.otherwise is None
    if silent and not scope.is_damaged(param):
        message = f"'{param.wire}' may be left out and has no default; say the weight of that with 'otherwise'"
        scope.note(scope.at(carrier, *path), Code.MISSING_KEY, message)


def _check_bounds(scope: Scope, weight: WeightByValue, carrier: object, path: tuple[str, ...], param: Param) -> None:
    if weight.up_to and not (isinstance(param.type, Scalar) and param.type.kind == "int"):
        message = f"'up_to' compares whole numbers, and '{param.wire}' is none"
        scope.note(scope.key_at(carrier, *path, "up_to"), Code.CONTRADICTION, message)
    last: int | None = None
    for bound, amount in weight.up_to.items():
        _check_amount(scope, amount, carrier, *path, "up_to", str(bound))
        if last is not None and bound <= last:
            position = scope.key_at(carrier, *path, "up_to", str(bound))
            scope.note(
                position, Code.CONTRADICTION, f"bounds stand in ascending order, and {bound} is not above {last}"
            )
        last = bound


def _check_single_values(
    scope: Scope, weight: WeightByValue, carrier: object, path: tuple[str, ...], param: Param
) -> None:
    allowed = allowed_values(scope, param)
    words = None if allowed is None else [str(value) for value in allowed]
    if value_kind(scope, param) == "bool":
        words = ["true", "false"]
    for value, amount in weight.values.items():
        _check_amount(scope, amount, carrier, *path, "values", value)
        if words is not None and value not in words:
            position = scope.key_at(carrier, *path, "values", value)
            message = f"'{value}' is not among the values of '{param.wire}'"
            scope.findings.add(position, Code.WRONG_VALUE, message, wrong=value, candidates=words)
    complete = words is None or weight.otherwise is not None or set(words) <= weight.values.keys()
    if weight.values and ((words is None and weight.otherwise is None) or not complete):
        message = f"not every value of '{param.wire}' has a weight; say that of the others with 'otherwise'"
        scope.note(scope.key_at(carrier, *path, "values"), Code.MISSING_KEY, message)
