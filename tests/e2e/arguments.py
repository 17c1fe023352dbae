"""Arguments for any operation of the spec: the fewest that it takes, and the most that its rules let stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from specwright.spec.dialect.types import ListOf, Named, Scalar
from specwright.spec.names import python_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from specwright.spec.dialect.operations import Carrier, Operation
    from specwright.spec.dialect.params import Param
    from specwright.spec.dialect.product import Product
    from specwright.spec.dialect.rules import Condition, Rule
    from specwright.spec.dialect.types import TypeExpression
    from specwright.spec.dialect.vocabulary import Enum, Input

Value: TypeAlias = object
Arguments: TypeAlias = "dict[str, Value]"
"""By wire names."""


class Composer:
    """Chooses values for parameters; `known` holds those that the exchange must recognise, by wire name."""

    def __init__(self, product: Product, known: Mapping[str, Value]) -> None:
        self._product = product
        self._known = known

    def fewest(self, operation: Operation, carrier: Carrier) -> Arguments:
        """What is required, and what the rules require because of it, by Python names."""
        params = parameters(operation, carrier)
        chosen = {wire: self.value(param) for wire, param in params.items() if param.required}
        for _ in params:
            for rule in operation.rules:
                if applies(rule, chosen):
                    self._demand(rule, params, chosen)
        return by_python_name(chosen, params)

    def most(self, operation: Operation, carrier: Carrier) -> Arguments:
        """All parameters, less those that the rules forbid beside others, by Python names."""
        params = parameters(operation, carrier)
        chosen = {wire: self.value(param) for wire, param in params.items()}
        for _ in params:
            for rule in operation.rules:
                if applies(rule, chosen):
                    forgo(rule, params, chosen)
        return by_python_name(chosen, params)

    def value(self, param: Param) -> Value:
        """A value that the parameter allows."""
        if param.wire in self._known:
            return self._known[param.wire]
        if param.one_of:
            return param.one_of[0]
        return self._of_type(param.type, param)

    def _of_type(self, expression: TypeExpression, param: Param) -> Value:
        if isinstance(expression, ListOf):
            return [self._of_type(expression.item, param)]
        if isinstance(expression, Named):
            return self._named(expression.name)
        assert isinstance(expression, Scalar), expression
        lowest = param.minimum if param.minimum is not None else 1
        return {"string": "x", "int": int(lowest), "decimal": lowest, "bool": True, "timestamp": 0}[expression.kind]

    def _named(self, name: str) -> Value:
        if name in self._product.enums:
            enum: Enum = self._product.enums[name]
            return enum.values[0].value
        shape: Input = self._product.inputs[name]
        params = {param.wire: param for param in shape.params}
        chosen = {wire: self.value(param) for wire, param in params.items() if param.required}
        for rule in shape.rules:
            if applies(rule, chosen):
                self._demand(rule, params, chosen)
        return by_python_name(chosen, params)

    def _demand(self, rule: Rule, params: Mapping[str, Param], chosen: Arguments) -> None:
        named = [wire for group in rule.params for wire in group]
        if rule.kind == "require":
            chosen |= {wire: self.value(params[wire]) for wire in named if wire not in chosen}
        elif rule.kind in {"require_any", "require_one"} and not chosen.keys() & set(named):
            chosen[named[0]] = self.value(params[named[0]])


def parameters(operation: Operation, carrier: Carrier) -> dict[str, Param]:
    """The parameters of an operation on one carrier, by wire name."""
    shared = {param.wire: param for param in operation.params if param.wire not in carrier.without}
    return shared | {param.wire: param for param in carrier.params}


def applies(rule: Rule, chosen: Mapping[str, Value]) -> bool:
    """Whether a rule holds for what was chosen, in an account in one-way mode with a single asset."""
    if rule.in_mode not in {None, "one_way", "single_asset"}:
        return False
    met = rule.when is None or fulfils(rule.when, chosen)
    return met and not (rule.unless is not None and fulfils(rule.unless, chosen))


def fulfils(condition: Condition, chosen: Mapping[str, Value]) -> bool:
    return all(
        wire in chosen and (not allowed or chosen[wire] in allowed) for wire, allowed in condition.values.items()
    )


def forgo(rule: Rule, params: Mapping[str, Param], chosen: Arguments) -> None:
    """Takes out the optional parameters that a rule does not let stand beside the others."""
    if rule.kind == "forbid":
        drop(chosen, params, (wire for group in rule.params for wire in group))
    elif rule.kind in {"require_one", "exclusive"}:
        sent = [group for group in rule.params if any(wire in chosen for wire in group)]
        for group in sent[1:]:
            drop(chosen, params, group)


def drop(chosen: Arguments, params: Mapping[str, Param], wires: Iterable[str]) -> None:
    for wire in wires:
        if wire in chosen and not params[wire].required:
            del chosen[wire]


def by_python_name(chosen: Mapping[str, Value], params: Mapping[str, Param]) -> Arguments:
    return {python_name(params[wire]): value for wire, value in chosen.items()}
