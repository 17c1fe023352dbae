"""Where the objects of a spec, and the values below them, stand in its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from .nodes import MappingNode, SequenceNode

if TYPE_CHECKING:
    from .nodes import Node, ScalarNode
    from .position import Position

__all__ = ["Places"]


@define(eq=False)
class Places:
    """The nodes that objects were bound from."""

    nodes: dict[int, tuple[object, Node]]
    """Identity of an object → the object and its node."""

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
