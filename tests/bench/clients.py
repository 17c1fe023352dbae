"""This project's clients as the benches use them: everything on, with budgets that a loop cannot use up."""

from __future__ import annotations

from attrs import evolve

from binance_derivatives import AsyncUsdsFutures, UsdsFutures
from binance_derivatives.usds_futures.product import PRODUCT

__all__ = ["API_KEY", "API_SECRET", "NOWHERE", "UnhurriedAsyncClient", "UnhurriedClient"]

API_KEY = "k" * 64
API_SECRET = "s" * 64
NOWHERE = "http://127.0.0.1:1"
"""Nobody listens there: the address of REST where only WebSockets are measured."""

_ROOMY = evolve(PRODUCT, budgets={name: evolve(each, limit=10**9) for name, each in PRODUCT.budgets.items()})
"""Budgets are reserved and corrected as ever, and nobody waits for them."""


class UnhurriedClient(UsdsFutures):
    """The synchronous client."""

    product = _ROOMY


class UnhurriedAsyncClient(AsyncUsdsFutures):
    """The asynchronous client."""

    product = _ROOMY
