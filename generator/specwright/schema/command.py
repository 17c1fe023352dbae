"""`specwright schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..spec_option import DEFAULT_FOLDER, SpecFolder
from .document import schema_text

__all__ = ["schema"]


def schema(
    spec: SpecFolder = DEFAULT_FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where the file is not what the dialect gives.")
    ] = False,
) -> None:
    """Writes schema.json into the folder of the spec, for editors."""
    path = spec / "schema.json"
    text = schema_text()
    try:
        written = path.read_text("utf-8") if path.exists() else None
        if written == text:
            typer.echo(f"{path}: nothing to change")
        elif check:
            typer.echo(f"{path}: is not what the dialect gives")
            raise typer.Exit(1)
        else:
            path.write_text(text, "utf-8")
            typer.echo(f"{path}: written")
    except OSError as error:
        typer.echo(f"{path}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
