"""The public entry: a spec folder in, a `Spec` or findings out."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field

from .assemble import assemble
from .check.run import check_spec
from .findings import Finding, Findings
from .folder import FolderReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .dialect.exchange import Spec
    from .folder import SpecParts

__all__ = ["LoadResult", "SpecReader", "load_spec"]


@define(frozen=True)
class LoadResult:
    """A spec, or what is wrong with it."""

    spec: Spec | None
    """None when there is an error among the findings."""
    findings: list[Finding]
    """Errors and warnings, by path, line and column."""
    digest: str
    """SHA-256 over the relative paths and bytes of the spec's files."""
    parts: SpecParts = field(repr=False, eq=False)
    """The files behind it, for whoever asks where something stands."""


@define(eq=False)
class SpecReader:
    """Reads one spec folder repeatedly; files that did not change are not read into objects again.

    The objects of unchanged files are shared between results: take them as read-only.
    """

    folder: Path
    _reader: FolderReader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = FolderReader(self.folder)

    def read(self) -> LoadResult:
        """The folder as it is now. Whatever is wrong with it is a finding; nothing is raised."""
        findings = Findings()
        with _collection_paused():
            parts = self._reader.read()
            findings.extend(parts.findings)
            for part in parts.parts():
                findings.extend(part.binding.findings)
            spec = assemble(parts, findings)
            check_spec(spec, parts, findings)
        listed = findings.sorted()
        wrong = any(finding.severity == "error" for finding in listed)
        return LoadResult(None if wrong else spec, listed, parts.digest, parts)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Holds the garbage collector back: a spec's objects all stay, and looking through them again and again while they
    grow in number makes reading slower than in proportion to the spec."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def load_spec(folder: Path) -> LoadResult:
    """Reads and checks a spec folder once.

    Paths in findings begin with `folder` as it is given. Nothing is raised for a bad spec.
    """
    return SpecReader(folder).read()
