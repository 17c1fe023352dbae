"""Former names, which generated code keeps: they work, and warn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layout import mapping, statement, string_literal
from .views import FormerView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..imports import Imports
    from ..layout import Node

__all__ = ["former_aliases", "former_node", "former_view"]


def former_view(imports: Imports, former: str, now: str, annotation: str) -> FormerView:
    """A property for the former name of an attribute."""
    imports.local(("_runtime", "former_names"), "warn_of_former_name")
    return FormerView(name=former, annotation=annotation, now=now)


def former_aliases(names: Mapping[str, str], imports: Imports) -> list[str]:
    """Assignments by which type checkers know former names of classes."""
    if not names:
        return []
    alias = imports.standard("typing", "TypeAlias")
    imports.standard("typing", "TYPE_CHECKING")
    return [statement(f"{former}: {alias} = ", now, indent=4) for former, now in names.items()]


def former_node(names: Mapping[str, str]) -> Node | None:
    """The table of former names for `lazy_attributes`."""
    entries: Iterable[tuple[str, Node]] = (
        (string_literal(former), string_literal(now)) for former, now in names.items()
    )
    return mapping(entries) if names else None
