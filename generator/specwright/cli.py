"""The command line: `specwright generate`, `check`, `operations`, `simulate`, `demo`.

Every command imports what it needs when it runs, so that none waits for the others' libraries.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .build.command import generate
from .importer.command import import_app
from .spec_option import DEFAULT_FOLDER, SpecFolder, spec_in

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["app"]

app = typer.Typer(
    name="specwright",
    help="Turns a YAML description of an exchange API into a typed Python client.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(generate)
app.add_typer(import_app)

_FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

_UNBOUNDED = 1_000
"""Columns that no table reaches."""


@app.command("check", context_settings=_FORWARDED, add_help_option=False)
def check_(context: typer.Context) -> None:
    """Names every mistake of the spec, and what could be better."""
    from .linting.command import check

    _forward(check, context)


@app.command()
def operations(
    spec: SpecFolder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="One array, for machines.")] = False,
) -> None:
    """Lists everything that the spec describes: operations, streams and events."""
    from .build.catalogue import catalogue

    rows = catalogue(spec_in(spec, to_stderr=True))
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    from rich.console import Console
    from rich.table import Column, Table

    # A name that is cut off helps nobody: cells are folded in a terminal, and as wide as they need to be in a pipe.
    headings = ("product", "attribute", "request", "security", "weight", "response")
    table = Table(*(Column(heading, overflow="fold") for heading in headings), header_style="bold")
    for row in rows:
        request = f"{row['method']} {row['path']}" if row["transport"] == "rest" else row["wire"] or ""
        weight = row["weight"] if isinstance(row["weight"], int) else json.dumps(row["weight"])
        response = row["response"] if isinstance(row["response"], str) else json.dumps(row["response"])
        cells = (row["product"], row["python"], request, row["security"] or "", str(weight), response)
        table.add_row(*(cell.replace("[", r"\[") if cell != "null" else "" for cell in cells))
    Console(width=None if sys.stdout.isatty() else _UNBOUNDED).print(table)


@app.command("diff", context_settings=_FORWARDED, add_help_option=False)
def diff_(context: typer.Context) -> None:
    """What changed in the client's surface between two states of the spec."""
    from .diffing.command import diff

    _forward(diff, context)


@app.command("schema", context_settings=_FORWARDED, add_help_option=False)
def schema_(context: typer.Context) -> None:
    """Writes the dialect's JSON Schema, for editors."""
    from .schema.command import schema

    _forward(schema, context)


@app.command("export", context_settings=_FORWARDED, add_help_option=False)
def export_(context: typer.Context) -> None:
    """Writes a product as an OpenAPI or AsyncAPI document."""
    from .export.command import export_app

    export_app(args=context.args, prog_name=context.command_path)


@app.command("new", context_settings=_FORWARDED, add_help_option=False)
def new_(context: typer.Context) -> None:
    """Begins something new: a product."""
    from .scaffold.command import new_app

    new_app(args=context.args, prog_name=context.command_path)


@app.command(context_settings=_FORWARDED, add_help_option=False)
def simulate(context: typer.Context) -> None:
    """Starts the embedded exchange on loopback."""
    from .simulator.command import simulate as serve

    _forward(serve, context)


@app.command()
def demo() -> None:
    """A real order through REST, WebSocket API and user stream, against the embedded exchange."""
    from .demo import run

    raise typer.Exit(run())


def _forward(function: Callable[..., object], context: typer.Context) -> None:
    """Runs a command whose options stand with the function itself."""
    inner = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    inner.command()(function)
    inner(args=context.args, prog_name=context.command_path)
