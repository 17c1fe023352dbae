"""The named types of a product: enums, models and unions that it sends, inputs that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import Factory, define, field

from .text import Suppressing

if TYPE_CHECKING:
    from ..position import Position
    from .params import Param
    from .rules import Rule
    from .text import Deprecation, Example, Text
    from .types import Named, TypeExpression

__all__ = ["Enum", "EnumValue", "Field", "Input", "Model", "Union"]


@define(kw_only=True)
class EnumValue(Suppressing):
    """One value of an enum as it stands on the wire, with what it means where that is not obvious."""

    value: str | int
    summary: Text | None = None
    deprecated: Deprecation | None = None
    position: Position = field(eq=False)


@define(kw_only=True)
class Enum(Suppressing):
    """A named set of values. Responses may bring others; parameters may not."""

    name: str
    kind: Literal["string", "int"] = "string"
    summary: Text | None = None
    values: list[EnumValue]
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Field(Suppressing):
    """One field of a model."""

    wire: str
    """The JSON key; in a positional array the element's own name (it is not on the wire)."""
    name: str | None = None
    """The Python name, where the one derived from `wire` says nothing."""
    type: TypeExpression
    optional: bool = False
    """The key may be missing."""
    nullable: bool = False
    """The value may be null."""
    blank: bool = False
    """The value may be an empty string that means "no value" (decimals, ints, timestamps, enums)."""
    secret: bool = False
    """The value gives access to an account: it is kept out of logs and reprs."""
    unit: str | None = None
    """For docstrings: "quote asset", "contracts", "%" … (`timestamp` says ms by itself)."""
    summary: Text | None = None
    since: str | None = None
    deprecated: Deprecation | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the attribute; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Model(Suppressing):
    """An object (or, with `as: array`, a positional array) that the exchange sends."""

    name: str
    module: str
    """The module of the generated `models` package: the stem of the file that the model stands in."""
    shape: Literal["object", "array"] = "object"
    summary: Text | None = None
    fields: list[Field]
    example: Example | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Union(Suppressing):
    """A tagged union: the value of the JSON key `tag` decides the model. Unknown tags become `UnknownVariant`."""

    name: str
    module: str
    tag: str
    """Wire name of the deciding field, which every variant has."""
    variants: dict[str, Named]
    summary: Text | None = None
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)


@define(kw_only=True)
class Input(Suppressing):
    """An object that the caller sends, such as one order of a batch: a TypedDict in Python, JSON on the wire."""

    name: str
    module: str
    summary: Text | None = None
    params: list[Param]
    rules: list[Rule] = Factory(list)
    renamed_from: list[str] = Factory(list)
    """Former Python names of the class; they keep working, with a warning."""
    position: Position = field(eq=False)
