"""The outcome of comparing a page with an entry of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field

from .folding import folded
from .naming import TODO

if TYPE_CHECKING:
    from .fitting import Misfit
    from .knowledge import Plain

__all__ = ["Addition", "Comparison", "Difference", "KeyPath"]

KeyPath: TypeAlias = tuple[str, ...]
"""Keys from an entry down; `-` at its end appends to a list."""


@define(frozen=True)
class Addition:
    """Something that the page says and the spec does not."""

    path: KeyPath
    value: Plain


@define(frozen=True)
class Difference:
    """Something that the page and the spec say differently."""

    what: str
    spec: Plain
    """None: the page's word says by itself what is wrong with the spec's."""
    page: Plain
    path: KeyPath | None = None
    """Where the page's word would stand; None: there is no one place for it."""


@define
class Comparison:
    """The outcome; empty where the spec has all that the page says."""

    additions: list[Addition] = field(factory=list)
    differences: list[Difference] = field(factory=list)
    lacking: list[Misfit] = field(factory=list)
    """Fields of replies that the spec's models do not have."""

    def add(self, path: KeyPath, value: Plain) -> None:
        """Notes what the spec lacks."""
        self.additions.append(Addition(path, value))

    def compare(self, what: str, path: KeyPath, spec: Plain, page: Plain) -> None:
        """Compares one fact; nothing or TODO on one side is no disagreement."""
        if page is None or page == TODO:
            return
        if spec is None or spec == TODO:
            self.add(path, page)
        elif folded(spec) != folded(page):
            self.differences.append(Difference(what, spec, page, path))
