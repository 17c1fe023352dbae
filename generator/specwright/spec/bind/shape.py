"""The one mechanism of binding: kinds of values, and entries with their keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from attrs import define, field

from ..findings import Code, Findings
from ..nodes import MappingNode, Node, ScalarNode, SequenceNode, describe
from .json_schema import any_of, named_values, one_of_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .json_schema import Definitions, JsonSchema

__all__ = ["Binding", "Entry", "Key", "Kind", "ListOf", "MapOf", "ValuesOf", "keys"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@define
class Binding:
    """What the binding of one file needs and notes beside the objects themselves."""

    group: str
    """The file's stem: the group or module of what stands in it."""
    findings: Findings = field(factory=Findings)
    nodes: dict[int, tuple[object, Node]] = field(factory=dict)
    """Identity of a bound object → the object (so that its identity stays its own) and the node it was bound from."""
    damaged: set[int] = field(factory=set)
    """Identities of objects that lack something, because a finding stands in their way."""

    def note(self, bound: object, node: Node) -> None:
        """Remembers which node an object was bound from, for the positions of its parts."""
        self.nodes[id(bound)] = bound, node

    def wrong_type(self, node: Node, expected: str) -> None:
        """Notes that something else stands where a value of a kind is expected."""
        self.findings.add(node.position, Code.WRONG_TYPE, f"{expected} is expected here, not {describe(node)}")


class Kind(ABC, Generic[T_co]):
    """A kind of value: how a node becomes one, or which finding says why it does not."""

    noun: str
    """With its article, for messages: "a duration such as 10s"."""

    @abstractmethod
    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> T_co | None:
        """The value that `node` stands for; None when a finding was noted instead.

        `key` is the key that the node stands under, where keys are names that the spec gives.
        """

    @abstractmethod
    def schema(self, definitions: Definitions) -> JsonSchema:
        """The same as a JSON Schema: it takes all that `bind` takes, and as little else as a schema can tell."""

    def takes(self, node: Node) -> bool:
        """Whether a node has the outer form of this kind, and not of an entry that holds one."""
        return not isinstance(node, MappingNode)

    def short_schema(self, definitions: Definitions) -> JsonSchema:
        """The schema of what `takes` takes."""
        return self.schema(definitions)


@define(frozen=True)
class Key:
    """One key of an entry."""

    name: str
    kind: Kind[object]
    required: bool = False
    attribute: str | None = None
    """The attribute of the bound class; None: called as the key is."""
    says: str = field(kw_only=True)
    """What the key says, for the editors of a spec."""

    @property
    def target(self) -> str:
        """The attribute that the value goes into. Several keys may fill one list."""
        return self.attribute or self.name


@define(eq=False)
class Entry(Kind[T_co]):
    """A mapping with known keys."""

    noun: str
    build: Callable[..., T_co]
    keys: Mapping[str, Key]
    name_attribute: str | None = None
    """The attribute that takes the name under which the entry stands."""
    group_attribute: str | None = None
    """The attribute that takes the file's stem."""
    placed: bool = True
    """The class has a `position`."""
    alternatives: tuple[str, ...] = ()
    """Exactly one of these keys must be there."""
    short: str | None = None
    """The key whose value may stand alone, in place of the whole entry."""

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> T_co | None:
        values: dict[str, object] = {}
        findings_before = len(binding.findings)
        short = self.keys[self.short] if self.short is not None else None
        if short is not None and short.kind.takes(node):
            complete = self.bind_key(short, node, values, binding)
        elif isinstance(node, MappingNode):
            complete = self.bind_keys(node, values, binding, node if key is None else key)
        else:
            binding.wrong_type(node, self.noun)
            return None
        if not complete:
            return None
        if self.name_attribute is not None and key is not None:
            values[self.name_attribute] = key.text
        if self.group_attribute is not None:
            values[self.group_attribute] = binding.group
        if self.placed:
            values["position"] = (node if key is None else key).position
        built = self.build(**values)
        binding.note(built, node)
        if len(binding.findings) != findings_before:
            binding.damaged.add(id(built))
        return built

    def schema(self, definitions: Definitions) -> JsonSchema:
        return definitions.refer(self.noun, lambda: self.describe(definitions))

    def describe(self, definitions: Definitions) -> JsonSchema:
        """What the entry's definition says."""
        described: JsonSchema = {
            "type": "object",
            "properties": {
                name: {**key.kind.schema(definitions), "description": key.says} for name, key in self.keys.items()
            },
            "additionalProperties": False,
        }
        required = [name for name, key in self.keys.items() if key.required]
        if required:
            described["required"] = required
        if self.alternatives:
            described |= one_of_keys(self.alternatives)
        if self.short is None:
            return described
        return any_of(self.keys[self.short].kind.short_schema(definitions), described)

    def bind_keys(self, node: MappingNode, values: dict[str, object], binding: Binding, place: Node) -> bool:
        """Binds what stands under each key; False where something necessary is not there or not right."""
        keys = self.keys
        complete = True
        for name, (key_node, value_node) in node.entries.items():
            key = keys.get(name)
            if key is None:
                free = [known for known in keys if known not in node.entries]
                message = f"{self.noun} has no key '{name}'"
                binding.findings.add(key_node.position, Code.UNKNOWN_KEY, message, wrong=name, candidates=free)
            elif not self.bind_key(key, value_node, values, binding):
                complete = False
        for key in keys.values():
            if key.required and key.name not in node.entries:
                binding.findings.add(place.position, Code.MISSING_KEY, f"{self.noun} needs the key '{key.name}'")
                complete = False
        return self.has_one_alternative(node, binding, place) and complete

    def bind_key(self, key: Key, node: Node, values: dict[str, object], binding: Binding) -> bool:
        """Binds one value into `values`; False where it is missing and necessary."""
        value = key.kind.bind(node, binding)
        if value is None:
            return not key.required and key.name not in self.alternatives
        present = values.get(key.target)
        if isinstance(present, list) and isinstance(value, list):
            present.extend(value)
        else:
            values[key.target] = value
        return True

    def has_one_alternative(self, node: MappingNode, binding: Binding, place: Node) -> bool:
        """Whether exactly one of `alternatives` is there."""
        if not self.alternatives:
            return True
        found = [name for name in self.alternatives if name in node.entries]
        if not found:
            listed = ", ".join(f"'{name}'" for name in self.alternatives)
            binding.findings.add(place.position, Code.MISSING_KEY, f"{self.noun} needs one of the keys {listed}")
        for name in found[1:]:
            position = node.entries[name][0].position
            message = f"'{name}' does not stand together with '{found[0]}' in {self.noun}"
            binding.findings.add(position, Code.CONFLICTING_KEYS, message)
        return len(found) == 1


@define(eq=False)
class ListOf(Kind[list[T]]):
    """A list whose items are of one kind; unusable items are left out of it."""

    noun: str
    item: Kind[T]
    lone_item: bool = False
    """A single item may stand without its brackets."""

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> list[T] | None:
        if isinstance(node, SequenceNode):
            nodes = node.items
        elif self.lone_item:
            nodes = [node]
        else:
            binding.wrong_type(node, self.noun)
            return None
        bound = [self.item.bind(item, binding) for item in nodes]
        return [item for item in bound if item is not None]

    def schema(self, definitions: Definitions) -> JsonSchema:
        item = self.item.schema(definitions)
        listed: JsonSchema = {"type": "array", "items": item}
        return any_of(item, listed) if self.lone_item else listed


@define(eq=False)
class MapOf(Kind[dict[str, T]]):
    """A mapping whose keys are names that the spec gives; unusable entries are left out of it."""

    noun: str
    value: Kind[T]
    name: Kind[str] | None = None
    """What the keys must look like."""

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> dict[str, T] | None:
        if not isinstance(node, MappingNode):
            binding.wrong_type(node, self.noun)
            return None
        bound: dict[str, T] = {}
        for name, (key_node, value_node) in node.entries.items():
            if self.name is not None:
                self.name.bind(key_node, binding)
            value = self.value.bind(value_node, binding, key_node)
            if value is not None:
                bound[name] = value
        return bound

    def schema(self, definitions: Definitions) -> JsonSchema:
        value = self.value.schema(definitions)
        return (
            named_values(value)
            if self.name is None
            else named_values(value, propertyNames=self.name.schema(definitions))
        )


@define(eq=False)
class ValuesOf(Kind[list[T]]):
    """A mapping whose keys are names, bound to the list of what stands under them; each value knows its name."""

    entries: MapOf[T]
    noun: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.noun = self.entries.noun

    def bind(self, node: Node, binding: Binding, key: ScalarNode | None = None) -> list[T] | None:
        bound = self.entries.bind(node, binding)
        return None if bound is None else list(bound.values())

    def schema(self, definitions: Definitions) -> JsonSchema:
        return self.entries.schema(definitions)


def keys(*listed: Key) -> Mapping[str, Key]:
    """A table of keys by name, in the order in which they are documented."""
    return {key.name: key for key in listed}
