"""Names that the client gives to orders, so that every order can be asked about even when its reply is lost."""

from __future__ import annotations

from os import urandom

__all__ = ["new_client_order_id"]


def new_client_order_id() -> str:
    """A random id of 32 characters: no order of anybody's is likely to have it, and it carries no broker's mark."""
    return urandom(16).hex()
