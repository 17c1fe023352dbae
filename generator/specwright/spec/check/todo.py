"""Open ends: values and names that an import has left for a person to fill in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..findings import Code
from ..nodes import MappingNode, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import Findings
    from ..folder import SpecParts
    from ..nodes import Node
    from ..position import Position

__all__ = ["MARK", "check_todos"]

MARK: Final = "TODO"
_MARKED = re.compile(rf"{MARK}(?:[\s:_].*)?", re.DOTALL)
_ABOUT_NAMES: Final = frozenset(
    (Code.MALFORMED_NAME, Code.NAME_NEEDED, Code.RESERVED_NAME, Code.NAME_COLLISION, Code.UNKNOWN_PARAM)
)


def check_todos(parts: SpecParts, findings: Findings) -> None:
    """Notes every open end. What else is wrong with an open end itself is not worth a finding of its own.

    An open end is plain text that is `TODO` or begins with `TODO` and a blank, a colon, or (names) an underscore;
    between quotes it is text as any other.
    """
    values: set[Position] = set()
    names: set[Position] = set()
    unnamed: set[Position] = set()
    for part in parts.parts():
        if part.root is None or MARK not in part.root.source.text:
            continue
        for node, is_name in _marked(part.root):
            (names if is_name else values).add(node.position)
        unnamed.update(_unnamed(part.root))
    if not values and not names:
        return
    about_names = names | unnamed
    findings.drop(
        lambda finding: finding.position in values or (finding.position in about_names and finding.code in _ABOUT_NAMES)
    )
    for position in values:
        findings.add(position, Code.TODO, "this was left open by an import; write down what the exchange says")
    for position in names:
        findings.add(position, Code.TODO, "this name was left open by an import; give it one")


def _marked(node: Node) -> Iterator[tuple[ScalarNode, bool]]:
    """Open ends below a node, each with whether it is a name."""
    if isinstance(node, ScalarNode):
        if not node.style and _MARKED.fullmatch(node.text):
            yield node, False
    elif isinstance(node, MappingNode):
        for key, child in node.entries.values():
            if not key.style and _MARKED.fullmatch(key.text):
                yield key, True
            yield from _marked(child)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _marked(item)


def _unnamed(node: Node) -> Iterator[Position]:
    """Places of the keys whose entries leave their `name` open."""
    if isinstance(node, MappingNode):
        for key, child in node.entries.values():
            name = child.get("name") if isinstance(child, MappingNode) else None
            if isinstance(name, ScalarNode) and not name.style and _MARKED.fullmatch(name.text):
                yield key.position
            yield from _unnamed(child)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _unnamed(item)
