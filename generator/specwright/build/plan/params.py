"""The `params` package of a product: TypedDicts for what the caller sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from ...spec.names import class_name, python_name
from ..imports import Imports
from ..prose import docstring, wrap
from .arguments import alias_constants, alias_names, arguments_of
from .documentation import both_languages, rule_text
from .lazy import plan_lazy_package
from .views import ConstantView, FieldView, ParamsView, PlannedFile, TypedDictView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...spec.dialect.operations import Operation
    from ...spec.dialect.params import Param
    from ...spec.dialect.product import Product
    from ...spec.dialect.vocabulary import Input
    from ..types import Types

__all__ = ["ArgumentSet", "argument_sets", "plan_params"]

_INDENT = 4


@define
class ArgumentSet:
    """What an operation takes on a carrier, as one TypedDict."""

    name: str
    operation: Operation
    params: list[Param]
    carriers: tuple[str, ...]
    """`rest`, `ws` or both, where both take the same."""

    @property
    def owner(self) -> str:
        return self.name.removesuffix("Params")


def argument_sets(operation: Operation) -> list[ArgumentSet]:
    """One set where both carriers take the same parameters, else one for each."""
    name = class_name(operation.id)
    rest = operation.params_on(operation.rest) if operation.rest else None
    ws = operation.params_on(operation.ws) if operation.ws else None
    if rest is not None and ws is not None and rest != ws:
        return [
            ArgumentSet(f"{name}Params", operation, rest, ("rest",)),
            ArgumentSet(f"{name}WsParams", operation, ws, ("ws",)),
        ]
    carriers = tuple(carrier for carrier, params in (("rest", rest), ("ws", ws)) if params is not None)
    return [ArgumentSet(f"{name}Params", operation, rest if rest is not None else ws or [], carriers)]


def plan_params(product: Product, types: Types) -> Iterable[PlannedFile]:
    """Plans a module for each group of operations and each file of inputs, and the package that finds them."""
    groups: dict[str, list[Operation]] = {}
    inputs: dict[str, list[Input]] = {}
    for operation in product.operations.values():
        groups.setdefault(operation.group, []).append(operation)
    for item in product.inputs.values():
        inputs.setdefault(item.module, []).append(item)
    places: dict[str, tuple[str, ...]] = {}
    for module in dict.fromkeys([*groups, *inputs]):
        path = (product.name, "params", module)
        operations, items = groups.get(module, []), inputs.get(module, [])
        places |= dict.fromkeys(_names(operations, items, types), path)
        given = types, module, operations, items
        yield PlannedFile.of("/".join(path) + ".py", "params.py.jinja", _module, *given)
    yield plan_lazy_package(
        path=(product.name, "params"),
        source=f"{product.name}/operations",
        docstring=docstring(["What the caller sends, as TypedDicts: the arguments of each operation."], indent=0),
        places=places,
        former=_former(product),
    )


def _former(product: Product) -> dict[str, str]:
    """Former names of inputs, and of the arguments of operations that were renamed."""
    names = {former: item.name for item in product.inputs.values() for former in item.renamed_from}
    for operation in product.operations.values():
        for arguments in argument_sets(operation):
            kind = arguments.name.removeprefix(class_name(operation.id))
            names |= {f"{class_name(former)}{kind}": arguments.name for former in operation.renamed_from}
    return names


def _names(operations: Iterable[Operation], inputs: Iterable[Input], types: Types) -> Iterable[str]:
    """What a module of the package defines."""
    for item in inputs:
        yield item.name
        yield from alias_names(item.params, types, owner=item.name)
    for operation in operations:
        for arguments in argument_sets(operation):
            yield arguments.name
            yield from alias_names(arguments.params, types, owner=arguments.owner)


def _module(types: Types, module: str, operations: Sequence[Operation], inputs: Sequence[Input]) -> ParamsView:
    product = types.product
    imports = Imports((product.name, "params", module))
    aliases: list[ConstantView] = []
    dictionaries: list[TypedDictView] = []
    for item in inputs:
        aliases += alias_constants(item.params, types, imports, owner=item.name)
        dictionaries.append(_input(item, types, imports))
    for operation in operations:
        for arguments in argument_sets(operation):
            aliases += alias_constants(arguments.params, types, imports, owner=arguments.owner)
            dictionaries.append(_operation(arguments, product, types, imports))
    return ParamsView(
        source=f"{product.name}/operations/{module}.yaml",
        docstring=docstring([f"What the caller sends: {module.replace('_', ' ')}."], indent=0),
        aliases=aliases,
        dictionaries=dictionaries,
        imports=imports.block(),
    )


def _input(item: Input, types: Types, imports: Imports) -> TypedDictView:
    lines = both_languages(item.summary, indent=_INDENT) if item.summary else [f"`{item.name}` of the exchange."]
    if item.rules:
        names = {param.wire: python_name(param) for param in item.params}
        lines.append("")
        for rule in item.rules:
            lines += wrap(f"- {rule_text(rule, names)}", 120 - _INDENT, hanging="  ")
    imports.standard("typing", "TypedDict")
    arguments = arguments_of(item.params, types, imports, owner=item.name, aliases=imports.module)
    return TypedDictView(
        name=item.name,
        docstring=docstring(lines, indent=_INDENT),
        fields=[
            FieldView(
                declaration=_key(argument.python, argument.annotation, argument.required, imports),
                docstring=docstring(wrap(argument.facts, 120 - _INDENT - 6), indent=_INDENT),
            )
            for argument in arguments
        ],
    )


def _operation(arguments: ArgumentSet, product: Product, types: Types, imports: Imports) -> TypedDictView:
    operation = arguments.operation
    imports.standard("typing", "TypedDict")
    keys = [
        _key(argument.python, argument.annotation, argument.required, imports)
        for argument in arguments_of(arguments.params, types, imports, owner=arguments.owner, aliases=imports.module)
    ]
    if product.security[operation.security].signed:
        keys.append("recv_window: int | None")
    keys.append("timeout: float | None")
    prefix = "ws_api." if arguments.carriers == ("ws",) else ""
    also = ", and of the same over the WebSocket API" if len(arguments.carriers) == 2 else ""
    line = f"Arguments of `{prefix}{operation.group}.{operation.id}`{also}."
    return TypedDictView(
        name=arguments.name,
        docstring=docstring([line], indent=_INDENT),
        fields=[FieldView(declaration=key, docstring=None) for key in keys],
    )


def _key(name: str, annotation: str, required: bool, imports: Imports) -> str:
    if required:
        return f"{name}: {imports.standard('typing', 'Required')}[{annotation}]"
    return f"{name}: {annotation} | None"
