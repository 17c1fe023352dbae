"""What both kinds of documents say in the same way: texts, and the `x-` fields for what they have no words for.

A field is called as the spec's key, with `x-` before it and hyphens in it, and holds what stands in the spec. So a
document can be turned into a spec again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..spec.bind.operations import OPERATION
from ..spec.documentation import page_address
from ..spec.written import written, written_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..spec.bind.shape import Entry
    from ..spec.dialect.operations import Carrier, Operation
    from ..spec.dialect.product import Product
    from ..spec.dialect.streams import Event, Stream
    from ..spec.dialect.text import Text

__all__ = ["Json", "call_of", "extensions", "page_of", "reference", "summary_of", "tags_of", "texts_of"]

Json: TypeAlias = "dict[str, Any]"
"""An object of a document."""


def summary_of(text: Text | None) -> Json:
    """A summary in both languages, of a thing that has no other text."""
    return {} if text is None else {"description": text.en, "x-summary-zh": text.zh}


def texts_of(thing: Operation | Stream | Event) -> Json:
    """A summary and a description in both languages, of a thing that can have both."""
    described = {"summary": thing.summary.en, "x-summary-zh": thing.summary.zh}
    if thing.description is not None:
        described |= {"description": thing.description.en, "x-description-zh": thing.description.zh}
    return described


def extensions(entry: Entry[Any], thing: object, keys: Iterable[str]) -> Json:
    """`x-` fields for some keys of an entry, those that say something."""
    said: Json = {}
    for name in keys:
        key = entry.keys[name]
        value = getattr(thing, key.target)
        if value not in (None, [], {}, False):
            said[f"x-{name.replace('_', '-')}"] = written_value(key.kind, value)
    return said


def call_of(operation: Operation, carrier: Carrier, keys: Iterable[str]) -> Json:
    """`x-` fields of an operation on a carrier: its group, what it costs, how it pages, and some of its keys."""
    return {
        "x-group": operation.group,
        "x-weight": written(carrier.weight),
        **({"x-weight-assumed": True} if carrier.weight_assumed else {}),
        **({"x-costs": {name: written(weight) for name, weight in carrier.costs.items()}} if carrier.costs else {}),
        **({} if operation.pages is None else {"x-paging": written(operation.pages)}),
        **extensions(OPERATION, operation, keys),
    }


def page_of(product: Product, page: str | None) -> Json:
    """A link to a page of the documentation."""
    url = page_address(product, page)
    return {} if url is None else {"externalDocs": {"url": url}}


def tags_of(product: Product) -> list[Json]:
    """The groups of a product."""
    return [{"name": name, **summary_of(group.summary)} for name, group in product.groups.items()]


def reference(section: str, name: str) -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}
