"""Packages whose names are imported when they are first used (PEP 562): importing them costs next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..imports import Imports, sorted_exports
from ..layout import call, list_of, mapping, statement, string_literal, tuple_of
from .former import former_aliases, former_node
from .views import ConstantView, LazyPackageView, PlannedFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["plan_lazy_package"]


def plan_lazy_package(
    *,
    path: tuple[str, ...],
    source: str,
    docstring: str,
    places: Mapping[str, tuple[str, ...]],
    extra: Sequence[ConstantView] = (),
    modules: Sequence[str] = (),
    former: Mapping[str, str] | None = None,
) -> PlannedFile:
    """Plans an `__init__.py`.

    Args:
        path: The package, as parts below the generated package; empty for that itself.
        source: The spec file that the names come from.
        docstring: The module's docstring, laid out.
        places: Name → the module that defines it.
        extra: Further constants.
        modules: Names of submodules that are exported as such.
        former: Former name → name, both of what `places` has.
    """
    place = "/".join([*path, "__init__.py"])
    given = path, source, docstring, places, extra, modules, former or {}
    return PlannedFile.of(place, "lazy_package.py.jinja", _lazy_package, *given)


def _lazy_package(
    path: tuple[str, ...],
    source: str,
    docstring: str,
    places: Mapping[str, tuple[str, ...]],
    extra: Sequence[ConstantView],
    modules: Sequence[str],
    former: Mapping[str, str],
) -> LazyPackageView:
    imports = Imports(path, is_package=True)
    imports.local(("_runtime", "lazy"), "lazy_attributes")
    imports.standard("typing", "TYPE_CHECKING")
    for name, module in places.items():
        imports.local_type(module, name)
    for submodule in modules:
        imports.local_type(path, submodule)
    entries = {name: imports.relative(module) for name, module in places.items()}
    table = mapping(
        [(string_literal(name), string_literal(entries[name])) for name in sorted_exports(entries)], open_always=True
    )
    arguments = [table, tuple_of(string_literal(name) for name in sorted_exports(modules))] if modules else [table]
    aliases = former_aliases(former, imports)
    return LazyPackageView(
        source=source,
        docstring=docstring,
        imports=imports.block(),
        exported=statement(
            "__all__ = ", list_of(map(string_literal, sorted_exports([*places, *modules])), open_always=True)
        ),
        hooks=statement(
            "__getattr__, __dir__ = ",
            call("lazy_attributes", "__name__", *arguments, former=former_node(former)),
            indent=4,
        ),
        extra=list(extra),
        former=aliases,
    )
