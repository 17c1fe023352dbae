"""The table of every operation: what the reference calls it, where it stands in the spec, how it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from specwright.build.catalogue import catalogue
from specwright.spec import load_spec

from . import reference
from .comparison import spelt_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from specwright.spec.dialect.exchange import Spec
    from specwright.spec.dialect.operations import Carrier, Operation
    from specwright.spec.dialect.product import Product

ROOT = Path(__file__).parents[2]
PATH = Path(__file__).parent / "operations.md"

HEAD = """\
# Every operation

Made by `python -m tests.coverage.table`; held against spec, client and reference by `test_coverage.py`.

| product | kind | on the wire | reference | spec | client |
| --- | --- | --- | --- | --- | --- |
"""


class Row(NamedTuple):
    """One line of the table."""

    product: str
    transport: str
    wire: str
    reference: str
    spec: str
    method: str

    @property
    def spec_side(self) -> tuple[str, ...]:
        """All but what the reference calls it."""
        return (self.product, self.transport, self.wire, self.spec, self.method)


def of_spec(spec: Spec) -> list[Row]:
    """A row for everything that the spec describes, the reference's name left blank."""
    rows = []
    for entry in catalogue(spec):
        wire = entry["wire"] or f"{entry['method']} {entry['path']}"
        folder = {"rest": "operations", "ws_api": "operations"}.get(str(entry["transport"]), "streams")
        place = f"{folder}/{entry['group']}.yaml: {entry['id']}"
        rows.append(Row(str(entry["product"]), str(entry["transport"]), str(wire), "", place, str(entry["python"])))
    return rows


def with_reference(spec: Spec) -> list[Row]:
    """The rows, with what the reference calls each.

    Raises:
        LookupError: Something is in only one of the two.
    """
    names: dict[tuple[str, str, str], str] = {}
    for product in spec.products.values():
        patterns = {variant: s.pattern for s in product.streams.values() for variant in spelt_out(s)}
        for entry in reference.entries(product.name):
            names[product.name, entry.transport, patterns.get(entry.key, entry.key)] = entry.id
    rows = of_spec(spec)
    if difference := names.keys() ^ {(row.product, row.transport, row.wire) for row in rows}:
        raise LookupError(f"only in the spec or only in the reference: {sorted(difference)}")
    return [row._replace(reference=names[row.product, row.transport, row.wire]) for row in rows]


def carried(product: Product) -> dict[tuple[str, str], tuple[Operation, Carrier]]:
    """Operations with their carriers, by transport and name on the wire."""
    found: dict[tuple[str, str], tuple[Operation, Carrier]] = {}
    for operation in product.operations.values():
        if operation.rest:
            found["rest", f"{operation.rest.method} {operation.rest.path}"] = operation, operation.rest
        if operation.ws:
            found["ws_api", operation.ws.method] = operation, operation.ws
    return found


def render(rows: Iterable[Row]) -> str:
    """The table as Markdown."""
    lines = (
        f"| {' | '.join([r.product, r.transport, f'`{r.wire}`', r.reference, r.spec, f'`{r.method}`'])} |" for r in rows
    )
    return HEAD + "\n".join(lines) + "\n"


def parse(text: str) -> list[Row]:
    """The rows of a rendered table."""
    lines = text.removeprefix(HEAD).splitlines()
    return [Row(*(cell.strip().strip("`") for cell in line.strip("|").split("|"))) for line in lines]


if __name__ == "__main__":
    loaded = load_spec(ROOT / "spec").spec
    assert loaded is not None, "the spec has errors"
    PATH.write_text(render(with_reference(loaded)), encoding="utf-8")
