"""A whole document as the files of a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define

from ..rendering import render_entry
from .document import mapping, sequence, text
from .operations import Operations
from .parameters import Parameters
from .product import exchange_file, product_file, product_name, security_types
from .schemas import Vocabulary

if TYPE_CHECKING:
    from ..knowledge import Plain
    from .document import Document, Unsaid

__all__ = ["Conversion", "convert", "file_text"]

_ROOT_READ: Final = (
    *("openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "jsonSchemaDialect"),
    *("x-product", "x-exchange", "x-operations", "x-streams", "x-events"),
)
_COMPONENTS_READ: Final = (
    "schemas",
    "parameters",
    "responses",
    "requestBodies",
    "securitySchemes",
    "examples",
    "pathItems",
)


@define
class Conversion:
    """What came of a document."""

    product: str
    files: dict[str, dict[str, Plain]]
    """Path inside the spec's folder → content."""
    unsaid: list[Unsaid]
    """What the dialect cannot say, in the order in which it was met."""


def convert(document: Document, *, product: str | None = None, package: str | None = None) -> Conversion:
    """The files of a spec with one product, as far as the dialect can say what the document says."""
    name = product_name(document, product)
    vocabulary = Vocabulary(document)
    security = security_types(document)
    operations = Operations(document, vocabulary, _documentation(document), security)
    vocabulary.define_components(Parameters(document, vocabulary).member)
    operations.read()
    streams: dict[str, dict[str, dict[str, Plain]]] = {}
    _add_others(document, operations, streams)
    files: dict[str, dict[str, Plain]] = {"exchange.yaml": exchange_file(document, package)}
    files[f"{name}/product.yaml"] = product_file(document, name, security, operations.groups)
    if vocabulary.enums:
        files[f"{name}/enums.yaml"] = {"enums": dict(vocabulary.enums)}
    errors = mapping(document.root.get("x-product"))
    if errors.get("errors") or errors.get("http_errors"):
        files[f"{name}/errors.yaml"] = {key: errors[key] for key in ("errors", "http_errors") if errors.get(key)}
    for module in (*vocabulary.models, *(each for each in vocabulary.inputs if each not in vocabulary.models)):
        content: dict[str, Plain] = {}
        if module in vocabulary.models:
            content["models"] = vocabulary.models[module]
        if module in vocabulary.inputs:
            content["inputs"] = vocabulary.inputs[module]
        files[f"{name}/models/{module}.yaml"] = content
    for group, listed in operations.groups.items():
        files[f"{name}/operations/{group}.yaml"] = {"operations": listed}
    for stem, sections in streams.items():
        files[f"{name}/streams/{stem}.yaml"] = dict(sections)
    document.note_rest(document.root, "#", _ROOT_READ)
    document.note_rest(mapping(document.root.get("components")), "#/components", _COMPONENTS_READ)
    return Conversion(name, files, list(document.unsaid))


def file_text(content: dict[str, Plain]) -> str:
    """A file's YAML text; entries of a section have a blank line between them."""
    parts: list[str] = []
    for section, entries in content.items():
        if section in ("operations", "models", "inputs", "streams", "events", "enums") and isinstance(entries, dict):
            rendered = "\n".join(render_entry(name, entry, 2, block=True) for name, entry in entries.items())
            parts.append(f"{section}:\n\n{rendered}")
        else:
            parts.append(render_entry(section, entries, 0, block=isinstance(entries, dict)))
    return "\n".join(parts)


def _documentation(document: Document) -> str | None:
    product = mapping(mapping(document.root.get("x-product")).get("product"))
    address = text(product.get("documentation")) or text(mapping(document.root.get("externalDocs")).get("url"))
    return address.rstrip("/") if address is not None else None


def _add_others(document: Document, operations: Operations, streams: dict[str, dict[str, dict[str, Plain]]]) -> None:
    """What OpenAPI has no paths for: operations of the WebSocket API alone, streams, events."""
    for section, usual in (("x-operations", "general"), ("x-streams", "market"), ("x-events", "user_data")):
        for name, entry in mapping(document.root.get(section)).items():
            content = dict(mapping(entry))
            group = text(content.pop("x-group", None)) or usual
            if section == "x-operations":
                operations.groups.setdefault(group, {})[name] = content
            else:
                streams.setdefault(group, {}).setdefault(section.removeprefix("x-"), {})[name] = content
    if sequence(document.root.get("x-operations")):
        document.note("#/x-operations", "is a list, where names are needed")
