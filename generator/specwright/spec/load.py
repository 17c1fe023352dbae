"""Reads YAML text into nodes; whatever is wrong with a file becomes a finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

import yaml
from attrs import define, field
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from .findings import Code, Findings
from .nodes import MappingNode, Node, ScalarNode, SequenceNode, Source
from .position import Position

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml import CollectionStartEvent, NodeEvent

__all__ = ["MAXIMUM_BYTES", "decode", "load_nodes"]

MAXIMUM_BYTES: Final = 4_000_000
_MAXIMUM_DEPTH: Final = 40
_MAXIMUM_REPEATED: Final = 20_000
"""Nodes of a file that aliases may stand for, each counted as often as it is repeated."""

_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Mark(Protocol):
    line: int
    column: int


class _PureParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """The same events where PyYAML was built without the C library."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def _event_source(text: str) -> Callable[[], Any]:
    return yaml.CBaseLoader(text).get_event if yaml.__with_libyaml__ else _PureParser(text).get_event


def decode(path: str, data: bytes, findings: Findings) -> Source | None:
    """Decodes a file's bytes, or notes why that is impossible."""
    if len(data) > MAXIMUM_BYTES:
        findings.add(
            Position(path, 1, 1), Code.FILE_TOO_LARGE, f"the file has {len(data):,} bytes, of at most {MAXIMUM_BYTES:,}"
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        position = Position(path, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        findings.add(position, Code.NOT_UTF8, f"the byte 0x{data[error.start]:02x} does not belong to UTF-8 text")
        return None
    source = Source(path, text)
    wrong = _NOT_YAML.search(text)
    if wrong is not None:
        before = text[: wrong.start()]
        position = Position(path, before.count("\n") + 1, wrong.start() - (before.rfind("\n") + 1) + 1)
        findings.add(position, Code.SYNTAX, f"the character U+{ord(wrong.group()):04X} is not allowed in YAML")
        return None
    return source


def load_nodes(source: Source, findings: Findings) -> Node | None:
    """The root node of a file's only document; None where there is none, or a finding says why it cannot be read."""
    reader = _Reader(source, findings)
    try:
        return reader.read(_event_source(source.text))
    except yaml.MarkedYAMLError as error:
        reader.note_syntax_error(error)
    except _Abandoned:
        pass  # The finding that made the rest pointless is noted.
    return None


class _Abandoned(Exception):
    """The rest of the file cannot be read sensibly."""


@define
class _Open:
    """A list or mapping whose end has not been seen."""

    node: SequenceNode | MappingNode
    anchor: str | None
    nodes_before: int
    key: ScalarNode | None = None
    skip: bool = False
    """The key of the value to come is unusable; the value is read and dropped."""


@define
class _Reader:
    source: Source
    findings: Findings
    stack: list[_Open] = field(factory=list)
    anchors: dict[str, tuple[Node, int]] = field(factory=dict)
    nodes: int = 0
    """How many nodes there are so far, aliases counted as what they stand for."""
    repeated: int = 0
    root: Node | None = None

    def read(self, get_event: Callable[[], Any]) -> Node | None:
        source = self.source
        documents = 0
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                mark = event.start_mark
                node = ScalarNode(source, mark.line, mark.column, event.value, event.style)
                self.nodes += 1
                if event.tag is not None or event.anchor is not None:
                    self.note_properties(event, node)
                self.attach(node)
            elif kind is MappingStartEvent:
                mark = event.start_mark
                self.open(event, MappingNode(source, mark.line, mark.column, {}))
            elif kind is SequenceStartEvent:
                mark = event.start_mark
                self.open(event, SequenceNode(source, mark.line, mark.column, []))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self.close()
            elif kind is AliasEvent:
                self.repeat(event)
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self.abandon(event, Code.SEVERAL_DOCUMENTS, "a second document begins; a spec file holds one")
            elif kind is StreamEndEvent:
                return self.root

    def open(self, event: CollectionStartEvent, node: SequenceNode | MappingNode) -> None:
        if len(self.stack) == _MAXIMUM_DEPTH:
            self.abandon(event, Code.TOO_DEEP, f"more than {_MAXIMUM_DEPTH} levels are nested")
        self.nodes += 1
        if event.tag is not None:
            self.note_tag(event)
        self.stack.append(_Open(node, event.anchor, self.nodes - 1))

    def close(self) -> None:
        opened = self.stack.pop()
        if opened.anchor is not None:
            self.anchors[opened.anchor] = opened.node, self.nodes - opened.nodes_before
        self.attach(opened.node)

    def attach(self, node: Node) -> None:
        """Puts a complete node where it belongs."""
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        container = parent.node
        if isinstance(container, SequenceNode):
            container.items.append(node)
        elif parent.skip:
            parent.skip = False
        elif parent.key is None:
            self.begin_entry(parent, container, node)
        else:
            container.entries[parent.key.text] = parent.key, node
            parent.key = None

    def begin_entry(self, parent: _Open, container: MappingNode, key: Node) -> None:
        if not isinstance(key, ScalarNode):
            self.findings.add(key.position, Code.KEY_NOT_TEXT, "a key must be plain text")
            parent.skip = True
        elif key.text in container.entries:
            first = container.entries[key.text][0].position
            self.findings.add(
                key.position,
                Code.DUPLICATE_KEY,
                f"'{key.text}' stands here again; it stands in line {first.line} already",
            )
            parent.skip = True
        else:
            parent.key = key

    def note_properties(self, event: ScalarEvent, node: ScalarNode) -> None:
        if event.tag is not None:
            self.note_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node, 1

    def repeat(self, event: AliasEvent) -> None:
        known = self.anchors.get(event.anchor or "")
        if known is None:
            self.abandon(event, Code.UNKNOWN_ANCHOR, f"'*{event.anchor}' has no complete anchor before it")
        node, size = known
        self.nodes += size
        self.repeated += size
        if self.repeated > _MAXIMUM_REPEATED:
            self.abandon(
                event,
                Code.ALIAS_EXPANSION,
                f"the file's aliases stand for more than {_MAXIMUM_REPEATED:,} repeated values",
            )
        self.attach(node)

    def note_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        message = f"the tag '{event.tag}' is not needed; types follow from the text"
        self.findings.add(self.position(event.start_mark), Code.TAG, message)

    def abandon(self, event: NodeEvent | DocumentStartEvent, code: Code, message: str) -> NoReturn:
        self.findings.add(self.position(event.start_mark), code, message)
        raise _Abandoned

    def note_syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        position = self.position(error.problem_mark or error.context_mark)
        lines = self.source.lines
        line = lines[position.line - 1] if position.line <= len(lines) else ""
        blank = line[: len(line) - len(line.lstrip())]
        if "\t" in blank:
            place = Position(position.path, position.line, blank.index("\t") + 1)
            self.findings.add(place, Code.TAB, "the line is indented with a tab; YAML wants spaces")
            return
        context = f"{error.context}, " if error.context else ""
        self.findings.add(position, Code.SYNTAX, f"{context}{error.problem}")

    def position(self, mark: _Mark | None) -> Position:
        if mark is None:
            return Position(self.source.path, 1, 1)
        return Position(self.source.path, mark.line + 1, mark.column + 1)
