"""What a spec knows already: its names, enums, models and entries, as plain values.

A spec with open ends does not load, and is just what an import goes on with: so this reads the YAML, not the objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from ..spec.findings import Findings
from ..spec.load import decode, load_nodes
from ..spec.nodes import MappingNode, ScalarNode

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from ..spec.nodes import Node

__all__ = ["EntryFacts", "FieldFacts", "Knowledge", "ModelFacts", "Plain", "TypeText", "UnusableSpec", "read_products"]

Plain: TypeAlias = "str | int | Decimal | bool | list[Plain] | dict[str, Plain] | None"
"""What stands in YAML."""

TypeText: TypeAlias = "str | list[Plain] | dict[str, Plain]"
"""A type as the dialect writes it: `int`, `[X]`, `{string: X}`, `{result: X}`."""

_SECTIONS: Final = ("operations", "streams", "events")


class UnusableSpec(Exception):
    """A spec file that cannot be read; the message says where and why."""


@define
class FieldFacts:
    """A field of a model."""

    wire: str
    type: TypeText
    name: str | None = None
    optional: bool = False
    nullable: bool = False
    blank: bool = False


@define
class ModelFacts:
    """A model or a union."""

    name: str
    module: str
    is_array: bool = False
    fields: dict[str, FieldFacts] = field(factory=dict)
    tag: str | None = None
    """Only unions: the field that decides."""
    variants: dict[str, str] = field(factory=dict)


@define
class EntryFacts:
    """An operation, stream or event, as it stands in its file."""

    id: str
    section: str
    file: Path
    content: dict[str, Plain]


@define
class Knowledge:
    """One product of a spec; empty where there is none."""

    name: str = ""
    folder: Path | None = None
    documentation: str | None = None
    security: list[str] = field(factory=list)
    routes: dict[str, str] = field(factory=dict)
    groups: list[str] = field(factory=list)
    budgets: dict[str, dict[str, Plain]] = field(factory=dict)
    weight_budget: str | None = None
    enums: dict[str, list[str | int]] = field(factory=dict)
    models: dict[str, ModelFacts] = field(factory=dict)
    entries: list[EntryFacts] = field(factory=list)
    fields: dict[str, list[FieldFacts]] = field(factory=dict)
    """Wire name → how the product's models describe fields of that name."""
    params: dict[str, list[TypeText]] = field(factory=dict)
    """Wire name → the types of the product's parameters of that name."""

    def entries_of(self, section: str) -> list[EntryFacts]:
        """The entries of a section, in the order of the files."""
        return [entry for entry in self.entries if entry.section == section]


def read_products(spec: Path) -> list[Knowledge]:
    """The products of a spec folder; none where the folder does not exist.

    Raises:
        UnusableSpec: A file is not readable YAML.
    """
    exchange = _mapping(_read(spec / "exchange.yaml"))
    budgets = {name: _mapping(budget) for name, budget in _mapping(exchange.get("budgets")).items()}
    if not spec.is_dir():
        return []
    folders = sorted(folder for folder in spec.iterdir() if (folder / "product.yaml").is_file())
    return [_product(folder, budgets) for folder in folders]


def _product(folder: Path, budgets: dict[str, dict[str, Plain]]) -> Knowledge:
    file = _mapping(_read(folder / "product.yaml"))
    product = _mapping(file.get("product"))
    documentation = product.get("documentation")
    knowledge = Knowledge(
        name=folder.name,
        folder=folder,
        documentation=documentation if isinstance(documentation, str) else None,
        security=list(_mapping(file.get("security"))),
        routes={str(path): name for name, path in _mapping(file.get("routes")).items()},
        groups=list(_mapping(file.get("groups"))),
        budgets={str(name): budgets.get(str(name), {}) for name in _list(file.get("budgets"))},
        weight_budget=_text(file.get("weight_budget")),
    )
    for name, enum in _mapping(_mapping(_read(folder / "enums.yaml")).get("enums")).items():
        knowledge.enums[name] = _values(enum)
    for path in _yaml_files(folder / "models"):
        content = _mapping(_read(path))
        for name, model in _mapping(content.get("models")).items():
            knowledge.models[name] = _model(name, path.stem, _mapping(model))
        for thing in _mapping(content.get("inputs")).values():
            _note_params(knowledge, _mapping(thing))
    for path in (*_yaml_files(folder / "operations"), *_yaml_files(folder / "streams")):
        content = _mapping(_read(path))
        for section in _SECTIONS:
            for name, entry in _mapping(content.get(section)).items():
                knowledge.entries.append(EntryFacts(name, section, path, _mapping(entry)))
                _note_params(knowledge, _mapping(entry))
    for model_facts in knowledge.models.values():
        if not model_facts.is_array:
            for wire, facts in model_facts.fields.items():
                knowledge.fields.setdefault(wire, []).append(facts)
    return knowledge


def _values(enum: Plain) -> list[str | int]:
    values = enum.get("values") if isinstance(enum, dict) else enum
    numeric = isinstance(enum, dict) and enum.get("type") == "int"
    listed: list[str | int] = []
    for value in _mapping(values) if isinstance(values, dict) else _list(values):
        if isinstance(value, str) and numeric and value.lstrip("-").isdigit():
            listed.append(int(value))
        elif isinstance(value, str | int) and not isinstance(value, bool):
            listed.append(value)
    return listed


def _model(name: str, module: str, content: dict[str, Plain]) -> ModelFacts:
    facts = ModelFacts(name, module, is_array=content.get("as") == "array")
    union = _mapping(content.get("union"))
    facts.tag = _text(union.get("tag"))
    facts.variants = {tag: str(variant) for tag, variant in _mapping(union.get("of")).items()}
    for wire, entry in _mapping(content.get("fields")).items():
        facts.fields[wire] = _field(wire, entry)
    return facts


def _field(wire: str, entry: Plain) -> FieldFacts:
    if isinstance(entry, dict) and "type" in entry:
        return FieldFacts(
            wire,
            as_type(entry["type"]),
            name=_text(entry.get("name")),
            optional=entry.get("optional") is True,
            nullable=entry.get("nullable") is True,
            blank=entry.get("blank") is True,
        )
    return FieldFacts(wire, as_type(entry))


def _note_params(knowledge: Knowledge, entry: dict[str, Plain]) -> None:
    for wire, param in _mapping(entry.get("params")).items():
        type_ = param.get("type") if isinstance(param, dict) and "type" in param else param
        knowledge.params.setdefault(wire, []).append(as_type(type_))


def as_type(value: Plain) -> TypeText:
    """A type as it stands in YAML; text where something else stands there."""
    return value if isinstance(value, str | list | dict) else str(value)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def _read(path: Path) -> Plain:
    if not path.is_file():
        return None
    findings = Findings()
    try:
        source = decode(str(path), path.read_bytes(), findings)
    except OSError as error:
        raise UnusableSpec(f"{path}: {error.strerror or type(error).__name__}") from error
    root = load_nodes(source, findings) if source is not None else None
    if root is None and len(findings):
        raise UnusableSpec(str(findings.sorted()[0]))
    return None if root is None else to_plain(root)


def to_plain(node: Node) -> Plain:
    """The values of a tree of nodes."""
    if isinstance(node, ScalarNode):
        return node.value()
    if isinstance(node, MappingNode):
        return {name: to_plain(value) for name, (_, value) in node.entries.items()}
    return [to_plain(item) for item in node.items]


def _mapping(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []


def _text(value: Plain) -> str | None:
    return value if isinstance(value, str) else None
