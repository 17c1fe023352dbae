"""Generates again whenever something is saved that the package is made from, and only what that changes."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from attrs import define, field

from ..spec import SpecReader
from .incremental import IncrementalBuild
from .manifest import DamagedManifest
from .render import TemplateFailed
from .tree import RUNTIME
from .write import ForeignFiles, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from ..spec.findings import Finding
    from .compare import Difference

__all__ = ["Generation", "Round", "UnknownProduct", "saves"]

_QUIET_MS = 10
"""An editor writes a file in several steps; when so long nothing more happens, it is done."""
_LONGEST_MS = 200
"""Where something is saved all the time, it is looked at as often as this."""
_LOOK_AGAIN_MS = 500
"""How often it is looked whether a folder has been removed or put in the place of another."""


class UnknownProduct(Exception):
    """The product that alone should be generated is not in the spec."""


@define(frozen=True)
class Round:
    """What one run did."""

    findings: Sequence[Finding]
    folder: Path | None
    """The generated package; None where mistakes of the spec leave it unknown."""
    differences: Sequence[Difference]
    """What was written, and what was removed."""
    error: Exception | None
    """Why nothing was written although the spec has no mistakes."""
    seconds: float
    is_news: bool
    """Whether anything is different from the round before."""


@define(eq=False)
class Generation:
    """One command to generate, carried out again and again; the old package stays where the spec is wrong.

    Args:
        spec: The folder of the spec.
        out: The folder that the package goes into.
        package: Import name, instead of the spec's.
        only: Name of a product; the others' files stay as they are.
        templates: A folder whose templates replace the built-in ones of the same name.
        clock: Seconds, from any start.
    """

    spec: Path
    out: Path
    package: str | None = None
    only: str | None = None
    templates: Path | None = None
    clock: Callable[[], float] = perf_counter
    _reader: SpecReader = field(init=False)
    _build: IncrementalBuild = field(init=False)
    _before: tuple[object, ...] | None = field(default=None, init=False)
    """What the last round came to, but for what it wrote."""

    def __attrs_post_init__(self) -> None:
        self._reader = SpecReader(self.spec)
        self._build = IncrementalBuild(self.templates)

    def sources(self) -> list[Path]:
        """The folders that the package is made from."""
        return [self.spec, RUNTIME, *([self.templates] if self.templates is not None else [])]

    def run(self) -> Round:
        """Generates what has changed since the last time. What goes wrong stands in the result."""
        started = self.clock()
        result = self._reader.read()
        folder: Path | None = None
        differences: Sequence[Difference] = ()
        error: Exception | None = None
        if result.spec is not None:
            folder = self.out / (self.package or result.spec.package)
            keep = [] if self.only is None else [name for name in result.spec.products if name != self.only]
            try:
                if self.only is not None and self.only not in result.spec.products:
                    raise UnknownProduct(self.only)
                differences = write_tree(folder, self._build.build(result.spec, only=self.only), keep=keep)
            except (ForeignFiles, DamagedManifest, TemplateFailed, UnknownProduct, OSError) as caught:
                error = caught
        state = (result.digest, result.findings, folder, repr(error))
        is_news = bool(differences) or state != self._before
        self._before = state
        return Round(result.findings, folder, differences, error, self.clock() - started, is_news)


def saves(folders: Sequence[Path], stop: Event | None = None) -> Iterator[None]:
    """Yields whenever something below `folders` was saved, and once as soon as it has begun to look.

    Folders may be removed, and put back, meanwhile.

    Args:
        folders: At least one of them is there.
        stop: Ends it, as Ctrl-C does.
    """
    from watchfiles import watch

    while stop is None or not stop.is_set():
        watched = _identities(folders)
        is_first = True
        for changes in watch(
            *watched,
            watch_filter=lambda _, path: _is_source(path),
            step=_QUIET_MS,
            debounce=_LONGEST_MS,
            rust_timeout=_LOOK_AGAIN_MS,
            yield_on_timeout=True,
            stop_event=stop,
        ):
            if changes or is_first:
                is_first = False
                yield
            if _identities(folders) != watched:
                break


def _identities(folders: Sequence[Path]) -> dict[Path, int]:
    """The folders that are there, each with what tells it from another in the same place."""
    return {folder: folder.stat().st_ino for folder in folders if folder.is_dir()}


def _is_source(path: str) -> bool:
    """Whether it is a file that a spec or a template may be in: none of an editor's or Python's own."""
    place = Path(path)
    return not place.name.startswith(".") and not place.name.endswith("~") and place.parent.name != "__pycache__"
