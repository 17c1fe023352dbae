"""Changes as text, as JSON, and as a section of a changelog."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final

from ..spec.flow import flow
from .things import Allowed, Typed
from .verdicts import LEVELS
from .version import next_version, suggested_bump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..spec.written import YamlData
    from .compare import Change
    from .things import Fact

__all__ = ["FORMATS", "as_json", "as_markdown", "as_text"]

_LONGEST = 100
"""Characters of a fact that are shown."""

_UNSHOWN: Final = frozenset({"summary", "description", "examples", "example"})
"""Facts that are too long to be shown before and after."""


def as_text(changes: Sequence[Change], version: str | None) -> str:
    """One line a change, the gravest first, and what they ask for."""
    lines = [f"{change.verdict.level:<8}  {_line(change)} ({change.verdict.reason})" for change in changes]
    return "\n".join([*lines, _conclusion(changes, version)]) + "\n"


def as_json(changes: Sequence[Change], version: str | None) -> str:
    """One object: the suggested bump, the counts, and all changes."""
    bump = suggested_bump(changes)
    data = {
        "bump": bump,
        "version": None if version is None else next_version(version, bump),
        "counts": {level: sum(change.verdict.level == level for change in changes) for level in LEVELS},
        "changes": [_row(change) for change in changes],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def as_markdown(changes: Sequence[Change], version: str | None) -> str:
    """A section for a changelog: what breaks, what is new, what else changed."""
    bump = suggested_bump(changes)
    lines = [f"## {next_version(version, bump) if version is not None else 'Unreleased'}", ""]
    for title, belongs in _SECTIONS.items():
        section = [change for change in changes if belongs(change)]
        if section:
            lines += [f"### {title}", ""]
            lines += _bullets(section)
            lines.append("")
    reworded = {(change.product, change.path) for change in changes if change.verdict.is_wording}
    if reworded:
        said = "1 description was" if len(reworded) == 1 else f"{len(reworded)} descriptions were"
        lines += [f"{said} reworded.", ""]
    if not changes:
        lines += ["Nothing changed.", ""]
    return "\n".join(lines)


FORMATS: Final[Mapping[str, Callable[[Sequence[Change], str | None], str]]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
}


def _is_breaking(change: Change) -> bool:
    return change.verdict.level == "breaking"


def _is_deprecated(change: Change) -> bool:
    return change.fact == "deprecated" and change.old is None and not _is_breaking(change)


_SECTIONS: Final[Mapping[str, Callable[[Change], bool]]] = {
    "Breaking": _is_breaking,
    "Added": lambda change: change.action == "added" and change.verdict.level == "additive",
    "Deprecated": _is_deprecated,
    "Changed": lambda change: (
        change.action != "added" and change.verdict.level == "additive" and not _is_deprecated(change)
    ),
    "Behind the surface": lambda change: change.verdict.level == "internal" and not change.verdict.is_wording,
}


def _bullets(changes: Iterable[Change]) -> list[str]:
    """One bullet a change; additions of the same kind below the same product are one bullet."""
    lines: list[str] = []
    for _, group in groupby(changes, key=_likeness):
        alike = list(group)
        if len(alike) > 1:
            names = ", ".join(f"`{change.path}`" for change in alike)
            lines.append(f"- {_prefix(alike[0])}{alike[0].action} {_plural(alike[0].kind)}: {names}.")
            continue
        (change,) = alike
        lines.append(f"- {_prefix(change)}{_line(change, quote='`', with_product=False)} ({change.verdict.reason}).")
    return lines


def _likeness(change: Change) -> object:
    return (change.product, change.kind, change.action) if change.action == "added" else (change.path, change.fact)


def _prefix(change: Change) -> str:
    return f"**{change.product}**: " if change.product is not None else ""


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _line(change: Change, *, quote: str = "", with_product: bool = True) -> str:
    """`usds_futures: operation trade.new_order(symbol) over REST: one_of [A, B] → [A]`."""
    product = f"{change.product}: " if with_product and change.product is not None else ""
    over = f" over {' and '.join(change.over)}" if change.over else ""
    what = f"{product}{change.kind} {quote}{change.path}{quote}{over}"
    if change.fact is None:
        return f"{what} {change.action}"
    if change.fact in _UNSHOWN:
        return f"{what}: {change.fact} changed"
    return f"{what}: {change.fact} {_shown(change.old)} → {_shown(change.new)}"


def _shown(fact: Fact) -> str:
    text = flow(_data(fact))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _data(fact: Fact) -> YamlData:
    if isinstance(fact, Typed):
        return fact.spelt
    return fact.said if isinstance(fact, Allowed) else fact


def _row(change: Change) -> dict[str, object]:
    return {
        "class": change.verdict.level,
        "reason": change.verdict.reason,
        "product": change.product,
        "kind": change.kind,
        "path": change.path,
        "over": list(change.over),
        "action": change.action,
        "fact": change.fact,
        "old": _data(change.old),
        "new": _data(change.new),
        "wording": change.verdict.is_wording,
    }


def _conclusion(changes: Sequence[Change], version: str | None) -> str:
    counts = ((sum(change.verdict.level == level for change in changes), level) for level in LEVELS)
    said = ", ".join(f"{count} {level}" for count, level in counts if count)
    bump = suggested_bump(changes)
    if not said:
        return "nothing changed"
    return f"{said}: {bump}" + ("" if version is None else f", {version} → {next_version(version, bump)}")
