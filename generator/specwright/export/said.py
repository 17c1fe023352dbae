"""What both kinds of documents say in the same way: texts, and the `x-` fields for what they have no words for.

A field is called as the spec's key, with `x-` before it and hyphens in it, and holds what stands in the spec. So a
document can be turned into a spec again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..spec.written import written_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..spec.bind.shape import Entry
    from ..spec.dialect.product import Product
    from ..spec.dialect.text import Text

__all__ = ["Json", "description_of", "extensions", "page_url", "reference", "summary_of"]

Json: TypeAlias = "dict[str, Any]"
"""An object of a document."""


def summary_of(text: Text | None) -> Json:
    """A summary in both languages, of a thing that has no other text."""
    return {} if text is None else {"description": text.en, "x-summary-zh": text.zh}


def description_of(text: Text | None) -> Json:
    """A description in both languages, of a thing that has a summary too."""
    return {} if text is None else {"description": text.en, "x-description-zh": text.zh}


def extensions(entry: Entry[Any], thing: object, keys: Iterable[str]) -> Json:
    """`x-` fields for some keys of an entry, those that say something."""
    said: Json = {}
    for name in keys:
        key = entry.keys[name]
        value = getattr(thing, key.target)
        if value not in (None, [], {}, False):
            said[f"x-{name.replace('_', '-')}"] = written_value(key.kind, value)
    return said


def page_url(product: Product, page: str | None) -> str | None:
    """The whole address of a page of the documentation."""
    if page is None:
        return None
    return page if "://" in page else f"{product.documentation}{page}"


def reference(section: str, name: str) -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}
