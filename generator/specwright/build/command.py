"""`specwright generate`."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from keyword import iskeyword
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from ..spec_option import DEFAULT_FOLDER, SpecFolder, spec_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .compare import Difference
    from .plan import PlannedFile
    from .watch import Round

__all__ = ["generate"]

_SAID = {
    "changed": "is not what the spec gives",
    "edited": "was edited by hand",
    "missing": "is missing",
    "stale": "is not produced by the spec any more",
    "foreign": "was not written by specwright, and is in the way of a generated file",
}
_NAMED_AT_MOST = 8
"""So many files are named one by one when they are written while somebody watches."""


def generate(
    spec: SpecFolder = DEFAULT_FOLDER,
    out: Annotated[Path, typer.Option(help="The folder that the package goes into.", metavar="DIR")] = Path(
        "generated"
    ),
    package: Annotated[str | None, typer.Option(help="Import name, instead of the spec's.", metavar="NAME")] = None,
    only: Annotated[
        str | None, typer.Option(help="Only this product; the others' files stay.", metavar="PRODUCT")
    ] = None,
    templates: Annotated[
        Path | None, typer.Option(help="Templates that replace the built-in ones of the same name.", metavar="DIR")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where the package is not what the spec gives.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and generate again whenever something is saved, until Ctrl-C.")
    ] = False,
) -> None:
    """Renders the spec into a package: all of it, or nothing where the spec has a mistake.

    Files that are as they should be are not touched, and files of others in the package stay.

    Exit code 0; 1 where nothing was written, or --check found a difference; 2 for wrong options.
    """
    if not spec.is_dir():
        raise typer.BadParameter(f"there is no folder {spec}", param_hint="--spec")
    if package is not None and (not package.isidentifier() or iskeyword(package)):
        raise typer.BadParameter(f"{package!r} is not an import name", param_hint="--package")
    if templates is not None and not templates.is_dir():
        raise typer.BadParameter(f"{templates} is not a folder", param_hint="--templates")
    if watch and (check or diff):
        raise typer.BadParameter("it writes, and --check and --diff do not", param_hint="--watch")
    if templates is not None:
        _name_misnamed(templates)
    if watch:
        _watch(spec, out, package, only, templates)
    else:
        with _collection_paused():
            _generate_once(spec, out, package, only, templates, check=check, diff=diff)


def _generate_once(
    spec: Path, out: Path, package: str | None, only: str | None, templates: Path | None, *, check: bool, diff: bool
) -> None:
    started = perf_counter()
    read = spec_in(spec, to_stderr=False)
    if only is not None and only not in read.products:
        raise typer.BadParameter(f"no product {only!r}; there is {', '.join(read.products)}", param_hint="--only")
    folder = out / (package or read.package)
    keep = [] if only is None else [name for name in read.products if name != only]

    from .compare import compare, unified_diff
    from .manifest import DamagedManifest
    from .render import TemplateFailed
    from .tree import build_tree
    from .write import ForeignFiles, write_tree

    try:
        with _progress() as progress:
            tree = build_tree(read, only=only, templates=templates, progress=progress)
        differences = compare(folder, tree, keep=keep) if check or diff else write_tree(folder, tree, keep=keep)
    except (ForeignFiles, DamagedManifest, TemplateFailed, OSError) as error:
        _say_why(error, folder)
        raise typer.Exit(1) from None

    if diff:
        sys.stdout.writelines(unified_diff(folder, tree, differences))
    if check:
        for difference in differences:
            typer.echo(f"{folder / difference.path}: {_SAID[difference.kind]}")
        raise typer.Exit(1 if differences else 0)
    if not diff:
        _report(folder, differences, perf_counter() - started)


def _watch(spec: Path, out: Path, package: str | None, only: str | None, templates: Path | None) -> None:
    from importlib.util import find_spec

    if find_spec("watchfiles") is None:
        typer.echo("watchfiles not installed: pip install 'binance-derivatives[generator]'", err=True)
        raise typer.Exit(1)
    from .watch import Generation, UnknownProduct, saves

    generation = Generation(spec, out, package, only, templates)
    try:
        first = generation.run()
        if isinstance(first.error, UnknownProduct):
            raise typer.BadParameter(f"no product {only!r}", param_hint="--only")
        folder = first.folder or out
        _report_round(first, folder)
        typer.echo(f"watching {' and '.join(map(str, filter(None, (spec, templates))))}; Ctrl-C ends")
        gc.freeze()  # What is there now stays: the collector need not look through it between two saves.
        for _ in saves(generation.sources()):
            done = generation.run()
            if done.is_news:
                folder = done.folder or folder
                _report_round(done, folder)
    except KeyboardInterrupt:
        typer.echo()


def _report_round(done: Round, folder: Path) -> None:
    for finding in done.findings:
        typer.echo(str(finding))
    if done.folder is None:
        typer.echo(f"{folder}: left as it is ({_duration(done.seconds)})")
    elif done.error is not None:
        _say_why(done.error, folder)
    else:
        _report(folder, done.differences, done.seconds, name_at_most=_NAMED_AT_MOST)


def _report(folder: Path, differences: Sequence[Difference], seconds: float, *, name_at_most: int = 0) -> None:
    """Says what was written, and names what somebody may miss."""
    for difference in differences:
        if difference.kind == "edited":
            typer.echo(f"{folder / difference.path}: {_SAID['edited']}, and is replaced", err=True)
    from .manifest import MANIFEST

    package = [each for each in differences if each.path != MANIFEST] or differences
    written = [each.path for each in package if each.kind in ("changed", "edited", "missing")]
    removed = [each.path for each in package if each.kind == "stale"]
    counts = {"written": len(written), "removed": len(removed)}
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to change"
    typer.echo(f"{folder}: {said} ({_duration(seconds)})")
    if len(package) <= name_at_most:
        for path in written:
            typer.echo(f"  {path}")
        for path in removed:
            typer.echo(f"  {path} (removed)")


def _name_misnamed(templates: Path) -> None:
    from .render import misnamed_templates

    for name, meant in misnamed_templates(templates).items():
        question = f"; did you mean {meant}?" if meant else ""
        typer.echo(f"{templates / name}: replaces nothing: no built-in template has this name{question}", err=True)


def _say_why(error: Exception, folder: Path) -> None:
    """Says why nothing was written."""
    for line in _reasons(error, folder):
        typer.echo(line, err=True)


def _reasons(error: Exception, folder: Path) -> Iterable[str]:
    from .manifest import DamagedManifest
    from .watch import UnknownProduct
    from .write import ForeignFiles

    match error:
        case ForeignFiles():
            return [f"{folder / path}: {_SAID['foreign']}" for path in error.paths]
        case DamagedManifest():
            return [f"{error}: remove {folder} and generate it again"]
        case UnknownProduct():
            return [f"there is no product {error} in the spec any more; {folder} stays as it is"]
        case OSError():
            return [f"{error.filename or folder}: {error.strerror or error}; no half of a package was written"]
        case _:
            return [str(error)]


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Holds the garbage collector back while almost nothing of what is made is garbage, and keeps it from looking
    through all of it again when the command ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _progress() -> Iterator[Callable[[PlannedFile], None] | None]:
    """Shows the file that is being made, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("planning") as status:
        yield lambda planned: status.update(planned.path)
