"""The imports of one generated module: collected while its parts are planned, laid out as isort orders them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from .layout import LINE_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ImportBlock", "Imports", "sorted_exports"]

_DIGITS = re.compile(r"(\d+)")


@frozen
class ImportBlock:
    """Import lines as the templates print them: groups are separated by an empty line already."""

    always: tuple[str, ...]
    type_checking: tuple[str, ...]
    """Indented; only type checkers see them."""


@define
class Imports:
    """Collects what a module needs.

    `module` is the place of the module itself inside the package, as parts: `("usds_futures", "rest", "trade")`.
    Targets inside the package are given the same way and become relative imports.
    """

    module: tuple[str, ...]
    is_package: bool = False
    _always: dict[str, set[str]] = Factory(dict)
    _typing: dict[str, set[str]] = Factory(dict)
    _seen: dict[tuple[str, ...], str] = Factory(dict)
    """Target → how it is written from here."""

    def standard(self, module: str, name: str) -> str:
        """A name of the standard library that is needed when the module runs."""
        self._always.setdefault(module, set()).add(name)
        return name

    def standard_type(self, module: str, name: str) -> str:
        """A name of the standard library that only annotations use."""
        if module == "typing":
            return self.standard(module, name)
        self._typing.setdefault(module, set()).add(name)
        return name

    def local(self, target: tuple[str, ...], name: str, *, alias: str | None = None) -> str:
        """A name of another module of the package that is needed when the module runs."""
        self._always.setdefault(self.relative(target), set()).add(f"{name} as {alias}" if alias else name)
        return alias or name

    def local_type(self, target: tuple[str, ...], name: str, *, alias: str | None = None) -> str:
        """A name of another module of the package that only annotations use; nothing for the module's own names."""
        if target != self.module or self.is_package:
            self._typing.setdefault(self.relative(target), set()).add(f"{name} as {alias}" if alias else name)
        return alias or name

    def include(self, other: Imports) -> None:
        """Adds what a part of the module needs."""
        for module, names in other._always.items():
            self._always.setdefault(module, set()).update(names)
        for module, names in other._typing.items():
            self._typing.setdefault(module, set()).update(names)

    def block(self) -> ImportBlock:
        """The import lines. What is needed at run time is not imported again for type checkers."""
        typing = {module: names - self._always.get(module, set()) for module, names in self._typing.items()}
        typing = {module: names for module, names in typing.items() if names}
        if typing:
            self.standard("typing", "TYPE_CHECKING")
        return ImportBlock(
            always=tuple(_lines(self._always, indent=0)),
            type_checking=tuple(_lines(typing, indent=4)),
        )

    def relative(self, target: tuple[str, ...]) -> str:
        """A module of the package as seen from this one: `..enums`."""
        known = self._seen.get(target)
        if known is not None:
            return known
        here = self.module if self.is_package else self.module[:-1]
        shared = 0
        while shared < min(len(here), len(target)) and here[shared] == target[shared]:
            shared += 1
        found = self._seen[target] = "." * (len(here) - shared + 1) + ".".join(target[shared:])
        return found


def sorted_exports(names: Iterable[str]) -> list[str]:
    """Names as the linter wants `__all__`: constants, classes, the rest; numbers in them count by value."""
    return sorted(names, key=lambda name: (_kind(name), _natural(name)))


def _member_key(name: str) -> tuple[int, list[tuple[int, int | str]], str]:
    """How isort orders the names of one module: as exports, but capitals and small letters are the same."""
    bare = name.split(" ", 1)[0]
    return _kind(bare), _natural(bare.lower()), name


def _kind(name: str) -> int:
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[:1].isupper() else 2


def _natural(text: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in _DIGITS.split(text) if part]


def _module_key(module: str) -> tuple[int, int, list[tuple[int, int | str]]]:
    dots = len(module) - len(module.lstrip("."))
    return (1 if dots else 0), -dots, _natural(module.lstrip(".").lower())


def _lines(modules: dict[str, set[str]], *, indent: int) -> list[str]:
    lines: list[str] = []
    margin = " " * indent
    ordered = sorted(modules, key=_module_key)
    for index, module in enumerate(ordered):
        if index and module.startswith(".") and not ordered[index - 1].startswith("."):
            lines.append("")
        lines += _statement(module, sorted(modules[module], key=_member_key), margin)
    return lines


def _statement(module: str, names: list[str], margin: str) -> list[str]:
    plain = [name for name in names if " as " not in name]
    statements = [[name] for name in names if " as " in name] + ([plain] if plain else [])
    lines: list[str] = []
    for group in sorted(statements, key=lambda group: _member_key(group[0])):
        line = f"{margin}from {module} import {', '.join(group)}"
        if len(line) <= LINE_LENGTH:
            lines.append(line)
        else:
            lines += [f"{margin}from {module} import (", *(f"{margin}    {name}," for name in group), f"{margin})"]
    return lines
