"""Paths and methods as operations."""

from __future__ import annotations

import json
import keyword
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ...spec.bind.operations import HTTP_METHODS, OPERATION, REST
from ...spec.names import snake_case, words
from ..layout import json_text
from ..naming import TODO
from .document import escaped, mapping, sequence, text, words_of
from .extensions import add_extensions, deprecation_of, extension_names, two_languages
from .parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..knowledge import Plain
    from .document import Document
    from .schemas import Vocabulary

__all__ = ["Operations"]

_READ: Final = (
    *("operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "security"),
    *("deprecated", "externalDocs", "x-weight", "x-weight-assumed", "x-costs", "x-ws", "x-rest", "x-group"),
    *("x-response", "x-example", "x-paging"),
)
_ITEM_READ: Final = ("parameters", "summary", "description", "servers")
_METHODS: Final = tuple(method.lower() for method in HTTP_METHODS)
_OTHER_METHODS: Final = ("patch", "head", "options", "trace")
_ORDER: Final = ("summary", "description", "documentation", "security", "retry", "rest", "ws", "params", "rules")


@define
class Operations:
    """Makes operations, by the group that they belong to."""

    document: Document
    vocabulary: Vocabulary
    documentation: str | None = None
    """The address that pages are relative to."""
    security: dict[str, dict[str, Plain]] = field(factory=dict)
    """The product's security types."""
    groups: dict[str, dict[str, Plain]] = field(factory=dict)
    """Group → operations."""

    def read(self) -> None:
        """All operations of the document's paths."""
        for path, item in mapping(self.document.root.get("paths")).items():
            pointer = f"#/paths/{escaped(path)}"
            content, _ = self.document.resolve(item, pointer)
            for method, operation in content.items():
                place = f"{pointer}/{method}"
                if method in _METHODS:
                    self._operation(path, method.upper(), mapping(operation), content.get("parameters"), place)
                elif method in _OTHER_METHODS:
                    self.document.note(place, f"the method {method.upper()} cannot be said")
                elif method not in _ITEM_READ:
                    self.document.note(place, "has no place in the dialect")

    def _operation(self, path: str, method: str, operation: Mapping[str, Plain], shared: Plain, pointer: str) -> None:
        if "{" in path:
            self.document.note(pointer, "a parameter within the path cannot be said; the operation is left out")
            return
        group = self.vocabulary.module = self._group(operation, pointer)
        entry: dict[str, Plain] = {}
        summary, description = self._texts(operation, path, method)
        entry["summary"] = summary
        if description is not None:
            entry["description"] = description
        address = text(mapping(operation.get("externalDocs")).get("url"))
        if address is not None:
            entry["documentation"] = self._relative(address)
        entry["security"] = self._security(operation, pointer)
        entry["rest"] = self._carrier(path, method, operation, pointer)
        if isinstance(operation.get("x-ws"), dict):
            entry["ws"] = operation["x-ws"]
        signed = self.security.get(str(entry["security"]), {}).get("signed") is True
        parameters = Parameters(self.document, self.vocabulary)
        params = parameters.of_operation(operation, shared, pointer, signed=signed)
        if params:
            entry["params"] = params
        self._add_reply(entry, operation, self._id(operation, path, method), pointer)
        entry |= deprecation_of(operation)
        add_extensions(entry, operation, OPERATION.keys)
        self.document.note_rest(operation, pointer, (*_READ, *extension_names(operation, OPERATION.keys)))
        operations = self.groups.setdefault(group, {})
        name = self._id(operation, path, method)
        if any(name in listed for listed in self.groups.values()):
            self.document.note(pointer, f"there is an operation '{name}' already")
            name = f"{TODO}_{name}_{sum(len(listed) for listed in self.groups.values())}"
        operations[name] = {key: entry[key] for key in (*_ORDER, *entry) if key in entry}

    def _group(self, operation: Mapping[str, Plain], pointer: str) -> str:
        tags = [str(tag) for tag in sequence(operation.get("tags"))]
        if len(tags) > 1:
            self.document.note(f"{pointer}/tags", f"an operation has one group: '{tags[0]}'")
        stated = text(operation.get("x-group")) or (tags[0] if tags else "general")
        name = snake_case(stated)
        return name if name.isidentifier() and not keyword.iskeyword(name) else "general"

    def _id(self, operation: Mapping[str, Plain], path: str, method: str) -> str:
        stated = text(operation.get("operationId"))
        name = snake_case(stated) if stated is not None else "_".join([method.lower(), *words(path)])
        return name if name.isidentifier() and not keyword.iskeyword(name) else f"{TODO}_{name}"

    def _texts(self, operation: Mapping[str, Plain], path: str, method: str) -> tuple[Plain, Plain]:
        summary, description = words_of(operation.get("summary")), words_of(operation.get("description"))
        if summary is None and description is not None:
            head, mark, tail = description.partition(". ")
            summary, description = head + mark.strip(), tail or None
        said = two_languages(summary, operation.get("x-summary-zh")) or {"en": TODO, "zh": TODO}
        return said, two_languages(description, operation.get("x-description-zh"))

    def _relative(self, address: str) -> str:
        if self.documentation is not None and address.startswith(f"{self.documentation}/"):
            return address.removeprefix(self.documentation)
        return address

    def _security(self, operation: Mapping[str, Plain], pointer: str) -> str:
        stated = text(operation.get("x-security"))
        if stated is not None:
            return stated
        requirements = sequence(operation.get("security", self.document.root.get("security")))
        names = [list(mapping(requirement)) for requirement in requirements]
        if len(names) > 1 or any(len(listed) > 1 for listed in names):
            self.document.note(f"{pointer}/security", "an operation has one security type; the first is taken")
        first = names[0][0] if names and names[0] else None
        if first is None:
            return "NONE"
        return first if first in self.security else TODO

    def _carrier(self, path: str, method: str, operation: Mapping[str, Plain], pointer: str) -> dict[str, Plain]:
        carrier: dict[str, Plain] = {"method": method, "path": path}
        if "x-weight" in operation:
            carrier["weight"] = operation["x-weight"]
            if operation.get("x-weight-assumed") is True:
                carrier["weight_assumed"] = True
        else:
            # The dialect has a mark for just this: no source states the weight.
            carrier |= {"weight": 1, "weight_assumed": True}
            self.document.note(pointer, "no weight is stated; 1 is assumed and marked so")
        costs = mapping(operation.get("x-costs"))
        if costs:
            carrier["costs"] = costs
        for key, value in mapping(operation.get("x-rest")).items():
            if key in REST.keys:
                carrier.setdefault(key, value)
        return carrier

    # --- Replies -----------------------------------------------------------------------------------------------------

    def _add_reply(self, entry: dict[str, Plain], operation: Mapping[str, Plain], name: str, pointer: str) -> None:
        media, place = self._media(operation, pointer)
        schema = media.get("schema")
        stated = operation.get("x-response")
        if stated is not None:
            entry["response"] = stated
        elif schema is not None and not _is_nothing(self.document.resolve(schema, place)[0]):
            entry["response"] = self.vocabulary.type_of(schema, f"{name}_reply", f"{place}/schema")
        examples = self._examples(media, schema, place)
        if not examples and "response" not in entry:
            examples = {"example": "{}\n"}
        own = mapping(entry.get("ws"))
        if examples or not ("example" in own or "examples" in own):
            entry.update(examples or {"example": TODO})

    def _media(self, operation: Mapping[str, Plain], pointer: str) -> tuple[dict[str, Plain], str]:
        """The JSON of a successful reply; other replies are what the product's errors are for."""
        responses = mapping(operation.get("responses"))
        good = [status for status in responses if status.startswith("2")] or [s for s in responses if s == "default"]
        for status in responses:
            if status not in good[:1] and not status.startswith(("4", "5")) and status != "default":
                self.document.note(f"{pointer}/responses/{status}", "an operation has one reply")
        if not good:
            return {}, pointer
        place = f"{pointer}/responses/{good[0]}"
        response, _ = self.document.resolve(responses[good[0]], place)
        if mapping(response.get("headers")):
            self.document.note(f"{place}/headers", "headers of a reply have no place in the dialect")
        content = mapping(response.get("content"))
        for media_type, media in content.items():
            if "json" in media_type or media_type == "*/*":
                return mapping(media), f"{place}/content/{escaped(media_type)}"
        for media_type in content:
            self.document.note(f"{place}/content/{escaped(media_type)}", "a reply that is not JSON cannot be said")
        return {}, place

    def _examples(self, media: Mapping[str, Plain], schema: Plain, pointer: str) -> dict[str, Plain]:
        named = mapping(media.get("examples"))
        if not named:
            value = media.get("example", mapping(self.document.resolve(schema, pointer)[0]).get("example"))
            return {} if value is None else {"example": _json(value)}
        listed: list[Plain] = []
        for key, example in named.items():
            content, _ = self.document.resolve(example, f"{pointer}/examples/{escaped(key)}")
            if "value" not in content:
                self.document.note(f"{pointer}/examples/{escaped(key)}", "an example without a value cannot be said")
                continue
            entry: dict[str, Plain] = {}
            title = words_of(content.get("x-title")) or (words_of(content.get("summary")) if len(named) > 1 else None)
            if title is not None:
                entry["title"] = title
            if isinstance(content.get("x-present"), list):
                entry["present"] = content["x-present"]
            entry["json"] = _json(content["value"])
            listed.append(entry)
        if len(listed) == 1 and isinstance(listed[0], dict) and listed[0].keys() == {"json"}:
            return {"example": listed[0]["json"]}
        return {"examples": listed} if listed else {}


def _json(value: Plain) -> str:
    """An example's JSON text; one that is written as a text of JSON is taken by its word."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            pass  # A plain text that begins with a bracket.
        else:
            return value if value.endswith("\n") else f"{value}\n"
    return json_text(value)


def _is_nothing(schema: Mapping[str, Plain]) -> bool:
    """An object that is said to be empty."""
    if schema.get("type") != "object":
        return not schema
    return not any(schema.get(key) for key in ("properties", "additionalProperties", "allOf", "x-wire-type"))
