"""Attributes of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

from importlib import import_module
from sys import modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["lazy_attributes"]


def lazy_attributes(
    package: str,
    places: Mapping[str, str],
    submodules: Iterable[str] = (),
    *,
    former: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package.

    Args:
        package: Its import name.
        places: Name of an attribute → the module that defines it, relative to the package.
        submodules: Names of modules of the package that are attributes themselves.
        former: Former name of an attribute → its name now; it is found with a DeprecationWarning, and not listed.
    """
    known = {*places, *submodules}

    def find(name: str) -> object:
        if name in places:
            found: object = getattr(import_module(places[name], package), name)
        elif name in known:
            found = import_module(f".{name}", package)
        elif former is not None and name in former:
            from .former_names import warn_of_former_name

            warn_of_former_name(name, former[name])
            return getattr(modules[package], former[name])
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted(known.union(vars(modules[package])))

    return find, names
