"""JSON texts as the spec sets them: short things on one line, members side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..spec.dialect.values import JsonValue

__all__ = ["json_text"]

_STEP: Final = "  "


def json_text(value: JsonValue, width: int = 112) -> str:
    """A JSON text of lines no longer than `width` where that is possible, with every digit as it was."""
    return "\n".join(_lines(value, width, 0)) + "\n"


def _lines(value: JsonValue, width: int, taken: int) -> list[str]:
    """The lines of a value whose first line has `taken` characters before it."""
    line = _line(value)
    if taken + len(line) <= width or not value or isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return [line]
    if isinstance(value, Mapping):
        members = [(f"{json.dumps(name, ensure_ascii=False)}: ", member) for name, member in value.items()]
        return ["{", *_members(members, width - len(_STEP)), "}"]
    return ["[", *_members([("", item) for item in value], width - len(_STEP)), "]"]


def _members(members: list[tuple[str, JsonValue]], width: int) -> list[str]:
    """Members packed into lines; lists of lists and of objects have a line for each item."""
    lines: list[str] = []
    open_line = ""
    for index, (label, member) in enumerate(members):
        comma = "," if index + 1 < len(members) else ""
        whole = f"{label}{_line(member)}{comma}"
        alone = not label and not isinstance(member, str) and isinstance(member, Mapping | Sequence)
        if len(whole) > width and not isinstance(member, str) and isinstance(member, Mapping | Sequence):
            first, *rest = _lines(member, width, len(label) + len(comma))
            lines.extend(_closed(open_line))
            open_line = ""
            lines.append(_STEP + label + first)
            lines.extend(_STEP + line for line in rest)
            lines[-1] += comma
        elif alone or (open_line and len(open_line) + 1 + len(whole) > width):
            lines.extend(_closed(open_line))
            open_line = whole
        else:
            open_line = f"{open_line} {whole}" if open_line else whole
    lines.extend(_closed(open_line))
    return lines


def _closed(line: str) -> list[str]:
    return [_STEP + line] if line else []


def _line(value: JsonValue) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        members = ", ".join(
            f"{json.dumps(name, ensure_ascii=False)}: {_line(member)}" for name, member in value.items()
        )
        return f"{{{members}}}"
    return f"[{', '.join(_line(item) for item in value)}]"
