"""One file of a spec, read and bound on its own, so that it can be kept while other files change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from attrs import define

from ..findings import Code, Findings
from ..load import decode, load_nodes
from ..nodes import MappingNode, Node, Source
from ..position import Position
from .shape import Binding

if TYPE_CHECKING:
    from .files import Content
    from .shape import Entry

__all__ = ["Part", "bind_file"]

_ENTRY_LINE = re.compile(r"^ {1,8}(['\"]?)([A-Za-z0-9_.@!-]+)\1:(?:\s|$)", re.MULTILINE)

T = TypeVar("T")


@define(eq=False)
class Part:
    """What one file gave."""

    path: str
    """As it is printed."""
    stem: str
    content: Content | None
    """None: something necessary is not there."""
    binding: Binding
    root: Node | None
    salvaged: frozenset[str] = frozenset()
    """Names that the file seems to describe, where it is not YAML or a section is misspelt: they are not reported as
    unknown elsewhere."""

    @property
    def start(self) -> Position:
        """The file's first character."""
        return Position(self.path, 1, 1)

    def declared(self, section: str) -> frozenset[str]:
        """The names that the file describes in a section, those included that were not bound."""
        node = self.root.get(section) if isinstance(self.root, MappingNode) else None
        return self.salvaged | frozenset(node.entries if isinstance(node, MappingNode) else ())


def bind_file(path: str, stem: str, data: bytes, entry: Entry[Content]) -> Part:
    """Reads a file's bytes as the entry that its place asks for; all that is wrong is noted in the part's binding."""
    findings = Findings()
    binding = Binding(group=stem, findings=findings)
    source = decode(path, data, findings)
    if source is None:
        return Part(path, stem, None, binding, None)
    root = load_nodes(source, findings)
    if root is None and len(findings):
        return Part(path, stem, None, binding, None, _salvage(source))
    if root is None or (hasattr(root, "is_null") and root.is_null):
        root = MappingNode(source, 0, 0, {})
    return Part(path, stem, entry.bind(root, binding), binding, root, _in_unknown_sections(root, entry))


def unreadable(path: str, stem: str, error: OSError) -> Part:
    """The part of a file that cannot be read."""
    binding = Binding(group=stem)
    reason = error.strerror or type(error).__name__
    binding.findings.add(Position(path, 1, 1), Code.UNREADABLE_FILE, f"the file cannot be read: {reason}")
    return Part(path, stem, None, binding, None)


def _in_unknown_sections(root: Node, entry: Entry[Content]) -> frozenset[str]:
    sections = root.entries if isinstance(root, MappingNode) else {}
    unknown = [value for name, (_, value) in sections.items() if name not in entry.keys]
    return frozenset(name for section in unknown if isinstance(section, MappingNode) for name in section.entries)


def _salvage(source: Source) -> frozenset[str]:
    return frozenset(match[2] for match in _ENTRY_LINE.finditer(source.text))
