"""Enums, models, unions and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define

from ..dialect.types import Named
from ..dialect.vocabulary import Enum, EnumValue, Field, Input, Model, Union
from ..findings import Code
from ..nodes import MappingNode, Node, ScalarNode, SequenceNode
from .json_schema import any_of, form_schema
from .params import PARAMS
from .rules import RULES
from .scalars import BOOLEAN, CLASS_NAME, PYTHON_NAME, WORD, Choice
from .shape import Entry, Key, Kind, MapOf, ValuesOf, keys
from .text import DEPRECATED, EXAMPLE, SUPPRESS, TEXT, renamed_from
from .types import TYPE

if TYPE_CHECKING:
    from .json_schema import Definitions, JsonSchema
    from .shape import Binding

__all__ = ["ENUMS", "INPUTS", "MODELS"]


# --- Enums -----------------------------------------------------------------------------------------------------------


_DESCRIBED_VALUE: Final = Entry(
    noun="a value of an enum",
    build=EnumValue,
    name_attribute="value",
    keys=keys(
        Key("summary", TEXT, says="What the value means."),
        DEPRECATED,
        SUPPRESS,
    ),
)


@define(eq=False)
class _ValueKind(Kind[EnumValue]):
    """What stands under a value: nothing, its meaning, or an entry."""

    noun: str
    entry: Entry[EnumValue]

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> EnumValue | None:
        text = key.text if key is not None else ""
        if isinstance(node, ScalarNode) and node.is_null:
            return EnumValue(value=text, position=(key or node).position)
        if isinstance(node, MappingNode) and TEXT.keys.keys() & node.entries.keys():
            summary = TEXT.bind(node, binding)
            return EnumValue(value=text, summary=summary, position=(key or node).position)
        return self.entry.bind(node, binding, key)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return any_of({"type": "null"}, TEXT.schema(definitions), self.entry.schema(definitions))


_DESCRIBED_VALUES: Final = ValuesOf(
    MapOf("a mapping of values to what they mean", _ValueKind("the meaning of a value", _DESCRIBED_VALUE))
)


@define(eq=False)
class _Values(Kind[list[EnumValue]]):
    """A list of values, or a mapping of values to what they mean."""

    noun: str
    described: ValuesOf[EnumValue]

    def takes(self, node: Node) -> bool:
        return isinstance(node, SequenceNode)

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> list[EnumValue] | None:
        if isinstance(node, MappingNode):
            values = self.described.bind(node, binding)
        elif isinstance(node, SequenceNode):
            values = [value for item in node.items if (value := self.bind_plain(item, binding)) is not None]
        else:
            binding.wrong_type(node, self.noun)
            return None
        if not values:
            binding.findings.add(node.position, Code.EMPTY, "an enum has at least one value")
        return values or None

    def bind_plain(self, node: Node, binding: Binding) -> EnumValue | None:
        value = node.value() if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, str | int):
            binding.wrong_type(node, "a text or a whole number")
            return None
        return EnumValue(value=value, position=node.position)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return any_of(self.short_schema(definitions), {**self.described.schema(definitions), "minProperties": 1})

    def short_schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1}


@define(eq=False)
class _EnumKind(Kind[Enum]):
    """An enum, whose values are all of its kind."""

    noun: str
    entry: Entry[Enum]

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Enum | None:
        enum = self.entry.bind(node, binding, key)
        if enum is None:
            return None
        if isinstance(node, SequenceNode) and all(isinstance(value.value, int) for value in enum.values):
            enum.kind = "int"
        for value in enum.values:
            self.convert(value, enum.kind, binding)
        return enum

    def convert(self, value: EnumValue, kind: Literal["string", "int"], binding: Binding) -> None:
        """Makes a value an int or a text; keys of a mapping come as text."""
        if kind == "string":
            value.value = str(value.value)
            return
        try:
            value.value = int(value.value)
        except ValueError:
            message = f"'{value.value}' is not a whole number, as the values of this enum are"
            binding.findings.add(value.position, Code.WRONG_TYPE, message)

    def schema(self, definitions: Definitions) -> JsonSchema:
        numbers = any_of(
            {"type": "array", "items": {"type": "integer"}},
            {"type": "object", "propertyNames": form_schema(r"[-+]?[0-9]+")},
        )
        of_numbers: JsonSchema = {
            "if": {"type": "object", "properties": {"type": {"const": "int"}}, "required": ["type"]},
            "then": {"properties": {"values": numbers}},
        }
        return {"allOf": [self.entry.schema(definitions), of_numbers]}


_VALUES: Final = _Values("a list of values, or a mapping of values to what they mean", _DESCRIBED_VALUES)

ENUM: Final = _EnumKind(
    "an enum",
    Entry(
        noun="an enum",
        build=Enum,
        name_attribute="name",
        short="values",
        keys=keys(
            Key("summary", TEXT, says="What the values tell apart."),
            Key("type", Choice(("string", "int")), attribute="kind", says="What the values are on the wire."),
            Key("values", _VALUES, required=True, says="The values, with what they mean where that is not obvious."),
            renamed_from("Its former names, which keep working.", of_class=True),
            SUPPRESS,
        ),
    ),
)

ENUMS: Final = MapOf("a mapping of enums", ENUM, name=CLASS_NAME)


# --- Models and unions -----------------------------------------------------------------------------------------------

FIELD: Final = Entry(
    noun="a field",
    build=Field,
    name_attribute="wire",
    short="type",
    keys=keys(
        Key("name", PYTHON_NAME, says="The Python name, where the one derived from the wire name says nothing."),
        Key("type", TYPE, required=True, says="The type of the value."),
        Key("optional", BOOLEAN, says="The key may be missing."),
        Key("nullable", BOOLEAN, says="The value may be null."),
        Key("blank", BOOLEAN, says="The value may be an empty string, which means no value."),
        Key("secret", BOOLEAN, says="The value gives access to an account; it is kept out of logs."),
        Key("unit", WORD, says="What it is counted in."),
        Key("summary", TEXT, says="What the value says."),
        Key("since", WORD, says="Since which day the exchange sends it."),
        DEPRECATED,
        renamed_from("Its former Python names, which keep working."),
        SUPPRESS,
    ),
)


@define(eq=False)
class _Reference(Kind[Named]):
    """The name of a model."""

    noun: str = "the name of a model"

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> Named | None:
        name = CLASS_NAME.bind(node, binding)
        return None if name is None else Named(name=name, position=node.position)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return CLASS_NAME.schema(definitions)


REFERENCE: Final = _Reference()


@define
class _Variants:
    """What stands under `union`."""

    tag: str
    variants: dict[str, Named]


UNION: Final = Entry(
    noun="a union",
    build=_Variants,
    placed=False,
    keys=keys(
        Key("tag", WORD, required=True, says="Wire name of the deciding field, which every variant has."),
        Key(
            "of",
            MapOf("a mapping of tags to models", REFERENCE),
            required=True,
            attribute="variants",
            says="Value of the tag → model.",
        ),
    ),
)


def _model_or_union(
    *, fields: list[Field] | None = None, union: _Variants | None = None, **values: Any
) -> Model | Union:
    if union is not None:
        only_of_models = {"shape", "example"}
        shared = {name: value for name, value in values.items() if name not in only_of_models}
        return Union(tag=union.tag, variants=union.variants, **shared)
    return Model(fields=fields or [], **values)


MODEL: Final = Entry(
    noun="a model",
    build=_model_or_union,
    name_attribute="name",
    group_attribute="module",
    alternatives=("fields", "union"),
    keys=keys(
        Key("summary", TEXT, says="What the object is."),
        Key("as", Choice(("object", "array")), attribute="shape", says="An array is positional on the wire."),
        Key("fields", ValuesOf(MapOf("a mapping of fields", FIELD)), says="Wire name → type or entry, in wire order."),
        Key("union", UNION, says="The value of one field decides which model this is."),
        Key("example", EXAMPLE, says="A documented JSON text of this model alone."),
        renamed_from("Its former names, which keep working.", of_class=True),
        SUPPRESS,
    ),
)

MODELS: Final = MapOf("a mapping of models", MODEL, name=CLASS_NAME)

INPUT: Final = Entry(
    noun="an input",
    build=Input,
    name_attribute="name",
    group_attribute="module",
    keys=keys(
        Key("summary", TEXT, says="What the object asks for."),
        Key("params", PARAMS, required=True, says="Wire name → parameter."),
        Key("rules", RULES, says="What holds between the parameters."),
        renamed_from("Its former names, which keep working.", of_class=True),
        SUPPRESS,
    ),
)

INPUTS: Final = MapOf("a mapping of inputs", INPUT, name=CLASS_NAME)
