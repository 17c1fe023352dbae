"""The `operations` package of a product: what the runtime is told of each operation, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ...spec.dialect.types import ByPresence, Response
from ...spec.dialect.weights import FixedWeight, Weight, WeightByPresence, WeightByValue
from ...spec.names import constant_name, python_name
from ..imports import Imports
from ..layout import Node, call, mapping, statement, string_literal, tuple_of
from ..prose import docstring
from .arguments import python_names
from .constraints import params_node, rules_node, shape_constants
from .parts import part
from .views import ConstantView, DescriptorsView, ModuleView, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...spec.dialect.operations import Carrier, Operation, Paging
    from ...spec.dialect.product import Product
    from ...spec.dialect.vocabulary import Input
    from ..types import Types

__all__ = ["plan_descriptors", "returns_node"]

_RUNTIME = ("_runtime", "operation")


def plan_descriptors(product: Product, types: Types) -> Iterable[PlannedFile]:
    """Plans one module of descriptors for each group of operations and each file of inputs."""
    operations: dict[str, list[Operation]] = {}
    inputs: dict[str, list[Input]] = {}
    for operation in product.operations.values():
        operations.setdefault(operation.group, []).append(operation)
    for item in product.inputs.values():
        inputs.setdefault(item.module, []).append(item)
    for module in dict.fromkeys([*operations, *inputs]):
        yield PlannedFile.of(
            f"{product.name}/operations/{module}.py",
            "descriptors.py.jinja",
            _module,
            types,
            module,
            operations.get(module, []),
            inputs.get(module, []),
        )
    yield PlannedFile.of(f"{product.name}/operations/__init__.py", "package.py.jinja", _package, product.name)


def _package(product: str) -> ModuleView:
    return ModuleView(
        source=f"{product}/operations",
        docstring=docstring(["What the runtime knows of each operation, as data."], indent=0),
        imports=Imports(()).block(),
    )


def _module(types: Types, module: str, operations: Sequence[Operation], inputs: Sequence[Input]) -> DescriptorsView:
    product = types.product
    imports = Imports((product.name, "operations", module))
    constants = list(shape_constants(inputs, types, imports))
    for operation in operations:
        constants += part(operation.id, _operation, types, imports, operation)
    return DescriptorsView(
        source=f"{product.name}/operations/{module}.yaml",
        docstring=docstring([f"What the runtime knows of each operation: {module.replace('_', ' ')}."], indent=0),
        constants=constants,
        imports=imports.block(),
    )


def _operation(types: Types, imports: Imports, operation: Operation) -> list[ConstantView]:
    product = types.product
    name = constant_name(operation.id)
    constants: list[ConstantView] = []
    param_lists = [operation.params_on(carrier) for carrier in operation.carriers]
    shared: str | None = None
    if len(param_lists) == 2 and param_lists[0] and param_lists[0] == param_lists[1]:
        shared = f"_{name}_PARAMS"
        params = params_node(param_lists[0], types, imports)
        constants.append(ConstantView(name=shared, statement=statement(f"{shared} = ", params)))

    def carrier_node(carrier: Carrier | None) -> Node | None:
        return None if carrier is None else _carrier(operation, carrier, shared, product, types, imports)

    names = python_names(operation)
    value = call(
        imports.local(_RUNTIME, "Operation"),
        id=string_literal(operation.id),
        group=string_literal(operation.group),
        security=string_literal(operation.security),
        retry=string_literal(operation.retry),
        rest=carrier_node(operation.rest),
        ws=carrier_node(operation.ws),
        rules=rules_node(operation.rules, names, imports),
        pages=_paging(operation.pages, operation, types, imports) if operation.pages else None,
        resolve=_resolution(operation, product, types, imports),
        open_always=True,
    )
    constants.append(ConstantView(name=name, statement=statement(f"{name} = ", value)))
    return constants


def _carrier(
    operation: Operation, carrier: Carrier, shared: str | None, product: Product, types: Types, imports: Imports
) -> Node:
    names = python_names(operation)
    costs = {product.weight_budget: carrier.weight, **carrier.costs}
    params: Node = shared or params_node(operation.params_on(carrier), types, imports)
    return call(
        imports.local(_RUNTIME, "Carrier"),
        method=string_literal(carrier.method),
        path=string_literal(carrier.path) if carrier.path else None,
        params=params,
        costs=mapping(
            (string_literal(budget), weight_node(weight, names, imports)) for budget, weight in costs.items()
        ),
        returns=returns_node(operation.response_on(carrier), names, types, imports),
        open_always=True,
    )


def returns_node(response: Response | None, names: Mapping[str, str], types: Types, imports: Imports) -> Node:
    """The function that gives a reply's wire type."""
    if response is None:
        return "lambda: None"
    if isinstance(response, ByPresence):
        wire_type: Node = call(
            imports.local(_RUNTIME, "ByPresence"),
            param=string_literal(names[response.param]),
            present=types.wire_type(response.present, imports),
            absent=types.wire_type(response.absent, imports),
        )
    else:
        wire_type = types.wire_type(response, imports)
    return f"lambda: {wire_type}" if isinstance(wire_type, str) else evolve(wire_type, head=f"lambda: {wire_type.head}")


def weight_node(weight: Weight, names: Mapping[str, str], imports: Imports) -> Node:
    """The source of a weight; parameters by their Python names."""
    name = imports.local(_RUNTIME, type(weight).__name__)
    match weight:
        case FixedWeight():
            return call(name, str(weight.weight))
        case WeightByValue():
            steps = tuple_of(tuple_of([str(bound), str(cost)]) for bound, cost in weight.up_to.items())
            return call(
                name,
                string_literal(names[weight.param]),
                up_to=steps if weight.up_to else None,
                values=_costs(weight.values) if weight.values else None,
                otherwise=_number(weight.otherwise),
                above=_number(weight.above),
            )
        case WeightByPresence():
            present = _costs({names[param]: cost for param, cost in weight.present.items()})
            return call(name, present, absent=str(weight.absent))
        case _:
            return call(name, string_literal(names[weight.param]), each=str(weight.each))


def _costs(costs: Mapping[str, int]) -> Node:
    return mapping((string_literal(key), str(cost)) for key, cost in costs.items())


def _paging(pages: Paging, operation: Operation, types: Types, imports: Imports) -> Node:
    names = python_names(operation)
    response = operation.response
    expression = None if isinstance(response, ByPresence) else response
    model = types.model_of(expression)
    items: str | None = None
    if pages.items is not None:
        holder = next(field for field in model.fields if field.wire == pages.items)
        items = string_literal(python_name(holder))
        model = types.model_of(holder.type)
    fields = {field.wire: python_name(field) for field in model.fields}

    def parameter(wire: str | None) -> str | None:
        return None if wire is None else string_literal(names[wire])

    def item_field(wire: str | None) -> str | None:
        return None if wire is None else string_literal(fields[wire])

    return call(
        imports.local(_RUNTIME, "Paging"),
        limit=parameter(pages.limit),
        id_param=parameter(pages.id_param),
        id_field=item_field(pages.id_field),
        start_param=parameter(pages.start_param),
        end_param=parameter(pages.end_param),
        time_field=item_field(pages.time_field),
        window_ms=_number(pages.window_ms),
        reach_ms=_number(pages.reach_ms),
        items=items,
        order=string_literal(pages.order) if pages.order != "ascending" else None,
    )


def _resolution(operation: Operation, product: Product, types: Types, imports: Imports) -> Node | None:
    resolve = operation.resolve
    if resolve is None:
        return None
    asking = product.operations[resolve.operation]
    there, here = python_names(asking), python_names(operation)
    params = [(string_literal(there[asked]), string_literal(here[lost])) for asked, lost in resolve.params.items()]
    status = types.field_name(asking.response, resolve.status) if resolve.status else None
    return call(
        imports.local(_RUNTIME, "Resolution"),
        operation=string_literal(resolve.operation),
        params=mapping(params),
        absent=tuple_of(map(str, resolve.absent)),
        status=string_literal(status) if status else None,
        filled=tuple_of(map(string_literal, resolve.filled)) if resolve.filled else None,
    )


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
