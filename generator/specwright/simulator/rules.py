"""Rules between parameters, and the code of the one that is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rejections import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specwright.spec.dialect.rules import Condition, Rule

    from .arguments import Arguments

_HOUR_MS = 3_600_000


def check_rules(rules: Iterable[Rule], arguments: Arguments, modes: frozenset[str]) -> None:
    """Checks every rule that applies.

    Args:
        rules: The operation's, or the input's.
        arguments: What was sent, each value already checked for itself.
        modes: The account's modes; a rule of another mode does not apply.

    Raises:
        Rejection: With the code of the first broken rule.
    """
    _check_order(arguments)
    for rule in rules:
        if rule.in_mode is not None and rule.in_mode not in modes:
            continue
        if rule.when is not None and not _holds(rule.when, arguments):
            continue
        if rule.unless is not None and _holds(rule.unless, arguments):
            continue
        _check(rule, arguments)


def _check_order(arguments: Arguments) -> None:
    start_ms, end_ms = arguments.optional_integer("startTime"), arguments.optional_integer("endTime")
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise Rejection(-1023)


def _holds(condition: Condition, arguments: Arguments) -> bool:
    for name, values in condition.values.items():
        if not values:
            if name not in arguments:
                return False
        elif _text(arguments.get(name)) not in {_text(value) for value in values}:
            return False
    return True


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(rule: Rule, arguments: Arguments) -> None:
    names = [name for group in rule.params for name in group]
    sent = [name for name in names if name in arguments]
    if rule.kind == "require" and len(sent) < len(names):
        missing = next(name for name in names if name not in arguments)
        raise Rejection(-4061) if missing == "positionSide" else Rejection(-1102, missing)
    if rule.kind in ("require_any", "require_one") and not sent:
        wanted = " or ".join(f"'{name}'" for name in names)
        raise Rejection(-1102, message=f"Param {wanted} must be sent, but both were empty/null!")
    if rule.kind == "require_one" and len(sent) > 1:
        raise Rejection(-1128)
    if rule.kind == "forbid" and sent:
        raise Rejection(-1106, sent[0])
    if rule.kind == "exclusive" and sum(any(name in arguments for name in group) for group in rule.params) > 1:
        raise Rejection(-1128)
    if rule.kind == "span" and rule.at_most_ms is not None and len(sent) == len(names):
        start_ms, end_ms = arguments.integer(names[0]), arguments.integer(names[1])
        if end_ms - start_ms > rule.at_most_ms:
            raise Rejection(-1127, -(-rule.at_most_ms // _HOUR_MS))
