"""The generated package in memory: rendered files, the copy of the runtime, and the marker for type checkers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import RUNTIME_FOLDER
from .plan import PlannedFile, plan_files
from .render import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..spec.dialect.exchange import Spec

__all__ = ["RUNTIME", "build_tree", "runtime_files"]

RUNTIME = Path(__file__).parent.parent / "runtime"
"""The runtime that every generated package has a copy of."""


def build_tree(
    spec: Spec,
    *,
    only: str | None = None,
    templates: Path | None = None,
    progress: Callable[[PlannedFile], None] | None = None,
) -> Mapping[str, bytes]:
    """Builds every file of the generated package: path below the package → content. Nothing is written.

    Args:
        spec: A spec without findings.
        only: Name of a product; the others' files are not built.
        templates: A folder whose templates replace the built-in ones of the same name.
        progress: Called with every planned file before it is rendered.
    """
    renderer = Renderer(templates)
    tree: dict[str, bytes] = {"py.typed": b"", **runtime_files()}
    for planned in plan_files(spec, only):
        if progress is not None:
            progress(planned)
        tree[planned.path] = renderer.render(planned).encode()
    return dict(sorted(tree.items()))


def runtime_files() -> Mapping[str, bytes]:
    """The runtime as every package has it: path below the package → content."""
    return {
        f"{RUNTIME_FOLDER}/{source.relative_to(RUNTIME).as_posix()}": source.read_bytes()
        for source in RUNTIME.rglob("*.py")
    }
