"""What the runtime is told of arguments: parameters with their limits, inputs, and rules between them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ...spec.dialect.types import ListOf, TypeExpression
from ...spec.names import constant_name, python_name
from ..layout import Node, call, literal, mapping, statement, string_literal, tuple_of
from .views import ConstantView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...spec.dialect.params import Param
    from ...spec.dialect.rules import Condition, Rule
    from ...spec.dialect.values import WireValue
    from ...spec.dialect.vocabulary import Input
    from ..imports import Imports
    from ..types import Types

__all__ = ["param_node", "params_node", "rules_node", "shape_constants"]

_RUNTIME = ("_runtime", "operation")


def params_node(params: Iterable[Param], types: Types, imports: Imports) -> Node:
    """`(Param(…), Param(…))`."""
    return tuple_of(param_node(param, types, imports) for param in params)


def param_node(param: Param, types: Types, imports: Imports) -> Node:
    """`Param(wire="symbol", python="symbol", kind="string", required=True)`."""
    kind, many = types.kind(param.type)
    item = types.input_of(param.type)
    return call(
        imports.local(_RUNTIME, "Param"),
        wire=string_literal(param.wire),
        python=string_literal(python_name(param)),
        kind=string_literal(kind),
        required="True" if param.required else None,
        many="True" if many else None,
        default=_scalar(param.default, imports) if param.default is not None else None,
        one_of=_allowed(param, types, imports),
        minimum=_scalar(param.minimum, imports),
        maximum=_scalar(param.maximum, imports),
        min_length=_scalar(param.min_length, imports),
        max_length=_scalar(param.max_length, imports),
        min_items=_scalar(param.min_items, imports),
        max_items=_scalar(param.max_items, imports),
        pattern=_scalar(param.pattern, imports),
        case=_scalar(param.case, imports),
        generated=_scalar(param.generated, imports),
        shape=_shape_name(item, types, imports) if item else None,
        former=tuple_of(map(string_literal, param.renamed_from)) if param.renamed_from else None,
    )


def rules_node(rules: Iterable[Rule], names: Mapping[str, str], imports: Imports) -> Node | None:
    """The rules that a client can check; those of an account's mode are the exchange's."""
    nodes = [_rule(rule, names, imports) for rule in rules if rule.in_mode is None]
    return tuple_of(nodes) if nodes else None


def shape_constants(inputs: Sequence[Input], types: Types, imports: Imports) -> Iterable[ConstantView]:
    """The shapes of a module's inputs, each behind those that it is made of."""
    return [_shape(item, types, imports) for item in _innermost_first(inputs, types)]


def _shape(item: Input, types: Types, imports: Imports) -> ConstantView:
    names = {param.wire: python_name(param) for param in item.params}
    value = call(
        imports.local(_RUNTIME, "InputShape"),
        name=string_literal(item.name),
        params=params_node(item.params, types, imports),
        rules=rules_node(item.rules, names, imports),
        open_always=True,
    )
    name = constant_name(item.name)
    return ConstantView(name=name, statement=statement(f"{name} = ", value))


def _shape_name(item: Input, types: Types, imports: Imports) -> str:
    name = constant_name(item.name)
    module = (types.product.name, "operations", item.module)
    return name if module == imports.module else imports.local(module, name)


def _innermost_first(inputs: Sequence[Input], types: Types) -> list[Input]:
    ordered: dict[str, Input] = {}

    def place(item: Input) -> None:
        if item.name not in ordered:
            for param in item.params:
                inner = types.input_of(param.type)
                if inner is not None and inner is not item and inner in inputs:
                    place(inner)
            ordered[item.name] = item

    for item in inputs:
        place(item)
    return list(ordered.values())


def _rule(rule: Rule, names: Mapping[str, str], imports: Imports) -> Node:
    """`Rule(kind="require", params=(("price",),), when=Condition({"type": ("LIMIT",)}))`."""
    return call(
        imports.local(_RUNTIME, "Rule"),
        kind=string_literal(rule.kind),
        params=tuple_of(tuple_of(string_literal(names[wire]) for wire in members) for members in rule.params),
        when=_condition(rule.when, names, imports) if rule.when else None,
        unless=_condition(rule.unless, names, imports) if rule.unless else None,
        at_most_ms=_scalar(rule.at_most_ms, imports),
    )


def _condition(condition: Condition, names: Mapping[str, str], imports: Imports) -> Node:
    entries = [
        (string_literal(names[wire]), tuple_of(_source(value, imports) for value in values))
        for wire, values in condition.values.items()
    ]
    return call(imports.local(_RUNTIME, "Condition"), mapping(entries))


def _allowed(param: Param, types: Types, imports: Imports) -> Node | None:
    expression: TypeExpression = param.type.item if isinstance(param.type, ListOf) else param.type
    enum = types.enum_of(expression)
    if types.allowed_values(param) is None and enum is not None:
        alias = imports.local((types.product.name, "enums"), enum.name)
        return call(imports.standard("typing", "get_args"), alias)
    if param.one_of is None:
        return None
    return tuple_of(_source(value, imports) for value in param.one_of)


def _scalar(value: WireValue | None, imports: Imports) -> str | None:
    return None if value is None else _source(value, imports)


def _source(value: WireValue, imports: Imports) -> str:
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and value.as_tuple().exponent == 0:
            return str(value)
        imports.standard("decimal", "Decimal")
    return literal(value)
