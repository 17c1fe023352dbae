"""`specwright export openapi` and `specwright export asyncapi`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..spec import load_spec
from ..spec_option import DEFAULT_FOLDER, SpecFolder
from .documents import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..spec.dialect.exchange import Spec
    from ..spec.dialect.product import Product
    from .said import Json

__all__ = ["export_app"]

export_app = typer.Typer(
    help="Writes a product as a document for other tools.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How the document is written."""

    json = "json"
    yaml = "yaml"


ProductName = Annotated[
    str | None, typer.Option("--product", help="Which one, where the spec has several.", metavar="NAME")
]
Out = Annotated[Path | None, typer.Option("--out", help="The file; without it, standard output.", metavar="FILE")]
AsFormat = Annotated[Format, typer.Option("--format", help="How the document is written.")]


@export_app.command()
def openapi(
    spec: SpecFolder = DEFAULT_FOLDER, product: ProductName = None, out: Out = None, as_format: AsFormat = Format.json
) -> None:
    """REST as OpenAPI 3.1; what it has no words for stands in x- fields, `import openapi` gives the same spec back."""
    from .openapi import openapi_document

    _write(openapi_document, spec, product, out, as_format)


@export_app.command()
def asyncapi(
    spec: SpecFolder = DEFAULT_FOLDER, product: ProductName = None, out: Out = None, as_format: AsFormat = Format.json
) -> None:
    """The WebSocket API, streams and events as AsyncAPI 3.0."""
    from .asyncapi import asyncapi_document

    _write(asyncapi_document, spec, product, out, as_format)


def _write(
    make: Callable[[Spec, Product], Json], folder: Path, name: str | None, out: Path | None, as_format: Format
) -> None:
    result = load_spec(folder)
    if result.spec is None:
        for finding in result.findings:
            typer.echo(str(finding), err=True)
        raise typer.Exit(1)
    text = FORMATS[as_format.value](make(result.spec, _chosen(result.spec, name)))
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        typer.echo(f"{out}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{out}: written")


def _chosen(spec: Spec, name: str | None) -> Product:
    """The product of that name; without one, the only one."""
    if name is None and len(spec.products) == 1:
        return next(iter(spec.products.values()))
    if name not in spec.products:
        listed = ", ".join(spec.products)
        said = "say which product" if name is None else f"there is no product {name!r}"
        raise typer.BadParameter(f"{said}: {listed}", param_hint="--product")
    return spec.products[name]
