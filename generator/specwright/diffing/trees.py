"""Where the two specs come from: folders, or revisions of the git repository around the spec."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from ..spec.assemble import assemble
from ..spec.findings import Findings
from ..spec.folder import FolderReader
from ..spec.reading import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..spec.dialect.exchange import Spec
    from ..spec.findings import Finding

__all__ = ["NoSuchTree", "Tree", "assembled", "opened", "read_tree"]


class NoSuchTree(Exception):
    """What was named is neither a folder nor a revision that holds a spec; the text says why."""


@frozen
class Tree:
    """A spec that was found, and what is wrong with it."""

    spec: Spec | None
    """None: a folder whose spec has a mistake."""
    findings: list[Finding]
    """Of a revision: what today's dialect has against it. History cannot be mended, so it is compared nevertheless."""


def read_tree(name: str, spec_folder: Path) -> Tree:
    """The spec in a folder, or the one that stood at `spec_folder` in a revision.

    Raises:
        NoSuchTree: There is neither.
    """
    with opened(name, spec_folder) as (folder, is_revision):
        if not is_revision:
            result = load_spec(folder)
            return Tree(result.spec, [finding for finding in result.findings if finding.severity == "error"])
        return assembled(folder)


def assembled(folder: Path) -> Tree:
    """What the files of a folder say, whether or not it agrees with itself."""
    parts = FolderReader(folder).read()
    findings = Findings()
    findings.extend(parts.findings)
    for part in parts.parts():
        findings.extend(part.binding.findings)
    return Tree(assemble(parts, findings), findings.sorted())


@contextmanager
def opened(name: str, spec_folder: Path) -> Iterator[tuple[Path, bool]]:
    """A folder with the files of a spec, and whether they come from a revision.

    Raises:
        NoSuchTree: `name` is neither a folder nor a revision with a spec at `spec_folder`.
    """
    if Path(name).is_dir():
        yield Path(name), False
        return
    top = _git(_nearest_folder(spec_folder), "rev-parse", "--show-toplevel").decode().strip()
    try:
        inside = spec_folder.resolve().relative_to(Path(top).resolve()).as_posix()
    except ValueError:
        raise NoSuchTree(f"{spec_folder} is not in the repository {top}") from None
    commit = _git(Path(top), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    archive = _git(Path(top), "archive", "--format=tar", commit.decode().strip(), "--", inside)
    with tempfile.TemporaryDirectory(prefix="specwright-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder) / inside, True


def _nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one around it that there is."""
    return next(folder for folder in (path.resolve(), *path.resolve().parents) if folder.is_dir())


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    except FileNotFoundError:
        raise NoSuchTree("revisions need git, which is not installed") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise NoSuchTree(reason or "there is no such folder or revision") from None
    return done.stdout
