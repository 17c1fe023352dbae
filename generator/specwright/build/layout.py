"""Python expressions laid out as `ruff format` leaves them: on one line where they fit, else one part a line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from .prose import display_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "LINE_LENGTH",
    "Bracketed",
    "Node",
    "alternatives",
    "call",
    "flat",
    "lay_out",
    "list_of",
    "literal",
    "mapping",
    "statement",
    "string_literal",
    "subscript",
    "tuple_of",
]

LINE_LENGTH = 120
_INDENT = 4


@frozen
class Bracketed:
    """`head(label item, …)`: a call, a display or a subscript; `head` ends with the opening bracket."""

    head: str
    items: tuple[tuple[str, Node], ...]
    close: str
    always_open: bool = False
    """One item a line even where one line would do."""
    lone_comma: bool = False
    """A single item on one line keeps its comma, as in `(x,)`."""


Node: TypeAlias = "str | Bracketed"


def call(callee: str, /, *positional: Node, open_always: bool = False, **keywords: Node | None) -> Bracketed:
    """`callee(positional, …, keyword=value, …)`; keywords that are None are left out."""
    items: list[tuple[str, Node]] = [("", node) for node in positional]
    items += [(f"{keyword}=", node) for keyword, node in keywords.items() if node is not None]
    return Bracketed(f"{callee}(", tuple(items), ")", always_open=open_always)


def tuple_of(nodes: Iterable[Node]) -> Bracketed:
    return Bracketed("(", tuple(("", node) for node in nodes), ")", lone_comma=True)


def list_of(nodes: Iterable[Node], *, open_always: bool = False) -> Bracketed:
    return Bracketed("[", tuple(("", node) for node in nodes), "]", always_open=open_always)


def subscript(name: str, nodes: Iterable[Node]) -> Bracketed:
    return Bracketed(f"{name}[", tuple(("", node) for node in nodes), "]")


def mapping(entries: Iterable[tuple[str, Node]], *, open_always: bool = False) -> Bracketed:
    """`{"key": value, …}`; the keys are source text."""
    items = tuple((f"{key}: ", value) for key, value in entries)
    return Bracketed("{", items, "}", always_open=open_always)


def flat(node: Node) -> str:
    """The expression on one line."""
    if isinstance(node, str):
        return node
    inside = ", ".join(label + flat(item) for label, item in node.items)
    comma = "," if node.lone_comma and len(node.items) == 1 else ""
    return f"{node.head}{inside}{comma}{node.close}"


def lay_out(node: Node, *, indent: int, before: int, after: int) -> str:
    """The expression as it stands behind `before` columns on a line that is indented by `indent`.

    `after` is the room that what follows on the last line needs. Continuation lines carry their indentation.
    """
    if isinstance(node, str):
        return node
    if not node.always_open or not node.items:
        text = flat(node)
        if before + display_width(text) + after <= LINE_LENGTH:
            return text
    inner = indent + _INDENT
    margin = " " * inner
    lines = [node.head]
    for label, item in node.items:
        lines.append(f"{margin}{label}{lay_out(item, indent=inner, before=inner + display_width(label), after=1)},")
    lines.append(" " * indent + node.close)
    return "\n".join(lines)


def statement(prefix: str, node: Node, *, indent: int = 0, suffix: str = "") -> str:
    """`prefix` + expression + `suffix`; the first line is not indented (its template does that), the others are."""
    return prefix + lay_out(node, indent=indent, before=indent + display_width(prefix), after=len(suffix)) + suffix


def alternatives(prefix: str, members: Sequence[str]) -> str:
    """`prefix A | B | C`, in parentheses where it needs more than one line. At the left margin."""
    line = " | ".join(members)
    if display_width(prefix) + display_width(line) <= LINE_LENGTH:
        return prefix + line
    if _INDENT + display_width(line) <= LINE_LENGTH:
        return f"{prefix}(\n    {line}\n)"
    return f"{prefix}(\n    " + "\n    | ".join(members) + "\n)"


def string_literal(value: str) -> str:
    """A string as ruff quotes it: double quotes, unless that costs a backslash that single quotes save."""
    if value.isalnum() and value.isascii():
        return f'"{value}"'
    source = repr(value)
    if source[0] == '"' or '"' in value:
        return source
    return f'"{source[1:-1]}"'


def literal(value: str | int | Decimal | bool | None) -> str:
    """The source of a scalar."""
    if isinstance(value, str):
        return string_literal(value)
    if isinstance(value, Decimal):
        return f'Decimal("{value}")'
    return repr(value)
