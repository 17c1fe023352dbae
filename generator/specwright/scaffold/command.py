"""`specwright new product`."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from ..spec_option import DEFAULT_FOLDER, SpecFolder
from .product import NewProduct, Refused, add_product

__all__ = ["new_app"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")

new_app = typer.Typer(
    help="Begins something new.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@new_app.callback()
def new() -> None:
    """Begins something new."""


@new_app.command()
def product(
    name: Annotated[str, typer.Argument(help="As a Python package is called: coin_futures.")],
    spec: SpecFolder = DEFAULT_FOLDER,
    title: Annotated[str | None, typer.Option(help="As the exchange writes it; else made from the name.")] = None,
    client: Annotated[str | None, typer.Option(help="Class of the client; else made from the name.")] = None,
    documentation: Annotated[
        str | None, typer.Option(help="Address that pages are relative to.", metavar="URL")
    ] = None,
    rest: Annotated[str | None, typer.Option(help="Host of REST calls.", metavar="URL")] = None,
) -> None:
    """Adds a product to the spec, small and complete: it can be generated, and passes `specwright check`."""
    if not _NAME.fullmatch(name):
        raise typer.BadParameter(f"{name!r} is not a name in lower case such as coin_futures", param_hint="NAME")
    try:
        written = add_product(spec, NewProduct(name, title, client, documentation, rest))
    except Refused as error:
        for finding in error.findings:
            typer.echo(str(finding), err=True)
        typer.echo(f"{name}: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    for path in written:
        typer.echo(f"{path}: written")
