"""What the checks of one product look at: its objects, where they stand, and which names there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import define

from ..nodes import MappingNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..bind.part import Part
    from ..findings import Code, Findings, Severity
    from ..folder import ProductParts
    from ..model import Carrier, Enum, Input, Model, Operation, Param, Position, Product, Spec, Union
    from ..nodes import Node, ScalarNode

__all__ = ["Known", "NamedType", "Scope"]

NamedType: TypeAlias = "Enum | Model | Union | Input"


@define(frozen=True)
class Known:
    """The names of one kind that there are, for references to them."""

    names: frozenset[str]
    incomplete: bool = False
    """There may be more: a file that would tell cannot be read."""

    def __contains__(self, name: str) -> bool:
        return self.incomplete or name in self.names


@define(eq=False)
class Scope:
    """One product and what is around it."""

    spec: Spec
    product: Product
    parts: ProductParts
    exchange: Part | None
    findings: Findings
    nodes: dict[int, tuple[object, Node]]
    damaged: set[int]
    types: dict[str, NamedType]
    type_names: Known
    operations: Known
    streams: Known
    events: Known
    security: Known
    routes: Known
    groups: Known
    budgets: Known

    # --- Places ----------------------------------------------------------------------------------------------------

    def at(self, thing: object, *path: str | int) -> Position:
        """Where the value at `path` (keys as in YAML, indexes of lists) below an object stands."""
        return self._reached(thing, path).position

    def key_at(self, thing: object, *path: str) -> Position:
        """Where the last key of `path` below an object stands."""
        node = self._reached(thing, path[:-1])
        entry = node.entries.get(path[-1]) if isinstance(node, MappingNode) else None
        return node.position if entry is None else entry[0].position

    def node_of(self, thing: object) -> Node:
        """The node that an object was bound from."""
        return self.nodes[id(thing)][1]

    def has_key(self, thing: object, key: str) -> bool:
        """Whether a key is written down in an object's entry."""
        node = self.node_of(thing)
        return isinstance(node, MappingNode) and key in node.entries

    def keys_below(self, thing: object, *path: str) -> frozenset[str]:
        """The keys that are written down in the mapping at `path`, also those that could not be bound."""
        node: Node | None = self.node_of(thing)
        for step in path:
            node = node.get(step) if isinstance(node, MappingNode) else None
        return frozenset(node.entries) if isinstance(node, MappingNode) else frozenset()

    def is_damaged(self, thing: object) -> bool:
        """Whether something is missing in an object because of another finding."""
        return id(thing) in self.damaged

    def _reached(self, thing: object, path: tuple[str | int, ...]) -> Node:
        node = self.node_of(thing)
        for step in path:
            following: Node | ScalarNode | None = None
            if isinstance(step, str):
                following = node.get(step) if isinstance(node, MappingNode) else None
            elif isinstance(node, SequenceNode) and step < len(node.items):
                following = node.items[step]
            if following is None:
                return node
            node = following
        return node

    # --- Findings --------------------------------------------------------------------------------------------------

    def note(self, position: Position, code: Code, message: str, *, severity: Severity = "error") -> None:
        """Notes a finding without a suggestion."""
        self.findings.add(position, code, message, severity=severity)

    def refer(self, name: str, known: Known, position: Position, code: Code, message: str) -> bool:
        """Whether a name that is referred to exists; notes `message` and the nearest name if it does not."""
        if name in known:
            return True
        self.findings.add(position, code, message, wrong=name, candidates=known.names)
        return False

    # --- Parameters ------------------------------------------------------------------------------------------------

    def params_of(self, operation: Operation, carrier: Carrier) -> dict[str, Param]:
        """The parameters of an operation on one carrier, by wire name."""
        params = {param.wire: param for param in operation.params if param.wire not in carrier.without}
        params.update((param.wire, param) for param in carrier.params)
        return params

    def all_params(self, operation: Operation) -> dict[str, Param]:
        """The parameters of an operation on any carrier, by wire name."""
        params = {param.wire: param for param in operation.params}
        for carrier in (operation.rest, operation.ws):
            if carrier is not None:
                params.update((param.wire, param) for param in carrier.params if param.wire not in params)
        return params

    def known_params(self, operation: Operation, params: Iterable[str]) -> Known:
        """The names of parameters that may be referred to, those included that could not be bound."""
        written: frozenset[str] = frozenset()
        if self.is_damaged(operation):
            written = self.keys_below(operation, "params")
            for carrier in ("rest", "ws"):
                written |= self.keys_below(operation, carrier, "params")
        return Known(frozenset(params) | written)
