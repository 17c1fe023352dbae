"""Edits of YAML text in place: only the lines that change are touched, so comments, order and spelling stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .knowledge import UnusableSpec, to_plain
from .rendering import flow_text, render_entry, render_item, render_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .comparison import KeyPath
    from .knowledge import Plain

__all__ = ["append_entry", "set_value"]

_ORDER: Final = (
    *("summary", "description", "documentation", "security", "retry", "pattern", "route", "rest", "ws"),
    *("method", "path", "weight", "weight_assumed", "costs", "params", "without", "rules", "pages", "resolve"),
    *("response", "payload", "update_speed", "silence", "latest_key", "example", "examples", "since", "deprecated"),
)
"""Keys of an entry and of a carrier in the order in which they are documented."""


def set_value(text: str, path: KeyPath, value: Plain) -> str:
    """The text with `value` at `path`: added where nothing stands there, replaced where something does.

    `-` as the last step appends to a list.

    Raises:
        UnusableSpec: The text is not YAML.
    """
    node = _root(text)
    for depth, step in enumerate(path):
        rest = path[depth + 1 :]
        if step == "-":
            return _append(text, node, value)
        entry = _entry(node, step)
        if entry is None:
            return _insert(text, node, step, _nested(rest, value))
        key, child = entry
        if not rest:
            return _replace(text, key, child, value)
        if isinstance(child, ScalarNode) or (_is_flow(child) and not _leads_to_scalar(child, rest)):
            return _replace(text, key, child, _with(_plain(child), rest, value))
        node = child
    return text


def append_entry(text: str, section: str, name: str, value: Plain) -> str:
    """The text with a new entry at the end of a section, which is made where there is none."""
    rendered = render_entry(name, value, 2, block=True)
    root = _root(text) if text.strip() else None
    entry = _entry(root, section) if root is not None else None
    if entry is None:
        before = text.rstrip("\n") + "\n\n" if text.strip() else text
        return f"{before}{section}:\n\n{rendered}"
    _, child = entry
    if not isinstance(child, MappingNode) or not child.value:
        return set_value(text, (section, name), value)
    lines = text.splitlines(keepends=True)
    last = _last_line(text, child)
    following = "".join(lines[last + 1 :])
    head = "".join(lines[: last + 1])
    if not head.endswith("\n"):
        head += "\n"
    return f"{head}\n{rendered}{following}"


# --- Finding ---------------------------------------------------------------------------------------------------------


def _root(text: str) -> Node:
    try:
        node: Node | None = YAML().compose(text)
    except YAMLError as error:
        raise UnusableSpec(f"it is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(node, MappingNode):
        raise UnusableSpec("it is not a mapping")
    return node


def _entry(node: Node, name: str) -> tuple[Node, Node] | None:
    if isinstance(node, MappingNode):
        for key, child in node.value:
            if isinstance(key, ScalarNode) and key.value == name:
                return key, child
    return None


def _leads_to_scalar(node: Node, path: Sequence[str]) -> bool:
    """Whether a plain value stands at `path` already, so that it alone need be replaced."""
    for step in path:
        entry = _entry(node, step)
        if entry is None:
            return False
        node = entry[1]
    return isinstance(node, ScalarNode)


def _last_line(text: str, node: Node) -> int:
    """The last line (from 0) that something of a node stands on."""
    if not _is_flow(node) and isinstance(node, MappingNode | SequenceNode) and node.value:
        last = node.value[-1]
        key, child = last if isinstance(node, MappingNode) else (last, last)
        if isinstance(child, ScalarNode) and not child.value and not child.style:
            return int(key.end_mark.line)
        return _last_line(text, child)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        written = text[: node.end_mark.index].rstrip()
        return written.count("\n")
    return int(node.end_mark.line)


def _is_flow(node: Node) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


# --- Changing --------------------------------------------------------------------------------------------------------


def _insert(text: str, node: Node, name: str, value: Plain) -> str:
    """A new key in a block mapping, where the dialect's order puts it."""
    if not isinstance(node, MappingNode) or not node.value:
        raise UnusableSpec(f"'{name}' has no place where it should stand")
    if _is_flow(node):
        raise UnusableSpec(f"'{name}' has no place in a mapping on one line")
    names = [key.value for key, _ in node.value]
    position = len(names)
    if name in _ORDER:
        later = [index for index, known in enumerate(names) if known in _ORDER[_ORDER.index(name) + 1 :]]
        position = later[0] if later else position
    column = int(node.value[0][0].start_mark.column)
    rendered = render_entry(name, value, column)
    lines = text.splitlines(keepends=True)
    if position == 0:
        line = int(node.value[0][0].start_mark.line)
    else:
        key, child = node.value[position - 1]
        empty = isinstance(child, ScalarNode) and not child.value and not child.style
        line = (int(key.end_mark.line) if empty else _last_line(text, child)) + 1
    if line and not lines[line - 1].endswith("\n"):
        lines[line - 1] += "\n"
    return "".join((*lines[:line], rendered, *lines[line:]))


def _replace(text: str, key: Node, child: Node, value: Plain) -> str:
    """Another value after a key."""
    column = int(key.start_mark.column)
    block = not _is_flow(child) and isinstance(child, MappingNode | SequenceNode)
    literal = isinstance(child, ScalarNode) and child.style in ("|", ">")
    in_line = _stands_in_flow(text, key)
    rendered = flow_text(value) if in_line else render_value(value, str(key.value), column)
    start = int(key.end_mark.index)
    colon = text.index(":", start) + 1
    if block or literal:
        lines = text.splitlines(keepends=True)
        last = _last_line(text, child)
        end = sum(len(line) for line in lines[: last + 1])
        separator = "" if rendered.startswith("\n") else " "
        return f"{text[:colon]}{separator}{rendered}\n{text[end:]}"
    empty = isinstance(child, ScalarNode) and not child.value and not child.style
    end = colon if empty else int(child.end_mark.index)
    separator = "" if rendered.startswith("\n") else " "
    return f"{text[:colon]}{separator}{rendered}{text[end:]}"


def _stands_in_flow(text: str, key: Node) -> bool:
    """Whether a key stands behind an open brace of its line."""
    line = text[text.rfind("\n", 0, int(key.start_mark.index)) + 1 : int(key.start_mark.index)]
    return "{" in line


def _append(text: str, node: Node, value: Plain) -> str:
    if not isinstance(node, SequenceNode):
        raise UnusableSpec("there is no list to append to")
    if _is_flow(node):
        end = int(node.end_mark.index) - 1
        comma = ", " if node.value else ""
        return f"{text[:end].rstrip()}{comma}{flow_text(value)}{text[end:]}"
    lines = text.splitlines(keepends=True)
    line = _last_line(text, node) + 1
    rendered = render_item(value, int(node.start_mark.column))
    if not lines[line - 1].endswith("\n"):
        lines[line - 1] += "\n"
    return "".join((*lines[:line], rendered, *lines[line:]))


def _nested(path: Sequence[str], value: Plain) -> Plain:
    for step in reversed(path):
        value = [value] if step == "-" else {step: value}
    return value


def _with(whole: Plain, path: Sequence[str], value: Plain) -> Plain:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if step == "-":
        return [*(whole if isinstance(whole, list) else []), value]
    mapping = dict(whole) if isinstance(whole, dict) else {}
    mapping[step] = _with(mapping.get(step), rest, value)
    return mapping


def _plain(node: Node) -> Plain:
    """The values of a small node, as the dialect reads them."""
    from ..spec import nodes

    source = nodes.Source("", "")

    def converted(each: Node) -> nodes.Node:
        mark = each.start_mark
        if isinstance(each, MappingNode):
            entries = {
                str(key.value): (
                    nodes.ScalarNode(source, mark.line, mark.column, str(key.value), None),
                    converted(child),
                )
                for key, child in each.value
            }
            return nodes.MappingNode(source, mark.line, mark.column, entries)
        if isinstance(each, SequenceNode):
            return nodes.SequenceNode(source, mark.line, mark.column, [converted(item) for item in each.value])
        style = each.style if isinstance(each, ScalarNode) else None
        return nodes.ScalarNode(source, mark.line, mark.column, str(each.value), style)

    return to_plain(converted(node))
