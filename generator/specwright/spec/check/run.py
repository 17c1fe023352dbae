"""Runs all checks over a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..bind.product import ProductFile
from ..bind.types import SCALAR_KINDS
from ..findings import Code
from .examples import check_examples
from .naming import check_classes, check_enums, check_errors, check_ids, check_modules
from .operations import check_inputs, check_operations
from .product import check_budgets, check_groups, check_product
from .scope import Known, Scope
from .streams import check_events, check_streams
from .todo import check_todos
from .types import check_types
from .unused import warn_of_unused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..bind.part import Part
    from ..dialect.exchange import Spec
    from ..dialect.product import Product
    from ..findings import Findings
    from ..folder import ProductParts, SpecParts
    from ..nodes import Node
    from .scope import NamedType

__all__ = ["check_spec", "scope_of"]


def check_spec(spec: Spec, parts: SpecParts, findings: Findings) -> None:
    """Notes in `findings` all that is wrong between the objects of an assembled spec."""
    if not spec.products:
        findings.add(spec.position, Code.EMPTY, "the spec has no product: no folder beside this file")
    clients: dict[str, str] = {}
    scopes: list[Scope] = []
    for product_parts in parts.products:
        product = spec.products[product_parts.name]
        scope = scope_of(spec, product, product_parts, parts.exchange, findings)
        check_budgets(scope, spec)
        _check_product(scope)
        scopes.append(scope)
        first = clients.setdefault(product.client, product.name)
        if first != product.name:
            message = f"the client of '{first}' is called '{product.client}' too"
            findings.add(product.position, Code.NAME_COLLISION, message)
    check_todos(parts, findings)
    if not any(finding.severity == "error" for finding in findings):
        for scope in scopes:
            warn_of_unused(scope)


def _check_product(scope: Scope) -> None:
    check_modules(scope)
    check_groups(scope)
    file = _content(scope.parts.files.get("product.yaml"))
    if isinstance(file, ProductFile):
        check_product(scope, file)
    check_ids(scope)
    check_classes(scope)
    check_enums(scope)
    check_errors(scope)
    check_types(scope)
    check_operations(scope)
    check_inputs(scope)
    check_streams(scope)
    check_events(scope)
    check_examples(scope)


def _content(part: Part | None) -> object:
    return part.content if part is not None else None


def scope_of(spec: Spec, product: Product, parts: ProductParts, exchange: Part | None, findings: Findings) -> Scope:
    """What the checks of one product look at."""
    nodes: dict[int, tuple[object, Node]] = {}
    damaged: set[int] = set()
    for part in (*parts.parts(), *((exchange,) if exchange is not None else ())):
        nodes.update(part.binding.nodes)
        damaged.update(part.binding.damaged)
    types: dict[str, NamedType] = {**product.enums, **product.inputs, **product.models}
    file = parts.files.get("product.yaml")
    enums = parts.files.get("enums.yaml")
    models, operations, streams = (parts.folders[name] for name in ("models", "operations", "streams"))
    vocabulary = [*models, enums] if enums is not None else models
    type_names = _known(vocabulary, "enums", "models", "inputs")
    return Scope(
        spec=spec,
        product=product,
        parts=parts,
        exchange=exchange,
        findings=findings,
        nodes=nodes,
        damaged=damaged,
        types=types,
        type_names=Known(type_names.names | SCALAR_KINDS.keys(), type_names.incomplete),
        operations=_known(operations, "operations"),
        streams=_known(streams, "streams"),
        events=_known(streams, "events"),
        security=_known([file], "security"),
        routes=_known([file], "routes"),
        groups=_known([file], "groups"),
        budgets=_budgets(product, file),
    )


def _known(parts: Iterable[Part | None], *sections: str) -> Known:
    """The names that files describe in sections; a file that gives nothing to go by may have described any."""
    names: frozenset[str] = frozenset()
    incomplete = False
    for part in parts:
        if part is None or (part.root is None and not part.salvaged):
            incomplete = True
            continue
        names = names.union(*(part.declared(section) for section in sections))
    return Known(names, incomplete)


def _budgets(product: Product, file: Part | None) -> Known:
    incomplete = file is None or not isinstance(file.content, ProductFile)
    return Known(frozenset(product.budgets), incomplete)
