"""Applies fixes to spec files: only the characters of a value that change are touched."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ruamel.yaml.nodes import Node

    from .subject import Fix

__all__ = ["apply_fixes", "fixed_text"]


def apply_fixes(fixes: Iterable[Fix]) -> int:
    """Rewrites the files that the fixes are in, one fix a value; how many were applied.

    A value with several fixes takes the first: the others are found again when the file is read again.

    Raises:
        OSError: A file cannot be written.
    """
    by_path: defaultdict[str, list[Fix]] = defaultdict(list)
    for fix in fixes:
        by_path[fix.node.source.path].append(fix)
    count = 0
    for path, wanted in by_path.items():
        before = wanted[0].node.source.text
        after, applied = fixed_text(before, wanted)
        if applied:
            Path(path).write_bytes(after.encode("utf-8"))
            count += applied
    return count


def fixed_text(text: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """The text of a file with its fixes, and how many could be applied."""
    scalars = {(node.start_mark.line, node.start_mark.column): node for node in _scalars(YAML(pure=True).compose(text))}
    spans: dict[tuple[int, int], str] = {}
    for fix in fixes:
        node = scalars.get((fix.node.line, fix.node.column))
        if node is None:
            continue
        start, end = _inside(text, node)
        raw = text[start:end]
        changed = fix.edit(raw)
        if changed != raw:
            spans.setdefault((start, end), changed)
    for (start, end), changed in sorted(spans.items(), reverse=True):
        text = text[:start] + changed + text[end:]
    return text, len(spans)


def _scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _scalars(item)


def _inside(text: str, node: ScalarNode) -> tuple[int, int]:
    """Where the value itself begins and ends: without quotes, block header, and blank lines after it."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("'", '"'):
        return start + 1, end - 1
    if node.style in ("|", ">"):
        start = text.index("\n", start) + 1
    return start, start + len(text[start:end].rstrip())
