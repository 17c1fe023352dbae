"""The `rest`, `rest_async` and `ws_api` packages: one class an operation, one class a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from ...spec.dialect.types import ByPresence, ListOf
from ...spec.names import class_name, constant_name
from ..imports import Imports
from ..layout import Bracketed, call, mapping, statement, string_literal
from ..prose import docstring, sentence, wrap
from .arguments import Argument, arguments_of
from .documentation import both_languages, call_docstring
from .former import former_view
from .params import ArgumentSet, argument_sets
from .parts import part
from .views import GroupAttributeView, MethodsView, MethodView, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...spec.dialect.operations import Carrier, Operation
    from ...spec.dialect.product import Group, Product
    from ..types import Types

__all__ = ["ASYNC_REST", "REST", "WS_API", "Way", "group_class_name", "plan_methods"]


@frozen(kw_only=True)
class Way:
    """One way to call an operation: what differs between the three packages of methods."""

    package: str
    carrier: str
    """The carrier's name in an `ArgumentSet`."""
    prefix: str
    """Of class names, so that an editor tells the three apart."""
    method_base: str
    group_base: str
    resolving_base: str | None
    caller: tuple[tuple[str, ...], str]
    """Module and name of what a group's methods call through."""
    pages: str | None
    asynchronous: bool

    def carried(self, operation: Operation) -> Carrier | None:
        return operation.rest if self.carrier == "rest" else operation.ws

    @property
    def define(self) -> str:
        return "async def" if self.asynchronous else "def"

    @property
    def wait(self) -> str:
        return "await " if self.asynchronous else ""


REST: Final = Way(
    package="rest",
    carrier="rest",
    prefix="",
    method_base="RestMethod",
    group_base="RestGroup",
    resolving_base="ResolvingGroup",
    caller=(("_runtime", "method"), "RestCaller"),
    pages="Pages",
    asynchronous=False,
)
ASYNC_REST: Final = Way(
    package="rest_async",
    carrier="rest",
    prefix="Async",
    method_base="AsyncRestMethod",
    group_base="AsyncRestGroup",
    resolving_base="AsyncResolvingGroup",
    caller=(("_runtime", "method"), "AsyncRestCaller"),
    pages="AsyncPages",
    asynchronous=True,
)
WS_API: Final = Way(
    package="ws_api",
    carrier="ws",
    prefix="Ws",
    method_base="WsMethod",
    group_base="WsGroup",
    resolving_base=None,
    caller=(("_runtime", "method"), "WsCaller"),
    pages=None,
    asynchronous=True,
)


def group_class_name(way: Way, group: str) -> str:
    """`MarketDataGroup`, `AsyncMarketDataGroup`, `WsMarketDataGroup`."""
    return f"{way.prefix}{class_name(group)}Group"


def plan_methods(product: Product, types: Types, way: Way) -> Iterable[PlannedFile]:
    """Plans one module for each group that has an operation on this carrier."""
    carried: dict[str, list[Operation]] = {name: [] for name in product.groups}
    for operation in product.operations.values():
        if way.carried(operation) is not None:
            carried[operation.group].append(operation)
    for name, operations in carried.items():
        if operations:
            path = f"{product.name}/{way.package}/{name}.py"
            yield PlannedFile.of(path, "methods.py.jinja", _group, types, way, product.groups[name], operations)


def _group(types: Types, way: Way, group: Group, operations: Sequence[Operation]) -> MethodsView:
    product = types.product
    imports = Imports((product.name, way.package, group.name))
    imports.local((product.name, "operations"), group.name, alias="operations")
    methods = [part(operation.id, _method, types, imports, way, operation) for operation in operations]
    if way.resolving_base and any(operation.resolve for operation in operations):
        base = imports.local(("_runtime", "resolving"), way.resolving_base)
    else:
        base = imports.local(("_runtime", "method"), way.group_base)
    return MethodsView(
        source=f"{product.name}/operations/{group.name}.yaml",
        docstring=docstring(wrap(sentence(group.summary.en), 112), indent=0),
        methods=methods,
        group_class=group_class_name(way, group.name),
        group_base=base,
        group_docstring=docstring(both_languages(group.summary, indent=4), indent=4),
        caller=imports.local_type(*way.caller),
        attributes=[
            GroupAttributeView(
                name=operation.id,
                class_name=method.class_name,
                docstring=docstring(wrap(sentence(operation.summary.en), 110), indent=4),
            )
            for operation, method in zip(operations, methods, strict=True)
        ],
        former=[
            former_view(imports, former, operation.id, method.class_name)
            for operation, method in zip(operations, methods, strict=True)
            for former in operation.renamed_from
        ],
        imports=imports.block(),
    )


def _method(types: Types, imports: Imports, way: Way, operation: Operation) -> MethodView:
    product = types.product
    carrier = way.carried(operation)
    assert carrier is not None
    arguments_set = next(found for found in argument_sets(operation) if way.carrier in found.carriers)
    aliases = (product.name, "params", operation.group)
    arguments = arguments_of(arguments_set.params, types, imports, owner=arguments_set.owner, aliases=aliases)
    signed = product.security[operation.security].signed
    response = operation.response_on(carrier)
    returned = types.response(response, imports)
    base = imports.local(("_runtime", "method"), way.method_base)
    taken = f"**arguments: {imports.standard('typing', 'Unpack')}[{_params_name(arguments_set, product, imports)}]"
    raw = imports.local_type(("_runtime", "method"), "RawResponse")
    return MethodView(
        class_name=f"{way.prefix}{class_name(operation.id)}Method",
        base=f"{base}[{string_literal(returned)}]",
        docstring=docstring(wrap(sentence(operation.summary.en), 110), indent=4),
        operation=f"operations.{constant_name(operation.id)}",
        overloads=_overloads(response, arguments, signed, types, imports, way),
        signature=_signature(way, "__call__", ["*", *_declarations(arguments, signed)], returned),
        call_docstring=docstring(call_docstring(operation, carrier, product, arguments, signed=signed), indent=8),
        call=_call(arguments, signed, way, returned),
        raw_signature=_signature(way, "raw", [taken], f"{raw}[{returned}]"),
        raw_call=f"return {way.wait}self._raw(arguments)",
        iter_signature=_iter_signature(operation, taken, types, imports, way),
    )


def _params_name(arguments: ArgumentSet, product: Product, imports: Imports) -> str:
    return imports.local_type((product.name, "params", arguments.operation.group), arguments.name)


def _declarations(arguments: Sequence[Argument], signed: bool) -> list[str]:
    options = ["recv_window: int | None = None"] if signed else []
    return [*(argument.declaration for argument in arguments), *options, "timeout: float | None = None"]


def _signature(way: Way, name: str, parameters: Sequence[str], returned: str, *, define: str | None = None) -> str:
    head = f"{define or way.define} {name}("
    node = Bracketed(head, (("", "self"), *(("", parameter) for parameter in parameters)), ")")
    return statement("", node, indent=4, suffix=f" -> {returned}:")


def _overloads(
    response: object, arguments: Sequence[Argument], signed: bool, types: Types, imports: Imports, way: Way
) -> list[str]:
    if not isinstance(response, ByPresence):
        return []
    imports.standard("typing", "overload")
    found: list[str] = []
    for expression, is_present in ((response.present, True), (response.absent, False)):
        declarations: list[str] = []
        for argument in (argument for argument in arguments if not argument.is_former):
            if argument.param.wire != response.param:
                declarations.append(argument.declaration)
            elif is_present:
                declarations.append(f"{argument.python}: {argument.annotation}")
            else:
                declarations.append(f"{argument.python}: None = None")
        options = _declarations([], signed)
        returned = types.received(expression, imports)
        found.append(_signature(way, "__call__", ["*", *declarations, *options], returned))
    return found


def _call(arguments: Sequence[Argument], signed: bool, way: Way, returned: str) -> str:
    sent = mapping((string_literal(argument.python), argument.python) for argument in arguments)
    recv_window = "recv_window" if signed else None
    prefix = "" if returned == "None" else "return "
    return statement(
        f"{prefix}{way.wait}", call("self._call", sent, recv_window=recv_window, timeout="timeout"), indent=8
    )


def _iter_signature(operation: Operation, taken: str, types: Types, imports: Imports, way: Way) -> str | None:
    if operation.pages is None or way.pages is None:
        return None
    expression = operation.response
    if operation.pages.items is not None and not isinstance(expression, ByPresence):
        model = types.model_of(expression)
        expression = next(field.type for field in model.fields if field.wire == operation.pages.items)
    item = expression.item if isinstance(expression, ListOf) else expression
    pages = imports.local_type(("_runtime", "paging"), way.pages)
    return _signature(way, "iter", [taken], f"{pages}[{types.response(item, imports)}]", define="def")
