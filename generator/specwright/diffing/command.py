"""`specwright diff`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .compare import compare_specs
from .report import FORMATS
from .trees import NoSuchTree, Tree, read_tree
from .verdicts import LEVELS
from .version import next_version

__all__ = ["diff"]


class Format(StrEnum):
    """How changes are told."""

    text = "text"
    json = "json"
    markdown = "markdown"


class FailOn(StrEnum):
    """The gentlest class of change that fails."""

    breaking = "breaking"
    additive = "additive"
    internal = "internal"


def diff(
    old: Annotated[str, typer.Argument(help="A folder with a spec, or a git revision.")] = "HEAD",
    new: Annotated[
        str | None, typer.Argument(help="The same; without it, the spec's folder as it is now.", show_default=False)
    ] = None,
    spec: Annotated[Path, typer.Option("--spec", help="Where the spec stands in a revision.", metavar="DIR")] = Path(
        "spec"
    ),
    as_format: Annotated[Format, typer.Option("--format", help="markdown: a section for a changelog.")] = Format.text,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit with 1 when there is a change of this class or a graver one.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The version now; the suggested one is told.", metavar="X.Y.Z")
    ] = None,
) -> None:
    """What changed in the client's surface: every change as breaking, additive or internal, and why.

    Exit code 0; 1 when --fail-on says so; 2 when there is nothing to compare.
    """
    if version is not None:
        try:
            next_version(version, "none")
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--version") from None
    trees = [_read(name, spec) for name in (old, str(spec) if new is None else new)]
    changes = compare_specs(*(tree.spec for tree in trees if tree.spec is not None))
    typer.echo(FORMATS[as_format.value](changes, version), nl=False)
    if fail_on is not None:
        graver = LEVELS[: LEVELS.index(fail_on.value) + 1]
        raise typer.Exit(1 if any(change.verdict.level in graver for change in changes) else 0)


def _read(name: str, spec: Path) -> Tree:
    """A tree with a spec; otherwise the command ends."""
    try:
        tree = read_tree(name, spec)
    except NoSuchTree as error:
        typer.echo(f"{name}: {error}", err=True)
        raise typer.Exit(2) from None
    if tree.spec is None:
        for finding in tree.findings:
            typer.echo(str(finding), err=True)
        raise typer.Exit(2)
    if tree.findings:
        said = "1 mistake" if len(tree.findings) == 1 else f"{len(tree.findings)} mistakes"
        typer.echo(f"{name}: today's dialect finds {said} there; compared nevertheless", err=True)
    return tree
