"""The whole spec: the package, where keys come from, the budgets that products share, the products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import Factory, define, field

if TYPE_CHECKING:
    from ..position import Position
    from .product import Product
    from .text import Text

__all__ = ["Budget", "Credentials", "Spec"]


@define(kw_only=True)
class Budget:
    """A limit that calls draw on. Products name the ones they use; the same name is the same counter."""

    name: str
    limit: int
    interval_ms: int
    scope: Literal["ip", "account"]
    header: str | None = None
    """The response header with the used amount."""
    rate_limit_type: str | None = None
    """How `rateLimits` of the WebSocket API and exchange information call it."""
    codes: list[int] = Factory(list)
    """Error codes that say: this budget, not the address's weight, is overdrawn."""
    summary: Text
    position: Position = field(eq=False)


@define(kw_only=True)
class Credentials:
    """Names of the environment variables that keys come from."""

    api_key: str
    api_secret: str


@define(kw_only=True)
class Spec:
    """A whole spec folder."""

    package: str
    """Import name of the generated package."""
    summary: Text
    credentials: Credentials
    budgets: dict[str, Budget]
    products: dict[str, Product]
    digest: str
    """SHA-256 over the spec's files: what the generated files are stamped with."""
    position: Position = field(eq=False)
