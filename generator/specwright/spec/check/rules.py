"""Rules between parameters refer to parameters that exist, and say something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialect.types import Scalar
from ..findings import Code
from .parameters import allowed_values, fits, value_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialect.params import Param
    from ..dialect.rules import Condition, Rule
    from .scope import Known, Scope

__all__ = ["check_rules"]

_AT_LEAST_TWO = frozenset({"require_any", "require_one", "exclusive"})


def check_rules(scope: Scope, rules: Iterable[Rule], params: dict[str, Param], known: Known) -> None:
    """The rules of an operation or an input with these parameters."""
    for rule in rules:
        _check_params(scope, rule, known)
        _check_sense(scope, rule, params)
        for key, condition in (("when", rule.when), ("unless", rule.unless)):
            if condition is not None:
                _check_condition(scope, condition, params, known, key)


def _check_params(scope: Scope, rule: Rule, known: Known) -> None:
    seen: set[str] = set()
    for index, names in enumerate(rule.params):
        for inner, name in enumerate(names):
            position = scope.at(rule, rule.kind, index, inner)
            message = f"the rule names the parameter '{name}', which there is not"
            if scope.refer(name, known, position, Code.UNKNOWN_PARAM, message) and name in seen:
                scope.note(position, Code.CONTRADICTION, f"the rule names '{name}' twice")
            seen.add(name)


def _check_sense(scope: Scope, rule: Rule, params: dict[str, Param]) -> None:
    place = scope.at(rule, rule.kind)
    if rule.kind in _AT_LEAST_TWO and len(rule.params) < 2:
        scope.note(place, Code.CONTRADICTION, f"'{rule.kind}' chooses among several parameters")
    if rule.kind == "span":
        ends = [params[name] for names in rule.params for name in names if name in params]
        times = all(isinstance(end.type, Scalar) and end.type.kind in ("timestamp", "int") for end in ends)
        if len(rule.params) != 2 or not times:
            scope.note(place, Code.CONTRADICTION, "'span' is the distance of two timestamps")
        if rule.at_most_ms is None:
            scope.note(rule.position, Code.MISSING_KEY, "'span' needs 'at_most', the longest distance")
    elif rule.at_most_ms is not None:
        scope.note(
            scope.key_at(rule, "at_most"), Code.CONTRADICTION, f"'at_most' belongs to 'span', not to '{rule.kind}'"
        )


def _check_condition(scope: Scope, condition: Condition, params: dict[str, Param], known: Known, key: str) -> None:
    for name, values in condition.values.items():
        message = f"'{key}' names the parameter '{name}', which there is not"
        if not scope.refer(name, known, scope.key_at(condition, name), Code.UNKNOWN_PARAM, message):
            continue
        param = params.get(name)
        kind = value_kind(scope, param) if param is not None else None
        if param is None or kind is None:
            continue
        allowed = allowed_values(scope, param)
        for index, value in enumerate(values):
            position = scope.at(condition, name, index)
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            if not fits(value, kind):
                message = f"'{shown}' is not a value of '{name}', which is of the type {kind}"
                scope.note(position, Code.WRONG_TYPE, message)
            elif allowed is not None and value not in allowed:
                words = [str(each) for each in allowed]
                message = f"'{shown}' is not among the values of '{name}'"
                scope.findings.add(position, Code.WRONG_VALUE, message, wrong=shown, candidates=words)
