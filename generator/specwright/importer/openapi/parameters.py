"""Parameters of an OpenAPI operation, and the members of what it sends, as parameters of the dialect."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import define

from ...spec.bind.params import PARAM
from .document import mapping, sequence, text
from .extensions import add_extensions, deprecation_of, extension_names, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..knowledge import Plain, TypeText
    from .document import Document
    from .schemas import Vocabulary

__all__ = ["Parameters"]

_BOUNDS: Final = {
    "minimum": "min",
    "maximum": "max",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
}
_READ: Final = (
    *("name", "in", "required", "description", "schema", "deprecated", "example", "examples", "style", "explode"),
    *("allowEmptyValue", "allowReserved", "type", "format", "enum", "default", "items", "pattern", "nullable", "title"),
    *("exclusiveMinimum", "exclusiveMaximum", "x-wire-type", "properties", "allOf", "oneOf", "anyOf", "$ref", *_BOUNDS),
)
_AUTHENTICATION: Final = frozenset(("timestamp", "signature", "recvWindow"))
_ANY: Final = r"[\s\S]*"


@define
class Parameters:
    """Describes parameters; schemas of objects become inputs."""

    document: Document
    vocabulary: Vocabulary

    def of_operation(
        self, operation: Mapping[str, Plain], shared: Plain, pointer: str, *, signed: bool
    ) -> dict[str, Plain]:
        """The parameters of an operation with those of its path, then the members of its body.

        What the client sends by itself with a signed request is left out.
        """
        params: dict[str, Plain] = {}
        for place, listed in (("", shared), (pointer, operation.get("parameters"))):
            for index, each in enumerate(sequence(listed)):
                where = f"{place or pointer}/parameters/{index}"
                content, _ = self.document.resolve(each, where)
                name = text(content.get("name"))
                if name is None or (signed and name in _AUTHENTICATION):
                    continue
                if content.get("in") != "query":
                    self.document.note(where, f"a parameter in the {content.get('in')} cannot be said")
                    continue
                params[name] = self._parameter(name, content, where)
        params.update(self._body(operation, pointer, signed=signed))
        return params

    def _parameter(self, name: str, content: Mapping[str, Plain], pointer: str) -> dict[str, Plain]:
        schema = content.get("schema")
        if schema is None and "content" in content:
            media = next(iter(mapping(content.get("content")).values()), None)
            schema = mapping(media).get("schema")
        merged = {**content, "description": content.get("description") or mapping(schema).get("description")}
        return self.content(name, merged, pointer, content.get("required") is True, schema=schema)

    def member(self, name: str, schema: Mapping[str, Plain], pointer: str, required: bool) -> dict[str, Plain]:
        """A member of an object that the caller sends."""
        return self.content(name, schema, pointer, required, schema=dict(schema))

    def content(
        self, name: str, said: Mapping[str, Plain], pointer: str, required: bool, *, schema: Plain
    ) -> dict[str, Plain]:
        """What stands under a parameter's name; `said` has its texts and extensions, `schema` its type and bounds."""
        inner = mapping(schema)
        entry: dict[str, Plain] = {}
        own_name = text(said.get("x-name")) or text(inner.get("x-name"))
        if own_name is not None:
            entry["name"] = own_name
        resolved, reference = self.document.resolve(schema, f"{pointer}/schema")
        inline_values = sequence(resolved.get("enum")) if reference is None else []
        both = {**inner, **{key: value for key, value in said.items() if key.startswith("x-")}}
        entry["type"] = self._type(name, both, resolved, f"{pointer}/schema")
        if required:
            entry["required"] = True
        default = resolved.get("default") if reference is None else inner.get("default", resolved.get("default"))
        if isinstance(default, str | int | Decimal):
            entry["default"] = default
        if inline_values:
            entry["one_of"] = inline_values
        self._bounds(entry, resolved, pointer)
        entry |= summary_of({"x-summary-zh": inner.get("x-summary-zh"), **said}) | deprecation_of(said)
        add_extensions(entry, said, PARAM.keys)
        add_extensions(entry, inner, PARAM.keys)
        for each in (said, inner):
            self.document.note_rest(each, pointer, (*_READ, *extension_names(each, PARAM.keys), "content"))
        return entry

    def _type(self, name: str, schema: Mapping[str, Plain], resolved: Mapping[str, Plain], pointer: str) -> TypeText:
        if "x-wire-type" in schema:
            return str(schema["x-wire-type"])
        items = resolved.get("items")
        if items is not None:
            item, _ = self.document.resolve(items, f"{pointer}/items")
            if item.get("properties") or item.get("x-kind") == "input":
                return [self._input(name, items, f"{pointer}/items")]
        if resolved.get("properties") or resolved.get("x-kind") == "input":
            return self._input(name, dict(schema), pointer)
        if resolved.get("enum") is not None and "$ref" not in schema:
            schema = {key: value for key, value in schema.items() if key != "enum"}
            values = sequence(resolved.get("enum"))
            numbers = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
            schema.setdefault("type", "integer" if numbers else "string")
        type_ = self.vocabulary.type_of(dict(schema), name, pointer)
        # A number in a query is written out whatever its JSON form would be.
        return "decimal" if type_ == "number" else type_

    def _input(self, name: str, schema: Plain, pointer: str) -> str:
        reference = text(mapping(schema).get("$ref"))
        if reference is not None and mapping(self.document.resolve(schema, pointer)[0]).get("x-kind") == "input":
            return self.vocabulary.component(reference.rpartition("/")[2], self.member)
        return self.vocabulary.input_of(schema, name, pointer, self.member)

    def _bounds(self, entry: dict[str, Plain], schema: Mapping[str, Plain], pointer: str) -> None:
        for key, ours in _BOUNDS.items():
            bound = schema.get(key)
            if isinstance(bound, int | Decimal) and not isinstance(bound, bool):
                entry[ours] = bound
        for key, ours, step in (("exclusiveMinimum", "min", 1), ("exclusiveMaximum", "max", -1)):
            bound = schema.get(key)
            if bound is True and schema.get("type") == "integer" and isinstance(entry.get(ours), int):
                entry[ours] = int(str(entry[ours])) + step
            elif isinstance(bound, int) and not isinstance(bound, bool) and schema.get("type") == "integer":
                entry[ours] = bound + step
            elif bound not in (None, False):
                self.document.note(
                    f"{pointer}/{key}", "a bound that is not among the values cannot be said of decimals"
                )
        pattern = text(schema.get("pattern"))
        if pattern is not None:
            entry["pattern"] = _whole(pattern)

    def _body(self, operation: Mapping[str, Plain], pointer: str, *, signed: bool) -> dict[str, Plain]:
        """The members of a body, which the dialect sends as it does all parameters."""
        body, _ = self.document.resolve(operation.get("requestBody"), f"{pointer}/requestBody")
        params: dict[str, Plain] = {}
        for media_type, media in mapping(body.get("content")).items():
            place = f"{pointer}/requestBody/content/{media_type.replace('/', '~1')}"
            schema, _ = self.document.resolve(mapping(media).get("schema"), place)
            if media_type != "application/x-www-form-urlencoded":
                self.document.note(place, f"a body of {media_type} cannot be said; its members are sent as parameters")
            if not schema.get("properties"):
                self.document.note(place, "a body that is not an object with members cannot be said")
                continue
            required = [str(name) for name in sequence(schema.get("required"))]
            for name, member in mapping(schema.get("properties")).items():
                if not (signed and name in _AUTHENTICATION):
                    where = f"{place}/schema/properties/{name}"
                    params[name] = self.content(name, mapping(member), where, name in required, schema=member)
            break
        return params


def _whole(pattern: str) -> str:
    """A pattern that the whole value must match, from one that is searched for in it."""
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    inner = pattern[1:] if begins else pattern
    inner = inner[:-1] if ends else inner
    if begins and ends:
        return inner[3:-1] if inner.startswith("(?:") and inner.endswith(")") and inner.count("(") == 1 else inner
    return f"{'' if begins else _ANY}(?:{inner}){'' if ends else _ANY}"
