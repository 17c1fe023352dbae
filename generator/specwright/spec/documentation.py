"""Addresses of pages of the exchange's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .dialect.product import Product

__all__ = ["page_address"]


def page_address(product: Product, page: str | None) -> str | None:
    """The whole address of a page, which a spec may give from the product's address on."""
    if page is None:
        return None
    return page if "://" in page else f"{product.documentation}{page}"
