"""Definitions of the vocabulary: an enum, model, union or input from its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...spec.bind.vocabulary import FIELD, INPUT, MODEL
from ...spec.names import snake_case
from ..naming import TODO, needs_name
from .document import escaped, mapping, sequence, text
from .extensions import add_extensions, deprecation_of, extension_names, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..knowledge import Plain
    from .schemas import ParamContent, Vocabulary

__all__ = ["enum_of", "input_of", "model_of", "positional_of", "union_of"]

_TYPE_KEYS: Final = (
    *("type", "format", "items", "properties", "required", "additionalProperties", "enum", "allOf", "oneOf", "anyOf"),
    *("discriminator", "prefixItems", "nullable", "description", "title", "example", "examples", "deprecated", "const"),
    *("$ref", "x-wire-type", "x-result", "x-kind", "x-module", "x-positional", "x-values"),
)
_MAXIMUM_DEPTH: Final = 40
_COMPONENT = "#/components/schemas/"


def enum_of(vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str) -> Plain:
    """The values of an enum; None where the dialect has no enum of such values."""
    listed = sequence(content.get("enum")) or [content.get("const")]
    values: list[Plain] = [each for each in listed if each is not None]
    stated = content.get("x-values")
    numeric = all(isinstance(each, int) and not isinstance(each, bool) for each in values)
    if not numeric and not all(isinstance(each, str) for each in values):
        vocabulary.document.note(f"{pointer}/enum", "values that are neither all texts nor all whole numbers")
        return None
    enum: dict[str, Plain] = {}
    enum |= summary_of(content)
    if numeric:
        enum["type"] = "int"
    enum["values"] = stated if isinstance(stated, dict | list) else values
    add_extensions(enum, content, ("renamed_from", "suppress"))
    return enum


def union_of(vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str) -> Plain:
    """A union of models that one field tells apart; None where none does."""
    discriminator = mapping(content.get("discriminator"))
    tag = text(discriminator.get("propertyName"))
    variants: dict[str, Plain] = {}
    for value, reference in mapping(discriminator.get("mapping")).items():
        variants[value] = vocabulary.type_of({"$ref": _as_reference(reference)}, value, pointer)
    if not variants:
        for index, each in enumerate(vocabulary.alternatives(content) or ()):
            reference = mapping(each).get("$ref")
            if reference is not None:
                variants[str(reference).rpartition("/")[2]] = vocabulary.type_of(each, "", f"{pointer}/oneOf/{index}")
    if tag is None or not all(isinstance(variant, str) for variant in variants.values()):
        vocabulary.document.note(pointer, "a union whose variants are not told apart by a field of objects")
        return None
    union: dict[str, Plain] = {}
    union |= summary_of(content)
    union["union"] = {"tag": tag, "of": variants}
    add_extensions(union, content, MODEL.keys)
    return union


def model_of(vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str, depth: int) -> dict[str, Plain]:
    """A model with its fields, those of `allOf` included."""
    properties, required = _members(vocabulary, content, pointer, depth)
    fields: dict[str, Plain] = {}
    for wire, (schema, place) in properties.items():
        fields[wire] = _field(vocabulary, wire, schema, place, depth, required=wire in required)
    model = summary_of(content)
    model["fields"] = fields
    add_extensions(model, content, MODEL.keys)
    if isinstance(content.get("additionalProperties"), dict):
        vocabulary.document.note(f"{pointer}/additionalProperties", "a model with fields takes no others")
    _note_rest(vocabulary, content, pointer, MODEL.keys)
    return model


def _members(
    vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str, depth: int
) -> tuple[dict[str, tuple[Plain, str]], set[str]]:
    """Properties with where they stand, and the names of the required ones; those of `allOf` included."""
    properties: dict[str, tuple[Plain, str]] = {}
    required = {str(name) for name in sequence(content.get("required"))}
    for index, part in enumerate(sequence(content.get("allOf"))):
        place = f"{pointer}/allOf/{index}"
        resolved, _ = vocabulary.document.resolve(part, place)
        if depth < _MAXIMUM_DEPTH:
            inherited, needed = _members(vocabulary, resolved, place, depth + 1)
            properties.update(inherited)
            required |= needed
    for wire, schema in mapping(content.get("properties")).items():
        properties[wire] = schema, f"{pointer}/properties/{escaped(wire)}"
    return properties, required


def _field(
    vocabulary: Vocabulary,
    wire: str,
    schema: Plain,
    pointer: str,
    depth: int,
    *,
    required: bool,
    positional: bool = False,
) -> Plain:
    content = mapping(schema)
    entry: dict[str, Plain] = {}
    name = text(content.get("x-name"))
    if name is not None:
        entry["name"] = name
    elif not positional and needs_name(wire):
        named = snake_case(text(content.get("title")) or "")
        entry["name"] = named if named.isidentifier() and not needs_name(named) else TODO
    entry["type"] = vocabulary.type_of(schema, wire, pointer, depth + 1)
    if not required or content.get("x-optional") is True:
        entry["optional"] = True
    if vocabulary.is_nullable(schema):
        entry["nullable"] = True
    entry |= summary_of(content) | deprecation_of(content)
    add_extensions(entry, content, FIELD.keys)
    _note_rest(vocabulary, content, pointer, FIELD.keys)
    return entry["type"] if len(entry) == 1 and not isinstance(entry["type"], dict) else entry


def positional_of(vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str, depth: int) -> dict[str, Plain]:
    """A positional array with a name for each element."""
    names = [str(name) for name in sequence(content.get("x-positional"))]
    least = content.get("minItems")
    fields: dict[str, Plain] = {}
    for index, schema in enumerate(sequence(content.get("prefixItems"))):
        name = names[index] if index < len(names) else snake_case(text(mapping(schema).get("title")) or "")
        name = name if name and name not in fields else f"{TODO}_{index + 1}"
        needed = index < least if isinstance(least, int) else True
        place = f"{pointer}/prefixItems/{index}"
        fields[name] = _field(vocabulary, name, schema, place, depth, required=needed, positional=True)
    model: dict[str, Plain] = {**summary_of(content), "as": "array", "fields": fields}
    add_extensions(model, content, MODEL.keys)
    return model


def input_of(
    vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str, params: ParamContent
) -> dict[str, Plain]:
    """An object that the caller sends; `params` describes its members."""
    properties, required = _members(vocabulary, content, pointer, 0)
    described = {
        wire: params(wire, mapping(schema), place, wire in required) for wire, (schema, place) in properties.items()
    }
    entry: dict[str, Plain] = {**summary_of(content), "params": dict(described)}
    add_extensions(entry, content, INPUT.keys)
    return entry


def _note_rest(vocabulary: Vocabulary, content: Mapping[str, Plain], pointer: str, keys: Mapping[str, object]) -> None:
    vocabulary.document.note_rest(content, pointer, (*_TYPE_KEYS, *extension_names(content, keys), "x-optional"))


def _as_reference(target: Plain) -> str:
    name = str(target)
    return name if name.startswith("#/") else f"{_COMPONENT}{name}"
