"""The `enums` module of a product: one `Literal` alias an enum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..imports import Imports
from ..layout import call, literal, statement, subscript
from ..prose import docstring, sentence, wrap
from .documentation import both_languages, deprecation
from .former import former_aliases, former_node
from .views import ConstantView, EnumsView, PlannedFile

if TYPE_CHECKING:
    from ...spec.dialect.product import Product
    from ...spec.dialect.vocabulary import Enum

__all__ = ["plan_enums"]


def plan_enums(product: Product) -> PlannedFile:
    """Plans the enums. An editor completes a `Literal`, and an unknown value of the exchange stays a plain string."""
    return PlannedFile.of(f"{product.name}/enums.py", "enums.py.jinja", _enums, product)


def _enums(product: Product) -> EnumsView:
    imports = Imports((product.name, "enums"))
    former = {name: enum.name for enum in product.enums.values() for name in enum.renamed_from}
    hooks: str | None = None
    if former:
        lazy = call(
            imports.local(("_runtime", "lazy"), "lazy_attributes"), "__name__", "{}", former=former_node(former)
        )
        hooks = statement("__getattr__, __dir__ = ", lazy, indent=4)
    aliases = former_aliases(former, imports)
    enums = [_enum(enum, imports) for enum in product.enums.values()]
    return EnumsView(
        source=f"{product.name}/enums.yaml",
        docstring=docstring([f"The named sets of values of {product.title}."], indent=0),
        imports=imports.block(),
        enums=enums,
        former=aliases,
        hooks=hooks,
    )


def _enum(enum: Enum, imports: Imports) -> ConstantView:
    alias = imports.standard("typing", "TypeAlias")
    values = subscript(imports.standard("typing", "Literal"), [literal(value.value) for value in enum.values])
    lines = both_languages(enum.summary, indent=0) if enum.summary else []
    described: list[str] = []
    for value in enum.values:
        said = [sentence(value.summary.en), value.summary.zh] if value.summary else []
        said += [deprecation(value.deprecated)] if value.deprecated else []
        if said:
            described += wrap(f"- `{value.value}`: {' '.join(said)}", 120, hanging="  ")
    if described:
        lines = [*lines, "", *described] if lines else described
    return ConstantView(
        name=enum.name,
        statement=statement(f"{enum.name}: {alias} = ", values),
        docstring=docstring(lines, indent=0) if lines else None,
    )
