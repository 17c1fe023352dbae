"""Schemas as types, enums, models, unions and inputs of the dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import define, field

from ...spec.check import reserved
from ...spec.names import class_name
from ..naming import TODO, singular
from . import definitions
from .document import escaped, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..knowledge import Plain, TypeText
    from .document import Document

__all__ = ["Vocabulary"]

Kind: TypeAlias = Literal["enum", "model", "union", "input", "alias"]
ParamContent: TypeAlias = "Callable[[str, Mapping[str, Plain], str, bool], dict[str, Plain]]"

_COMPONENT = "#/components/schemas/"
_WIRE_TYPES: Final = ("decimal", "timestamp", "number", "json", "string", "int", "bool")
_PLAIN: Final = {"string": "string", "integer": "int", "number": "number", "boolean": "bool"}
_KNOWN_FORMATS: Final = ("int32", "int64", "float", "double", "decimal", "byte", "password")
_MAXIMUM_DEPTH: Final = 40


@define
class Vocabulary:
    """Makes the dialect's vocabulary from a document's schemas as they are referred to."""

    document: Document
    module: str = "general"
    """The file for what has none of its own: the group of the operation that needs it first."""
    enums: dict[str, Plain] = field(factory=dict)
    models: dict[str, dict[str, Plain]] = field(factory=dict)
    """Module → models."""
    inputs: dict[str, dict[str, Plain]] = field(factory=dict)
    _names: dict[str, str] = field(factory=dict)
    """Component → the name that it has in the spec."""
    _taken: set[str] = field(factory=set)

    def define_components(self, params: ParamContent) -> None:
        """Defines the components that say where they belong, in the document's order."""
        for name, schema in mapping(mapping(self.document.root.get("components")).get("schemas")).items():
            content = mapping(schema)
            if "x-kind" in content or "x-module" in content:
                self.component(name, params)

    # --- Types -------------------------------------------------------------------------------------------------------

    def type_of(self, schema: Plain, hint: str, pointer: str, depth: int = 0) -> TypeText:
        """The type that a schema describes, without saying whether null is allowed."""
        content = mapping(schema)
        if depth > _MAXIMUM_DEPTH:
            self.document.note(pointer, "is nested too deeply")
            return "json"
        reference = text(content.get("$ref"))
        if reference is not None:
            return self._referred(reference, hint, pointer, depth)
        wire_type = content.get("x-wire-type")
        if wire_type in _WIRE_TYPES:
            return str(wire_type)
        alternatives = self.alternatives(content)
        if alternatives is not None:
            return self._one_of(content, alternatives, hint, pointer, depth)
        if "allOf" in content:
            parts = sequence(content["allOf"])
            if len(parts) == 1 and not content.get("properties"):
                return self.type_of(parts[0], hint, f"{pointer}/allOf/0", depth + 1)
            return self._inline_model(content, hint, pointer, depth)
        kind = _kind_of_value(content)
        if kind == "array":
            return self._array(content, hint, pointer, depth)
        if kind == "object":
            return self._object(content, hint, pointer, depth)
        if "enum" in content or "const" in content:
            return self._inline_enum(content, hint, pointer)
        return self._plain(content, kind, pointer)

    def _referred(self, reference: str, hint: str, pointer: str, depth: int) -> TypeText:
        if reference.startswith(_COMPONENT):
            name = reference.removeprefix(_COMPONENT).replace("~1", "/").replace("~0", "~")
            schemas = mapping(mapping(self.document.root.get("components")).get("schemas"))
            if name in schemas and self.kind_of(schemas[name]) != "alias":
                return self.component(name)
        content, _ = self.document.resolve({"$ref": reference}, pointer)
        return self.type_of(content, hint, pointer, depth + 1) if content else "json"

    def alternatives(self, content: Mapping[str, Plain]) -> list[Plain] | None:
        """The schemas of oneOf or anyOf without null; None where there is no choice."""
        for key in ("oneOf", "anyOf"):
            if key in content:
                return [each for each in sequence(content[key]) if mapping(each).get("type") != "null"]
        return None

    def _one_of(
        self, content: Mapping[str, Plain], alternatives: list[Plain], hint: str, pointer: str, depth: int
    ) -> TypeText:
        if content.get("x-result") is True and alternatives:
            return {"result": self.type_of(alternatives[0], hint, f"{pointer}/oneOf/0", depth + 1)}
        if len(alternatives) == 1:
            return self.type_of(alternatives[0], hint, f"{pointer}/oneOf/0", depth + 1)
        if "discriminator" in content:
            name = self._free_name(hint)
            union = definitions.union_of(self, content, pointer)
            if union is not None:
                self.models.setdefault(self.module, {})[name] = union
                return name
        types = [
            self.type_of(each, hint, f"{pointer}/oneOf/{index}", depth + 1) for index, each in enumerate(alternatives)
        ]
        if types and all(type_ == types[0] for type_ in types):
            return types[0]
        self.document.note(pointer, "several forms without a deciding field: any JSON value is taken")
        return "json"

    def _array(self, content: Mapping[str, Plain], hint: str, pointer: str, depth: int) -> TypeText:
        if "prefixItems" in content:
            name = self._free_name(hint)
            self.models.setdefault(self.module, {})[name] = definitions.positional_of(self, content, pointer, depth)
            return name
        if "items" not in content:
            return ["json"]
        return [self.type_of(content["items"], singular(hint), f"{pointer}/items", depth + 1)]

    def _object(self, content: Mapping[str, Plain], hint: str, pointer: str, depth: int) -> TypeText:
        additional = content.get("additionalProperties")
        if content.get("properties"):
            return self._inline_model(content, hint, pointer, depth)
        if isinstance(additional, dict) and additional:
            return {"string": self.type_of(additional, singular(hint), f"{pointer}/additionalProperties", depth + 1)}
        return "json"

    def _inline_model(self, content: Mapping[str, Plain], hint: str, pointer: str, depth: int) -> str:
        name = self._free_name(hint)
        self.models.setdefault(self.module, {})[name] = definitions.model_of(self, content, pointer, depth)
        return name

    def _inline_enum(self, content: Mapping[str, Plain], hint: str, pointer: str) -> str:
        enum = definitions.enum_of(self, content, pointer)
        if enum is None:
            return "json"
        for name, known in self.enums.items():
            if known == enum and name == class_name(hint):
                return name
        name = self._free_name(hint)
        self.enums[name] = enum
        return name

    def _plain(self, content: Mapping[str, Plain], kind: str | None, pointer: str) -> str:
        form = text(content.get("format"))
        if kind == "string" and form == "decimal":
            return "decimal"
        if form is not None and form not in _KNOWN_FORMATS:
            self.document.note(f"{pointer}/format", f"the format '{form}' has no place in the dialect")
        return _PLAIN.get(kind or "", "json")

    def is_nullable(self, schema: Plain) -> bool:
        """Whether null is among the values of a schema."""
        content = mapping(schema)
        if content.get("nullable") is True or "null" in sequence(content.get("type")):
            return True
        choices = [*sequence(content.get("oneOf")), *sequence(content.get("anyOf"))]
        return any(mapping(each).get("type") == "null" for each in choices) or None in sequence(content.get("enum"))

    # --- Components --------------------------------------------------------------------------------------------------

    def kind_of(self, schema: Plain) -> Kind:
        """What a component becomes in the dialect."""
        content = mapping(schema)
        stated = content.get("x-kind")
        if stated in ("enum", "model", "union", "input"):
            return stated  # type: ignore[return-value]  # One of the four words.
        if "enum" in content and _kind_of_value(content) in ("string", "integer"):
            return "enum"
        if ("oneOf" in content or "anyOf" in content) and "discriminator" in content:
            return "union"
        if content.get("properties") or "prefixItems" in content:
            return "model"
        if len(sequence(content.get("allOf"))) > 1:
            return "model"
        return "alias"

    def component(self, name: str, params: ParamContent | None = None) -> str:
        """The name in the spec of a component, which is defined at its first mention."""
        known = self._names.get(name)
        if known is not None:
            return known
        schema = mapping(mapping(mapping(self.document.root.get("components")).get("schemas")).get(name))
        spec_name = self._names[name] = self._free_name(name)
        pointer = f"{_COMPONENT}{escaped(name)}"
        module = text(schema.get("x-module")) or self.module
        kind = self.kind_of(schema)
        if kind == "enum":
            enum = definitions.enum_of(self, schema, pointer)
            self.enums[spec_name] = enum if enum is not None else {"values": [TODO]}
        elif kind == "input" and params is not None:
            self.inputs.setdefault(module, {})[spec_name] = definitions.input_of(self, schema, pointer, params)
        elif kind == "union":
            union = definitions.union_of(self, schema, pointer)
            self.models.setdefault(module, {})[spec_name] = union if union is not None else {"fields": {}}
        elif "prefixItems" in schema:
            self.models.setdefault(module, {})[spec_name] = definitions.positional_of(self, schema, pointer, 0)
        else:
            placed = self.models.setdefault(module, {})
            placed[spec_name] = {}  # Its place among the others, before what its fields need.
            placed[spec_name] = definitions.model_of(self, schema, pointer, 0)
        return spec_name

    def input_of(self, schema: Plain, hint: str, pointer: str, params: ParamContent) -> str:
        """The name of the input that an object sent by the caller becomes."""
        content, reference = self.document.resolve(schema, pointer)
        name = (reference or "").removeprefix(_COMPONENT) or hint
        known = self._names.get(f"input {name}")
        if known is not None:
            return known
        spec_name = self._free_name(name)
        self._names[f"input {name}"] = spec_name
        module = text(content.get("x-module")) or self.module
        self.inputs.setdefault(module, {})[spec_name] = definitions.input_of(self, content, pointer, params)
        return spec_name

    def _free_name(self, wanted: str) -> str:
        base = wanted if re.fullmatch(r"[A-Z][A-Za-z0-9]*", wanted) else class_name(wanted)
        if not base or not base[0].isalpha():
            base = f"Model{base}"
        name, number = base, 2
        while name in self._taken or reserved.reason(name, reserved.CLASSES) is not None:
            name, number = f"{base}{number}", number + 1
        self._taken.add(name)
        return name


def _kind_of_value(content: Mapping[str, Plain]) -> str | None:
    """The one type of a schema, null aside; told from its other keys where it does not say it."""
    type_ = content.get("type")
    if isinstance(type_, list):
        others = [each for each in type_ if each != "null"]
        return str(others[0]) if len(others) == 1 else None
    if isinstance(type_, str):
        return type_
    if "properties" in content or isinstance(content.get("additionalProperties"), dict):
        return "object"
    if "items" in content or "prefixItems" in content:
        return "array"
    values = [*sequence(content.get("enum")), *([content["const"]] if "const" in content else [])]
    if values and all(isinstance(each, str) for each in values):
        return "string"
    if values and all(isinstance(each, int) and not isinstance(each, bool) for each in values):
        return "integer"
    return None
