"""Rules between parameters: checked before a request leaves, and said in words that name the parameters.

All rules but those about spans of time depend only on which parameters are sent, and on the few values that conditions
ask for. Calls come in few such shapes, so what the rules say of a shape is found out once: between two waits for the
exchange, running six small functions takes as long as all the rest of an order's arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .operation import Condition, Param, Rule

__all__ = ["Breach", "Check", "compile_rules"]

Breach: TypeAlias = tuple[str, str]
"""A parameter and what is wrong with it: `("price", "is required when type is LIMIT")`."""
Check: TypeAlias = "Callable[[Mapping[str, object]], Breach | None]"
"""Looks at the arguments that are sent, by Python names."""

_MOST_SHAPES = 256
"""More would be different values, of which there is no end."""
_DURATIONS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"))


def compile_rules(rules: Sequence[Rule], params: Sequence[Param], required: Sequence[str] = ()) -> tuple[Check, ...]:
    """The checks of an operation or an input.

    Args:
        rules: Of the operation; those about parameters that this carrier does not have never apply.
        params: Of the carrier, for the defaults that the exchange assumes.
        required: Parameters (Python names) that have to be sent always.
    """
    defaults = {param.python: param.default for param in params}
    known = frozenset(defaults)
    scalar = frozenset(param.python for param in params if not param.many and param.kind not in ("input", "json"))
    of_shape = [_required(required)] if required else []
    of_values = []
    asked: dict[str, None] = {}
    for rule in rules:
        if not known.issuperset(name for names in rule.params for name in names):
            continue
        check = _limited(_CHECKS[rule.kind](rule, _said(rule)), rule, defaults)
        conditions = [condition.values for condition in (rule.when, rule.unless) if condition is not None]
        names = [name for values in conditions for name, wanted in values.items() if wanted]
        if rule.kind != "span" and scalar.issuperset(names):
            of_shape.append(check)
            asked.update(dict.fromkeys(names))
        else:
            of_values.append(check)
    return (_remembered(of_shape, tuple(asked)), *of_values) if of_shape else tuple(of_values)


def _remembered(checks: Sequence[Check], names: Sequence[str]) -> Check:
    """The first breach of several checks, found out once for each shape of a call.

    Args:
        checks: They look at nothing but which parameters are sent, and at the values of some.
        names: Of these.
    """
    outcomes: dict[tuple[object, ...], Breach | None] = {}

    def remembered(sent: Mapping[str, object]) -> Breach | None:
        shape = (*sent, *map(sent.get, names))
        try:
            return outcomes[shape]
        except KeyError:
            breach = next((found for check in checks if (found := check(sent)) is not None), None)
        if len(outcomes) < _MOST_SHAPES:
            outcomes[shape] = breach
        return breach

    return remembered


def _limited(check: Check, rule: Rule, defaults: Mapping[str, object]) -> Check:
    """The check, where its condition is fulfilled. Most of them are not, so finding out takes one function."""
    if rule.when is None and rule.unless is None:
        return check
    when, unless = _tests(rule.when, defaults), _tests(rule.unless, defaults)

    def limited(sent: Mapping[str, object]) -> Breach | None:
        for name, values, default in when:
            if sent.get(name, default) not in values if values else name not in sent:
                return None
        for name, values, default in unless:
            if sent.get(name, default) not in values if values else name not in sent:
                return check(sent)
        return None if unless else check(sent)

    return limited


def _tests(
    condition: Condition | None, defaults: Mapping[str, object]
) -> tuple[tuple[str, Sequence[object], object], ...]:
    """A condition as names, values, and what the exchange assumes for parameters that are not sent."""
    if condition is None:
        return ()
    return tuple((name, values, defaults.get(name)) for name, values in condition.values.items())


# --- One check a kind -------------------------------------------------------------------------------------------------


def _required(names: Sequence[str], said: str = "") -> Check:
    def check(sent: Mapping[str, object]) -> Breach | None:
        for name in names:
            if name not in sent:
                return name, f"is required{said}"
        return None

    return check


def _require(rule: Rule, said: str) -> Check:
    return _required([names[0] for names in rule.params], said)


def _require_any(rule: Rule, said: str) -> Check:
    first, *others = [names[0] for names in rule.params]
    message = "".join([f"or {' or '.join(others)} " if others else "", "is required", said])

    def check(sent: Mapping[str, object]) -> Breach | None:
        return None if first in sent or not sent.keys().isdisjoint(others) else (first, message)

    return check


def _require_one(rule: Rule, said: str) -> Check:
    at_least, at_most = _require_any(rule, said), _exclusive(rule, said)
    return lambda sent: at_least(sent) or at_most(sent)


def _exclusive(rule: Rule, said: str) -> Check:
    sets = rule.params

    def check(sent: Mapping[str, object]) -> Breach | None:
        found = None
        for names in sets:
            for name in names:
                if name in sent:
                    if found is not None:
                        return name, f"cannot be sent together with {found}{said}"
                    found = name
                    break
        return None

    return check


def _forbid(rule: Rule, said: str) -> Check:
    names = [names[0] for names in rule.params]

    def check(sent: Mapping[str, object]) -> Breach | None:
        for name in names:
            if name in sent:
                return name, f"cannot be sent{said}"
        return None

    return check


def _span(rule: Rule, said: str) -> Check:
    (start,), (end,) = rule.params
    at_most = rule.at_most_ms

    def check(sent: Mapping[str, object]) -> Breach | None:
        first, last = sent.get(start), sent.get(end)
        if not isinstance(first, int) or not isinstance(last, int):
            return None
        if last < first:
            return end, f"must not be before {start}"
        if at_most is not None and last - first > at_most:
            return end, f"must be at most {_duration(at_most)} after {start}{said}"
        return None

    return check


_CHECKS: Mapping[str, Callable[[Rule, str], Check]] = {
    "require": _require,
    "require_any": _require_any,
    "require_one": _require_one,
    "exclusive": _exclusive,
    "forbid": _forbid,
    "span": _span,
}


# --- In words ---------------------------------------------------------------------------------------------------------


def _said(rule: Rule) -> str:
    """The rule's conditions: ` when type is LIMIT`."""
    parts = []
    if rule.when is not None:
        parts.append(f" when {_condition(rule.when)}")
    if rule.unless is not None:
        parts.append(f" unless {_condition(rule.unless)}")
    return "".join(parts)


def _condition(condition: Condition) -> str:
    return " and ".join(
        f"{name} is {' or '.join(_value(value) for value in values)}" if values else f"{name} is sent"
        for name, values in condition.values.items()
    )


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _duration(milliseconds: int) -> str:
    for unit, name in _DURATIONS:
        if milliseconds % unit == 0:
            count = milliseconds // unit
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{milliseconds} ms"
