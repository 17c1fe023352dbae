"""Single parameters: defaults, allowed values and bounds agree with the type and with each other."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..dialect.types import ListOf, Named, Scalar
from ..dialect.vocabulary import Enum, Input
from ..findings import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialect.params import Param
    from ..dialect.values import WireValue
    from .scope import Scope

__all__ = ["allowed_values", "check_params", "value_kind"]

_NUMERIC = frozenset({"int", "decimal", "number", "timestamp"})
_BOUNDS = (("minimum", "maximum", "min", "max"), ("min_length", "max_length") * 2, ("min_items", "max_items") * 2)


def check_params(scope: Scope, params: Iterable[Param]) -> None:
    """Every parameter of a list by itself."""
    for param in params:
        _check_kind(scope, param)
        _check_bounds(scope, param)
        _check_values(scope, param)


def value_kind(scope: Scope, param: Param) -> str | None:
    """What one value of a parameter (of a list: one item) is on the wire; None for inputs and unknown types."""
    item = param.type.item if isinstance(param.type, ListOf) else param.type
    if isinstance(item, Scalar):
        return item.kind
    named = scope.types.get(item.name) if isinstance(item, Named) else None
    return named.kind if isinstance(named, Enum) else None


def allowed_values(scope: Scope, param: Param) -> list[WireValue] | None:
    """The values that a parameter may have, or None where it is not limited to some."""
    item = param.type.item if isinstance(param.type, ListOf) else param.type
    named = scope.types.get(item.name) if isinstance(item, Named) else None
    if not isinstance(named, Enum) or scope.is_damaged(named):
        return param.one_of
    values: list[WireValue] = [value.value for value in named.values]
    return values if param.one_of is None else [value for value in param.one_of if value in values] or values


def fits(value: WireValue, kind: str) -> bool:
    """Whether a value as YAML gives it can be a value of a kind."""
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int" | "timestamp":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal" | "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case _:
            return True


def _check_kind(scope: Scope, param: Param) -> None:
    """Limits are of a sort that the type has."""
    kind, many = value_kind(scope, param), isinstance(param.type, ListOf)
    textual = kind == "string" and not many
    for key, sensible, what in (
        ("min", kind in _NUMERIC, "numbers"),
        ("max", kind in _NUMERIC, "numbers"),
        ("min_length", textual, "texts"),
        ("max_length", textual, "texts"),
        ("pattern", textual, "texts"),
        ("case", textual, "texts"),
        ("generated", textual, "texts"),
        ("min_items", many, "lists"),
        ("max_items", many, "lists"),
        ("default", not many, "single values"),
    ):
        if not sensible and (kind is not None or many) and scope.has_key(param, key):
            scope.note(
                scope.key_at(param, key), Code.CONTRADICTION, f"'{key}' is for {what}, which '{param.wire}' is not"
            )
    if param.required and param.default is not None:
        message = f"'{param.wire}' is required, so it has no default"
        scope.note(scope.key_at(param, "default"), Code.CONTRADICTION, message)


def _check_bounds(scope: Scope, param: Param) -> None:
    for low_name, high_name, low_key, high_key in _BOUNDS:
        low, high = getattr(param, low_name), getattr(param, high_name)
        if low is not None and high is not None and low > high:
            position = scope.at(param, high_key)
            scope.note(position, Code.OUT_OF_RANGE, f"'{high_key}' {high} is below '{low_key}' {low}")
        for key, bound in ((low_key, low), (high_key, high)):
            if bound is not None and bound < 0 and low_name != "minimum":
                scope.note(scope.at(param, key), Code.OUT_OF_RANGE, f"'{key}' cannot be negative")


def _check_values(scope: Scope, param: Param) -> None:
    kind = value_kind(scope, param)
    item = param.type.item if isinstance(param.type, ListOf) else param.type
    named = scope.types.get(item.name) if isinstance(item, Named) else None
    if isinstance(named, Input):
        for key in ("default", "one_of"):
            if scope.has_key(param, key):
                message = f"'{key}' is for single values, and '{param.wire}' takes an input"
                scope.note(scope.key_at(param, key), Code.CONTRADICTION, message)
        return
    if kind is None:
        return
    of_enum: list[WireValue] | None = None
    if isinstance(named, Enum) and not scope.is_damaged(named):
        of_enum = [value.value for value in named.values]
    seen: list[WireValue] = []
    for index, value in enumerate(param.one_of or ()):
        if _check_value(scope, param, kind, value, of_enum, ("one_of", index)) and value in seen:
            scope.note(scope.at(param, "one_of", index), Code.DUPLICATE_NAME, f"'{value}' stands in the list already")
        seen.append(value)
    if param.default is not None and not isinstance(param.type, ListOf):
        _check_value(scope, param, kind, param.default, allowed_values(scope, param), ("default",))


def _check_value(
    scope: Scope,
    param: Param,
    kind: str,
    value: WireValue,
    allowed: list[WireValue] | None,
    path: tuple[str | int, ...],
) -> bool:
    """Whether a value that the spec writes down can be sent."""
    position = scope.at(param, *path)
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if not fits(value, kind):
        quoted = "; put it in quotes" if kind == "string" else ""
        message = f"'{shown}' is not a value of '{param.wire}', which is of the type {kind}{quoted}"
        scope.note(position, Code.WRONG_TYPE, message)
        return False
    if allowed is not None and value not in allowed:
        words = [each for each in allowed if isinstance(each, str)]
        message = f"'{shown}' is not among the values of '{param.wire}'"
        scope.findings.add(position, Code.WRONG_VALUE, message, wrong=shown, candidates=words)
        return False
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        below = param.minimum is not None and value < param.minimum
        above = param.maximum is not None and value > param.maximum
        if below or above:
            bound = f"below 'min' {param.minimum}" if below else f"above 'max' {param.maximum}"
            scope.note(position, Code.OUT_OF_RANGE, f"{shown} is {bound}")
            return False
    return True
