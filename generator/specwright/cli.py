"""The command line: `specwright generate`, `check`, `operations`, `simulate`, `demo`.

Every command imports what it needs when it runs, so that none waits for the others' libraries.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .importer.command import import_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .build.compare import Difference
    from .build.plan import PlannedFile
    from .spec.findings import Finding
    from .spec.model import Spec

__all__ = ["app"]

app = typer.Typer(
    name="specwright",
    help="Turns a YAML description of an exchange API into a typed Python client.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(import_app)

SpecFolder = Annotated[Path, typer.Option("--spec", help="The folder of the spec.", metavar="DIR")]
_FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

_SAID = {
    "changed": "is not what the spec gives",
    "edited": "was edited by hand",
    "missing": "is missing",
    "stale": "is not produced by the spec any more",
    "foreign": "was not written by specwright, and is in the way of a generated file",
}


@app.command()
def generate(
    spec: SpecFolder = Path("spec"),
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
) -> None:
    """Renders the spec into a package: all of it, or nothing where the spec has a mistake."""
    started = perf_counter()
    read = _read(spec)
    _refuse_wrong_options(read, package=package, only=only, templates=templates)
    read.package = package or read.package
    folder = out / read.package
    keep = [] if only is None else [name for name in read.products if name != only]

    from .build.compare import compare, unified_diff
    from .build.manifest import DamagedManifest
    from .build.render import TemplateFailed
    from .build.tree import build_tree
    from .build.write import ForeignFiles, write_tree

    try:
        with _progress() as progress:
            tree = build_tree(read, only=only, templates=templates, progress=progress)
        differences = compare(folder, tree, keep=keep) if check or diff else write_tree(folder, tree, keep=keep)
    except ForeignFiles as error:
        _fail(*(f"{folder / path}: {_SAID['foreign']}" for path in error.paths))
    except DamagedManifest as error:
        _fail(f"{error}: remove {folder} and generate it again")
    except TemplateFailed as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error}; no half of a package was written")

    if diff:
        sys.stdout.writelines(unified_diff(folder, tree, differences))
    if check:
        _name_differences(folder, differences)
        raise typer.Exit(1 if differences else 0)
    if not diff:
        _report(folder, differences, perf_counter() - started)


@app.command("check", context_settings=_FORWARDED, add_help_option=False)
def check_(context: typer.Context) -> None:
    """Names every mistake of the spec, and what could be better."""
    from .linting.command import check

    _forward(check, context)


@app.command()
def operations(
    spec: SpecFolder = Path("spec"),
    as_json: Annotated[bool, typer.Option("--json", help="One array, for machines.")] = False,
) -> None:
    """Lists everything that the spec describes: operations, streams and events."""
    from .build.catalogue import catalogue

    rows = catalogue(_read(spec, findings_to_stderr=True))
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("product", "attribute", "request", "security", "weight", "response", header_style="bold")
    for row in rows:
        request = f"{row['method']} {row['path']}" if row["transport"] == "rest" else row["wire"] or ""
        weight = row["weight"] if isinstance(row["weight"], int) else json.dumps(row["weight"])
        response = row["response"] if isinstance(row["response"], str) else json.dumps(row["response"])
        cells = (row["product"], row["python"], request, row["security"] or "", str(weight), response)
        table.add_row(*(cell.replace("[", r"\[") if cell != "null" else "" for cell in cells))
    Console().print(table)


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


def _refuse_wrong_options(spec: Spec, *, package: str | None, only: str | None, templates: Path | None) -> None:
    if package is not None and not package.isidentifier():
        raise typer.BadParameter(f"{package!r} is not an import name", param_hint="--package")
    if only is not None and only not in spec.products:
        raise typer.BadParameter(f"no product {only!r}; there is {', '.join(spec.products)}", param_hint="--only")
    if templates is not None and not templates.is_dir():
        raise typer.BadParameter(f"{templates} is not a folder", param_hint="--templates")


def _fail(*lines: str) -> NoReturn:
    """Says why nothing was written, and ends the command."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)


def _read(folder: Path, *, findings_to_stderr: bool = False) -> Spec:
    """The spec; where it has a mistake, all findings are printed and the command ends."""
    from .spec import load_spec

    result = load_spec(folder)
    _print_findings(result.findings, to_stderr=findings_to_stderr)
    if result.spec is None:
        raise typer.Exit(1)
    return result.spec


def _print_findings(findings: Iterable[Finding], *, to_stderr: bool) -> None:
    for finding in findings:
        typer.echo(str(finding), err=to_stderr)


def _name_differences(folder: Path, differences: Iterable[Difference]) -> None:
    for difference in differences:
        typer.echo(f"{folder / difference.path}: {_SAID[difference.kind]}")


def _report(folder: Path, differences: list[Difference], seconds: float) -> None:
    """Says what was written, and names what somebody may miss."""
    for difference in differences:
        if difference.kind == "edited":
            typer.echo(f"{folder / difference.path}: {_SAID['edited']}, and is replaced", err=True)
    counts = {
        "written": sum(difference.kind in ("changed", "edited", "missing") for difference in differences),
        "removed": sum(difference.kind == "stale" for difference in differences),
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to change"
    typer.echo(f"{folder}: {said} ({seconds:.2f} s)")


@contextmanager
def _progress() -> Iterator[Callable[[PlannedFile], None] | None]:
    """Shows the file that is being made, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("planning") as status:
        yield lambda planned: status.update(planned.path)
