"""`specwright import page` and `specwright import openapi`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..spec_option import DEFAULT_FOLDER, SpecFolder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .knowledge import Knowledge
    from .page.document import Document
    from .workspace import Outcome, Workspace

__all__ = ["import_app"]

import_app = typer.Typer(
    name="import",
    help="Makes spec entries from what others have written.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Pages = Annotated[list[Path], typer.Argument(help="Saved pages: HTML, Markdown or plain text.", metavar="FILE…")]


@import_app.command()
def page(
    files: Pages,
    spec: SpecFolder = DEFAULT_FOLDER,
    product: Annotated[
        str | None, typer.Option(help="The product, instead of the one whose documentation the page belongs to.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="The file (without .yaml) for new entries, instead of the page's group.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Merge into the files of the spec instead of printing the entries.")
    ] = False,
    take_page: Annotated[
        bool, typer.Option("--take-page", help="Where spec and page disagree, the page's word counts.")
    ] = False,
) -> None:
    """Reads documentation pages of the exchange, in English or Chinese, into spec entries.

    Pages of one entry (in both languages, or for REST and the WebSocket API) become one entry. What a page does not
    say is left as TODO, which `specwright check` reports. Where the spec and a page disagree, both are named on
    standard error and the spec stays as it is. Exit code 1: some file describes nothing that was recognised.
    """
    from .knowledge import UnusableSpec

    try:
        complete = _import_pages(files, spec, product, group, write=write, take_page=take_page)
    except UnusableSpec as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if complete else 1)


@import_app.command()
def openapi(
    file: Annotated[Path, typer.Argument(help="An OpenAPI 3 document, JSON or YAML.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="The folder of the spec that is begun.", metavar="DIR")],
    product: Annotated[str | None, typer.Option(help="The product's name, instead of the document's title.")] = None,
    package: Annotated[str | None, typer.Option(help="Import name of the generated package.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where the list of what cannot be said goes too.", metavar="FILE")
    ] = None,
) -> None:
    """Begins a spec from an OpenAPI 3 document, and lists what the dialect cannot say.

    What the document does not say and a spec needs is left as TODO, which `specwright check` reports.
    """
    from .openapi.convert import convert, file_text
    from .openapi.document import UnusableDocument, read_document
    from .writing import write_files

    for name, value in (("--product", product), ("--package", package)):
        if value is not None and not value.isidentifier():
            raise typer.BadParameter(f"{value!r} cannot be the name of a package", param_hint=name)
    try:
        conversion = convert(read_document(file), product=product, package=package)
    except UnusableDocument as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    texts = {out / path: file_text(content) for path, content in conversion.files.items()}
    if (out / conversion.product).exists():
        typer.echo(f"{out / conversion.product}: there is a product of this name already", err=True)
        raise typer.Exit(1)
    if (out / "exchange.yaml").exists():
        del texts[out / "exchange.yaml"]
    for unsaid in conversion.unsaid:
        typer.echo(str(unsaid), err=True)
    if report is not None:
        texts[report] = "".join(f"{unsaid}\n" for unsaid in conversion.unsaid)
    for path in write_files(texts):
        typer.echo(f"{path}: written", err=True)


def _import_pages(
    files: list[Path], spec: Path, product: str | None, group: str | None, *, write: bool, take_page: bool
) -> bool:
    """Imports all files; False where one of them gave nothing."""
    from .knowledge import Knowledge, read_products
    from .page.recognise import recognise
    from .places import PlaceUnknown
    from .workspace import Workspace

    products = read_products(spec)
    if product is not None and product not in [each.name for each in products]:
        raise typer.BadParameter(f"no product {product!r} in {spec}", param_hint="--product")
    workspaces: dict[str, Workspace] = {}
    complete = True
    for file in files:
        documents = _read(file)
        found = 0
        for document in documents:
            knowledge = _product_of(document, products, product) or Knowledge()
            workspace = workspaces.get(knowledge.name)
            if workspace is None:
                prefer: Literal["page", "spec"] = "page" if take_page else "spec"
                workspace = Workspace(knowledge, merging=write, prefer=prefer, group=group)
                workspaces[knowledge.name] = workspace
            for entry in recognise(document, workspace.knowledge):
                found += 1
                try:
                    _report(file, workspace.take(entry), merging=write)
                except PlaceUnknown as error:
                    typer.echo(f"{file}: {entry.request}: {error}", err=True)
                    complete = False
        if not found:
            typer.echo(f"{file}: no operation, stream or event is described here", err=True)
            complete = False
    _output(workspaces.values(), write=write)
    return complete


def _read(file: Path) -> list[Document]:
    from .page.reading import UnreadablePage, read_file

    try:
        return read_file(file)
    except UnreadablePage as error:
        typer.echo(f"{file}: {error}", err=True)
        return []


def _product_of(document: Document, products: list[Knowledge], name: str | None) -> Knowledge | None:
    """The product whose documentation a page belongs to; the only one where pages do not say where they are from."""
    from .draft import relative_address

    if name is not None:
        return next(product for product in products if product.name == name)
    for product in products:
        address = relative_address(document.address, product)
        if address is not None and address.startswith("/"):
            return product
    if len(products) == 1 and (document.address is None or products[0].documentation is None):
        return products[0]
    return None


def _report(file: Path, outcome: Outcome, *, merging: bool) -> None:
    """Says on standard error what was recognised, and what needs a person's eye."""
    draft = outcome.draft
    verb = "new" if outcome.is_new and merging else "recognised" if outcome.is_new else "known"
    typer.echo(f"{file}: {draft.page.kind} {draft.page.request}: {draft.section}.{draft.id} ({verb})", err=True)
    for difference in outcome.differences:
        said = _shown(difference.page)
        if difference.spec is not None:
            said = f"the spec has {_shown(difference.spec)}, the page {said}"
        typer.echo(f"  {difference.what}: {said}", err=True)
    for note in outcome.notes:
        typer.echo(f"  {note}", err=True)
    for name in dict.fromkeys(draft.reused):
        if outcome.is_new:
            typer.echo(f"  the model {name} fits what the page shows, and is used", err=True)
    for sentence in draft.page.unread:
        typer.echo(f"  not taken over: {sentence}", err=True)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value if len(value) <= 80 else f"{value[:77]}…"
    from .rendering import flow_text

    return flow_text(value)  # type: ignore[arg-type]


def _output(workspaces: Iterable[Workspace], *, write: bool) -> None:
    from .writing import write_files

    for workspace in workspaces:
        if write:
            for changed in write_files(workspace.texts()):
                typer.echo(f"{changed}: written", err=True)
        else:
            for name, text in workspace.fresh_texts().items():
                typer.echo(f"# {name}\n{text}", nl=False)
                typer.echo()
