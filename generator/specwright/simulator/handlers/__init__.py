"""What the exchange does for each operation that it keeps state for, by operation id; one module a documentation group.

An operation without a handler is answered with its documented example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from attrs import define

if TYPE_CHECKING:
    from specwright.spec.dialect.operations import Operation

    from ..accounts import Account
    from ..arguments import Arguments
    from ..exchange import Exchange

_MODULES = ("market_data", "trade", "batch", "algo", "positions", "account", "user_data_streams", "session")


@define
class Session:
    """What one connection of the WebSocket API has agreed on."""

    connected_ms: int
    api_key: str | None = None
    authorized_ms: int | None = None
    return_rate_limits: bool = True


@define
class Call:
    """A request that has passed all checks."""

    exchange: Exchange
    operation: Operation
    arguments: Arguments
    caller: Account | None
    session: Session | None

    @property
    def account(self) -> Account:
        """The account that signed the request."""
        if self.caller is None:
            raise LookupError(f"{self.operation.id} is served without an API key")
        return self.caller

    @property
    def now_ms(self) -> int:
        return self.exchange.clock.now_ms()


Handler: TypeAlias = Callable[[Call], object]
"""Takes a call and gives the reply with every field that any version of the operation has; the spec picks from them."""


def handler(operation_id: str) -> Handler | None:
    """What answers an operation; None when the example does."""
    return _handlers().get(operation_id)


@cache
def _handlers() -> Mapping[str, Handler]:
    found: dict[str, Handler] = {}
    for name in _MODULES:
        module = import_module(f"{__name__}.{name}")
        table: Mapping[str, Handler] = module.HANDLERS
        found.update(table)
    return found
