"""The option `--spec`, as the commands take it, and the spec that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .spec.dialect.exchange import Spec

__all__ = ["DEFAULT_FOLDER", "SpecFolder", "spec_in"]

DEFAULT_FOLDER = Path("spec")
SpecFolder = Annotated[Path, typer.Option("--spec", help="The folder of the spec.", metavar="DIR")]


def spec_in(folder: Path, *, to_stderr: bool) -> Spec:
    """The spec in a folder; all findings are printed, and where one is a mistake the command ends.

    Args:
        folder: As it was given.
        to_stderr: Whether standard output belongs to what the command makes of the spec.
    """
    from .spec import load_spec

    result = load_spec(folder)
    for finding in result.findings:
        typer.echo(str(finding), err=to_stderr)
    if result.spec is None:
        raise typer.Exit(1)
    return result.spec
