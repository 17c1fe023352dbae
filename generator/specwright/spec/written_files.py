"""A whole spec as the files that it would be read from; see `written`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bind.files import EXCHANGE_FILE, FOLDER_FILES, PRODUCT_FILES
from .bind.product import PRODUCT, ProductTitle, RecvWindow
from .written import written_entry, written_value

if TYPE_CHECKING:
    from .bind.shape import Entry
    from .dialect.exchange import Spec
    from .dialect.product import Product
    from .written import YamlData

__all__ = ["written_files", "written_product"]


def written_product(product: Product) -> dict[str, YamlData]:
    """What product.yaml says of a product."""
    title = ProductTitle(
        title=product.title, client=product.client, documentation=product.documentation, summary=product.summary
    )
    window = RecvWindow(
        default_ms=product.recv_window_ms, maximum_ms=product.max_recv_window_ms, position=product.position
    )
    elsewhere = {"product": title, "recv_window": window}
    values = {name: elsewhere[name] if name in elsewhere else getattr(product, name) for name in PRODUCT.keys}
    kinds = {name: key.kind for name, key in PRODUCT.keys.items()}
    return {name: written_value(kinds[name], value) for name, value in values.items() if value or value == []}


def written_files(spec: Spec) -> dict[str, YamlData]:
    """The files of a whole spec, by their paths inside its folder."""
    files: dict[str, YamlData] = {"exchange.yaml": written_entry(EXCHANGE_FILE, spec)}
    for product in spec.products.values():
        files[f"{product.name}/product.yaml"] = written_product(product)
        for name in ("enums.yaml", "errors.yaml"):
            files[f"{product.name}/{name}"] = _sections(PRODUCT_FILES[name], product)
        for folder, entry in FOLDER_FILES.items():
            for stem in _stems(entry, product):
                files[f"{product.name}/{folder}/{stem}.yaml"] = _sections(entry, product, stem)
    return files


def _stems(entry: Entry[Any], product: Product) -> list[str]:
    things = [thing for key in entry.keys for thing in getattr(product, key).values()]
    return list(dict.fromkeys(_stem(thing) for thing in things))


def _stem(thing: Any) -> str:
    """The stem of the file that a thing stands in."""
    stem = thing.module if hasattr(thing, "module") else thing.group
    assert isinstance(stem, str)
    return stem


def _sections(entry: Entry[Any], product: Product, stem: str | None = None) -> YamlData:
    """The sections of a file; with a stem, only what stands in the file of this name."""
    sections: dict[str, YamlData] = {}
    for name, key in entry.keys.items():
        things = getattr(product, name)
        if stem is not None:
            things = {name: thing for name, thing in things.items() if _stem(thing) == stem}
        if things:
            sections[name] = written_value(key.kind, things)
    return sections
