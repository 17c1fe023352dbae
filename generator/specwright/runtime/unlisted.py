"""Calls that the spec does not have yet, with everything that listed calls get: keys, clock, budgets, errors."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from .arguments import Encoded
from .errors import ConfigurationError, InvalidParameter
from .operation import Carrier, FixedWeight, Operation
from .values import Refused, decimal_text, plain_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call import Call
    from .flow import CallFlow

__all__ = ["unlisted_call"]

_METHODS = ("GET", "POST", "PUT", "DELETE")
_PATH = re.compile(r"/[A-Za-z0-9_./~-]*").fullmatch


def unlisted_call(
    flow: CallFlow,
    method: str,
    path: str,
    params: Mapping[str, object],
    *,
    security: str,
    costs: Mapping[str, int],
    timeout: float | None,
    recv_window: int | None,
) -> Call:
    """A call that the spec does not have, with everything that listed calls get.

    Args:
        flow: The client's flow.
        method: HTTP method; only GET is repeated after a failure.
        path: Path below the host.
        params: By wire names: text, numbers, bools, and lists or dicts, which are sent as JSON. None stands for absent.
        security: One of the product's security types.
        costs: Budget → cost.
        timeout: Seconds, instead of the client's.
        recv_window: Milliseconds, instead of the client's.

    Raises:
        ConfigurationError: The product has no such security type or budget, or the path is none.
        InvalidParameter: A number is none that the exchange knows, or a float with rounding dust.
    """
    product = flow.product
    if not _PATH(path):
        raise ConfigurationError(f"path={path!r} must be a plain path like /v1/order; parameters go into params")
    if security not in product.security:
        raise ConfigurationError(f"security={security!r} is none of {', '.join(product.security)}")
    unknown = [name for name in costs if name not in product.budgets]
    if unknown:
        raise ConfigurationError(f"{product.title} has no budget {unknown[0]!r}; it has {', '.join(product.budgets)}")
    method = method.upper()
    if method not in _METHODS:
        raise ConfigurationError(f"method={method!r} is none of {', '.join(_METHODS)}")
    carrier = Carrier(
        method=method,
        path=path,
        params=(),
        costs={name: FixedWeight(cost) for name, cost in costs.items()},
        returns=lambda: None,
    )
    operation = Operation(
        id=f"{method} {path}",
        group="",
        security=security,
        retry="safe" if method == "GET" else "never",
        rest=carrier,
    )
    prepared = flow.preparer.prepare_once(operation, carrier)
    given = {name: value for name, value in params.items() if value is not None}
    encoded = Encoded(wire=_wire(operation.id, given), arguments=given)
    charges = flow.preparer.charges(costs)
    return flow.encoded_call(prepared, encoded, charges, timeout, recv_window)


def _wire(operation: str, given: Mapping[str, object]) -> dict[str, str]:
    wire = {}
    for name, value in given.items():
        try:
            wire[name] = _wire_text(value)
        except Refused as refusal:
            raise InvalidParameter(operation, name, refusal.rule) from None
    return wire


def _wire_text(value: object) -> str:
    """A parameter as text: never an exponent, never a float's dust, JSON for lists and dicts."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float):
        return decimal_text(value)
    if isinstance(value, list | tuple | dict):
        return msgspec.json.encode(plain_json(value), enc_hook=str).decode()
    return str(value)
