"""The arguments of an operation, a stream or an input: names, annotations, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ...spec.dialect.types import Scalar
from ...spec.names import class_name, python_name
from ..imports import Imports
from ..layout import literal, statement, subscript
from ..prose import display_width, docstring, sentence, with_facts
from .views import ConstantView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from ...spec.dialect.operations import Operation
    from ...spec.dialect.params import Param
    from ...spec.dialect.values import WireValue
    from ..types import Types

__all__ = ["Argument", "alias_constants", "alias_names", "arguments_of", "plain", "python_names"]

_LONGEST_INLINE_LITERAL = 72
"""A longer `Literal[…]` gets a name of its own: a signature has to be readable."""


@frozen
class Argument:
    """One parameter as the caller sees it."""

    python: str
    annotation: str
    required: bool
    param: Param
    facts: str
    """What it is, its unit, limits and default, as one line of a docstring."""
    is_former: bool = False
    """A name that the parameter had before."""

    @property
    def declaration(self) -> str:
        """As it stands in a signature."""
        return f"{self.python}: {self.annotation}" if self.required else self.optional_declaration

    @property
    def optional_declaration(self) -> str:
        """The same with None for a default."""
        return f"{self.python}: {self.annotation} | None = None"


def python_names(operation: Operation) -> dict[str, str]:
    """Wire name → Python name of every parameter that the operation has on any carrier."""
    params = list(operation.params)
    for carrier in operation.carriers:
        params += carrier.params
    return {param.wire: python_name(param) for param in params}


def arguments_of(
    params: Iterable[Param], types: Types, imports: Imports, *, owner: str, aliases: tuple[str, ...]
) -> list[Argument]:
    """The arguments for `params`, required ones first; former names stand beside the names now.

    Args:
        params: As they stand in the spec.
        types: The product's types.
        imports: Of the module that the annotations will stand in.
        owner: What the parameters belong to, as a class name: names of long literals begin with it.
        aliases: The module that holds those literals.
    """
    found: list[Argument] = []
    for param in params:
        argument = _argument(param, types, imports, owner, aliases)
        found += [argument, *_former(argument)]
    return sorted(found, key=lambda argument: not argument.param.required or argument.is_former)


def alias_constants(params: Iterable[Param], types: Types, imports: Imports, *, owner: str) -> Iterable[ConstantView]:
    """The sets of allowed values that are too long to stand in a signature, each under a name of its own."""
    for param in params:
        values = types.allowed_values(param)
        if values is not None and _is_long(values, types):
            alias = imports.standard("typing", "TypeAlias")
            literals = subscript(imports.standard("typing", "Literal"), map(literal, values))
            yield ConstantView(
                name=_alias_name(owner, param),
                statement=statement(f"{_alias_name(owner, param)}: {alias} = ", literals),
                docstring=docstring([f"What `{python_name(param)}` may be."], indent=0),
            )


def alias_names(params: Iterable[Param], types: Types, *, owner: str) -> Iterable[str]:
    """The names that `alias_constants` gives."""
    for param in params:
        values = types.allowed_values(param)
        if values is not None and _is_long(values, types):
            yield _alias_name(owner, param)


def _argument(param: Param, types: Types, imports: Imports, owner: str, aliases: tuple[str, ...]) -> Argument:
    values = types.allowed_values(param)
    if values is None:
        annotation = types.sent(param.type, imports)
    else:
        if _is_long(values, types):
            annotation = imports.local_type(aliases, _alias_name(owner, param))
        else:
            annotation = types.literal(values, imports)
        if types.kind(param.type)[1]:
            annotation = f"{imports.standard_type('collections.abc', 'Sequence')}[{annotation}]"
    # The caller may still give it by a former name, so it can be left out under this one.
    required = param.required and not param.renamed_from
    return Argument(python_name(param), annotation, required, param, _facts(param, types))


def _former(argument: Argument) -> list[Argument]:
    said = f"Former name of `{argument.python}`."
    return [
        evolve(argument, python=name, required=False, facts=said, is_former=True)
        for name in argument.param.renamed_from
    ]


def _is_long(values: Sequence[WireValue], types: Types) -> bool:
    return display_width(types.literal(values, Imports(()))) > _LONGEST_INLINE_LITERAL


def _alias_name(owner: str, param: Param) -> str:
    return owner + class_name(python_name(param))


def _facts(param: Param, types: Types) -> str:
    enum = types.enum_of(param.type)
    summary = param.summary or types.product.glossary.get(param.wire) or (enum.summary if enum else None)
    facts: list[str] = []
    if param.unit:
        facts.append(f"in {param.unit}")
    elif isinstance(param.type, Scalar) and param.type.kind == "timestamp":
        facts.append("Unix time in ms")
    facts += _limits(param)
    if param.default is not None:
        facts.append(f"default {plain(param.default)}")
    if param.generated:
        facts.append("made by the client when left out")
    if param.since:
        facts.append(f"since {param.since}")
    if param.deprecated:
        instead = f", use `{param.deprecated.use}`" if param.deprecated.use else ""
        facts.append(f"deprecated since {param.deprecated.since}{instead}")
    return with_facts(sentence(summary.en) if summary else f"Sent as `{param.wire}`", facts)


def _limits(param: Param) -> list[str]:
    limits = [
        _range(param.minimum, param.maximum, ""),
        _range(param.min_length, param.max_length, "character"),
        _range(param.min_items, param.max_items, "item"),
    ]
    return [limit for limit in limits if limit]


def _range(low: Decimal | int | None, high: Decimal | int | None, what: str) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        bounds = f"at most {high}"
    elif high is None:
        bounds = f"at least {low}"
    else:
        bounds = f"exactly {low}" if low == high else f"{low} to {high}"
    if not what:
        return bounds
    return f"{bounds} {what}" if (low if high is None else high) == 1 else f"{bounds} {what}s"


def plain(value: WireValue) -> str:
    """A value as a reader of a docstring sees it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
