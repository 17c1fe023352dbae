"""Plain values as YAML text in the style of the spec: short things in one line, texts folded, JSON as blocks."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

if TYPE_CHECKING:
    from ruamel.yaml.nodes import ScalarNode

    from .knowledge import Plain

__all__ = ["WIDTH", "flow_text", "render_entry", "render_value"]

WIDTH: Final = 120
_BLOCK_KEYS: Final = frozenset(
    ("operations", "streams", "events", "models", "inputs", "enums", "params", "fields", "rules", "examples", "errors")
)
"""What stands under these keys has a line for each of its members."""
_MARKS: Final = tuple("-?:,[]{}#&*!|>'\"%@`=~")
_TEXTS: Final = ("summary", "description")
_ENTRY_INDENT: Final = 4
"""Where the keys of an entry stand; its texts have a line for each language."""


class _Representer(RoundTripRepresenter):
    """Writes decimals with the digits that they have."""


def _represent_decimal(representer: Any, value: Decimal) -> ScalarNode:
    node: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:float", str(value))
    return node


_Representer.add_representer(Decimal, _represent_decimal)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def render_entry(key: str, value: Plain, indent: int, *, block: bool = False) -> str:
    """`key: value` as lines that stand `indent` columns in, with a final line break.

    `block` gives a mapping a line for each of its members, however short they are.
    """
    styled = _styled(value, key, indent, force_block=block)
    return _dumped({key: styled}, indent)


def render_value(value: Plain, key: str, indent: int) -> str:
    """What stands after `key:` (one line, without a break) or below it (lines, the first one empty)."""
    text = render_entry(key, value, indent)
    marker = text.index(":") + 1
    return text[marker:].rstrip("\n").removeprefix(" ")


def render_item(value: Plain, indent: int) -> str:
    """An item of a block list, with its dash `indent` columns in."""
    sequence = CommentedSeq([_styled(value, "", indent + 2, force_block=False)])
    stream = io.StringIO()
    yaml = _yaml()
    yaml.indent(mapping=2, sequence=2, offset=0)
    yaml.dump(sequence, stream)
    return _indented(stream.getvalue(), indent)


def flow_text(value: Plain) -> str:
    """A value in one line."""
    sequence = CommentedSeq([_flow(value)])
    sequence.fa.set_flow_style()
    stream = io.StringIO()
    _yaml().dump(sequence, stream)
    return str(stream.getvalue()).strip()[1:-1]


def _dumped(mapping: dict[str, object], indent: int) -> str:
    stream = io.StringIO()
    _yaml().dump(CommentedMap(mapping), stream)
    return _indented(stream.getvalue(), indent)


def _indented(text: str, indent: int) -> str:
    return "".join(" " * indent + line if line.strip() else line for line in text.splitlines(keepends=True))


def _styled(value: Plain, key: str, indent: int, *, force_block: bool) -> object:
    if isinstance(value, str):
        return _text(value, len(key) + 2 + indent)
    if isinstance(value, dict):
        force_block = force_block or (key in _TEXTS and indent <= _ENTRY_INDENT)
        if value and not force_block and key not in _BLOCK_KEYS and _fits(value, indent + len(key) + 2):
            return _flow(value)
        styled = CommentedMap()
        for name, each in value.items():
            styled[_key(name)] = _styled(each, name, indent + 2, force_block=False)
        if not value:
            styled.fa.set_flow_style()
        return styled
    if isinstance(value, list):
        if key not in _BLOCK_KEYS and _fits(value, indent + len(key) + 2):
            return _flow(value)
        items = CommentedSeq()
        for each in value:
            items.append(_styled(each, "", indent + 4, force_block=key == "examples" or _is_rule(each)))
        return items
    return value


def _is_rule(value: Plain) -> bool:
    return isinstance(value, dict) and len(value) > 1


def _flow(value: Plain) -> object:
    if isinstance(value, dict):
        mapping = CommentedMap((_key(name), _flow(each)) for name, each in value.items())
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq([_flow(each) for each in value])
        sequence.fa.set_flow_style()
        return sequence
    return _quoted(value) if isinstance(value, str) else value


def _quoted(text: str) -> object:
    """Text between quotes where readers of older YAML would take its first character for a mark."""
    if text.startswith(_MARKS):
        # As the spec quotes: patterns and what has double quotes itself between single ones, text between double ones.
        single = text[0] in "[(" or "\\" in text or '"' in text
        return SingleQuotedScalarString(text) if single else DoubleQuotedScalarString(text)
    return text


def _key(name: str) -> str | int:
    """Keys that are numbers stand without quotes."""
    return int(name) if name.isdigit() and (name == "0" or name[0] != "0") and len(name) < 15 else name


def _text(text: str, column: int) -> object:
    if "\n" in text:
        return LiteralScalarString(text if text.endswith("\n") else text + "\n")
    foldable = " " in text and text == text.strip() and "\t" not in text
    if len(text) + column <= WIDTH or not foldable:
        return _quoted(text)
    folded = FoldedScalarString(text)
    folded.fold_pos = _fold_positions(text, WIDTH - column)
    return folded


def _fold_positions(text: str, width: int) -> list[int]:
    """Spaces at which lines of at most `width` characters end."""
    positions: list[int] = []
    start = 0
    width = max(width, 40)
    while len(text) - start > width:
        position = text.rfind(" ", start + 1, start + width + 1)
        if position <= start or text[position - 1] == " " or text[position + 1 : position + 2] == " ":
            break
        positions.append(position)
        start = position + 1
    return positions


def _fits(value: Plain, column: int) -> bool:
    """Whether a value can stand in one line: nothing in it has several, and it is not too long."""
    return not _has_lines(value) and column + _length(value) <= WIDTH


def _has_lines(value: Plain) -> bool:
    if isinstance(value, str):
        return "\n" in value
    if isinstance(value, dict):
        return any(key in _BLOCK_KEYS or _has_lines(each) for key, each in value.items())
    return isinstance(value, list) and any(_has_lines(each) for each in value)


def _length(value: Plain) -> int:
    if isinstance(value, dict):
        return sum(len(name) + 2 + _length(each) + 2 for name, each in value.items())
    if isinstance(value, list):
        return sum(_length(each) + 2 for each in value) + 2
    return len(str(value)) + (2 if isinstance(value, str) and not value.isidentifier() else 0)
